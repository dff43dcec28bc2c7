// @ts-check
/** What is held about the person, by category: what for, how long, who has seen it; and deleting it. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { dateOf } from "../format.js";
import { icon } from "../icons.js";
import { say } from "../layout.js";
import { button, card, linkButton, load, notice, page, problemNotice, sure } from "../parts.js";
import { asProblem } from "../problem.js";
import { capital, counted, momentWords, nameWords, valueWords } from "../value_words.js";

/** @typedef {import("../types.js").HeldCategory} HeldCategory */
/** @typedef {import("../types.js").HeldUse} HeldUse */
/** @typedef {import("../types.js").HistoryEvent} HistoryEvent */

/** @typedef {import("../types.js").HeldOut} HeldOut */
/** @typedef {import("../types.js").DeletionOut} DeletionOut */
/** @typedef {(done: DeletionOut) => Promise<void>} Deleted  shows what is held afterwards */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function heldView({ abort }) {
  const title = "What we hold about you";
  const area = h("div", { class: "stack" });
  const looks = h("div", {});
  /** @type {Deleted} */
  const deleted = async (done) => {
    const before = namesIn(area).indexOf(done.category);
    fill(area, ...drawn(await api.held(abort), looks, deleted));
    goOn(area, done, before);
  };
  void load(area, () => api.held(abort), (held) => drawn(held, looks, deleted));
  void drawLooks(looks, abort);
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/privacy", text: "Privacy" },
      lead: "By kind, with what it is for and how long it stays. Open one to see what it says." }, area),
  };
}

/** @param {HeldOut} held @param {HTMLElement} looks @param {Deleted} deleted @returns {HTMLElement[]} */
function drawn({ categories, recipients }, looks, deleted) {
  const byName = [...categories].sort((a, b) => a.category.localeCompare(b.category));
  return [
    h("div", { class: "card held" }, ...byName.map((one) => category(one, deleted))),
    card("Who of our staff has seen it", looks),
    card("Who outside has received it", recipients.length === 0
      ? h("p", { "data-recipients": 0 }, "Nobody outside of SecuHome.")
      : h("ul", { "data-recipients": recipients.length }, ...recipients.map((name) => h("li", {}, name)))),
    h("div", { class: "actions centred" },
      linkButton("Correct something", "/privacy/corrections"),
      linkButton("Ask for something else", "/contact")),
  ];
}

/** @param {HTMLElement} area @returns {(string | null)[]} the categories, as they are listed */
const namesIn = (area) =>
  [...area.querySelectorAll("[data-category]")].map((one) => one.getAttribute("data-category"));

/**
 * The button is gone: the focus goes to what is left of its category, or to what stands there now.
 * @param {HTMLElement} area
 * @param {DeletionOut} done
 * @param {number} before  where its category stood
 */
function goOn(area, { category: name, deleted, kept }, before) {
  say(`${counted(deleted, "value")} deleted.`);
  const listed = [...area.querySelectorAll("[data-category]")];
  const left = listed[namesIn(area).indexOf(name)];
  if (left) {
    left.setAttribute("open", "");
    left.querySelector("summary")?.after(notice({ title: "Some of it stays",
      detail: kept.map(reason).join(" ") }));
  }
  (left ?? listed[Math.min(before, listed.length - 1)])?.querySelector("summary")?.focus();
}

/** @param {DeletionOut["kept"][number]} kept @returns {string} */
const reason = ({ why, until }) => (until ? `${why} The last of it goes on ${dateOf(until)}.` : why);

/** @param {HeldCategory} held @param {Deleted} deleted */
function category(held, deleted) {
  const { category: name, uses } = held;
  const total = uses.reduce((sum, use) => sum + use.count, 0);
  const terms = [...new Set(uses.map((use) => `${capital(use.purpose)}, ${use.term}`))];
  return h("details", { "data-category": name },
    h("summary", {},
      h("span", { class: "held-name" }, capital(name)),
      h("span", { class: "held-count" }, counted(total, "value"), icon("next")),
      ...terms.map((term) => h("span", { class: "quiet" }, term))),
    ...uses.map((use) => shown(use, { single: uses.length === 1 })),
    ending(held, deleted));
}

/** @param {HeldUse} use @param {{single: boolean}} how  single: its category says the rest already */
function shown({ purpose, term, table, about, count, values, came_by: ways }, { single }) {
  return h("div", { class: "held-use" },
    h("h3", {}, nameWords(table)),
    h("p", { class: "quiet" }, about),
    !single && h("p", { class: "quiet" }, `${capital(purpose)}, ${term} · ${counted(count, "value")}`),
    ways.length > 0 && h("p", { class: "quiet" }, `You gave it us: ${ways.join("; ")}`),
    h("ol", { class: "records" }, ...values.map((record) => h("li", {}, recordOf(record)))),
    values.reduce((sum, record) => sum + Object.keys(record).length, 0) < count &&
      h("p", { class: "hint" }, "The newest. All of them are in the download."));
}

/** @param {Record<string, unknown>} record */
function recordOf(record) {
  return h("dl", {}, ...Object.entries(record).map(([name, value]) =>
    h("div", {}, h("dt", {}, nameWords(name)), h("dd", {}, valueWords(name, value)))));
}

/** @param {HeldCategory} held @param {Deleted} deleted @returns {HTMLElement} */
function ending({ category: name, deletable, kept_because: because }, deleted) {
  if (!deletable) return h("p", { class: "hint held-end" }, `It can’t be deleted by itself. ${because ?? ""}`);
  const news = h("div", {});
  return h("div", { class: "held-end" }, news, button(`Delete: ${name}`, async () => {
    fill(news);
    if (!await sure({ title: `Delete ${name}?`, yes: "Delete",
      text: "It is gone at once and can’t be brought back." })) return;
    try {
      await deleted(await api.deleteCategory(name));
    } catch (fault) {
      fill(news, problemNotice(asProblem(fault)));
    }
  }, { kind: "danger" }));
}

/** @param {HTMLElement} area @param {AbortSignal} abort */
function drawLooks(area, abort) {
  return load(area, () => api.staffLooks(null, abort), ({ events, next }) => {
    if (events.length === 0) return [h("p", {}, "Nobody so far.")];
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
