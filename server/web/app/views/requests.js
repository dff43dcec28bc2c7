// @ts-check
/** What was asked of us, how far it is, and the answer: one's own, or one by its link. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { dateOf, timeOf } from "../format.js";
import { card, facts, linkButton, load, notice, page, prose } from "../parts.js";
import { ACTS, kindName, STATES } from "../request_words.js";
import { typeCode } from "./request_steps.js";

/** @typedef {import("../types.js").CaseOut} CaseOut */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function requestsView({ abort }) {
  const title = "My requests";
  const area = h("div", { class: "stack" });
  void load(area, () => api.ownRequests(abort), ({ requests }) =>
    requests.length === 0
      ? [h("div", { class: "empty" }, h("h2", {}, "Nothing yet"),
        h("p", {}, "What you ask us is listed here, with the answer."))]
      : requests.map((one) => shown(one)));
  return {
    title,
    page: page({ title, narrow: true, back: { path: "/account", text: "Account" },
      action: linkButton("Write to us", "/contact") }, area),
  };
}

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function requestView({ params, abort }) {
  const title = "Your request";
  const area = h("div", { class: "stack" });
  void load(area, () => api.request(params.number, params.token, abort), (found) => [shown(found), ...(found.copy_until === null ? [] : [copying(found, params.token)])]);
  return { title, page: page({ title, narrow: true,
    lead: "Whoever has this page’s address can read it. Keep it to yourself." }, area) };
}

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function proveView({ params }) {
  const title = "Prove your request";
  const steps = h("div", {});
  typeCode(steps, params.id);
  return { title, page: page({ title, narrow: true }, card("", steps)) };
}

/** @param {CaseOut} found @param {string} token */
function copying({ number, copy_until: until }, token) {
  const steps = h("div", { "aria-live": "polite" });
  fill(steps, form({
    label: "Fetch your copy",
    fields: [{ name: "code", label: "Code from the mail", type: "code",
      hint: `It works once, until ${dateOf(until ?? "")}.` }],
    submit: "Fetch your copy",
    send: async (answers) => {
      save(await api.fetchCopy(number, token, { code: String(answers.code) }), `${number}.zip`);
      fill(steps, notice({ kind: "good", title: "It is on its way",
        remedy: "Look into your browser’s downloads. The code is used up now." }));
    },
  }));
  return card("Your copy", steps);
}

/** @param {Blob} file @param {string} name */
function save(file, name) {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

/** @param {CaseOut} found */
function shown(found) {
  return card(`${kindName(found.kind)} (${found.number})`,
    facts(
      ["State", h("span", { "data-state": found.state }, STATES[found.state] ?? found.state)],
      ["Received", dateOf(found.received_on)],
      found.closed_at === null
        ? ["Answered by", dateOf(found.due_on)] : ["Answered", dateOf(found.closed_at)],
      ...(found.done.length === 0 ? [] : [/** @type {[string, string]} */ (["Done",
        found.done.map(({ act, at }) => `${ACTS[act] ?? act}, ${dateOf(at)}`).join("; ")])]),
      ["Opened by our staff", found.opened.length === 0 ? "Not yet"
        : found.opened.map((at) => `${dateOf(at)}, ${timeOf(at)}`).join("; ")]),
    prose("What you wrote", found.message), ...answerOf(found));
}

/** @param {CaseOut} found @returns {HTMLElement[]} */
function answerOf({ answer }) {
  if (answer === null) return [];
  const { reply, reason, remedies, cause, resolution } = answer;
  /** @type {[string, string | null | undefined][]} */
  const parts = [
    ["Our answer", reply], ["The cause", cause], ["What we did", resolution],
    ["Why not all of it", reason], ["Review", remedies?.review],
    ["Supervisory authority", remedies?.authority], ["Court", remedies?.court],
  ];
  return parts.flatMap(([title, said]) => (said ? [prose(title, said)] : []));
}
