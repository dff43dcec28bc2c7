// @ts-check
/**
 * Reed–Solomon check words for QR codes (ISO/IEC 18004 §7.5).
 *
 * Numbers 0 to 255 are polynomials over GF(2), modulo x⁸ + x⁴ + x³ + x² + 1 (0x11d). Multiplying
 * is adding logarithms to the base 2, which that polynomial makes a generator.
 */

const POWER = new Uint8Array(510); // twice the period of 255, so that a sum of two logs needs no modulo
const LOG = new Uint8Array(256);
for (let n = 0, value = 1; n < 255; n += 1) {
  POWER[n] = POWER[n + 255] = value;
  LOG[value] = n;
  value = value & 0x80 ? (value << 1) ^ 0x11d : value << 1;
}

/** @param {number} a @param {number} b @returns {number} their product in the field */
const times = (a, b) => (a === 0 || b === 0 ? 0 : POWER[LOG[a] + LOG[b]]);

/**
 * @param {number} degree
 * @returns {Uint8Array} (x − 2⁰)(x − 2¹)…(x − 2^(degree−1)) without its leading 1, highest power first
 */
function generator(degree) {
  let product = Uint8Array.of(1);
  for (let root = 0; root < degree; root += 1) {
    const next = new Uint8Array(product.length + 1);
    product.forEach((factor, at) => {
      next[at] ^= factor;
      next[at + 1] ^= times(factor, POWER[root]);
    });
    product = next;
  }
  return product.subarray(1);
}

/**
 * @param {Uint8Array} data  one block
 * @param {number} count  how many check words it gets
 * @returns {Uint8Array} the remainder of data · x^count divided by the generator
 */
export function checkWords(data, count) {
  const divisor = generator(count);
  const rest = new Uint8Array(count);
  for (const word of data) {
    const lead = word ^ rest[0];
    rest.copyWithin(0, 1);
    rest[count - 1] = 0;
    divisor.forEach((factor, at) => {
      rest[at] ^= times(factor, lead);
    });
  }
  return rest;
}
