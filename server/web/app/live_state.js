// @ts-check
/** What a viewer is told about a call: its phases, and what to do when it fails. */
import { Problem } from "./problem.js";
import { SignalingFault } from "./signaling.js";

/**
 * @typedef {"asking" | "held" | "joining" | "playing" | "interrupted" | "failed" | "ended"} Phase
 *
 * @typedef {object} LiveState
 * @property {Phase} phase
 * @property {Problem | null} problem  for failed and ended
 * @property {number} width
 * @property {number} height
 * @property {string} codec  such as H264; empty until known
 * @property {"" | "direct" | "relayed"} path
 * @property {string} localCandidate  host, srflx, prflx or relay
 * @property {string} remoteCandidate
 * @property {number} framesDecoded
 * @property {number | null} firstFrameMs  from the wish to watch to the first picture
 * @property {boolean} hasSound
 */

/** @returns {LiveState} */
export const atFirst = () => ({
  phase: "asking", problem: null, width: 0, height: 0, codec: "", path: "",
  localCandidate: "", remoteCandidate: "", framesDecoded: 0, firstFrameMs: null, hasSound: false,
});

/** One row for each code that may end a call, in words for the person who watches. */
/** @type {Record<number, {code: string, title: string, remedy: string}>} */
const FAULTS = {
  401: { code: "session_over", title: "You are no longer signed in",
    remedy: "Sign in again, then open the camera." },
  403: { code: "not_yours", title: "This camera isn’t yours to watch",
    remedy: "If it was shared with you, ask its owner whether the share is still in force." },
  408: { code: "no_reaction", title: "The camera didn’t react",
    remedy: "It may be busy or starting up. Try again in a moment." },
  410: { code: "call_gone", title: "The call ended",
    remedy: "Try again: a new call usually goes through at once." },
  480: { code: "camera_away", title: "The camera is offline",
    remedy: "Check that it has power and Wi-Fi. It comes back by itself, then you can try again." },
  1001: { code: "camera_busy", title: "The camera has too many viewers",
    remedy: "Close it on another device, then try again." },
  1002: { code: "camera_left", title: "The camera left",
    remedy: "It has lost its connection. Try again in a moment." },
};

/** @param {unknown} fault @returns {unknown} a Problem where we have words for it */
export function inWords(fault) {
  if (!(fault instanceof SignalingFault)) return fault;
  const known = FAULTS[fault.code];
  return new Problem(fault.code, known ?? {
    code: "call_refused", title: "The camera can’t be shown", detail: fault.message,
    remedy: "Try again in a moment.",
  });
}

/** @returns {Problem} when both ends spoke but no packet found a way */
export const noWayThrough = () => new Problem(0, {
  code: "no_path",
  title: "No way through to the camera",
  detail: "Both ends answered, but the networks between them let nothing pass.",
  remedy: "Try another network, for example mobile data instead of Wi-Fi.",
});

/** @returns {Problem} after it had worked */
export const connectionBroke = () => new Problem(0, {
  code: "path_lost",
  title: "The connection to the camera broke",
  detail: "Pictures were coming, then nothing more arrived.",
  remedy: "Check this device’s connection and the camera’s, then try again.",
});

/** @returns {Problem} */
export const tooSlow = () => new Problem(0, {
  code: "no_picture",
  title: "No picture came",
  detail: "The camera was called, but sent nothing that could be shown.",
  remedy: "Try again. If it keeps happening, switch the camera off and on.",
});
