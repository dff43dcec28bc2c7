// @ts-check
/** What we hold about the person, and the way out. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { areaName, dateOf } from "../format.js";
import { button, card, facts, linkRows, load, page } from "../parts.js";
import { session } from "../session.js";
import { signOut } from "../signing_out.js";
import { devices } from "./devices.js";

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
    linkRows("More about this account",
      ["/history", "History", "When and where your account was used"],
      ["/requests", "My requests", "What you have asked us, and the answers"],
      ["/privacy", "Privacy", "What we hold, what we use it for, and what you allow"],
      ["/policy", "Privacy policy", "What you have agreed to"],
      ["/cookies", "Cookies", "What this browser keeps"],
      ["/contact", "Contact", "Ask us, or tell us something"]),
  ]);
  return {
    title,
    page: page({ title, narrow: true }, area, devices(abort),
      h("div", { class: "actions centred" }, button("Sign out", () => signOut()))),
  };
}
