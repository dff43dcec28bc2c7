// @ts-check
/** Each choice that was made about a purpose, with its receipt. */
import { api } from "../api.js";
import { add, fill, h } from "../dom.js";
import { dayOf, timeOf } from "../format.js";
import { button, load, problemNotice } from "../parts.js";
import { asProblem } from "../problem.js";
import { saveStatement } from "../saving.js";

/** @typedef {import("../types.js").PurposeOut} PurposeOut */
/** @typedef {import("../types.js").ChoiceOut} ChoiceOut */

/** @param {HTMLElement} area @param {PurposeOut[]} purposes @param {AbortSignal} abort */
export async function drawChoices(area, purposes, abort) {
  const titles = new Map(purposes.map((one) => [one.code, one.title]));
  await load(area, () => api.choices(null, abort), ({ choices, next }) =>
    choices.length === 0 ? [h("p", { class: "quiet" }, "Nothing yet.")] : listOf(choices, next, titles, abort));
}

/**
 * @param {ChoiceOut[]} choices
 * @param {number | null} next
 * @param {Map<string, string>} titles
 * @param {AbortSignal} abort
 */
function listOf(choices, next, titles, abort) {
  const list = h("ul", { class: "choices" }, ...choices.map((one) => row(one, titles)));
  const more = h("div", { class: "actions centred" });
  /** @param {number | null} from */
  const offer = (from) => fill(more, from !== null && button("Show older", async () => {
    try {
      const older = await api.choices(from, abort);
      add(list, ...older.choices.map((one) => row(one, titles)));
      offer(older.next);
    } catch (fault) {
      fill(more, problemNotice(asProblem(fault)));
    }
  }));
  offer(next);
  return [h("p", {}, "Each choice has a signed receipt. Keep it where you like: it can be checked " +
    "without us, by the keys that we publish."), list, more];
}

/** @param {ChoiceOut} choice @param {Map<string, string>} titles */
function row({ id, purpose, state, at }, titles) {
  const news = h("div", {});
  return h("li", { "data-choice": id, "data-state": state },
    h("div", {},
      h("p", { class: "what" }, `${state === "given" ? "On" : "Off"}: ${titles.get(purpose) ?? purpose}`),
      h("p", { class: "where" }, h("time", { datetime: at }, `${dayOf(at)}, ${timeOf(at)}`)),
      news),
    button("Receipt", async () => {
      fill(news);
      try {
        saveStatement(id, (await api.receipt(id)).receipt);
      } catch (fault) {
        fill(news, problemNotice(asProblem(fault)));
      }
    }, { kind: "quiet" }));
}
