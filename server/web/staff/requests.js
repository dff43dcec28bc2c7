// @ts-check
/** Requests with due dates: the list, what came by mail or post, one that is opened, its answer. */
import { areas } from "../app/areas.js";
import { add, fill, h } from "../app/dom.js";
import { form } from "../app/form.js";
import { areaName, dateOf } from "../app/format.js";
import { button, card, facts, load, notice, page, prose } from "../app/parts.js";
import { BEHALF, choicesOf, CONTACTS, GROUNDS, kindName, KINDS } from "../app/request_words.js";
import { actCards, toldActs } from "./acts.js";
import { foundCard } from "./findings.js";
import { answerRequest, dueRequests, enterRequest, findingsOf, openRequest, sortRequest }
  from "./staff_api.js";

/**
 * @typedef {import("../app/types.js").DueOut} DueOut
 * @typedef {import("../app/types.js").OpenedOut} OpenedOut
 * @typedef {import("../app/form.js").Answers} Answers
 * @typedef {import("../app/form.js").FieldSpec} FieldSpec
 * @typedef {<T>(work: () => Promise<T>) => Promise<T>} Guard  sends to the sign-in when it is over
 * @typedef {{show: (shown: HTMLElement, title: string) => void, guard: Guard}} Desk
 */

const STAGES = { later: "", soon: "Due soon", urgent: "Urgent", overdue: "Overdue" };
const OUTCOMES = { answered: "Done as asked", partly: "Done in part", refused: "Refused" };
const CHANNELS = { mail: "Mail", post: "Post" };

/** @param {Desk} desk */
export function showRequests(desk) {
  const area = h("div", { class: "stack" });
  void fillList(desk, area, null);
  desk.show(page({ title: "Requests", narrow: true,
    lead: "The nearest date first. Whoever asked will read that you opened theirs.",
    action: button("Enter a letter", () => showEntry(desk)) }, area), "Requests");
}

/** @param {Desk} desk @param {HTMLElement} area @param {string | null} after @returns {Promise<void>} */
function fillList(desk, area, after) {
  return load(area, () => desk.guard(() => dueRequests(after)), ({ requests, next }) =>
    requests.length === 0
      ? [notice({ kind: "good", title: "Nothing is open" })]
      : [h("ul", { class: "due" }, ...requests.map((one) => row(desk, one))),
        next !== null && button("Show later ones", () => fillList(desk, area, next))]);
}

/** @param {Desk} desk @param {DueOut} due */
function row(desk, { number, kind, due_on: on, stage }) {
  return h("li", { class: "card", "data-stage": stage },
    facts(["Number", number], ["Asks for", kindName(kind)],
      ["Due", `${dateOf(on)}${STAGES[stage] && ` · ${STAGES[stage]}`}`]),
    button(`Open ${number}`, () => showReason(desk, number)));
}

/** @param {Desk} desk @param {string} number */
function showReason(desk, number) {
  desk.show(page({ title: `Open ${number}`, narrow: true,
    lead: "It stays open to you for an hour. Whoever asked will read that you looked." },
  card("", form({
    label: "Open a request",
    fields: [{ name: "reason", label: "Reason", type: "long", maxlength: 500,
      hint: "Why you need to see it, in ten characters or more. No names, no addresses." }],
    submit: "Open",
    send: async (answers) => {
      const opened = await desk.guard(() => openRequest(number, String(answers.reason)));
      showOpened(desk, opened);
    },
  })), back(desk)), `Open ${number}`);
}

/** @param {Desk} desk @param {OpenedOut} opened */
function showOpened(desk, opened) {
  const { number, kind, contact } = opened;
  const what = card("What was asked", facts(
    ["Asks for", kindName(kind)],
    ...(opened.ground === null ? []
      : [/** @type {[string, string]} */ (["Because", GROUNDS[opened.ground] ?? opened.ground])]),
    ["From", areaName(opened.region)],
    ["Received", dateOf(opened.received_on)],
    ["Due", dateOf(opened.due_on)],
    ["For", BEHALF[opened.on_behalf_of] ?? opened.on_behalf_of],
    ["Identity", opened.proven ? "Proven" : "Not proven"],
    ["Done so far", toldActs(opened.done)],
    [CONTACTS[contact.kind] ?? "Answer", contact.value ?? "In the app"]),
  prose("Message", opened.message));
  desk.show(page({ title: number, narrow: true }, what,
    ...(kind === "unclear" ? [sorting(desk, opened)]
      : [...actCards(desk.guard, opened), found(desk, opened)]), back(desk)), number);
}

/** @param {Desk} desk @param {OpenedOut} opened @returns {HTMLElement} with the answer that follows */
function found(desk, opened) {
  if (opened.ground === null) return answering(desk, opened, null);
  const area = h("div", { class: "stack" });
  void load(area, () => desk.guard(() => findingsOf(opened.number)), (findings) =>
    [foundCard(findings), answering(desk, opened, findings.proposed)]);
  return area;
}

