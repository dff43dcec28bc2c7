// @ts-check
/** Sign in: by password, or through a provider. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { page } from "../parts.js";
import { link } from "../router.js";

/** @returns {import("../router.js").View} */
export function signInView() {
  const others = h("div", { class: "providers" });
  void offerProviders(others);
  const title = "Sign in";
  return {
    title,
    page: page({ title, lead: "See home from wherever you are.", narrow: true },
      h("div", { class: "card" },
        form({
          label: "Sign in with your password",
          fields: [
            { name: "email", label: "E-mail", type: "email", autocomplete: "username" },
            { name: "password", label: "Password", type: "password", autocomplete: "current-password" },
            { name: "remember", label: "Remember me on this device", type: "check", optional: true,
              hint: "Keeps a sign-in cookie here after the browser closes. Leave it off on a shared device." },
          ],
          submit: "Sign in",
          send: (answers) => api.signIn(
            /** @type {{email: string, password: string, remember: boolean}} */ (answers)),
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

/** @param {HTMLElement} area  stays empty when there are none, or when they can't be asked for */
async function offerProviders(area) {
  const { providers } = await api.providers().catch(() => ({ providers: [] }));
  if (providers.length === 0) return;
  fill(area,
    h("p", { class: "or" }, h("span", {}, "or")),
    h("ul", {}, ...providers.map(({ name, title }) =>
      h("li", {}, h("a", { class: "button second wide", href: api.providerSignIn(name),
        "data-provider": name }, h("span", {}, `Continue with ${title}`))))));
}
