// @ts-check
/**
 * Asking again and again without being a nuisance: one request at a time, none while nobody looks,
 * and fewer when the server is in trouble.
 */

const SLOWEST_S = 60;

/**
 * @param {AbortSignal} abort  ends it
 * @param {number} everyS  seconds between the end of one question and the next
 * @param {() => Promise<unknown>} ask  may throw: the pause then doubles, up to a minute
 * @returns {Promise<void>} when it has ended
 */
export async function politely(abort, everyS, ask) {
  let pause = everyS;
  while (!abort.aborted) {
    try {
      await ask();
      pause = everyS;
    } catch {
      pause = Math.min(SLOWEST_S, pause * 2);
    }
    await after(pause, abort);
    await seen(abort);
  }
}

/** @param {number} seconds @param {AbortSignal} abort @returns {Promise<void>} at once when aborted */
export function after(seconds, abort) {
  return new Promise((resolve) => {
    const timer = window.setTimeout(done, seconds * 1000);
    function done() {
      window.clearTimeout(timer);
      abort.removeEventListener("abort", done);
      resolve();
    }
    if (abort.aborted) done();
    else abort.addEventListener("abort", done);
  });
}

/** @param {AbortSignal} abort @returns {Promise<void>} when the page is visible, or the wait over */
function seen(abort) {
  return new Promise((resolve) => {
    function look() {
      if (document.hidden && !abort.aborted) return;
      document.removeEventListener("visibilitychange", look);
      abort.removeEventListener("abort", look);
      resolve();
    }
    document.addEventListener("visibilitychange", look);
    abort.addEventListener("abort", look);
    look();
  });
}
