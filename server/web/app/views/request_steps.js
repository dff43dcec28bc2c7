// @ts-check
/** The steps of a request: the code from the mail, then the number and by when we answer. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { dateOf } from "../format.js";
import { facts, linkButton, notice } from "../parts.js";

/** @typedef {import("../types.js").FollowOut} FollowOut */

/** @param {HTMLElement} steps @param {string} id  of the request that waits to be proven */
export function typeCode(steps, id) {
  fill(steps,
    h("p", { class: "lead" }, "A code is on its way to the address that you gave. It shows us " +
      "that the address is yours; whether we know it, nobody learns."),
    form({
      label: "Prove the address",
      fields: [{ name: "code", label: "Code from the mail", type: "code",
        hint: "Six digits. Look into the spam folder, too." }],
      submit: "Confirm",
      send: async (answers) =>
        taken(steps, await api.proveRequest(id, { code: String(answers.code) })),
    }));
  steps.querySelector("input")?.focus();
}

/** @param {HTMLElement} steps @param {FollowOut} followed */
export function taken(steps, { number, token, due_on: due }) {
  const news = notice({ kind: "good", title: "We have it",
    remedy: "A person answers. Note the number, or keep the page that follows the request." },
  linkButton("Follow it", `/requests/${number}/${token}`));
  news.setAttribute("tabindex", "-1");
  fill(steps, news, facts(["Number", number], ["Answered by", dateOf(due)]));
  news.focus();
}
