// @ts-check
/** Pieces that several views are made of: a page's head, a card, a notice, loading and failing. */
import { add, fill, freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { asProblem, wasStopped } from "./problem.js";
import { link } from "./router.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("./problem.js").Problem} Problem */

/**
 * @param {{title: string, lead?: Child, back?: {path: string, text: string}, action?: Child,
 *   narrow?: boolean}} head
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function page({ title, lead, back, action, narrow }, ...children) {
  return h("div", { class: narrow ? "page narrow" : "page" },
    back && h("a", { class: "back", href: link(back.path) }, icon("back"), back.text),
    h("div", { class: "head" },
      h("div", {},
        h("h1", { tabindex: -1 }, title),
        lead && h("p", { class: "lead" }, lead)),
      action),
    ...children);
}

/**
 * @param {string} title  a level 2 heading that names the card; none when empty
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function card(title, ...children) {
  if (!title) return h("div", { class: "card" }, ...children);
  const id = freshId("card");
  return h("section", { class: "card", "aria-labelledby": id },
    h("h2", { id }, title), ...children);
}

/**
 * @param {{kind?: "error" | "good" | "plain", title: string, detail?: string, remedy?: string}} what
 * @param {...Child} actions
 * @returns {HTMLElement}  spoken at once when it is an error
 */
export function notice({ kind = "plain", title, detail, remedy }, ...actions) {
  return h("div", { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" },
    icon(kind === "error" ? "alert" : kind === "good" ? "check" : "shield"),
    h("div", {},
      h("p", { class: "notice-title" }, title),
      detail && detail !== title && h("p", {}, detail),
      remedy && h("p", { class: "remedy" }, remedy),
      actions.length > 0 && h("div", { class: "actions" }, ...actions)));
}

/** @param {Problem} problem @param {...Child} actions @returns {HTMLElement} */
export function problemNotice(problem, ...actions) {
  return notice({ kind: "error", title: problem.title, detail: problem.detail,
    remedy: problem.remedy }, ...actions);
}

/** @param {number} [rows] @returns {HTMLElement} */
export function loading(rows = 3) {
  return h("div", { class: "loading", role: "status" },
    h("span", { class: "unseen" }, "Loading"),
    ...Array.from({ length: rows }, () => h("span", { class: "bone", "aria-hidden": "true" })));
}

/**
 * Fill `area` with what `work` brings, with something to look at until then and a way on after.
 * @template T
 * @param {HTMLElement} area
 * @param {() => Promise<T>} work
 * @param {(got: T) => Child[]} draw
 * @returns {Promise<void>}
 */
export async function load(area, work, draw) {
  area.setAttribute("aria-busy", "true");
  fill(area, loading());
  try {
    fill(area, ...draw(await work()));
  } catch (fault) {
    if (wasStopped(fault)) return;
    fill(area, problemNotice(asProblem(fault), button("Try again", () => load(area, work, draw))));
  } finally {
    area.removeAttribute("aria-busy");
  }
}

/**
 * @param {string} text
 * @param {() => unknown} onclick
 * @param {{kind?: "first" | "second" | "danger" | "quiet", icon?: Parameters<typeof icon>[0]}} [how]
 * @returns {HTMLButtonElement}
 */
export function button(text, onclick, { kind = "second", icon: name } = {}) {
  return h("button", { type: "button", class: `button ${kind}`, onclick },
    name && icon(name), h("span", {}, text));
}

/**
 * @param {string} text
 * @param {string} path
 * @param {{kind?: "first" | "second" | "quiet", icon?: Parameters<typeof icon>[0]}} [how]
 * @returns {HTMLAnchorElement}
 */
export function linkButton(text, path, { kind = "second", icon: name } = {}) {
  return h("a", { class: `button ${kind}`, href: link(path) }, name && icon(name),
    h("span", {}, text));
}

/**
 * @param {string} label  what a screen reader calls these links
 * @param {...[string, string, string]} rows  where to, its name, and what is there
 * @returns {HTMLElement}
 */
export function linkRows(label, ...rows) {
  return h("nav", { class: "card rows", "aria-label": label },
    h("ul", {}, ...rows.map(([path, text, more]) => h("li", {},
      h("a", { href: link(path) },
        h("span", {}, h("span", { class: "row-name" }, text), h("span", { class: "quiet" }, more)),
        icon("next"))))));
}

/** @param {...[string, Child]} rows  a term and what is to be said about it @returns {HTMLElement} */
export function facts(...rows) {
  const list = h("dl", { class: "facts" });
  for (const [term, said] of rows) add(list, h("div", {}, h("dt", {}, term), h("dd", {}, said)));
  return list;
}

/** @param {string} title @param {string} said  more than a line, as it was written @returns {HTMLElement} */
export function prose(title, said) {
  return h("div", { class: "said" }, h("h3", {}, title), h("p", { class: "post" }, said));
}

/**
 * Ask before something that can't be taken back.
 * @param {{title: string, text: string, yes: string}} question
 * @returns {Promise<boolean>}
 */
export function sure({ title, text, yes }) {
  const id = freshId("ask");
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": id });
  add(dialog,
    h("h2", { id }, title),
    h("p", {}, text),
    h("div", { class: "actions" },
      button("Cancel", () => dialog.close("no")),
      button(yes, () => dialog.close("yes"), { kind: "danger" })));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove(); // the browser gives the focus back to where it was
      resolve(dialog.returnValue === "yes");
    });
  });
}
