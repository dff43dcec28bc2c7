// @ts-check
/**
 * What the staff may ask of the server: to sign in and out, a look at a warranty, requests.
 *
 * The token lives in this module's memory: a reload, like a closed tab, is a sign-out. There is no
 * cookie and no renewal, so an unattended console shuts itself within minutes.
 */
import { problemOf, unreachable } from "../app/problem.js";

/** @typedef {import("../app/types.js").LookupOut} LookupOut */

let token = "";

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}  null for 204
 * @throws {Problem} 401 when the session is over, which also forgets the token
 */
async function ask(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (body) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body),
    credentials: "omit", cache: "no-store" }).catch(() => {
    throw unreachable();
  });
  if (response.status === 401) token = "";
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

/** @param {string} path @param {object} body @returns {Promise<any>} */
const post = (path, body) => ask("POST", path, body);

/** @param {{name: string, password: string}} who @returns {Promise<number>} seconds until it is over */
export async function signIn(who) {
  const session = await post("/v1/staff/sessions", who);
  token = session.access_token;
  return session.expires_in;
}

/** Forget the token at once, and tell the server; if that fails, the token ends by itself. */
export function signOut() {
  if (!token) return;
  const headers = { authorization: `Bearer ${token}` };
  token = "";
  void fetch("/v1/staff/sessions/current",
    { method: "DELETE", headers, credentials: "omit", keepalive: true }).catch(() => null);
}

/**
 * @param {{case_number: string, reason: string, serial: string}} question
 * @returns {Promise<LookupOut>}
 * @throws {Problem} `unknown_serial`
 */
export const lookUp = (question) => post("/v1/support/lookups", question);

/** @param {string} number */
const request = (number) => `/v1/support/requests/${encodeURIComponent(number)}`;

/**
 * @param {string | null} after  the last number of the page before
 * @returns {Promise<{requests: import("../app/types.js").DueOut[], next: string | null}>}
 */
export const dueRequests = (after) =>
  ask("GET", `/v1/support/requests${after ? `?after=${encodeURIComponent(after)}` : ""}`);

/** @param {string} number @param {string} reason @returns {Promise<import("../app/types.js").OpenedOut>} */
export const openRequest = (number, reason) => post(`${request(number)}/openings`, { reason });

/** @param {string} number @param {{kind: string, ground?: string}} read */
export const sortRequest = (number, read) => ask("PUT", `${request(number)}/kind`, read);

/** @param {string} number @returns {Promise<import("../app/types.js").Findings>} */
export const findingsOf = (number) => ask("GET", `${request(number)}/findings`);

/** @param {string} number @param {import("../app/types.js").AnswerIn} answer */
export const answerRequest = (number, answer) => post(`${request(number)}/answer`, answer);

/** @param {string} number @param {object} wanted @returns {Promise<import("../app/types.js").ActOut>} */
export const actUpon = (number, wanted) => post(`${request(number)}/acts`, wanted);

/** @param {string} number @param {object} order @returns {Promise<import("../app/types.js").ActOut>} */
export const holdData = (number, order) => post(`${request(number)}/holds`, order);

/** @param {object} entered  @returns {Promise<{number: string, due_on: string}>} */
export const enterRequest = (entered) => post("/v1/support/requests", entered);
