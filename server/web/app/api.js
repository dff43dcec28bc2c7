// @ts-check
/**
 * The server's HTTP API, as this app uses it.
 *
 * A token that is about to run out is renewed before it is needed, once for all callers and, by a
 * lock, once for all tabs: refresh tokens rotate, and two tabs using the same one at the same time
 * would look like theft and end the session.
 */
import { cookiesAllowed } from "./cookies_allowed.js";
import { Problem, problemOf, unreachable, wasStopped } from "./problem.js";
import { begin, end, policyNotAccepted, session } from "./session.js";

/**
 * @typedef {import("./types.js").SessionOut} SessionOut
 * @typedef {import("./types.js").PolicyOut} PolicyOut
 * @typedef {import("./types.js").CameraOut} CameraOut
 * @typedef {{body?: unknown, signed?: boolean, bearer?: string, abort?: AbortSignal,
 *   keepalive?: boolean, asFile?: boolean}} Options  asFile: the answer is a SavedFile, not JSON
 * @typedef {import("./saving.js").SavedFile} SavedFile
 */

const RENEW_BEFORE_S = 20; // longer than a slow request on a phone, far shorter than a token's life

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 * @returns {Promise<Response>}
 */
async function send(method, path, { body, signed, bearer, abort, keepalive }) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (signed || bearer) headers.authorization = `Bearer ${bearer ?? session.token}`;
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: abort,
      keepalive,
    });
  } catch (fault) {
    if (wasStopped(fault)) throw fault;
    throw unreachable();
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>}  the parsed answer, or null for 204
 * @throws {Problem}
 */
async function ask(method, path, options = {}) {
  let response = await send(method, path, options);
  if (!response.ok) throw await problemOf(response);
  if (options.asFile) return fileOf(response);
  return response.status === 204 ? null : response.json();
}

/**
 * @param {Response} response
 * @returns {Promise<SavedFile>} under the name that the server gave it
 * @throws {Problem} for one that was cut off on its way
 */
async function fileOf(response) {
  const said = response.headers.get("content-disposition") ?? "";
  const name = /filename="([^"/\\]+)"/.exec(said)?.[1] ?? "secuhome";
  try {
    return { name, content: await response.blob() };
  } catch (fault) {
    if (wasStopped(fault)) throw fault;
    throw unreachable();
  }
}

/**
 * The same with the access token; renewed first when it is nearly over, and once more on a 401.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>}
 * @throws {Problem}
 */
async function askSigned(method, path, options = {}) {
  if (session.secondsLeft < RENEW_BEFORE_S) await renew();
  const used = session.token;
  try {
    return await ask(method, path, { ...options, signed: true });
  } catch (fault) {
    if (!(fault instanceof Problem)) throw fault;
    if (fault.code === "policy_not_accepted") policyNotAccepted();
    if (fault.status !== 401) throw fault;
    if (session.token === used) await renew();
    return ask(method, path, { ...options, signed: true });
  }
}

/** @type {Promise<void> | null} */
let renewing = null;

/**
 * A new access token for the refresh cookie. Concurrent callers share one request.
 * @returns {Promise<void>}
 * @throws {Problem} `session_over` when the cookie is gone or no longer good
 */
export function renew() {
  renewing ??= inOneTab(renewNow).finally(() => {
    renewing = null;
  });
  return renewing;
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<void>}
 */
async function inOneTab(work) {
  const lockable = navigator.locks !== undefined && await cookiesAllowed(); // else there is none to rotate
  await (lockable ? navigator.locks.request("secuhome-refresh", work) : work());
}

async function renewNow() {
  try {
    // keepalive: a page closed in mid-request still gets the rotated cookie
    begin(await ask("POST", "/v1/sessions/refresh", { keepalive: true }));
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 401) end();
    throw fault;
  }
}

/** @returns {Promise<string>} an access token good for at least RENEW_BEFORE_S seconds */
export async function freshToken() {
  if (session.secondsLeft < RENEW_BEFORE_S) await renew();
  return session.token;
}

/** @param {string} id */
const part = (id) => encodeURIComponent(id);

