// @ts-check
/** What this site keeps in the browser. `docs/cookies.md` is the same list for those who run it. */
import { h } from "../dom.js";
import { card, facts, page } from "../parts.js";

/** @returns {import("../router.js").View} */
export function cookiesView() {
  const title = "Cookies";
  return {
    title,
    page: page({ title, narrow: true,
      lead: "Three things, each needed for something that you ask for. Nothing that follows you." },
      h("div", { class: "reading" }, card("Sign-in cookie",
        facts(
          ["Name", h("code", {}, "secuhome_refresh")],
          ["What for", "Keeps you signed in when the page is loaded again. Scripts can’t read it."],
          ["Category", "Necessary. With “Remember me”, which is off until you tick it, functional: a convenience."],
          ["Set", "When you sign in"],
          ["Gone", "When you sign out or close the browser. With “Remember me”, it stays until it " +
            "runs out or you sign out, here or from the list under Account."])),
      card("Provider cookie",
        facts(
          ["Name", h("code", {}, "secuhome_provider_sign_in")],
          ["What for", "Makes sure that the browser coming back from a provider is the one that went there."],
          ["Category", "Necessary"],
          ["Set", "When you continue with a provider, such as Google"],
          ["Gone", "When you are back, or after ten minutes"])),
      card("This device’s key",
        facts(
          ["Name", h("code", {}, "secuhome / phone_keys")],
          ["What for", "Lets your camera know this device again. It was made here and can’t be copied out."],
          ["Category", "Necessary"],
          ["Set", "When you add a camera"],
          ["Gone", "When you clear this site’s data in the browser"]))),
      h("p", { class: "quiet" }, "You can delete them all in your browser’s settings at any time. We don’t " +
        "use cookies for analysis or advertising, and nothing is loaded from anybody else.")),
  };
}
