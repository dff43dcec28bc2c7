// @ts-check
/** The privacy policy: to read, with or without an account; what changed in it; and to accept. */
import { api } from "../api.js";
import { toHex, utf8 } from "../bytes.js";
import { contactFacts } from "../contact_facts.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { dateOf } from "../format.js";
import { say } from "../layout.js";
import { button, card, linkButton, load, notice, page } from "../parts.js";
import { go, link } from "../router.js";
import { policyAccepted } from "../session.js";
import { signOut } from "../signing_out.js";

/** @typedef {import("../types.js").PolicyOut} PolicyOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function policyView({ params }) {
  const title = "Privacy policy";
  const area = h("div", {});
  void load(area, () => api.policy(params.version), (policy) =>
    [about(policy), changed(policy), text(policy), whom(policy), policy.offered === policy.version && agree(policy)]);
  return { title, page: page({ title }, area) };
}

/** @returns {import("../router.js").View} */
export function acceptView() {
  const title = "Before you start";
  const area = h("div", {});
  void load(area, () => api.policy(), (policy) =>
    [changed(policy), about(policy), text(policy), whom(policy), ask(policy)]);
  return {
    title,
    page: page({ title, lead: "Please read how we treat what we learn about you. " +
      "The terms that weigh most are set off." }, area),
  };
}

/**
 * For whoever is somewhere else: that there is a version which would take rights from them.
 * @param {AbortSignal} abort
 * @returns {HTMLElement}  empty as long as there is none
 */
export function offeredNotice(abort) {
  const place = h("div", {});
  void look();
  return place;

  async function look() {
    try {
      const { offered } = await api.policy(undefined, abort);
      if (offered) fill(place, notice({
        title: "A newer privacy policy would give you fewer rights",
        detail: "It doesn’t count for you unless you agree to it. You lose nothing if you don’t.",
      }, linkButton("Read what it takes", `/policy/versions/${offered}`)));
    } catch {
      // the page that this stands on has its own word for a server that is away
    }
  }
}

/** @param {PolicyOut} policy */
function about({ version, in_force_since: since, offered }) {
  const other = offered !== version && offered;
  return h("p", { class: "quiet" },
    `Version ${version}, in force since ${dateOf(since)}.`,
    other && " There is a newer one that gives you fewer rights. It doesn’t count for you: ",
    other && h("a", { href: link(`/policy/versions/${other}`) }, "read it"),
    other && ".");
}

/** @param {PolicyOut} policy @returns {HTMLElement | null} what weighs in it, for who knew another one */
function changed({ changes }) {
  if (changes.length === 0) return null;
  const shown = card("What has changed",
    h("p", {}, "Since the version that you accepted:"),
    h("ul", { class: "changes" }, ...changes.map((one) =>
      h("li", { "data-narrows": one.narrows }, sentence(one.text)))));
  shown.classList.add("beside-prose");
  return shown;
}

/** @param {string} said @returns {string} */
const sentence = (said) => `${said.charAt(0).toUpperCase()}${said.slice(1)}${said.endsWith(".") ? "" : "."}`;

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

/** @param {PolicyOut} policy  a narrower one: a yes to it is asked for by itself, and a no costs nothing */
function agree(policy) {
  return h("section", { class: "card accept", "aria-label": "Your answer" },
    h("p", {}, "This version gives you fewer rights than you have. Nothing happens if you do not agree: " +
      "your version stays, and everything works as before."),
    linkButton("Keep the rights that I have", "/cameras", { kind: "first" }),
    form({
      label: "Agree to fewer rights",
      fields: [],
      submit: "I agree to fewer rights",
      send: async () => {
        await api.acceptPolicy({
          version: policy.version, sha256: await fingerprint(policy), fewer_rights: true,
        });
        say("This version counts for you now.");
        go("/policy", { replace: true });
      },
    }));
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
    button("Not now: sign out", () => signOut("You are signed out. Nothing was accepted."),
      { kind: "quiet" }));
}
