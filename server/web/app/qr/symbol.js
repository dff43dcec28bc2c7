// @ts-check
/**
 * The square itself: fixed patterns, words in their zigzag, and the mask that makes it readable
 * (ISO/IEC 18004 §6 to §8).
 */
import { alignmentCentres, sideOf } from "./words.js";
import { penalty } from "./penalty.js";

/** Table 10: which modules each mask turns over. */
/** @type {((row: number, column: number) => boolean)[]} */
const MASKS = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];
const LEVEL_M_BITS = 0b00;

/** A square of modules; `fixed` ones carry no data and are never masked. */
export class Symbol18004 {
  /** @param {number} version */
  constructor(version) {
    this.version = version;
    this.side = sideOf(version);
    this.dark = new Uint8Array(this.side * this.side);
    this.fixed = new Uint8Array(this.side * this.side);
  }

  /** @param {number} row @param {number} column @returns {boolean} */
  isDark(row, column) {
    return this.dark[row * this.side + column] === 1;
  }

  /** @param {number} row @param {number} column @param {boolean | number} dark */
  fix(row, column, dark) {
    const at = row * this.side + column;
    this.dark[at] = dark ? 1 : 0;
    this.fixed[at] = 1;
  }
}

/**
 * @param {number} version
 * @param {Uint8Array} words
 * @returns {Symbol18004} with the mask that scores best
 */
export function symbolOf(version, words) {
  const symbol = new Symbol18004(version);
  drawPatterns(symbol);
  drawFormat(symbol, 0); // reserves its place; the true one comes with the mask
  drawWords(symbol, words);

  let best = 0;
  let least = Infinity;
  MASKS.forEach((_, mask) => {
    turnOver(symbol, mask);
    drawFormat(symbol, mask);
    const score = penalty(symbol);
    if (score < least) [best, least] = [mask, score];
    turnOver(symbol, mask); // twice is as before
  });
  turnOver(symbol, best);
  drawFormat(symbol, best);
  return symbol;
}

/** @param {Symbol18004} symbol */
function drawPatterns(symbol) {
  const { side, version } = symbol;
  for (let at = 0; at < side; at += 1) {
    symbol.fix(6, at, at % 2 === 0);
    symbol.fix(at, 6, at % 2 === 0);
  }
  for (const [row, column] of [[3, 3], [3, side - 4], [side - 4, 3]]) drawFinder(symbol, row, column);
  const centres = alignmentCentres(version);
  const last = side - 7;
  for (const row of centres) {
    for (const column of centres) {
      const atFinder = (row === 6 && column === 6) || (row === 6 && column === last) ||
        (row === last && column === 6);
      if (!atFinder) drawAlignment(symbol, row, column);
    }
  }
  if (version >= 7) drawVersion(symbol);
}

/** @param {Symbol18004} symbol @param {number} row @param {number} column  of its centre */
function drawFinder(symbol, row, column) {
  for (let down = -4; down <= 4; down += 1) {
    for (let right = -4; right <= 4; right += 1) {
      const [r, c] = [row + down, column + right];
      if (r < 0 || c < 0 || r >= symbol.side || c >= symbol.side) continue;
      const ring = Math.max(Math.abs(down), Math.abs(right));
      symbol.fix(r, c, ring !== 2 && ring !== 4); // ring 4 is the light separator
    }
  }
}

/** @param {Symbol18004} symbol @param {number} row @param {number} column  of its centre */
function drawAlignment(symbol, row, column) {
  for (let down = -2; down <= 2; down += 1) {
    for (let right = -2; right <= 2; right += 1) {
      const ring = Math.max(Math.abs(down), Math.abs(right));
      symbol.fix(row + down, column + right, ring !== 1);
    }
  }
}

/**
 * @param {number} value
 * @param {number} width  bits of the code that are check bits
 * @param {number} divisor
 * @returns {number} value with its BCH check bits behind it
 */
function withBch(value, width, divisor) {
  let rest = value;
  for (let n = 0; n < width; n += 1) rest = (rest << 1) ^ ((rest >> (width - 1)) * divisor);
  return (value << width) | rest;
}

/** @param {Symbol18004} symbol  §7.10: 6 bits of version and 12 of check, beside two finders */
function drawVersion(symbol) {
  const bits = withBch(symbol.version, 12, 0x1f25);
  for (let at = 0; at < 18; at += 1) {
    const bit = (bits >> at) & 1;
    const near = Math.floor(at / 3);
    const far = symbol.side - 11 + (at % 3);
    symbol.fix(near, far, bit);
    symbol.fix(far, near, bit);
  }
}

/** @param {Symbol18004} symbol @param {number} mask  §7.9: 5 bits and 10 of check, twice */
function drawFormat(symbol, mask) {
  const { side } = symbol;
  const bits = withBch((LEVEL_M_BITS << 3) | mask, 10, 0x537) ^ 0x5412; // so that it is never all light
  for (let at = 0; at < 15; at += 1) {
    const bit = (bits >> at) & 1;
    // around the top left finder: down the column, round the corner over the timing lines, and along the row
    if (at < 6) symbol.fix(at, 8, bit);
    else if (at < 8) symbol.fix(at + 1, 8, bit);
    else if (at === 8) symbol.fix(8, 7, bit);
    else symbol.fix(8, 14 - at, bit);
    // and again: along the top right finder, then beside the bottom left one
    if (at < 8) symbol.fix(8, side - 1 - at, bit);
    else symbol.fix(side - 15 + at, 8, bit);
  }
  symbol.fix(side - 8, 8, true);
}

/** @param {Symbol18004} symbol @param {Uint8Array} words  two columns at a time, up and down, from the right */
function drawWords(symbol, words) {
  const { side } = symbol;
  let at = 0;
  for (let pair = 0, right = side - 1; right > 0; pair += 1, right -= 2) {
    if (right === 6) right = 5; // the timing line's column is skipped whole
    for (let step = 0; step < side; step += 1) {
      const row = pair % 2 === 0 ? side - 1 - step : step;
      for (const column of [right, right - 1]) {
        const place = row * side + column;
        if (symbol.fixed[place]) continue;
        // modules left over at the end stay light (§7.7.3)
        if (at < 8 * words.length) symbol.dark[place] = (words[at >> 3] >> (7 - (at & 7))) & 1;
        at += 1;
      }
    }
  }
}

/** @param {Symbol18004} symbol @param {number} mask */
function turnOver(symbol, mask) {
  const { side } = symbol;
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const place = row * side + column;
      if (!symbol.fixed[place] && MASKS[mask](row, column)) symbol.dark[place] ^= 1;
    }
  }
}
