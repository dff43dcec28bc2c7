// @ts-check
/** Correcting what is held: a form of whatever the server says can be corrected. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { areaName } from "../format.js";
import { say } from "../layout.js";
import { card, linkButton, load, page } from "../parts.js";
import { Problem } from "../problem.js";
import { capital } from "../value_words.js";
import { credentials } from "./credentials.js";

/** @typedef {import("../types.js").FieldOut} FieldOut */
/** @typedef {import("../types.js").CorrectionIn} CorrectionIn */
/** @typedef {import("../form.js").FieldSpec} FieldSpec */

const AREA = /^[A-Z]{2}$/;

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function correctionsView({ abort }) {
  const title = "Correct something";
  const area = h("div", { class: "stack" });
  void load(area, () => api.corrections(abort), ({ fields }) => drawn(area, fields));
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/privacy", text: "Privacy" },
      lead: "What you change here is changed everywhere. Empty a field to delete what it says." },
    h("div", { class: "stack" }, area, credentials(abort),
      h("p", { class: "quiet" }, "Something is wrong that isn’t here? Ask us: a person answers."),
      h("div", { class: "actions" }, linkButton("Ask us", "/contact")))),
  };
}

/** @param {HTMLElement} area @param {FieldOut[]} fields @returns {HTMLElement[]} */
function drawn(area, fields) {
  return [
    card("", form({
      label: "Correct what we hold",
      fields: fields.map((one, n) => specOf(one, n)),
      submit: "Save",
      send: async (answers) => {
        const changed = fields.flatMap((one, n) => changeOf(one, n, answers[`${n}`]));
        if (changed.length === 0) return say("Nothing was changed.");
        const { fields: now } = await api.correct(changed.map(({ correction }) => correction))
          .catch((fault) => {
            throw fault instanceof Problem ? besideItsField(fault, changed) : fault;
          });
        fill(area, ...drawn(area, now));
        area.querySelector("input")?.focus();
        say("Saved.");
      },
    })),
  ];
}

/** @param {FieldOut} field @param {number} n @returns {FieldSpec} named by its place in the list */
function specOf({ label, kind, value, row, required, max_length: most, choices }, n) {
  const types = /** @type {const} */ ({ text: "text", date: "date", choice: "select" });
  return {
    name: `${n}`, type: types[kind], optional: !required, value: value ?? undefined,
    label: row === null ? label : `${label} (${value ?? "none yet"})`,
    maxlength: kind === "text" ? most ?? undefined : undefined,
    choices: choices?.map((one) => ({ value: one, text: AREA.test(one) ? areaName(one) : capital(one) }))
      .sort((a, b) => a.text.localeCompare(b.text)),
  };
}

/** @typedef {{n: number, correction: CorrectionIn}} Change */

/**
 * @param {FieldOut} field
 * @param {number} n  its place in the list
 * @param {string | boolean | undefined} answer  nothing where the field was left empty
 * @returns {Change[]} none where nothing was changed
 */
function changeOf({ field, row, value }, n, answer) {
  const text = typeof answer === "string" ? answer : null;
  return text === (value?.trim() || null) ? [] : [{ n, correction: { field, row, value: text } }];
}

/**
 * @param {Problem} problem  that names a member of what was sent, or a field by its own name
 * @param {Change[]} changed
 * @returns {Problem} the same, naming the fields of this form
 */
function besideItsField(problem, changed) {
  for (const one of problem.fields) {
    const sent = /corrections\.(\d+)/.exec(one.field);
    const hit = sent ? changed[Number(sent[1])] : changed.find(({ correction }) =>
      correction.field === one.field && correction.row === problem.row);
    if (hit) one.field = String(hit.n);
  }
  return problem;
}
