// @ts-check
/** Switching a purpose on or off, in the words that were shown. */
import { api } from "./api.js";
import { toHex, utf8 } from "./bytes.js";

/** @typedef {import("./types.js").PurposeOut} PurposeOut */

/**
 * @param {PurposeOut} purpose  as it was shown
 * @param {boolean} on
 * @returns {Promise<import("./types.js").ChoiceOut>}
 */
export const choose = async (purpose, on) =>
  api.choose(purpose.code, { on, sha256: await fingerprint(purpose) });

/**
 * Of the text that was shown, worked out here: agreeing then can't cover another one.
 * @param {PurposeOut} purpose
 * @returns {Promise<string>} the server's word for it where the browser gives no cryptography
 */
async function fingerprint({ title, text, sha256 }) {
  const shown = utf8(`${title}\n\n${text}`);
  return crypto.subtle ? toHex(await crypto.subtle.digest("SHA-256", shown)) : sha256;
}
