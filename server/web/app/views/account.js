// @ts-check
/** What we hold about the person, and the way out. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { areaName, dateOf } from "../format.js";
import { icon } from "../icons.js";
import { say } from "../layout.js";
import { button, card, facts, load, page } from "../parts.js";
import { link } from "../router.js";
import { end, session } from "../session.js";

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function accountView({ abort }) {
  const title = "Account";
  const area = h("div", { class: "stack" });
  void load(area, () => api.account(abort), (account) => [
    card("",
      facts(
        ["Name", account.name ?? "Not given"],
        ["E-mail", account.email ?? "Not given"],
        ["Country or area", account.area ? areaName(account.area) : "Not given"],
        ["Member since", dateOf(account.created_at)],
        ["This sign-in", session.place === "unknown" ? "Place unknown" : session.place])),
    h("nav", { class: "card rows", "aria-label": "More about this account" },
      h("ul", {},
        row("/history", "History", "When and where your account was used"),
        row("/requests", "My requests", "What you have asked us, and the answers"),
        row("/privacy", "Privacy", "What we use data for, and what you allow"),
        row("/policy", "Privacy policy", "What you have agreed to"),
        row("/cookies", "Cookies", "What this browser keeps"),
        row("/contact", "Contact", "Ask us, or tell us something"))),
  ]);
  return {
    title,
    page: page({ title, narrow: true }, area,
      h("div", { class: "actions centred" }, button("Sign out", signOut))),
  };
}

/** @param {string} path @param {string} text @param {string} more */
function row(path, text, more) {
  return h("li", {}, h("a", { href: link(path) },
    h("span", {}, h("span", { class: "row-name" }, text), h("span", { class: "quiet" }, more)),
    icon("next")));
}

async function signOut() {
  try {
    await api.signOut();
  } catch {
    // the server couldn't be told: this tab forgets the session all the same, and says what is left
    end();
    say("Signed out here, but the server couldn’t be told. Clear this site’s cookies to be sure.");
  }
}
