// @ts-check
/**
 * Pairing by light: what the phone shows, and how it knows that the right camera has answered.
 *
 * The secret travels from this screen to the lens and nowhere else. The server hands the camera's
 * key over, but without the secret it can't make the proof that goes with it; so a proof that fits
 * means that the key is the camera's in front of us, whatever the server says.
 */
import { fromBase64Url, toBase64Url, utf8 } from "./bytes.js";
import { api } from "./api.js";
import { phoneKey, thumbprint } from "./phone_key.js";

const SECRET_BYTES = 16; // 128 bits

/**
 * @typedef {object} Offer  one pairing as this phone holds it; made anew each time
 * @property {string} id
 * @property {string} token
 * @property {Date} expiresAt
 * @property {string} text  for the QR code: holds the secret
 * @property {string} secret
 * @property {string} phone  our key's thumbprint
 *
 * @typedef {import("./types.js").PairingStateOut} PairingStateOut
 */

/**
 * @param {string} accountId
 * @param {string} name  what the owner calls the camera
 * @returns {Promise<Offer>}
 */
export async function offerPairing(accountId, name) {
  const key = await phoneKey(accountId);
  const [phone, pairing] = await Promise.all([
    thumbprint(key), api.startPairing({ name, phone_key: key })]);
  const secret = toBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  return {
    id: pairing.id,
    token: pairing.token,
    expiresAt: new Date(pairing.expires_at),
    text: codeText(pairing.server, pairing.token, secret, phone),
    secret,
    phone,
  };
}

/** @param {string} server @param {string} token @param {string} secret @param {string} phone */
export function codeText(server, token, secret, phone) {
  return ["SECUHOME1", server, token, secret, phone].join("|");
}

/**
 * @param {Offer} offer
 * @param {NonNullable<PairingStateOut["camera"]>} camera  as the server names it
 * @returns {Promise<boolean>} whether this camera has read our secret and holds the key shown for it
 */
export async function proofFits(offer, camera) {
  const text = `secuhome-pairing-v1\n${offer.token}\n${offer.phone}\n${await thumbprint(camera.key)}`;
  const key = await crypto.subtle.importKey("raw", fromBase64Url(offer.secret),
    { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  let proof;
  try {
    proof = fromBase64Url(camera.proof);
  } catch {
    return false; // not base64url, so not a proof
  }
  return crypto.subtle.verify("HMAC", key, proof, utf8(text)); // compares in constant time
}

/** @param {Offer} offer @returns {number} seconds that the code is still good; 0 when it is over */
export const secondsLeft = (offer) =>
  Math.max(0, (offer.expiresAt.getTime() - Date.now()) / 1000);