export const api = {
  /** @param {{email: string, password: string, area: string, name?: string}} body */
  register: (body) => ask("POST", "/v1/registrations", { body }),

  /** @param {string} id @param {{code: string, remember?: boolean}} body */
  confirm: async (id, body) =>
    begin(await ask("POST", `/v1/registrations/${part(id)}/confirmation`, { body })),

  /** @param {{email: string, password: string, remember?: boolean, take_back?: boolean}} body */
  signIn: async (body) => begin(await ask("POST", "/v1/sessions", { body })),

  signOut: async () => {
    await askSigned("DELETE", "/v1/sessions/current");
    end();
  },

  /** @returns {Promise<{providers: {name: string, title: string}[]}>} */
  providers: () => ask("GET", "/v1/providers"),
  /** @param {string} name @param {{takeBack?: boolean}} [how]  an account that was cancelled */
  providerSignIn: (name, { takeBack = false } = {}) =>
    `/v1/providers/${part(name)}/sign-in${takeBack ? "?take_back=true" : ""}`,

  /** @param {AbortSignal} [abort] @returns {Promise<import("./types.js").AccountOut>} */
  account: (abort) => askSigned("GET", "/v1/account", { abort }),

  /**
   * @param {string | null} before  the cursor of the page before
   * @param {AbortSignal} [abort]
   * @returns {Promise<{events: import("./types.js").HistoryEvent[], next: string | null}>}
   */
  history: (before, abort) =>
    askSigned("GET", `/v1/account/history${before ? `?before=${part(before)}` : ""}`, { abort }),
  /**
   * What our staff did.
   * @param {string | null} before  the cursor of the page before
   * @param {AbortSignal} [abort]
   * @returns {Promise<{events: import("./types.js").HistoryEvent[], next: string | null}>}
   */
  staffLooks: (before, abort) => askSigned("GET",
    `/v1/account/history?by_staff=true${before ? `&before=${part(before)}` : ""}`, { abort }),

  /**
   * The text in force for whoever asks: a signed-in person's own version, when there is a token.
   * @param {string} [version]
   * @param {AbortSignal} [abort]
   * @returns {Promise<PolicyOut>}
   */
  policy: (version, abort) => {
    const path = version ? `/v1/policy/versions/${part(version)}` : "/v1/policy";
    return session.signedIn ? askSigned("GET", path, { abort }) : ask("GET", path, { abort });
  },

  /** @param {{version: string, sha256: string, fewer_rights?: boolean}} body */
  acceptPolicy: (body) => askSigned("POST", "/v1/policy/acceptance", { body }),

  /** @param {import("./types.js").RequestIn} body @returns {Promise<import("./types.js").TakenOut>} */
  makeRequest: (body) => ask("POST", "/v1/privacy/requests", { body }),
  /** @param {string} id @param {{code: string}} body @returns {Promise<import("./types.js").FollowOut>} */
  proveRequest: (id, body) => ask("POST", `/v1/privacy/requests/${part(id)}/proof`, { body }),
  /**
   * @param {string} number
   * @param {string} token  the request's own, not a person's
   * @param {AbortSignal} [abort]
   * @returns {Promise<import("./types.js").CaseOut>}
   */
  request: (number, token, abort) =>
    ask("GET", `/v1/privacy/requests/${part(number)}`, { bearer: token, abort }),
  /**
   * @param {string} number
   * @param {string} token  the request's own
   * @param {{code: string}} body
   * @returns {Promise<Blob>} everything that is held, in an archive
   */
  fetchCopy: async (number, token, body) => {
    const path = `/v1/privacy/requests/${part(number)}/copy`;
    const response = await send("POST", path, { bearer: token, body });
    if (!response.ok) throw await problemOf(response);
    return response.blob();
  },
  /** @param {import("./types.js").RequestIn} body @returns {Promise<import("./types.js").FollowOut>} */
  makeOwnRequest: (body) => askSigned("POST", "/v1/account/requests", { body }),
  /** @param {AbortSignal} [abort] @returns {Promise<{requests: import("./types.js").CaseOut[]}>} */
  ownRequests: (abort) => askSigned("GET", "/v1/account/requests", { abort }),
  /** @param {AbortSignal} [abort] @returns {Promise<{purposes: import("./types.js").PurposeOut[]}>} */
  purposes: (abort) => askSigned("GET", "/v1/privacy/purposes", { abort }),

  /** @param {AbortSignal} [abort] @returns {Promise<import("./types.js").PlaceSourceOut>} */
  placeSource: (abort) => askSigned("GET", "/v1/privacy/place-source", { abort }),

  /** @param {string} source @returns {Promise<import("./types.js").PlaceSourceOut>} */
  choosePlaceSource: (source) => askSigned("PUT", "/v1/privacy/place-source", { body: { source } }),
  /**
   * @param {string} code
   * @param {{on: boolean, sha256: string}} body
   * @returns {Promise<import("./types.js").ChoiceOut>}
   */
  choose: (code, body) => askSigned("PUT", `/v1/privacy/purposes/${part(code)}`, { body }),
  /**
   * @param {number | null} before  the number after which older ones begin
   * @param {AbortSignal} [abort]
   * @returns {Promise<{choices: import("./types.js").ChoiceOut[], next: number | null}>}
   */
  choices: (before, abort) =>
    askSigned("GET", `/v1/privacy/choices${before ? `?before=${before}` : ""}`, { abort }),
  /** @param {string} id @returns {Promise<{id: string, receipt: string}>} a compact JWS */
  receipt: (id) => askSigned("GET", `/v1/privacy/receipts/${part(id)}`),

  /** @param {AbortSignal} [abort] @returns {Promise<import("./types.js").HeldOut>} */
  held: (abort) => askSigned("GET", "/v1/privacy/held", { abort }),
  /**
   * @param {{password?: string}} body  the proof, where the account has a password
   * @param {AbortSignal} [abort]
   * @returns {Promise<SavedFile>} everything held, as an archive
   */
  exported: (body, abort) => askSigned("POST", "/v1/privacy/export", { body, abort, asFile: true }),
  /** @param {AbortSignal} [abort] @returns {Promise<{fields: import("./types.js").FieldOut[]}>} */
  corrections: (abort) => askSigned("GET", "/v1/privacy/corrections", { abort }),
  /**
   * @param {import("./types.js").CorrectionIn[]} corrections
   * @returns {Promise<{fields: import("./types.js").FieldOut[]}>}
   */
  correct: (corrections) => askSigned("PATCH", "/v1/privacy/corrections", { body: { corrections } }),
  /** @param {string} category @returns {Promise<import("./types.js").DeletionOut>} */
  deleteCategory: (category) => askSigned("POST", "/v1/privacy/deletions", { body: { category } }),

  /** @param {AbortSignal} [abort] @returns {Promise<{sign_ins: import("./types.js").SignInOut[]}>} */
  signIns: (abort) => askSigned("GET", "/v1/account/sign-ins", { abort }),
  /** @param {string} id  another one than ours: for that there is `signOut` */
  endSignIn: (id) => askSigned("DELETE", `/v1/account/sign-ins/${part(id)}`),
  /** @param {{password: string, new_password: string}} body  all other sign-ins end */
  changePassword: (body) => askSigned("POST", "/v1/account/password", { body }),
  /** @param {{email: string, password?: string}} body  a code goes to the new address */
  askForEmail: (body) => askSigned("POST", "/v1/account/email", { body }),
  /** @param {{code: string}} body @returns {Promise<import("./types.js").AccountOut>} */
  confirmEmail: (body) => askSigned("POST", "/v1/account/email/confirmation", { body }),
  /** @param {AbortSignal} [abort] @returns {Promise<import("./types.js").TermsOut>} */
  cancellationTerms: (abort) => askSigned("GET", "/v1/account/cancellation", { abort }),
  /**
   * Ends the sign-in, on this device as on all others; the caller forgets it with `end`.
   * @param {{password?: string, at_once: boolean}} body
   * @returns {Promise<import("./types.js").ErasureOut>}
   */
  cancelAccount: (body) => askSigned("POST", "/v1/account/cancellation", { body }),
  /** @param {string} id @param {AbortSignal} [abort] @returns {Promise<import("./types.js").ErasureOut>} */
  erasure: (id, abort) => ask("GET", `/v1/erasures/${part(id)}`, { abort }),

  /** @param {AbortSignal} [abort] @returns {Promise<{cameras: CameraOut[]}>} */
  cameras: (abort) => askSigned("GET", "/v1/cameras", { abort }),
  /** @param {string} id @param {AbortSignal} [abort] @returns {Promise<CameraOut>} */
  camera: (id, abort) => askSigned("GET", `/v1/cameras/${part(id)}`, { abort }),
  /** @param {string} id @param {string} name @returns {Promise<CameraOut>} */
  rename: (id, name) => askSigned("PATCH", `/v1/cameras/${part(id)}`, { body: { name } }),
  /** @param {string} id @returns {Promise<CameraOut>} with the town where its owner is now */
  noteTown: (id) => askSigned("PUT", `/v1/cameras/${part(id)}/town`),
  /** @param {string} id */
  release: (id) => askSigned("DELETE", `/v1/cameras/${part(id)}`),
  /** @param {string} id @returns {Promise<import("./types.js").WarrantyOut>} */
  activateWarranty: (id) => askSigned("PUT", `/v1/cameras/${part(id)}/warranty`),

  /**
   * @param {{name: string, phone_key: import("./types.js").PublicJwk}} body
   * @returns {Promise<import("./types.js").PairingOut>}
   */
  startPairing: (body) => askSigned("POST", "/v1/pairings", { body }),
  /** @param {string} id @param {AbortSignal} [abort] @returns {Promise<import("./types.js").PairingStateOut>} */
  pairing: (id, abort) => askSigned("GET", `/v1/pairings/${part(id)}`, { abort }),

  /** @returns {Promise<{url: string}>} */
  signaling: () => askSigned("GET", "/v1/signaling"),
};
