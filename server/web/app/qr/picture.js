// @ts-check
/** A QR code as a picture: dark on white whatever the theme, because lenses expect that. */
import { svg } from "../dom.js";
import { symbolOf } from "./symbol.js";
import { codeWords } from "./words.js";

const QUIET = 4; // ISO/IEC 18004 §9.1: four light modules all around

/**
 * @param {string} text
 * @param {string} label  what a screen reader says instead of the picture
 * @returns {SVGElement} as large as its container makes it
 * @throws {RangeError} if the text is too long
 */
export function qrPicture(text, label) {
  const { version, words } = codeWords(text);
  const symbol = symbolOf(version, words);
  const size = symbol.side + 2 * QUIET;
  return svg(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label,
      "shape-rendering": "crispEdges", "data-version": version },
    svg("rect", { width: size, height: size, fill: "#fff" }),
    svg("path", { d: outline(symbol), fill: "#000" }),
  );
}

/** @param {import("./symbol.js").Symbol18004} symbol @returns {string} a bar for each run in a row */
function outline(symbol) {
  let path = "";
  for (let row = 0; row < symbol.side; row += 1) {
    for (let column = 0; column < symbol.side; column += 1) {
      if (!symbol.isDark(row, column)) continue;
      const start = column;
      while (column < symbol.side && symbol.isDark(row, column)) column += 1;
      path += `M${start + QUIET} ${row + QUIET}h${column - start}v1h${start - column}z`;
    }
  }
  return path;
}
