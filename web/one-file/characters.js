/**
 * Bytes as text of a page in UTF-16.
 *
 * A unit is one of U+0800 to U+FFFF without surrogates: 30 blocks of 2048. No HTML parser changes any of them, and no markup can come about.
 * Ten units hold 159 bits: 49 choose the blocks, eleven bits each the unit within its block.
 */

const BLOCKS = 30;
const BLOCK_BITS = 11;
/** Units that are written together, and the bits that choose their blocks. */
const GROUP = 10;
const CHOICE_BITS = 49;
const GROUP_BITS = CHOICE_BITS + GROUP * BLOCK_BITS;
/** Most bits that are taken at a time: bit operations have 32, and up to 7 are left from before. */
const STEP_BITS = 24;
/** The block that follows those which are left out at the beginning, and that of the surrogates. */
const FIRST_BLOCK = 1;
const SURROGATES = 27;

/**
 * The units that a number of bytes take.
 * @param {number} bytes
 */
export function unitsOf(bytes) {
  return Math.ceil((bytes * 8) / GROUP_BITS) * GROUP;
}

/**
 * Returns the text of bytes.
 * @param {Uint8Array} bytes
 */
export function toText(bytes) {
  let [next, held, count] = [0, 0, 0];
  /** @param {number} bits */
  const take = (bits) => {
    for (; count < bits; count += 8) held = (held << 8) | (bytes[next++] ?? 0);
    count -= bits;
    const value = held >>> count;
    held &= (1 << count) - 1;
    return value;
  };
  const groups = [];
  for (let left = unitsOf(bytes.length); left > 0; left -= GROUP) {
    let choice = 0;
    for (let bits = CHOICE_BITS; bits > 0; bits -= STEP_BITS) choice = choice * 2 ** Math.min(bits, STEP_BITS) + take(Math.min(bits, STEP_BITS));
    const units = Array.from({ length: GROUP }, () => {
      const block = FIRST_BLOCK + (choice % BLOCKS);
      choice = Math.floor(choice / BLOCKS);
      return ((block < SURROGATES ? block : block + 1) << BLOCK_BITS) | take(BLOCK_BITS);
    });
    groups.push(String.fromCharCode(...units));
  }
  return groups.join("");
}

/**
 * Returns the bytes of a text. A text of another origin gives other bytes, without an error.
 * @param {string} text @param {number} length of the bytes
 */
export function toBytes(text, length) {
  const bytes = new Uint8Array(length);
  let [next, held, count] = [0, 0, 0];
  /** @param {number} value @param {number} bits */
  const put = (value, bits) => {
    held = (held << bits) | value;
    for (count += bits; count >= 8; ) {
      count -= 8;
      // What is written behind the end of the array is dropped.
      bytes[next++] = held >>> count;
    }
    held &= (1 << count) - 1;
  };
  for (let from = 0; from < text.length; from += GROUP) {
    let choice = 0;
    for (let at = from + GROUP - 1; at >= from; at -= 1) {
      const block = text.charCodeAt(at) >>> BLOCK_BITS;
      choice = choice * BLOCKS + (block < SURROGATES ? block : block - 1) - FIRST_BLOCK;
    }
    for (let bits = CHOICE_BITS; bits > 0; bits -= STEP_BITS) {
      const rest = 2 ** Math.max(bits - STEP_BITS, 0);
      put(Math.floor(choice / rest), Math.min(bits, STEP_BITS));
      choice %= rest;
    }
    for (let at = from; at < from + GROUP; at += 1) put(text.charCodeAt(at) & ((1 << BLOCK_BITS) - 1), BLOCK_BITS);
  }
  return bytes;
}
