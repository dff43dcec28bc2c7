// @ts-check
/**
 * What the warranty desk may ask of the server: to sign in and out, and one kind of look.
 *
 * The token lives in this module's memory: a reload, like a closed tab, is a sign-out. There is no
 * cookie and no renewal, so an unattended console shuts itself within minutes.
 */
import { Problem, problemOf, unreachable } from "../app/problem.js";

/** @typedef {import("../app/types.js").LookupOut} LookupOut */

let token = "";

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 * @throws {Problem}
 */
async function post(path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body),
    credentials: "omit", cache: "no-store" }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

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
 * @throws {Problem} `unknown_serial`; 401 when the session is over, which also forgets the token
 */
export async function lookUp(question) {
  try {
    return await post("/v1/support/lookups", question);
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 401) token = "";
    throw fault;
  }
}
