// @ts-check
/** The privacy policy: to read, with or without an account; and to accept. */
import { api } from "../api.js";
import { toHex, utf8 } from "../bytes.js";
import { contactFacts } from "../contact_facts.js";
import { h } from "../dom.js";
import { form } from "../form.js";
import { dateOf } from "../format.js";
import { say } from "../layout.js";
import { button, card, linkButton, load, page } from "../parts.js";
import { go, link } from "../router.js";
import { end, policyAccepted } from "../session.js";

/** @typedef {import("../types.js").PolicyOut} PolicyOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function policyView({ params }) {
  const title = "Privacy policy";
  const area = h("div", {});
  void load(area, () => api.policy(params.version), (policy) => [about(policy), text(policy), whom(policy)]);
  return { title, page: page({ title }, area) };
}

/** @returns {import("../router.js").View} */
export function acceptView() {
  const title = "Before you start";
  const area = h("div", {});
  void load(area, () => api.policy(), (policy) => [about(policy), text(policy), whom(policy), ask(policy)]);
  return {
    title,
    page: page({ title, lead: "Please read how we treat what we learn about you. " +
      "The terms that weigh most are set off." }, area),
  };
}

/** @param {PolicyOut} policy */
function about(policy) {
  return h("p", { class: "quiet" },
    `Version ${policy.version}, in force since ${dateOf(policy.in_force_since)}.`,
    policy.offered && " There is a newer one that gives you fewer rights. It doesn’t count for you: ",
    policy.offered && h("a", { href: link(`/policy/versions/${policy.offered}`) }, "read it"),
    policy.offered && ".");
}

/** @param {PolicyOut} policy @returns {HTMLElement} the server's own markup, the only one we insert */
function text(policy) {
  const article = h("article", { class: "card prose", lang: policy.language, "data-policy": policy.version });
  article.innerHTML = policy.html;
  // this page has its title already: a second one would leave screen readers two pages
  for (const heading of article.querySelectorAll("h1")) {
    const lower = h("h2");
    lower.replaceChildren(...heading.childNodes);
    heading.replaceWith(lower);
  }
  return article;
}

/** @param {PolicyOut} policy */
function whom(policy) {
  const shown = card("Questions and remarks", contactFacts(policy.contact),
    h("div", { class: "actions" }, linkButton("Write to us", "/contact")));
  shown.classList.add("beside-prose");
  return shown;
}

/**
 * Of the text that was shown, worked out here: accepting then can't cover another one.
 * @param {PolicyOut} policy
 * @returns {Promise<string>} the server's word for it where the browser gives no cryptography
 */
async function fingerprint({ html, sha256 }) {
  return crypto.subtle ? toHex(await crypto.subtle.digest("SHA-256", utf8(html))) : sha256;
}

/** @param {PolicyOut} policy */
function ask(policy) {
  return h("section", { class: "card accept", "aria-label": "Your answer" },
    h("p", {}, "Accepting covers what SecuHome needs to work. Anything beyond that stays off " +
      "until you choose it yourself."),
    form({
      label: "Accept the privacy policy",
      fields: [],
      submit: "I have read it and accept",
      send: async () => {
        await api.acceptPolicy({ version: policy.version, sha256: await fingerprint(policy) });
        policyAccepted();
        go("/cameras", { replace: true });
      },
    }),
    button("Not now: sign out", async () => {
      await api.signOut().catch(() => end());
      say("You are signed out. Nothing was accepted.");
    }, { kind: "quiet" }));
}
