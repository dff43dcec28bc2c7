// @ts-check
/** A number that counts down on the page, silent for screen readers. */
import { countdown } from "./format.js";
import { after } from "./politely.js";

/**
 * @param {AbortSignal} abort
 * @param {HTMLElement} element  shows the time left, until it is taken off the page
 * @param {() => number} left  seconds
 * @returns {Promise<void>} when there is none left
 */
export async function startCountdown(abort, element, left) {
  while (!abort.aborted && element.isConnected && left() > 0) {
    element.textContent = countdown(left());
    await after(1, abort);
  }
  element.textContent = countdown(left());
}
