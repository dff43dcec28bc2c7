// @ts-check
/** What happened with this account: when, roughly where, on which device, and what. */
import { api } from "../api.js";
import { add, fill, h } from "../dom.js";
import { dayOf, timeOf } from "../format.js";
import { button, load, loading, page, problemNotice } from "../parts.js";
import { asProblem, wasStopped } from "../problem.js";

/** @typedef {import("../types.js").HistoryEvent} HistoryEvent */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function historyView({ abort }) {
  const title = "History";
  const area = h("div", {});
  void load(area, () => api.history(null, abort), ({ events, next }) =>
    events.length === 0
      ? [h("div", { class: "empty" }, h("h2", {}, "Nothing yet"),
        h("p", {}, "Sign-ins, changes and every look that our support takes will be listed here."))]
      : [listOf(events, next, abort)]);
  return {
    title,
    page: page({ title, lead: "Every use of your account, and whoever of our staff looked something up. " +
      "Places are rough on purpose." }, area),
  };
}

/** @param {HistoryEvent[]} events @param {string | null} next @param {AbortSignal} abort */
function listOf(events, next, abort) {
  const days = h("div", { class: "days" });
  const more = h("div", { class: "actions centred" });
  addEvents(days, events);
  offerMore(days, more, next, abort);
  return h("div", {}, days, more);
}

/** @param {HTMLElement} days @param {HistoryEvent[]} events  newest first, after those already there */
function addEvents(days, events) {
  for (const event of events) {
    const day = dayOf(event.at);
    let section = days.lastElementChild;
    if (section?.getAttribute("data-day") !== day) {
      section = h("section", { class: "card day", "data-day": day }, h("h2", {}, day), h("ul", {}));
      add(days, section);
    }
    section.querySelector("ul")?.append(row(event));
  }
}

/** @param {HistoryEvent} event */
function row({ at, kind, text, place, network, device }) {
  // no place at all: it was not the owner who did this, so there is none of theirs to tell
  const where = [place === "unknown" ? "Place unknown" : place, device, network];
  return h("li", { "data-kind": kind },
    h("time", { datetime: at }, timeOf(at)),
    h("div", {},
      h("p", { class: "what" }, text),
      where.some(Boolean) && h("p", { class: "where" }, where.filter(Boolean).join(" · "))));
}

/** @param {HTMLElement} days @param {HTMLElement} more @param {string | null} next @param {AbortSignal} abort */
function offerMore(days, more, next, abort) {
  fill(more, next && button("Show older", async () => {
    fill(more, loading(1));
    try {
      const older = await api.history(next, abort);
      const at = days.querySelectorAll("li").length;
      addEvents(days, older.events);
      offerMore(days, more, older.next, abort);
      const first = days.querySelectorAll("li")[at];
      first?.setAttribute("tabindex", "-1");
      first?.focus(); // the button is gone: go on reading where it stood
    } catch (fault) {
      if (wasStopped(fault)) return;
      offerMore(days, more, next, abort);
      more.prepend(problemNotice(asProblem(fault)));
    }
  }));
}
