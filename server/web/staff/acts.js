// @ts-check
/** What the staff does upon a request: cancel an account, offer a copy, keep what a law names. */
import { fill, h } from "../app/dom.js";
import { form } from "../app/form.js";
import { dateOf, timeOf } from "../app/format.js";
import { card, notice } from "../app/parts.js";
import { ACTS, choicesOf } from "../app/request_words.js";
import { actUpon, holdData } from "./staff_api.js";

/**
 * @typedef {import("../app/types.js").OpenedOut} OpenedOut
 * @typedef {import("../app/types.js").ActOut} ActOut
 * @typedef {import("../app/form.js").Answers} Answers
 * @typedef {import("../app/form.js").FieldSpec} FieldSpec
 * @typedef {import("./requests.js").Guard} Guard
 */

/** @type {Record<string, string[]>} the acts that fit what is asked for */
const FITTING = { cancellation: ["cancel"], deletion: ["delete", "cancel"], access: ["copy"] };
const WHY = "In ten characters or more. No names, no addresses.";

/** @type {FieldSpec} */
const CATEGORIES = { name: "categories", label: "Categories", type: "long", maxlength: 2000,
  optional: true, hint: "To delete some: one a line, as the data map calls them." };

/** @param {string} text @returns {string[]} */
const linesOf = (text) => text.split("\n").map((it) => it.trim()).filter(Boolean);

/** @param {ActOut[]} done @returns {string} */
export const toldActs = (done) => (done.length === 0 ? "Nothing yet"
  : done.map(({ act, at }) => `${ACTS[act] ?? act}, ${dateOf(at)}, ${timeOf(at)}`).join("; "));

/** @param {Guard} guard @param {OpenedOut} opened @returns {HTMLElement[]} a card for each act */
export function actCards(guard, opened) {
  const fitting = [...(FITTING[opened.kind] ?? []),
    ...(opened.ground === "without_consent" ? ["uphold"] : [])];
  return [...(fitting.length > 0 && opened.proven ? [acting(guard, opened, fitting)] : []),
    holding(guard, opened)];
}

/** @param {Guard} guard @param {OpenedOut} opened @param {string[]} fitting */
function acting(guard, opened, fitting) {
  const words = Object.fromEntries(fitting.map((act) => [act, ACTS[act] ?? act]));
  /** @type {FieldSpec[]} */
  const relation = opened.on_behalf_of === "self" ? [] : [
    { name: "concerning", label: "Whose account", maxlength: 254, hint: "Its e-mail address." },
    { name: "proof_seen", label: "Proof that you have seen", maxlength: 200,
      hint: "Such as a birth certificate, shown at the counter. No numbers." }];
  return withNews("Act upon it", (news) => form({
    label: "Act upon the request",
    mark: true,
    fields: [{ name: "act", label: "Do", type: "select", choices: choicesOf(words) },
      { name: "reason", label: "Why you do it", type: "long", maxlength: 500, hint: WHY },
      ...(fitting.includes("delete") ? [CATEGORIES] : []), ...relation],
    submit: "Do it",
    send: async (answers) => {
      const { categories, ...rest } = textsOf(answers);
      const wanted = { ...rest, ...(categories && { categories: linesOf(categories) }) };
      const done = await guard(() => actUpon(opened.number, wanted));
      fill(news, notice({ kind: "good", title: toldActs([done]),
        remedy: "The owner will read it. The answer is still to be written." }));
    },
  }));
}

/** @param {Guard} guard @param {OpenedOut} opened */
function holding(guard, opened) {
  return withNews("Keep what a law names", (news) => form({
    label: "Keep what a law names",
    mark: true,
    fields: [
      { name: "ground", label: "Law or order", maxlength: 200, hint: "The article, or the court." },
      { name: "categories", label: "Categories", type: "long", maxlength: 2000,
        hint: "One a line, as the data map calls them." },
      { name: "last_day", label: "Last day", maxlength: 10, hint: "Such as 2027-06-30." },
      { name: "concerning", label: "Whose account", maxlength: 254, optional: true,
        hint: "Its e-mail address, if it isn’t the asker’s own." },
      { name: "reason", label: "Why you keep it", type: "long", maxlength: 500, hint: WHY },
    ],
    submit: "Keep it",
    send: async (answers) => {
      const { categories, ...rest } = textsOf(answers);
      const order = { ...rest, categories: linesOf(categories ?? "") };
      const done = await guard(() => holdData(opened.number, order));
      fill(news, notice({ kind: "good", title: toldActs([done]),
        remedy: "It goes by itself when that day is over." }));
    },
  }));
}

/** @param {string} title @param {(news: HTMLElement) => HTMLElement} make */
function withNews(title, make) {
  const news = h("div", { "aria-live": "polite" });
  return card(title, make(news), news);
}

/** @param {Answers} answers @returns {Record<string, string>} what was filled in */
const textsOf = (answers) => Object.fromEntries(
  Object.entries(answers).filter(([, value]) => value).map(([name, value]) => [name, String(value)]));
