// @ts-check
/** What the program found out about a request on a ground. */
import { dateOf } from "../app/format.js";
import { card, facts } from "../app/parts.js";

/** @typedef {import("../app/types.js").DataFinding} DataFinding */
/** @typedef {import("../app/types.js").UseFinding} UseFinding */

/** @type {Record<string, string>} */
const BASES = { contract: "Agreed to with the policy", exception: "An exception allows it" };

/** @type {Record<string, string>} */
const BEYOND = {
  nothing_accepted: "Nothing was accepted then",
  purpose_not_told: "No such purpose was told",
  data_not_told: "Not all of this data was told",
  not_chosen: "There was no consent",
};

/** @param {import("../app/types.js").Findings} found @returns {HTMLElement} */
export function foundCard({ data, uses, recipients }) {
  return card("What was found",
    facts(
      ...data.map((it) => /** @type {[string, string]} */ ([it.title, heldBy(it)])),
      ...uses.map((it) => /** @type {[string, string]} */ (
        [`${it.what}, ${dateOf(it.at)}`, usedBy(it)])),
      ["Others who have got data", recipients.join(", ") || "Nobody"]));
}

/** @param {DataFinding} found */
function heldBy({ values, basis, consent }) {
  const what = Object.entries(values).map(([name, number]) => `${name} (${number})`).join(", ");
  const why = consent !== null ? `Consent of ${dateOf(consent.at)}, ${consent.receipt_id}`
    : basis === null ? "No basis" : BASES[basis] ?? basis;
  return `${why}: ${what}`;
}

/** @param {UseFinding} found */
function usedBy({ purpose, version, beyond }) {
  const kept = beyond === null ? "As agreed" : BEYOND[beyond] ?? beyond;
  return `${kept}: ${purpose}, policy ${version ?? "none"}`;
}
