// @ts-check
/** Whether this browser keeps anything of ours. Nothing is set to find out. */

/**
 * A browser that was told to keep nothing denies locks, too. `cookieEnabled` alone stays true in
 * Chromium where its owner blocks all cookies.
 * @returns {Promise<boolean>}
 */
export async function cookiesAllowed() {
  if (!navigator.cookieEnabled) return false;
  try {
    await navigator.locks?.query();
    return true;
  } catch {
    return false;
  }
}
