// @ts-check
/** What one signs in with, changed by its owner: the e-mail address and the password. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { say } from "../layout.js";
import { button, card, load } from "../parts.js";
import { onlyThePassword } from "../problem.js";

/** @typedef {import("../form.js").FieldSpec} FieldSpec */
/** @typedef {{now: string | null, hasPassword: boolean}} Address  as it is, and what proves the owner */

/** @param {AbortSignal} abort @returns {HTMLElement} */
export function credentials(abort) {
  const area = h("div", { class: "stack" });
  const work = () => Promise.all([api.account(abort), api.cancellationTerms(abort)]);
  void load(area, work, ([{ email }, { needs_password: hasPassword }]) => [
    newAddress({ now: email, hasPassword }),
    hasPassword && newPassword(), // who comes in by a provider has none here
  ]);
  return area;
}

/** @param {Address} address */
function newAddress(address) {
  const steps = h("div", {});
  askForAddress(steps, address);
  return card("Your e-mail address", steps);
}

/** @param {HTMLElement} steps @param {Address} address */
function askForAddress(steps, address) {
  const { now, hasPassword } = address;
  /** @type {FieldSpec[]} */
  const proof = hasPassword ? [{ name: "password", label: "Password", type: "password",
    autocomplete: "current-password", hint: "So that nobody else does this on your device." }] : [];
  fill(steps,
    h("p", {}, now ? `It is ${now}.` : "We have none of you."),
    form({
      label: "Change your e-mail address",
      fields: [{ name: "email", label: "New e-mail address", type: "email", autocomplete: "email",
        hint: "We send a code there. Until you type it here, nothing changes." }, ...proof],
      submit: "Send the code",
      send: async ({ email, password }) => {
        const wanted = String(email);
        await onlyThePassword(api.askForEmail({ email: wanted,
          ...(hasPassword && { password: String(password) }) }));
        typeCode(steps, address, wanted);
      },
    }));
}

/** @param {HTMLElement} steps @param {Address} address @param {string} wanted */
function typeCode(steps, address, wanted) {
  fill(steps,
    h("p", {}, `If ${wanted} can be yours, a code is on its way there.`),
    form({
      label: "Confirm your new e-mail address",
      fields: [{ name: "code", label: "Code from the mail", type: "code",
        hint: "Six digits. Look into the spam folder, too." }],
      submit: "Confirm",
      send: async ({ code }) => {
        const { email } = await api.confirmEmail({ code: String(code) });
        again({ ...address, now: email });
        say("Your e-mail address is changed.");
      },
    }),
    h("div", { class: "actions centred" },
      button("Begin again", () => again(address), { kind: "quiet" })));
  steps.querySelector("input")?.focus();

  /** @param {Address} then */
  function again(then) {
    askForAddress(steps, then);
    steps.querySelector("input")?.focus();
  }
}

/** @returns {HTMLElement} */
function newPassword() {
  const area = h("div", {});
  const draw = () => fill(area, form({
    label: "Change your password",
    fields: [
      { name: "password", label: "Password as it is", type: "password", autocomplete: "current-password" },
      { name: "new_password", label: "New password", type: "password", autocomplete: "new-password",
        hint: "At least 15 characters; a few words are fine." },
    ],
    submit: "Change the password",
    send: async ({ password, new_password: wanted }) => {
      await onlyThePassword(api.changePassword({ password: String(password), new_password: String(wanted) }));
      draw();
      area.querySelector("input")?.focus();
      say("Your password is changed, and all other sign-ins have ended.");
    },
  }));
  draw();
  return card("Your password", area);
}
