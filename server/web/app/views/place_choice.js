// @ts-check
/**
 * How exactly the place of each use is written down: one choice, made of a purpose for each grade.
 * Whoever takes a finer grade agrees to the coarser ones too; each keeps its own words and receipt.
 */
import { choose } from "../choosing.js";
import { fill, freshId, h } from "../dom.js";
import { say } from "../layout.js";
import { button, problemNotice } from "../parts.js";
import { asProblem } from "../problem.js";

/** @typedef {import("../types.js").PurposeOut} PurposeOut */

/** The purposes of the grades, from coarse to fine. */
export const GRADES = ["country_of_use", "town_of_use", "vicinity_of_use"];
const NAMES = ["Nothing", "Country", "Town", "About 10 km"];
const NOTHING = "No place is written down with your uses. You won’t see from your history that a " +
  "use came from abroad.";

/**
 * @param {PurposeOut[]} purposes  those of the grades, from coarse to fine
 * @param {() => void} changed  something was stored, all of it or a part
 * @returns {HTMLElement}
 */
export function placeChoice(purposes, changed) {
  const name = freshId("places");
  const now = gradeOf(purposes);
  const news = h("div", { class: "choice-news" });
  const radios = [0, ...purposes.map((_, n) => n + 1)].map((grade) =>
    option(name, grade, purposes, grade === now));
  const done = button("Save this choice", async () => {
    const chosen = radios.findIndex((one) => one.querySelector("input")?.checked);
    fill(news);
    if (chosen < 0 || chosen === now) return say("Nothing was changed.");
    done.setAttribute("aria-busy", "true");
    try {
      for (const [purpose, on] of steps(purposes, chosen)) await choose(purpose, on);
      say(`Place of each use: ${NAMES[chosen]}`);
      changed();
    } catch (fault) {
      fill(news, problemNotice(asProblem(fault), button("Show what counts now", changed)));
    } finally {
      done.removeAttribute("aria-busy");
    }
  });
  return h("fieldset", { class: "places" },
    h("legend", {}, "Place of each use of your account"),
    now === null && h("p", { class: "hint" }, "You have chosen a mixture elsewhere. Choose one of " +
      "these to make it plain."),
    ...radios, news, done);
}

/** @param {PurposeOut[]} purposes @returns {number | null} 0 for no place; null for a mixture */
function gradeOf(purposes) {
  const grade = purposes.filter((one) => one.on).length;
  return purposes.every((one, n) => one.on === n < grade) ? grade : null;
}

/**
 * What is to be switched. Off first, the finest before the others: whatever fails in between, less
 * is written down than was allowed and not more.
 * @param {PurposeOut[]} purposes
 * @param {number} grade
 * @returns {[PurposeOut, boolean][]}
 */
function steps(purposes, grade) {
  const off = purposes.filter((one, n) => n >= grade && one.on).reverse();
  const on = purposes.filter((one, n) => n < grade && !one.on);
  return [...off.map((one) => /** @type {[PurposeOut, boolean]} */ ([one, false])),
    ...on.map((one) => /** @type {[PurposeOut, boolean]} */ ([one, true]))];
}

/** @param {string} name @param {number} grade @param {PurposeOut[]} purposes @param {boolean} checked */
function option(name, grade, purposes, checked) {
  const id = freshId(name);
  const purpose = purposes[grade - 1]; // none for "Nothing"
  const coarser = NAMES.slice(1, grade).join(" and ").toLowerCase();
  return h("div", { class: "place" },
    h("input", { type: "radio", name, id, checked, "aria-describedby": `${id}-text`,
      disabled: purpose?.off_for_this_visit }),
    h("div", {},
      h("label", { for: id }, NAMES[grade]),
      h("div", { class: "hint", id: `${id}-text` },
        purpose && h("p", { class: "purpose-title" }, purpose.title),
        h("p", {}, purpose ? purpose.text : NOTHING),
        coarser && h("p", {}, `The ${coarser} ${grade > 2 ? "are" : "is"} written down with it.`))));
}
