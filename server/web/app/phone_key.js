// @ts-check
/**
 * This browser's own key, by which a paired camera knows it again.
 *
 * P-256, made here, and not extractable: no script, ours included, can read the private half. It
 * waits in IndexedDB, one key for each account, so that the server can't tell from keys that two
 * accounts use the same browser.
 */
import { toBase64Url, utf8 } from "./bytes.js";
import { Problem } from "./problem.js";

const DATABASE = "secuhome";
const STORE = "phone_keys";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** @typedef {import("./types.js").PublicJwk} PublicJwk */

/** @throws {Problem} where the browser gives no cryptography: any page that isn't https or this machine */
export function needSecureContext() {
  if (window.isSecureContext && crypto.subtle && "indexedDB" in window) return;
  throw new Problem(0, {
    code: "insecure_context",
    title: "This page can’t keep a key",
    detail: "Browsers make and keep keys only on pages that were opened over https.",
    remedy: "Open SecuHome by its https address, then add the camera.",
  });
}

/**
 * @param {string} accountId
 * @returns {Promise<PublicJwk>} the public half; the pair is made on first use
 * @throws {Problem} if this browser can't make or keep one
 */
export async function phoneKey(accountId) {
  needSecureContext();
  const database = await open();
  try {
    const kept = await finished(database.transaction(STORE).objectStore(STORE).get(accountId));
    return await publicHalf(kept ?? (await make(database, accountId)));
  } finally {
    database.close();
  }
}

/** @param {IDBDatabase} database @param {string} accountId @returns {Promise<CryptoKeyPair>} */
async function make(database, accountId) {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const change = database.transaction(STORE, "readwrite");
  await finished(change.objectStore(STORE).put(pair, accountId));
  return pair;
}

/** @param {CryptoKeyPair} pair @returns {Promise<PublicJwk>} */
async function publicHalf(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty: String(kty), crv: String(crv), x: String(x), y: String(y) };
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return finished(request).catch(() => {
    throw new Problem(0, {
      code: "no_storage",
      title: "This browser keeps nothing",
      detail: "The camera needs to find the same key here next time, and storage is switched off.",
      remedy: "Allow this site to store data, or leave private browsing, then try again.",
    });
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {PublicJwk} key @returns {Promise<string>} RFC 7638 thumbprint, SHA-256, base64url */
export async function thumbprint({ crv, kty, x, y }) {
  // RFC 7638 §3.2: the required members only, in this order, without white space
  const canonical = JSON.stringify({ crv, kty, x, y });
  return toBase64Url(await crypto.subtle.digest("SHA-256", utf8(canonical)));
}
