// @ts-check
/**
 * Forms that say which answers they need, and put what went wrong beside the answer it is about.
 * The server decides what is valid; only an empty required answer is caught here.
 */
import { add, fill, freshId, h } from "./dom.js";
import { button, problemNotice } from "./parts.js";
import { asProblem, wasStopped } from "./problem.js";
import { signOut } from "./signing_out.js";

/**
 * @typedef {object} FieldSpec
 * @property {string} name  as the server calls it
 * @property {string} label
 * @property {"text" | "email" | "password" | "select" | "code" | "check" | "long" | "date"} [type]
 * @property {boolean} [optional]
 * @property {string} [hint]
 * @property {string} [reason]  why it is needed, told where it was left out
 * @property {string} [value]
 * @property {string} [autocomplete]
 * @property {number} [maxlength]
 * @property {{value: string, text: string}[]} [choices]  for a select
 *
 * @typedef {Record<string, string | boolean>} Answers  optional answers left empty are not in it
 *
 * @typedef {object} FormSpec
 * @property {string} [label]  what a screen reader calls the form
 * @property {FieldSpec[]} fields
 * @property {string} submit
 * @property {(answers: Answers) => Promise<unknown>} send
 * @property {boolean} [mark]  show which fields are required and which optional
 * @property {boolean} [danger]  sending it can't be taken back
 */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {{spec: FieldSpec, row: HTMLElement, control: Control, fault: HTMLElement}} Field */

/** @param {FormSpec} spec @returns {HTMLFormElement} */
export function form({ label, fields: specs, submit, send, mark = false, danger = false }) {
  const fields = specs.map((spec) => field(spec, mark));
  const news = h("div", { class: "form-news" });
  const done = h("button", { type: "submit", class: `button ${danger ? "danger" : "first"}` },
    h("span", {}, submit));
  const element = h("form", { novalidate: true, "aria-label": label, class: "form" },
    news, ...fields.map((one) => one.row), h("div", { class: "form-end" }, done));

  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (done.getAttribute("aria-disabled") === "true") return;
    clear(fields, news);
    if (complainOfGaps(fields)) return;
    busy(done, true);
    try {
      await send(answersOf(fields));
    } catch (fault) {
      if (!wasStopped(fault)) complain(fields, news, fault);
    } finally {
      busy(done, false);
    }
  });
  return element;
}

/** @param {HTMLButtonElement} done @param {boolean} on  not `disabled`: that would drop the focus */
function busy(done, on) {
  done.classList.toggle("busy", on);
  done.setAttribute("aria-disabled", String(on));
}

/** @param {FieldSpec} spec @param {boolean} mark @returns {Field} */
function field(spec, mark) {
  const id = freshId(spec.name);
  const fault = h("p", { class: "fault", id: `${id}-fault` });
  const hint = spec.hint && h("p", { class: "hint", id: `${id}-hint` }, spec.hint);
  const described = [hint && `${id}-hint`, `${id}-fault`].filter(Boolean).join(" ");
  const control = controlOf(spec, id, described);
  if (spec.type === "check") {
    const row = h("div", { class: "field check" }, control,
      h("div", {}, h("label", { for: id }, spec.label), hint, fault));
    return { spec, row, control, fault };
  }
  // `required` is read out by itself; that an answer is optional nobody says but the tag
  const tag = mark && h("span",
    spec.optional ? { class: "tag" } : { class: "tag needed", "aria-hidden": "true" },
    spec.optional ? "Optional" : "Required");
  const row = h("div", { class: "field" },
    h("label", { for: id }, h("span", {}, spec.label), tag), hint,
    spec.type === "password" ? withReveal(/** @type {HTMLInputElement} */ (control)) : control,
    fault);
  return { spec, row, control, fault };
}

