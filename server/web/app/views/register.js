// @ts-check
/** Create an account: the answers, then the code from the mail. */
import { api } from "../api.js";
import { areas } from "../areas.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { say } from "../layout.js";
import { button } from "../parts.js";
import { link } from "../router.js";

/** @typedef {{email: string, password: string, area: string, name?: string}} Wish */

/** @returns {import("../router.js").View} */
export function registerView() {
  const title = "Create an account";
  const steps = h("div", { class: "steps" });
  askWho(steps);
  return { title, page: h("div", { class: "page narrow" }, steps) };
}

/** @param {string} title @param {string} lead */
const heading = (title, lead) =>
  h("div", { class: "head" }, h("div", {}, h("h1", { tabindex: -1 }, title),
    h("p", { class: "lead" }, lead)));

/** @param {HTMLElement} steps */
function askWho(steps) {
  fill(steps,
    heading("Create an account", "We ask for what an account needs, and nothing else."),
    h("div", { class: "card" },
      form({
        label: "Create an account",
        mark: true,
        fields: [
          { name: "email", label: "E-mail", type: "email", autocomplete: "username",
            hint: "We send a code there to confirm that it is yours.",
            reason: "Signs you in and gets the confirmation code." },
          { name: "password", label: "Password", type: "password", autocomplete: "new-password",
            hint: "At least 15 characters. A few words that don’t belong together work well.",
            reason: "Proves that it is you. 15 to 256 signs." },
          { name: "area", label: "Country or area", type: "select", choices: areas(),
            autocomplete: "country", hint: "Decides which law protects you and which warranty applies.",
            reason: "Decides which law and which warranty apply." },
          { name: "name", label: "Name", optional: true, autocomplete: "nickname", maxlength: 64,
            hint: "What we call you. Any name will do." },
        ],
        submit: "Continue",
        send: async (answers) => {
          const wish = /** @type {Wish} */ (/** @type {unknown} */ (answers));
          const { registration_id: id } = await api.register(wish);
          askCode(steps, wish, id);
        },
      })),
    h("p", { class: "aside" }, "Already have an account? ", h("a", { href: link("/") }, "Sign in")),
    h("p", { class: "aside quiet" }, "You can ",
      h("a", { href: link("/policy") }, "read the privacy policy"),
      " before you decide. Signing in sets ",
      h("a", { href: link("/cookies") }, "one necessary cookie"), "."));
}

/** @param {HTMLElement} steps @param {Wish} wish @param {string} id */
function askCode(steps, wish, id) {
  fill(steps,
    heading("Check your mail", `If ${wish.email} can have an account, a code is on its way there.`),
    h("div", { class: "card" },
      form({
        label: "Confirm your e-mail",
        fields: [
          { name: "code", label: "Code from the mail", type: "code",
            hint: "Six digits. Look into the spam folder, too." },
          { name: "remember", label: "Remember me on this device", type: "check", optional: true,
            hint: "Keeps a sign-in cookie here after the browser closes." },
        ],
        submit: "Confirm",
        send: (answers) => api.confirm(id,
          { code: String(answers.code), remember: answers.remember === true }),
      })),
    h("div", { class: "actions centred" },
      button("Send another code", async () => {
        const again = await api.register(wish).catch(() => null);
        if (again === null) return say("That didn’t work. Wait a moment, then try again.");
        askCode(steps, wish, again.registration_id);
        say("Another code is on its way.");
      }, { kind: "quiet" }),
      button("Change the e-mail", () => askWho(steps), { kind: "quiet" })));
  steps.querySelector("input")?.focus();
}
