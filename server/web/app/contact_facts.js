// @ts-check
/** Where questions go: shown on its own page, and beside each version of the policy. */
import { h } from "./dom.js";
import { facts } from "./parts.js";

/** @param {import("./types.js").PolicyOut["contact"]} contact @returns {HTMLElement} */
export function contactFacts({ department, email, postal_address: post }) {
  return facts(
    ["Who answers", department],
    ["E-mail", h("a", { href: `mailto:${email}` }, email)],
    ["Post", h("address", { class: "post" }, post)]);
}
