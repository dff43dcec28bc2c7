// @ts-check
/** What is held about the person, by category: what for, how long, who has seen it; and deleting it. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { say } from "../layout.js";
import { button, card, facts, linkButton, load, notice, page, problemNotice, sure } from "../parts.js";
import { asProblem } from "../problem.js";
import { capital, counted, momentWords, nameWords, valueWords } from "../value_words.js";

/** @typedef {import("../types.js").HeldCategory} HeldCategory */
/** @typedef {import("../types.js").HeldUse} HeldUse */
/** @typedef {import("../types.js").HistoryEvent} HistoryEvent */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function heldView({ abort }) {
  const title = "What we hold about you";
  const area = h("div", { class: "stack" });
  draw(area, abort);
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/privacy", text: "Privacy" },
      lead: "By kind, with what it is for and how long it stays. Open one to see what it says." }, area),
  };
}

/** @param {HTMLElement} area @param {AbortSignal} abort */
function draw(area, abort) {
  void load(area, () => api.held(abort), ({ categories, recipients }) => {
    const looks = h("div", {});
    void drawLooks(looks, abort);
    return [
      h("div", { class: "card held" },
        ...categories.map((one) => category(one, () => draw(area, abort)))),
      card("Who of us has seen it", looks),
      card("Who outside has received it", recipients.length === 0
        ? h("p", { "data-recipients": 0 }, "Nobody outside of SecuHome.")
        : h("ul", { "data-recipients": recipients.length }, ...recipients.map((name) => h("li", {}, name)))),
      h("div", { class: "actions centred" },
        linkButton("Correct something", "/privacy/corrections"),
        linkButton("Ask for something else", "/contact")),
    ];
  });
}

/** @param {HeldCategory} held @param {() => void} deleted */
function category(held, deleted) {
  const { category: name, uses } = held;
  const total = uses.reduce((sum, use) => sum + use.count, 0);
  const terms = [...new Set(uses.map((use) => `${capital(use.purpose)}, ${use.term}`))];
  return h("details", { "data-category": name },
    h("summary", {},
      h("span", { class: "held-name" }, capital(name)),
      h("span", { class: "held-count" }, counted(total, "value")),
      ...terms.map((term) => h("span", { class: "quiet" }, term))),
    ...uses.map((use) => shown(use)),
    ending(held, deleted));
}

/** @param {HeldUse} use */
function shown({ purpose, term, table, about, count, values }) {
  return h("div", { class: "held-use" },
    h("h3", {}, nameWords(table)),
    h("p", { class: "quiet" }, about),
    facts(["What for", capital(purpose)], ["How long", capital(term)], ["How many", counted(count, "value")]),
    h("ol", { class: "records" }, ...values.map((record) => h("li", {}, recordOf(record)))),
    values.reduce((sum, record) => sum + Object.keys(record).length, 0) < count &&
      h("p", { class: "hint" }, "The newest. All of them are in the download."));
}

/** @param {Record<string, unknown>} record */
function recordOf(record) {
  return h("dl", {}, ...Object.entries(record).map(([name, value]) =>
    h("div", {}, h("dt", {}, nameWords(name)), h("dd", {}, valueWords(name, value)))));
}

/** @param {HeldCategory} held @param {() => void} deleted @returns {HTMLElement | null} */
function ending({ category: name, deletable, kept_because: because }, deleted) {
  if (!deletable) return because ? h("p", { class: "hint" }, because) : null;
  const news = h("div", {});
  return h("div", { class: "held-end" }, news, button(`Delete: ${name}`, async () => {
    fill(news);
    if (!await sure({ title: `Delete ${name}?`, yes: "Delete",
      text: "It is gone at once and can’t be brought back." })) return;
    try {
      const { deleted: number, kept } = await api.deleteCategory(name);
      say(`${counted(number, "value")} deleted.`);
      if (kept.length === 0) deleted();
      else fill(news, notice({ title: "Some of it stays", detail: kept.join(" ") }));
    } catch (fault) {
      fill(news, problemNotice(asProblem(fault)));
    }
  }, { kind: "danger" }));
}

/** @param {HTMLElement} area @param {AbortSignal} abort */
function drawLooks(area, abort) {
  return load(area, () => api.staffLooks(null, abort), ({ events, next }) => {
    if (events.length === 0) return [h("p", {}, "Nobody of our staff so far.")];
    const list = h("ul", { class: "looks" }, ...events.map((one) => look(one)));
    const more = h("div", { class: "actions centred" });
    offerMore(list, more, next, abort);
    return [list, more];
  });
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} more
 * @param {string | null} next
 * @param {AbortSignal} abort
 */
function offerMore(list, more, next, abort) {
  fill(more, next && button("Show older", async () => {
    try {
      const older = await api.staffLooks(next, abort);
      list.append(...older.events.map((one) => look(one)));
      offerMore(list, more, older.next, abort);
    } catch (fault) {
      more.prepend(problemNotice(asProblem(fault)));
    }
  }));
}

/** @param {HistoryEvent} event */
const look = ({ kind, at, text }) => h("li", { "data-kind": kind },
  h("p", { class: "what" }, text),
  h("p", { class: "where" }, h("time", { datetime: at }, momentWords(at))));
