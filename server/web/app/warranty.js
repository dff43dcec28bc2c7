// @ts-check
/** A warranty in words, for its owner and for the warranty desk. */
import { h } from "./dom.js";
import { areaName, dateOf } from "./format.js";
import { facts } from "./parts.js";

/** @typedef {import("./types.js").WarrantyOut} WarrantyOut */

const STATES = { active: "Active", expired: "Expired", not_activated: "Not activated" };

/** @param {WarrantyOut} warranty @returns {HTMLElement} */
export function warrantyFacts({ state, starts_on: from, ends_on: to, region, activated_at: at }) {
  return facts(
    ["State", h("span", { class: "state", "data-state": state }, STATES[state])],
    ["Covered from", dateOf(from)],
    ["Covered until", dateOf(to)],
    ["Region", areaName(region)],
    ["Activated", dateOf(at)]);
}
