// @ts-check
/** Files that a person takes away. They are made here and go nowhere but to this device. */
import { h } from "./dom.js";

/** @typedef {{name: string, content: Blob}} SavedFile */

/** @param {SavedFile} file  the browser saves it, or asks where */
export function save({ name, content }) {
  const address = URL.createObjectURL(content);
  h("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

/** @param {string} name @param {string} jws  a signed statement, as a file of its own */
export const saveStatement = (name, jws) =>
  save({ name: `${name}.jws`, content: new Blob([jws], { type: "application/jose" }) });
