// @ts-check
/** How to reach a person about the policy or anything else. */
import { api } from "../api.js";
import { contactFacts } from "../contact_facts.js";
import { h } from "../dom.js";
import { card, load, page } from "../parts.js";

/** @returns {import("../router.js").View} */
export function contactView() {
  const title = "Contact";
  const area = h("div", {});
  void load(area, () => api.policy(), ({ contact }) => [
    card("", contactFacts(contact)),
    h("p", { class: "quiet" }, "You don’t need an account to write to us. Please don’t send " +
      "passwords or codes: nobody here will ask for them."),
  ]);
  return {
    title,
    page: page({ title, narrow: true,
      lead: "For questions and remarks about privacy, your data or your cameras." }, area),
  };
}