/** @param {FieldSpec} spec @param {string} id @param {string} described @returns {Control} */
function controlOf(spec, id, described) {
  const common = {
    id, name: spec.name, "aria-describedby": described,
    autocomplete: spec.autocomplete ?? "off", maxlength: spec.maxlength,
    required: !spec.optional && spec.type !== "check",
  };
  if (spec.type === "select") {
    return h("select", common, h("option", { value: "" }, "Choose…"),
      ...(spec.choices ?? []).map(({ value, text }) =>
        h("option", { value, selected: value === spec.value }, text)));
  }
  if (spec.type === "long") return h("textarea", { ...common, rows: 3 }, spec.value);
  if (spec.type === "check") return h("input", { ...common, type: "checkbox", autocomplete: false });
  if (spec.type === "code") {
    return h("input", { ...common, class: "code", type: "text", inputmode: "numeric",
      autocomplete: "one-time-code", maxlength: 6 });
  }
  const bare = spec.type === "password" || spec.type === "email";
  return h("input", { ...common, type: spec.type ?? "text", value: spec.value,
    spellcheck: bare && "false", autocapitalize: bare && "none" });
}

/** @param {HTMLInputElement} input @returns {HTMLElement} with a button that shows what is typed */
function withReveal(input) {
  const toggle = h("button", { type: "button", class: "reveal", "aria-pressed": "false",
    "aria-label": "Show password" }, "Show");
  toggle.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    toggle.setAttribute("aria-pressed", String(show));
    toggle.textContent = show ? "Hide" : "Show";
  });
  return h("div", { class: "with-reveal" }, input, toggle);
}

/** @param {Field[]} fields @returns {Answers} */
function answersOf(fields) {
  /** @type {Answers} */
  const answers = {};
  for (const { spec, control } of fields) {
    if (control instanceof HTMLInputElement && control.type === "checkbox") {
      answers[spec.name] = control.checked;
    } else if (spec.type === "password") {
      answers[spec.name] = control.value; // a space may be part of it
    } else if (control.value.trim() !== "") {
      answers[spec.name] = control.value.trim();
    }
  }
  return answers;
}

/** @param {Field[]} fields @param {HTMLElement} news */
function clear(fields, news) {
  fill(news);
  for (const { control, fault } of fields) {
    control.removeAttribute("aria-invalid");
    fault.textContent = "";
  }
}

/** @param {Field} field @param {string} message */
function faultAt({ control, fault }, message) {
  control.setAttribute("aria-invalid", "true");
  fault.textContent = message;
}

/** @param {Field[]} fields @returns {boolean} true if an answer is missing; the first one has the focus */
function complainOfGaps(fields) {
  const gaps = fields.filter(({ control }) => control.validity.valueMissing);
  for (const gap of gaps) {
    const { label, reason } = gap.spec;
    faultAt(gap, [`${label} is needed.`, reason].filter(Boolean).join(" "));
  }
  gaps[0]?.control.focus();
  return gaps.length > 0;
}

/** @param {Field[]} fields @param {HTMLElement} news @param {unknown} thrown */
function complain(fields, news, thrown) {
  const problem = asProblem(thrown);
  const hit = fields.filter(({ spec }) => problem.fields.some((one) => lastPart(one.field) === spec.name));
  for (const one of hit) {
    const said = problem.fields.find((each) => lastPart(each.field) === one.spec.name);
    faultAt(one, said?.message ?? problem.title);
  }
  if (hit.length < Math.max(1, problem.fields.length)) {
    add(news, problemNotice(problem, ...wayOn(problem.code)));
  }
  hit[0]?.control.focus();
}

/**
 * A view may be open to who has no menu yet: what a problem asks for is then nowhere else.
 * @param {string} code
 * @returns {HTMLElement[]}
 */
const wayOn = (code) => code === "fresh_sign_in_needed"
  ? [button("Sign out, to sign in again", () => signOut("Sign in again, and come back to this."))]
  : [];

/** @param {string} path  such as `body.email` @returns {string} `email` */
const lastPart = (path) => path.split(".").at(-1) ?? path;
