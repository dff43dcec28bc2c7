// @ts-check
/**
 * Who is signed in, as far as this tab knows.
 *
 * The access token lives in this module's memory and nowhere else; a reload forgets it and asks
 * for another with the refresh cookie, which no script can read.
 */

/** @typedef {import("./types.js").SessionOut} SessionOut */

/** @type {{token: string, until: number, accountId: string, accepted: boolean, place: string} | null} */
let now = null;

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {SessionOut} out */
export function begin(out) {
  now = {
    token: out.access_token,
    until: performance.now() + out.expires_in * 1000,
    accountId: out.account_id,
    accepted: out.policy_accepted,
    place: out.place?.text ?? "unknown",
  };
  for (const told of listeners) told();
}

export function end() {
  now = null;
  for (const told of listeners) told();
}

export function policyAccepted() {
  if (now) now.accepted = true;
  for (const told of listeners) told();
}

/** The server says that the text in force has changed and is not accepted yet. */
export function policyNotAccepted() {
  if (now) now.accepted = false;
  for (const told of listeners) told();
}

/** @param {() => void} told */
export function onChange(told) {
  listeners.add(told);
}

export const session = {
  get signedIn() {
    return now !== null;
  },
  get accepted() {
    return now?.accepted ?? false;
  },
  get accountId() {
    return now?.accountId ?? "";
  },
  get place() {
    return now?.place ?? "unknown";
  },
  get token() {
    return now?.token ?? "";
  },
  /** Seconds that the access token still counts; 0 when there is none. */
  get secondsLeft() {
    return now ? Math.max(0, (now.until - performance.now()) / 1000) : 0;
  },
};
