// @ts-check
/** Uses of the account in a row become one: an open app is used every few minutes, all day. */
import { dayOf } from "../format.js";

/** @typedef {import("../types.js").HistoryEvent} HistoryEvent */
/** @typedef {[HistoryEvent, ...HistoryEvent[]]} Run  newest first; more than one are alike */

const USED = "session_refreshed";

/**
 * Whether both are uses on the same day, from the same place, by the same device. The network may
 * differ: a phone gets another one whenever it likes.
 * @param {HistoryEvent} one
 * @param {HistoryEvent} other
 * @returns {boolean}
 */
export function sameUse(one, other) {
  return one.kind === USED && other.kind === USED && one.place === other.place &&
    one.device === other.device && dayOf(one.at) === dayOf(other.at);
}

/**
 * @param {HistoryEvent[]} events  newest first
 * @param {Run} [last]  the run that these follow; the first of the answer goes on with it if it can
 * @returns {Run[]}
 */
export function runsOf(events, last) {
  /** @type {Run[]} */
  const runs = last ? [[...last]] : [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run && sameUse(run[0], event)) run.push(event);
    else runs.push([event]);
  }
  return runs;
}
