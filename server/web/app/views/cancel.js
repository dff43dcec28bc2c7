// @ts-check
/** Cancelling the account: what it brings is told first, then one proof, and it is done. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { form } from "../form.js";
import { dateOf } from "../format.js";
import { card, linkButton, load, page, sure } from "../parts.js";
import { onlyThePassword } from "../problem.js";
import { go } from "../router.js";
import { end } from "../session.js";
import { momentWords } from "../value_words.js";

/** @typedef {import("../types.js").TermsOut} TermsOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function cancelView({ abort }) {
  const title = "Cancel the account";
  const area = h("div", { class: "stack" });
  void load(area, () => api.cancellationTerms(abort), (terms) => [whatFollows(terms), asking(terms)]);
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/privacy", text: "Privacy" },
      lead: "Nobody has to agree to it, and we don’t ask why." }, area),
  };
}

/** @param {TermsOut} terms */
function whatFollows({ starts_at: starts, due_on: due }) {
  return card("What will happen",
    h("ul", { class: "bullets" },
      h("li", {}, "You are signed out at once, on every device."),
      h("li", {}, `Until ${momentWords(starts)}, you can take it back: sign in, and you are ` +
        "asked. You can leave these days out, too."),
      h("li", {}, "Then your cameras are released, and everything that belongs to the account is " +
        `erased, by ${dateOf(due)} at the latest. Nobody can bring it back, not even we.`),
      h("li", {}, "What the law or a warranty makes us keep stays until its last day. The " +
        "certificate names it."),
      h("li", {}, "You get the address of a page with a signed certificate of what was erased.")),
    linkButton("Download your data first", "/privacy"));
}

/** @param {TermsOut} terms */
function asking({ needs_password: needed }) {
  /** @type {import("../form.js").FieldSpec[]} */
  const proof = needed ? [{ name: "password", label: "Password", type: "password",
    autocomplete: "current-password", hint: "So that nobody else does this on your device." }] : [];
  return card("Cancel it", form({
    label: "Cancel the account",
    fields: [...proof,
      { name: "at_once", label: "Erase it at once", type: "check", optional: true,
        hint: "Without the days in which it could be taken back." }],
    submit: "Cancel the account",
    danger: true,
    send: async ({ password, at_once: atOnce }) => {
      const question = atOnce
        ? { title: "Erase everything now?", text: "This can’t be taken back.", yes: "Erase it now" }
        : { title: "Cancel the account?", text: "You will be signed out everywhere.", yes: "Cancel it" };
      if (!await sure(question)) return;
      const { id } = await onlyThePassword(api.cancelAccount({ at_once: Boolean(atOnce),
        ...(needed && { password: String(password) }) }));
      go(`/erasures/${id}`);
      end();
    },
  }));
}
