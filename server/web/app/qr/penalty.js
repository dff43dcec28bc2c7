// @ts-check
/** How hard a symbol is to read: the four features of ISO/IEC 18004 §7.8.3. Less is better. */

/** @typedef {import("./symbol.js").Symbol18004} Symbol18004 */

const RUN = 3; // five alike in a row; one more for each further
const BLOCK = 3; // two by two alike
const FINDER_LIKE = 40; // dark, light, three dark, light, dark, with four light on a side
const BALANCE = 10; // for each full 5 % away from half dark

const LIKE_A_FINDER = ["10111010000", "00001011101"];

/** @param {Symbol18004} symbol @returns {number} */
export function penalty(symbol) {
  const rows = lines(symbol);
  const score = [...rows.across, ...rows.down]
    .map((line) => runs(line) + finders(line))
    .reduce((sum, each) => sum + each, 0);
  return score + blocks(symbol) + balance(symbol);
}

/** @param {Symbol18004} symbol @returns {{across: string[], down: string[]}} as texts of 0 and 1 */
function lines({ dark, side }) {
  const numbers = Array.from({ length: side }, (_, n) => n);
  return {
    across: numbers.map((r) => numbers.map((c) => dark[r * side + c]).join("")),
    down: numbers.map((c) => numbers.map((r) => dark[r * side + c]).join("")),
  };
}

/** @param {string} line */
function runs(line) {
  let score = 0;
  for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) score += RUN + run.length - 5;
  return score;
}

/** @param {string} line */
function finders(line) {
  let score = 0;
  for (const pattern of LIKE_A_FINDER) {
    for (let at = line.indexOf(pattern); at >= 0; at = line.indexOf(pattern, at + 1)) {
      score += FINDER_LIKE;
    }
  }
  return score;
}

/** @param {Symbol18004} symbol */
function blocks({ dark, side }) {
  let score = 0;
  for (let row = 1; row < side; row += 1) {
    for (let column = 1; column < side; column += 1) {
      const at = row * side + column;
      const sum = dark[at] + dark[at - 1] + dark[at - side] + dark[at - side - 1];
      if (sum === 0 || sum === 4) score += BLOCK;
    }
  }
  return score;
}

/** @param {Symbol18004} symbol */
function balance({ dark }) {
  const share = dark.reduce((sum, module) => sum + module, 0) / dark.length;
  return BALANCE * Math.floor(Math.abs(share - 0.5) * 20);
}
