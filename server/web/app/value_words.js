// @ts-check
/** What is stored, as people read it: names of columns, moments, days, codes. */
import { areaName, dateOf, secondsOf, timeOf } from "./format.js";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const AREA = /^[A-Z]{2}$/;
const AREAS = ["area", "country", "region"]; // columns with codes of ISO 3166-1
const CODE = /^[a-z]+(_[a-z]+)*$/;
const CODES = ["kind", "state", "purpose", "contact_kind"]; // columns with words of closed lists
const LONG = 160; // characters; a signed receipt has a thousand

/** @param {string} name  of a column or a table @returns {string} such as "Last used at" */
export const nameWords = (name) => capital(name.replaceAll("_", " "));

/** @param {string} text @returns {string} */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * @param {string} name  of the column
 * @param {unknown} value
 * @returns {string}
 */
export function valueWords(name, value) {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value)) return value.map((one) => valueWords(name, one)).join(", ");
  if (typeof value !== "string") return String(value);
  if (MOMENT.test(value)) return `${dateOf(value)}, ${secondsOf(value)}`;
  if (DAY.test(value)) return dateOf(value);
  if (AREAS.includes(name) && AREA.test(value)) return areaName(value);
  if (CODES.includes(name) && CODE.test(value)) return nameWords(value);
  if (value.length <= LONG) return value;
  return `${value.slice(0, LONG / 2)}… (${value.length} characters; the download has all of them)`;
}

/** @param {string} at  RFC 3339 @returns {string} in this device's time zone */
export const momentWords = (at) => `${dateOf(at)}, ${timeOf(at)}`;

/** @param {number} number @param {string} one @param {string} [more] @returns {string} "1 value" */
export const counted = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`;
