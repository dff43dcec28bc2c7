// @ts-check
/** Times and places in the reader's own way of writing. The server speaks UTC and codes. */

// the app's own texts are English, so its dates are too; which English is the reader's choice
const LANGUAGE = navigator.languages.find((tag) => tag.startsWith("en")) ?? "en-GB";
const DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: "long", day: "numeric", month: "long" });
const DATE = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "long", year: "numeric" });
const TIME = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "medium" });
const areaNames = new Intl.DisplayNames([LANGUAGE], { type: "region" });

/** @param {Date} a @param {Date} b */
const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** @param {string} at  RFC 3339 @returns {string} "Today", "Yesterday", or the day */
export function dayOf(at) {
  const day = new Date(at);
  const today = new Date();
  if (sameDay(day, today)) return "Today";
  today.setDate(today.getDate() - 1);
  if (sameDay(day, today)) return "Yesterday";
  return day.getFullYear() === new Date().getFullYear() ? DAY.format(day) : DATE.format(day);
}

/** @param {string} at @returns {string} hours and minutes, in this device's time zone */
export const timeOf = (at) => TIME.format(new Date(at));

/** @param {string} at @returns {string} the same with seconds, to tell neighbours apart */
export const secondsOf = (at) => SECONDS.format(new Date(at));

/** @param {string | null} on  a date or a time @returns {string} */
export function dateOf(on) {
  if (!on) return "—";
  // a bare date is a calendar day: read in UTC it would slip to the evening before, west of Greenwich
  const local = /^\d{4}-\d\d-\d\d$/.test(on) ? `${on}T00:00` : on;
  return DATE.format(new Date(local));
}

/** @param {string | null} code  ISO 3166-1 alpha-2 @returns {string} */
export function areaName(code) {
  if (!code) return "—";
  try {
    return areaNames.of(code) ?? code;
  } catch {
    return code;
  }
}

/** @param {number} seconds @returns {string} minutes and seconds, as 4:05 */
export function countdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
