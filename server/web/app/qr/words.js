// @ts-check
/**
 * From a text to the code words of a QR code: byte mode, error correction level M.
 *
 * Level M restores about 15 % of the words. That is plenty for a clean screen, and a higher level
 * would need smaller modules, which a camera with a fixed focus reads worse.
 */
import { utf8 } from "../bytes.js";
import { checkWords } from "./galois.js";

/** ISO/IEC 18004 table 9, level M, versions 1 to 20: check words in each block, and blocks. */
const LEVEL_M = [
  [10, 1], [16, 1], [26, 1], [18, 2], [24, 2],
  [16, 4], [18, 4], [22, 4], [22, 5], [26, 5],
  [30, 5], [22, 8], [22, 9], [24, 9], [24, 10],
  [28, 10], [28, 11], [26, 13], [26, 14], [26, 16],
];
export const LARGEST = LEVEL_M.length;

const BYTE_MODE = 0b0100;
const PADDING = [0xec, 0x11];

/** @param {number} version @returns {number} modules along one side */
export const sideOf = (version) => 17 + 4 * version;

/** @param {number} version @returns {number[]} where alignment patterns have their centres, both ways */
export function alignmentCentres(version) {
  if (version === 1) return [];
  const gaps = Math.floor(version / 7) + 1;
  const last = sideOf(version) - 7;
  const step = Math.ceil((last - 6) / gaps / 2) * 2; // even, rounded up; the first gap takes the rest
  return [6, ...Array.from({ length: gaps }, (_, n) => last - step * (gaps - 1 - n))];
}

/** @param {number} version @returns {number} words of data and check together */
function allWords(version) {
  const side = sideOf(version);
  const centres = alignmentCentres(version).length;
  const alignments = centres === 0 ? 0 : centres * centres - 3; // three corners are finders' own
  const sharedWithTiming = centres === 0 ? 0 : 2 * (centres - 2); // lie on the timing lines
  const used =
    3 * 64 + // finders with their separators
    2 * (side - 16) + // timing lines
    25 * alignments - 5 * sharedWithTiming +
    31 + // format, twice, and the dark module
    (version >= 7 ? 36 : 0); // version, twice
  return Math.floor((side * side - used) / 8);
}

/** @param {number} version @returns {number} */
function dataWords(version) {
  const [check, blocks] = LEVEL_M[version - 1];
  return allWords(version) - check * blocks;
}

/**
 * @param {number} length  bytes
 * @returns {number} the smallest version that holds them
 * @throws {RangeError} if none of ours does
 */
export function versionFor(length) {
  for (let version = 1; version <= LARGEST; version += 1) {
    const head = 4 + (version < 10 ? 8 : 16);
    if (head + 8 * length <= 8 * dataWords(version)) return version;
  }
  throw new RangeError(`${length} bytes are more than a version ${LARGEST} QR code holds`);
}

/**
 * @param {string} text
 * @returns {{version: number, words: Uint8Array}} in the order in which they go into the symbol
 * @throws {RangeError} if the text is too long
 */
export function codeWords(text) {
  const bytes = utf8(text);
  const version = versionFor(bytes.length);
  return { version, words: interleave(version, packed(version, bytes)) };
}

/** @param {number} version @param {Uint8Array} bytes @returns {Uint8Array} mode, length, bytes, padding */
function packed(version, bytes) {
  const capacity = dataWords(version);
  /** @type {number[]} */
  const bits = [];
  /** @param {number} value @param {number} width */
  const put = (value, width) => {
    for (let at = width - 1; at >= 0; at -= 1) bits.push((value >> at) & 1);
  };
  put(BYTE_MODE, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, 8 * capacity - bits.length)); // the terminator, cut short if there is no room
  put(0, (8 - (bits.length % 8)) % 8);

  const words = new Uint8Array(capacity);
  for (let at = 0; at < bits.length; at += 1) words[at >> 3] |= bits[at] << (7 - (at & 7));
  for (let at = bits.length / 8, n = 0; at < capacity; at += 1, n += 1) words[at] = PADDING[n % 2];
  return words;
}

/**
 * Split into blocks, add each one's check words, and take turns: a smudge then hurts all a little.
 * @param {number} version
 * @param {Uint8Array} data
 * @returns {Uint8Array}
 */
function interleave(version, data) {
  const [check, count] = LEVEL_M[version - 1];
  const short = Math.floor(data.length / count);
  const shortOnes = count - (data.length % count); // the longer blocks come last
  /** @type {Uint8Array[]} */
  const blocks = [];
  for (let n = 0, at = 0; n < count; n += 1) {
    const length = short + (n < shortOnes ? 0 : 1);
    blocks.push(data.subarray(at, at + length));
    at += length;
  }
  const checks = blocks.map((block) => checkWords(block, check));
  return Uint8Array.from([...turns(blocks), ...turns(checks)]);
}

/** @param {Uint8Array[]} rows @returns {number[]} first of each, second of each, and so on */
function turns(rows) {
  const longest = Math.max(...rows.map((row) => row.length));
  const out = [];
  for (let at = 0; at < longest; at += 1) {
    for (const row of rows) if (at < row.length) out.push(row[at]);
  }
  return out;
}
