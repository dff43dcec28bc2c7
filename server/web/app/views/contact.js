// @ts-check
/** How to reach a person about the policy or anything else: by form, by mail, by post. */
import { api } from "../api.js";
import { areas } from "../areas.js";
import { contactFacts } from "../contact_facts.js";
import { fill, h } from "../dom.js";
import { form } from "../form.js";
import { card, load, page } from "../parts.js";
import { BEHALF, choicesOf, CONTACTS, GROUNDS, KINDS } from "../request_words.js";
import { session } from "../session.js";
import { taken, typeCode } from "./request_steps.js";

/** @typedef {import("../form.js").Answers} Answers */

/** @param {import("../router.js").Place} place @returns {import("../router.js").View} */
export function contactView({ abort }) {
  const title = "Contact";
  const area = h("div", { class: "stack" });
  void load(area, async () => ({ policy: await api.policy(), region: await ownRegion(abort) }),
    ({ policy, region }) => [
      writing(region),
      card("Or by mail and post", contactFacts(policy.contact)),
      h("p", { class: "quiet" }, "You don’t need an account to write to us. Please don’t send " +
        "passwords or codes: nobody here will ask for them."),
    ]);
  return {
    title,
    page: page({ title, narrow: true,
      lead: "For questions and remarks about privacy, your data or your cameras." }, area),
  };
}

/** @param {AbortSignal} abort @returns {Promise<string | undefined>} what the account says, if there is one */
async function ownRegion(abort) {
  return session.signedIn ? (await api.account(abort)).area ?? undefined : undefined;
}

/** @param {string} [region] */
function writing(region) {
  const steps = h("div", {});
  const signedIn = session.signedIn;
  /** @type {import("../form.js").FieldSpec[]} */
  const contact = [
    { name: "contact", label: "How shall we answer?", type: "select", choices: choicesOf(CONTACTS),
      optional: signedIn, hint: signedIn ? "Left empty, you read the answer here, under Account."
        : "Used for the answer, and for nothing else." },
    { name: "value", label: "Address or number", optional: signedIn, maxlength: 254,
      hint: signedIn ? "For the way that you chose."
        : "To ask about your own data, give the e-mail address that we know: a code goes there." },
  ];
  fill(steps, form({
    label: "Write to us",
    mark: true,
    fields: [
      { name: "kind", label: "What is it?", type: "select", choices: choicesOf(KINDS) },
      { name: "ground", label: "Why is it to be deleted?", type: "select", optional: true,
        choices: choicesOf(GROUNDS), hint: "Only for a deletion, if one of these is so. We then " +
          "look into that first." },
      { name: "on_behalf_of", label: "For whom?", type: "select", value: "self",
        choices: choicesOf({ ...BEHALF, self: "For myself" }),
        hint: "For another, our staff first asks you to show that you may." },
      { name: "message", label: "Your message", type: "long", maxlength: 4000 },
      { name: "region", label: "Country or area", type: "select", choices: areas(), value: region,
        autocomplete: "country", hint: "Decides by when we must answer, and which law applies." },
      ...contact,
    ],
    submit: "Send",
    send: (answers) => (signedIn ? sendAsOwner(steps, answers) : send(steps, answers)),
  }));
  return card("Write to us", steps);
}

/** @param {Answers} answers @returns {import("../types.js").RequestIn} */
function wishOf({ kind, ground, on_behalf_of: whom, message, region, contact, value }) {
  return {
    kind: String(kind), on_behalf_of: String(whom), message: String(message), region: String(region),
    ...(kind === "deletion" && ground && { ground: String(ground) }),
    ...(contact && { contact: { kind: String(contact), value: String(value ?? "") } }),
  };
}

/** @param {HTMLElement} steps @param {Answers} answers */
async function sendAsOwner(steps, answers) {
  taken(steps, await api.makeOwnRequest(wishOf(answers)));
}

/** @param {HTMLElement} steps @param {Answers} answers */
async function send(steps, answers) {
  const { request_id: id, followed } = await api.makeRequest(wishOf(answers));
  if (followed) taken(steps, followed);
  else typeCode(steps, id);
}
