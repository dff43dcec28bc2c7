// @ts-check
/**
 * Which view the address bar asks for, and the change from one to the next.
 *
 * A view is a function that returns its page at once and fills it later. Whatever it started must
 * end with `place.abort`: leaving a view stops its timers, requests and calls.
 */

/**
 * @typedef {object} Place
 * @property {Record<string, string>} params  what the pattern's `:names` matched
 * @property {AbortSignal} abort  fires when the view is left
 *
 * @typedef {object} View
 * @property {string} title
 * @property {HTMLElement} page
 * @property {HTMLElement} [focus]  gets the focus; else the page's first heading
 *
 * @typedef {"anyone" | "signed-out" | "signed-in" | "accepted"} Audience
 *
 * @typedef {object} Route
 * @property {string} path  segments, a `:name` matches one
 * @property {Audience} audience
 * @property {string} [tab]  the entry of the main navigation that is current here
 * @property {(place: Place) => View} view
 */

/** @typedef {{route: Route, params: Record<string, string>}} Found */

/**
 * @param {Route[]} routes  the first match counts
 * @param {string} path  such as `/cameras/cam_x`
 * @returns {Found | null}
 */
export function find(routes, path) {
  const asked = path.split("/").filter(Boolean);
  for (const route of routes) {
    const pattern = route.path.split("/").filter(Boolean);
    if (pattern.length !== asked.length) continue;
    /** @type {Record<string, string>} */
    const params = {};
    const fits = pattern.every((segment, n) => {
      if (!segment.startsWith(":")) return segment === asked[n];
      params[segment.slice(1)] = decodeURIComponent(asked[n]);
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

/** @returns {string} the path after `#`, `/` when there is none */
export const here = () => (location.hash.startsWith("#/") ? location.hash.slice(1) : "/");

/** @param {string} path @param {{replace?: boolean}} [how] */
export function go(path, { replace = false } = {}) {
  if (here() === path) {
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else if (replace) {
    location.replace(`#${path}`);
  } else {
    location.hash = path;
  }
}

/** @param {string} path @returns {string} for an `href` */
export const link = (path) => `#${path}`;
