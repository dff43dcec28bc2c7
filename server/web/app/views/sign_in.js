// @ts-check
/** Sign in: by password, or through a provider; and take back what was cancelled. */
import { api } from "../api.js";
import { cookiesAllowed } from "../cookies_allowed.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { say } from "../layout.js";
import { button, linkButton, notice, page, problemNotice } from "../parts.js";
import { asProblem, Problem } from "../problem.js";
import { link } from "../router.js";

/** @typedef {{email: string, password: string, remember: boolean}} Credentials */

/** @returns {import("../router.js").View} */
export function signInView() {
  const others = h("div", { class: "providers" });
  const refused = h("div", {});
  void cookiesAllowed().then((allowed) => {
    if (allowed) void offerProviders(others);
    else fill(refused, withoutCookies());
  });
  const back = h("div", { class: "take-back" });
  const title = "Sign in";
  return {
    title,
    page: page({ title, lead: "See home from wherever you are.", narrow: true },
      refused,
      h("div", { class: "card" },
        back,
        form({
          label: "Sign in with your password",
          fields: [
            { name: "email", label: "E-mail", type: "email", autocomplete: "username" },
            { name: "password", label: "Password", type: "password", autocomplete: "current-password" },
            { name: "remember", label: "Remember me on this device", type: "check", optional: true,
              hint: "Keeps a sign-in cookie here after the browser closes. Leave it off on a shared device." },
          ],
          submit: "Sign in",
          send: (answers) => signIn(/** @type {Credentials} */ (answers), back),
        }),
        others),
      h("p", { class: "aside" }, "New to SecuHome? ",
        h("a", { href: link("/register") }, "Create an account")),
      h("p", { class: "aside quiet" }, "You can ",
        h("a", { href: link("/policy") }, "read the privacy policy"),
        " before you decide. Signing in sets ",
        h("a", { href: link("/cookies") }, "one necessary cookie"), ".")),
  };
}

/** Who refuses cookies is told what it costs, and why. */
function withoutCookies() {
  return notice({ title: "This browser keeps no cookies, so it can’t stay signed in",
    detail: "A sign-in outlives a few minutes, or this page, only by a cookie. A provider’s sign-in " +
      "needs one to find the way back, and isn’t offered here.",
    remedy: "Allow this site to keep cookies, and load the page again. Policy, contact and requests " +
      "need none." }, linkButton("Which cookies", "/cookies"));
}

/** @param {Credentials} given @param {HTMLElement} back  where a cancelled account can be taken back */
async function signIn(given, back) {
  fill(back);
  try {
    await api.signIn(given);
  } catch (fault) {
    if (!(fault instanceof Problem && fault.code === "account_cancelled")) throw fault;
    const asked = notice({ title: fault.title,
      remedy: "You can still take it back: then everything is as it was before." },
    button("Take it back", async () => {
      try {
        await api.signIn({ ...given, take_back: true });
        say("Your account is yours again.");
      } catch (another) {
        fill(back, problemNotice(asProblem(another)));
      }
    }, { kind: "first" }));
    asked.setAttribute("tabindex", "-1");
    fill(back, asked);
    asked.focus();
  }
}

/** @param {HTMLElement} area  stays empty when there are none, or when they can't be asked for */
async function offerProviders(area) {
  const { providers } = await api.providers().catch(() => ({ providers: [] }));
  if (providers.length === 0) return;
  fill(area,
    h("p", { class: "or" }, h("span", {}, "or")),
    h("ul", {}, ...providers.map(({ name, title }) =>
      h("li", {}, h("a", { class: "button second wide", href: api.providerSignIn(name),
        "data-provider": name }, h("span", {}, `Continue with ${title}`))))),
    h("details", {},
      h("summary", {}, "Take back an account that you cancelled"),
      h("ul", {}, ...providers.map(({ name, title }) =>
        h("li", {}, h("a", { href: api.providerSignIn(name, { takeBack: true }) },
          `Take it back with ${title}`))))));
}