/** @param {Desk} desk @param {OpenedOut} opened */
function sorting(desk, opened) {
  return card("What does it ask for?", form({
    label: "Sort the request",
    fields: [{ name: "kind", label: "It is", type: "select", choices: choicesOf(KINDS) },
      { name: "ground", label: "Because", type: "select", optional: true,
        choices: choicesOf(GROUNDS), hint: "Only of a deletion." }],
    submit: "Sort",
    send: async (answers) => {
      const kind = String(answers.kind);
      const ground = kind === "deletion" && answers.ground ? String(answers.ground) : null;
      const { due_on } = await desk.guard(() =>
        sortRequest(opened.number, { kind, ...(ground !== null && { ground }) }));
      showOpened(desk, { ...opened, kind, ground, due_on });
    },
  }));
}

/**
 * @param {Desk} desk
 * @param {OpenedOut} opened
 * @param {import("../app/types.js").Findings["proposed"]} proposed  what the findings call for
 */
function answering(desk, opened, proposed) {
  const { number, kind, remedies } = opened;
  const feedback = kind === "feedback";
  /** @type {FieldSpec[]} */
  const solution = feedback
    ? [{ name: "cause", label: "Cause", type: "long", maxlength: 4000 },
      { name: "resolution", label: "What was done", type: "long", maxlength: 4000 }] : [];
  const refusal = "Needed if anything is refused.";
  return card("Answer", form({
    label: "Answer the request",
    mark: true,
    fields: [
      { name: "outcome", label: "Outcome", type: "select", choices: choicesOf(OUTCOMES),
        value: proposed?.outcome },
      { name: "reply", label: "Reply", type: "long", maxlength: 4000, value: proposed?.reply },
      ...solution,
      { name: "reason", label: "Reason", type: "long", optional: true, hint: refusal,
        value: proposed?.reason ?? undefined },
      { name: "review", label: "Review", type: "long", optional: true, value: remedies.review },
      { name: "authority", label: "Supervisory authority", type: "long", optional: true,
        value: remedies.authority, hint: refusal },
      { name: "court", label: "Court", type: "long", optional: true, value: remedies.court,
        hint: refusal },
    ],
    submit: "Send the answer",
    send: async (answers) => {
      await desk.guard(() => answerRequest(number, answerOf(answers)));
      desk.show(page({ title: number, narrow: true },
        notice({ kind: "good", title: "Answered", remedy: "The request is closed." }),
        back(desk)), number);
    },
  }));
}

/** @param {Answers} answers @returns {import("../app/types.js").AnswerIn} */
function answerOf({ outcome, reply, reason, review, authority, court, cause, resolution }) {
  const refused = outcome !== "answered";
  return {
    outcome: String(outcome), reply: String(reply),
    ...(cause && { cause: String(cause) }),
    ...(resolution && { resolution: String(resolution) }),
    ...(refused && reason && { reason: String(reason) }),
    ...(refused && { remedies: { review: String(review ?? ""), authority: String(authority ?? ""),
      court: String(court ?? "") } }),
  };
}

/** @param {Desk} desk */
function showEntry(desk) {
  const news = h("div", {});
  desk.show(page({ title: "Enter a letter", narrow: true,
    lead: "What reached us by mail or by post. Its time runs from the day on which it came." },
  card("", form({
    label: "Enter a letter",
    mark: true,
    fields: [
      { name: "channel", label: "Came by", type: "select", choices: choicesOf(CHANNELS) },
      { name: "received_on", label: "Came on", maxlength: 10, hint: "Such as 2026-11-25." },
      { name: "kind", label: "Asks for", type: "select",
        choices: [...choicesOf(KINDS), { value: "unclear", text: "Unclear" }] },
      { name: "region", label: "Country or area", type: "select", choices: areas() },
      { name: "message", label: "Message", type: "long", maxlength: 4000 },
      { name: "ground", label: "Because", type: "select", optional: true,
        choices: choicesOf(GROUNDS), hint: "Only of a deletion." },
      { name: "on_behalf_of", label: "For", type: "select", choices: choicesOf(BEHALF),
        value: "self" },
      { name: "contact", label: "Answer by", type: "select", choices: choicesOf(CONTACTS) },
      { name: "value", label: "Address or number", type: "long", maxlength: 500 },
    ],
    submit: "Enter",
    send: async ({ contact, value, ground, ...rest }) => {
      const entered = { ...rest, ...(ground && { ground }), contact: { kind: contact, value } };
      const { number, due_on } = await desk.guard(() => enterRequest(entered));
      fill(news, notice({ kind: "good", title: `Entered as ${number}`,
        remedy: `To be answered by ${dateOf(due_on)}.` }));
    },
  })), news, back(desk)), "Enter a letter");
}

/** @param {Desk} desk */
function back(desk) {
  const actions = h("div", { class: "actions centred" });
  add(actions, button("All requests", () => showRequests(desk), { kind: "quiet" }));
  return actions;
}
