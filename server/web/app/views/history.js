// @ts-check
/** What happened with this account: when, roughly where, on which device, and what. */
import { api } from "../api.js";
import { add, fill, h } from "../dom.js";
import { dayOf, secondsOf, timeOf } from "../format.js";
import { button, load, loading, page, problemNotice } from "../parts.js";
import { asProblem, wasStopped } from "../problem.js";
import { runsOf } from "./history_runs.js";

/** @typedef {import("../types.js").HistoryEvent} HistoryEvent */
/** @typedef {import("./history_runs.js").Run} Run */

const ROWS = ".day > ul > li"; // not those of a run's single uses

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
  offerMore(days, more, next, abort, drawRuns(days, runsOf(events)));
  return h("div", {}, days, more);
}

/**
 * @param {HTMLElement} days
 * @param {Run[]} runs  newest first, after those already there
 * @returns {Run | undefined} the oldest that is there now
 */
function drawRuns(days, runs) {
  for (const run of runs) {
    const day = dayOf(run[0].at);
    let section = days.lastElementChild;
    if (section?.getAttribute("data-day") !== day) {
      section = h("section", { class: "card day", "data-day": day }, h("h2", {}, day), h("ul", {}));
      add(days, section);
    }
    section.querySelector("ul")?.append(row(run));
  }
  return runs.at(-1);
}

/** @param {Run} run */
function row(run) {
  const { at, kind, text, place, network, device } = run[0];
  const oneNetwork = run.every((each) => each.network === network);
  // no place at all: it was not the owner who did this, so there is none of theirs to tell
  const where = [place === "unknown" ? "Place unknown" : place, device, oneNetwork && network];
  return h("li", { "data-kind": kind, "data-times": run.length },
    h("time", { datetime: at }, timeOf(at)),
    h("div", {},
      h("p", { class: "what" }, run.length === 1 ? text : `${text} ${run.length} times`),
      where.some(Boolean) && h("p", { class: "where" }, where.filter(Boolean).join(" · ")),
      run.length > 1 && eachUse(run, oneNetwork)));
}

/** @param {Run} run @param {boolean} oneNetwork  which is told once for all, then */
function eachUse(run, oneNetwork) {
  const [first, last] = [run[run.length - 1].at, run[0].at].map(timeOf);
  return h("details", {},
    h("summary", {}, first === last ? `At ${first}` : `From ${first} to ${last}`),
    h("ul", {}, ...run.map(({ at, network }) =>
      h("li", {},
        h("time", { datetime: at }, secondsOf(at)),
        !oneNetwork && network && ` · ${network}`))));
}

/**
 * @param {HTMLElement} days
 * @param {HTMLElement} more
 * @param {string | null} next
 * @param {AbortSignal} abort
 * @param {Run} [last]
 */
function offerMore(days, more, next, abort, last) {
  fill(more, next && button("Show older", async () => {
    fill(more, loading(1));
    try {
      const older = await api.history(next, abort);
      const drawn = days.querySelectorAll(ROWS).length;
      const [goesOn, ...runs] = runsOf(older.events, last);
      const grown = goesOn && last && goesOn.length > last.length;
      if (grown) growLast(days, goesOn);
      offerMore(days, more, older.next, abort, drawRuns(days, runs) ?? goesOn);
      const first = days.querySelectorAll(ROWS)[grown ? drawn - 1 : drawn];
      first?.setAttribute("tabindex", "-1");
      if (first instanceof HTMLElement) first.focus(); // the button is gone: go on where it stood
    } catch (fault) {
      if (wasStopped(fault)) return;
      offerMore(days, more, next, abort, last);
      more.prepend(problemNotice(asProblem(fault)));
    }
  }));
}

/** @param {HTMLElement} days @param {Run} run  the last row's, with what was found to follow it */
function growLast(days, run) {
  const old = [...days.querySelectorAll(ROWS)].at(-1);
  const grown = row(run);
  if (old?.querySelector("details[open]")) grown.querySelector("details")?.setAttribute("open", "");
  old?.replaceWith(grown);
}
