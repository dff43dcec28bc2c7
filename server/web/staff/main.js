// @ts-check
/** The staff console: a look at a warranty for a case and a reason, and requests with due dates. */
import { add, fill, h } from "../app/dom.js";
import { form } from "../app/form.js";
import { areaName, timeOf } from "../app/format.js";
import { button, card, facts, notice, page, problemNotice } from "../app/parts.js";
import { Problem } from "../app/problem.js";
import { warrantyFacts } from "../app/warranty.js";
import { showRequests } from "./requests.js";
import { lookUp, signIn, signOut } from "./staff_api.js";

/** @typedef {import("../app/types.js").LookupOut} LookupOut */

/** @param {string} selector @returns {HTMLElement} a part of index.html that is always there */
function part(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`index.html lacks ${selector}`);
  return found;
}

const main = part("main");
const who = part(".who");

let closing = 0;

/** @param {HTMLElement} shown @param {string} title @param {boolean} [quiet] */
function show(shown, title, quiet = false) {
  fill(main, shown);
  document.title = `${title} · SecuHome staff`;
  if (!quiet) main.querySelector("h1")?.focus();
}

/** @param {HTMLElement | null} news  why the reader is here again @param {boolean} [quiet] */
function showSignIn(news, quiet = false) {
  window.clearTimeout(closing);
  signOut();
  fill(who);
  show(page({ title: "Staff sign-in", narrow: true,
    lead: "For people who handle cases and requests. Your sign-in ends when this page is closed." },
  news,
  h("div", { class: "card" },
    form({
      label: "Staff sign-in",
      fields: [
        { name: "name", label: "Name", autocomplete: "username" },
        { name: "password", label: "Password", type: "password", autocomplete: "current-password" },
      ],
      submit: "Sign in",
      send: async (answers) => {
        const name = String(answers.name);
        const seconds = await signIn({ name, password: String(answers.password) });
        closing = window.setTimeout(() => showSignIn(itIsOver()), seconds * 1000);
        showDesk(name);
      },
    }))), "Sign in", quiet);
}

const itIsOver = () => notice({ title: "Your sign-in has run out",
  remedy: "Sign in again to go on with the case." });

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} never, once the sign-in is over: the reader is before it again
 */
async function guard(work) {
  try {
    return await work();
  } catch (fault) {
    if (!(fault instanceof Problem) || fault.status !== 401) throw fault;
    showSignIn(problemNotice(fault));
    return new Promise(() => undefined);
  }
}

/** @param {string} name */
function showDesk(name) {
  fill(who, h("span", { class: "name" }, name),
    button("Warranties", () => showDesk(name), { kind: "quiet" }),
    button("Requests", () => showRequests({ show, guard }), { kind: "quiet" }),
    button("Sign out", () => showSignIn(null), { kind: "quiet" }));
  const result = h("div", { class: "result", "aria-live": "polite" });
  show(page({ title: "Look up a warranty", narrow: true,
    lead: "The owner will read in their history that you looked, and for which case." },
  h("div", { class: "card" },
    form({
      label: "Look up a warranty",
      mark: true,
      fields: [
        { name: "case_number", label: "Case number", maxlength: 64,
          hint: "Such as 4711 or SUP-2026-42." },
        { name: "reason", label: "Reason", type: "long", maxlength: 500,
          hint: "What the customer asked for, in ten characters or more. No names, no addresses." },
        { name: "serial", label: "Serial number", maxlength: 64, hint: "It is on the camera’s underside." },
      ],
      submit: "Look up",
      send: (answers) => look(result, answers),
    })),
  result), "Look up a warranty");
}

/** @param {HTMLElement} result @param {import("../app/form.js").Answers} answers */
async function look(result, answers) {
  fill(result);
  const question = { case_number: String(answers.case_number), reason: String(answers.reason),
    serial: String(answers.serial) };
  const out = await guard(() => lookUp(question));
  fill(result, found(question.case_number, question.serial, out));
}

/** @param {string} caseNumber @param {string} serial @param {LookupOut} out */
function found(caseNumber, serial, out) {
  const shown = card(`Case ${caseNumber}`,
    facts(["Serial number", serial], ["Model", out.model], ["Sold in", areaName(out.region)]));
  add(shown, h("h3", { class: "part-title" }, "Warranty"), warrantyFacts(out.warranty),
    h("p", { class: "hint looked" }, `Looked up at ${timeOf(out.looked_at)}, and noted.`));
  return shown;
}

part(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
showSignIn(null, true);
