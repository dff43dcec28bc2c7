// @ts-check
/** What can be asked of us, and how far it is, in people's words. */

/** @type {Record<string, string>} the kinds that can be chosen, as the server calls them */
export const KINDS = {
  question: "A question",
  comment: "A comment",
  suggestion: "A suggestion",
  complaint: "A complaint",
  feedback: "Something doesn’t work",
  access: "A copy of what you hold about me",
  correction: "Correct something about me",
  deletion: "Delete something about me",
  cancellation: "Close my account",
};

/** @type {Record<string, string>} why something is to be deleted */
export const GROUNDS = {
  without_consent: "It was gathered without consent",
  unlawful: "It is handled against the law",
  breach: "It was used otherwise than agreed",
};

/** @type {Record<string, string>} how somebody may want to hear from us */
export const CONTACTS = {
  email: "E-mail",
  phone: "Phone",
  elsewhere: "An account elsewhere",
  post: "Letter",
};

/** @type {Record<string, string>} */
export const STATES = {
  unproven: "Waits for your code",
  open: "Open",
  answered: "Answered",
  partly: "Answered in part",
  refused: "Refused",
};

/** @type {Record<string, string>} for whom somebody asks */
export const BEHALF = {
  self: "The person who asks",
  child: "A child, as its guardian",
  deceased: "Somebody who has died, as an heir",
};

/** @type {Record<string, string>} what is done upon a request */
export const ACTS = {
  cancel: "Account cancelled",
  copy: "Copy can be fetched",
  delete: "Some data deleted",
  uphold: "What had no basis deleted",
  hold: "Some data kept, because a law says so",
};

/** @param {string} kind @returns {string} */
export const kindName = (kind) => KINDS[kind] ?? "Not sorted yet";

/** @param {Record<string, string>} words @returns {{value: string, text: string}[]} for a select */
export const choicesOf = (words) =>
  Object.entries(words).map(([value, text]) => ({ value, text }));
