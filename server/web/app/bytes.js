// @ts-check
/** Bytes as text and back, the way JSON Web Keys write them: base64url without padding. */

/** @param {ArrayBuffer | Uint8Array} bytes @returns {string} */
export function toBase64Url(bytes) {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return btoa(String.fromCharCode(...view))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} @throws {DOMException} if it isn't base64url */
export function fromBase64Url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes @returns {string} two small hexadecimal digits for each */
export const toHex = (bytes) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} UTF-8 */
export const utf8 = (text) => new TextEncoder().encode(text);
