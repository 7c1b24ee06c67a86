/**
 * Decodes LZMA, as the specification of the format describes it: a stream with the 13 bytes of the `.lzma` header that states its size, and
 * so has no end marker. The output is the window, so the header's size of the dictionary does not matter.
 */

/** Bits of a probability, and the probability to begin with. */
const BITS = 11;
const HALF = 1 << (BITS - 1);
/** Slowness with which a probability follows what was decoded. */
const RATE = 5;
/** A smaller range needs another byte. */
const TOP = 2 ** 24;
const HEADER = 13;
/** The length of the shortest match. */
const SHORTEST = 2;
const STATES = 12;
/** From this state on, a match came last. */
const MATCHED = 7;
/** Positions that the models tell apart, at most. */
const POSITIONS = 16;

/** @param {number} count */
const probabilities = (count) => new Uint16Array(count).fill(HALF);

/** The stream is not as it was written. */
export class Damage extends Error {}

/** Reads bits whose probabilities follow what was read. */
class Reader {
  #packed;
  #range = 0xffffffff;
  #code = 0;
  // The first of five bytes is 0.
  #next = HEADER + 1;

  /** @param {Uint8Array} packed */
  constructor(packed) {
    this.#packed = packed;
    for (const byte of packed.subarray(HEADER + 1, HEADER + 5)) this.#code = ((this.#code << 8) | byte) >>> 0;
    this.#next = HEADER + 5;
  }

  /** `true` if more bytes were needed than there are; those were read as zeros. */
  get isOver() {
    return this.#next > this.#packed.length;
  }

  /** A bit with a probability. @param {Uint16Array} model @param {number} index */
  bit(model, index) {
    const probability = model[index];
    const bound = (this.#range >>> BITS) * probability;
    const found = this.#code < bound ? 0 : 1;
    if (found === 0) {
      this.#range = bound;
      model[index] = probability + (((1 << BITS) - probability) >>> RATE);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      model[index] = probability - (probability >>> RATE);
    }
    if (this.#range < TOP) this.#shift();
    return found;
  }

  /** A number of bits that are as often 0 as 1. @param {number} count */
  plain(count) {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      this.#range >>>= 1;
      const found = this.#code < this.#range ? 0 : 1;
      if (found === 1) this.#code -= this.#range;
      if (this.#range < TOP) this.#shift();
      value = (value << 1) | found;
    }
    return value;
  }

  #shift() {
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#packed[this.#next]) >>> 0;
    this.#next += 1;
  }

  /** A number, its highest bit first. @param {Uint16Array} model @param {number} from @param {number} bits */
  number(model, from, bits) {
    let node = 1;
    for (let left = bits; left > 0; left -= 1) node = (node << 1) | this.bit(model, from + node);
    return node - (1 << bits);
  }

  /** A number, its lowest bit first. @param {Uint16Array} model @param {number} from @param {number} bits */
  reversed(model, from, bits) {
    let node = 1;
    let value = 0;
    for (let at = 0; at < bits; at += 1) {
      const found = this.bit(model, from + node);
      node = (node << 1) | found;
      value |= found << at;
    }
    return value;
  }
}

/** Reads lengths of matches, without that of the shortest. */
class Lengths {
  #choice = probabilities(2);
  #low = probabilities(POSITIONS << 3);
  #middle = probabilities(POSITIONS << 3);
  #high = probabilities(256);

  /** @param {Reader} reader @param {number} position */
  read(reader, position) {
    if (reader.bit(this.#choice, 0) === 0) return reader.number(this.#low, position << 3, 3);
    if (reader.bit(this.#choice, 1) === 0) return 8 + reader.number(this.#middle, position << 3, 3);
    return 16 + reader.number(this.#high, 0, 8);
  }
}

/** Reads distances of matches: 0 is that of the last byte. */
class Distances {
  #slots = probabilities(4 << 6);
  #middle = probabilities(128);
  #low = probabilities(16);

  /** @param {Reader} reader @param {number} length of the match, without that of the shortest */
  read(reader, length) {
    const slot = reader.number(this.#slots, Math.min(length, 3) << 6, 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return base + reader.reversed(this.#middle, base - slot, bits);
    return base + reader.plain(bits - 4) * 16 + reader.reversed(this.#low, 0, 4);
  }
}

/** Reads single bytes, each by what stands before it. */
class Literals {
  #model;
  #shift;
  #context;
  #mask;

  /** @param {number} context bits of the byte before @param {number} positions bits of the position */
  constructor(context, positions) {
    this.#model = probabilities(0x300 << (context + positions));
    this.#context = context;
    this.#shift = 8 - context;
    this.#mask = (1 << positions) - 1;
  }

  /** @param {Reader} reader @param {Uint8Array} output @param {number} at @param {number} unlikely the byte that would have continued a match, or -1 */
  read(reader, output, at, unlikely) {
    const before = at > 0 ? output[at - 1] : 0;
    const from = 0x300 * (((at & this.#mask) << this.#context) + (before >>> this.#shift));
    let symbol = 1;
    if (unlikely >= 0) {
      for (let expected = unlikely << 1; symbol < 0x100; expected <<= 1) {
        const bit = expected & 0x100;
        symbol = (symbol << 1) | reader.bit(this.#model, from + 0x100 + bit + symbol);
        if ((symbol & 1) !== bit >>> 8) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | reader.bit(this.#model, from + symbol);
    return symbol & 0xff;
  }
}

/** Reads matches: bytes that the output has already. */
class Matches {
  /** The last four distances, the last one first. */
  #distances = [0, 0, 0, 0];
  #isRepeated = probabilities(STATES);
  #isNotLast = probabilities(STATES);
  #isLong = probabilities(STATES * POSITIONS);
  #isOlder = probabilities(STATES);
  #isOldest = probabilities(STATES);
  #lengths = new Lengths();
  #repeatedLengths = new Lengths();
  #new = new Distances();
  /** Kind of the last one: 0 with a new distance, 1 with one of the last four, 2 a single byte with the last one. */
  #kind = 0;

  /** The last distance. */
  get distance() {
    return this.#distances[0];
  }

  /**
   * Reads a match, whose distance is the last one then.
   * @param {Reader} reader @param {number} state @param {number} position
   * @returns {number} the length
   */
  read(reader, state, position) {
    this.#kind = reader.bit(this.#isRepeated, state);
    if (this.#kind === 0) {
      const length = this.#lengths.read(reader, position);
      this.#distances.pop();
      this.#distances.unshift(this.#new.read(reader, length));
      return length + SHORTEST;
    }
    if (reader.bit(this.#isNotLast, state) === 1) {
      const place = reader.bit(this.#isOlder, state) === 0 ? 1 : 2 + reader.bit(this.#isOldest, state);
      this.#distances.unshift(...this.#distances.splice(place, 1));
    } else if (reader.bit(this.#isLong, state * POSITIONS + position) === 0) {
      this.#kind = 2;
      return 1;
    }
    return this.#repeatedLengths.read(reader, position) + SHORTEST;
  }

  /** The state after a match. @param {number} state before it */
  stateAfter(state) {
    return state < MATCHED ? MATCHED + this.#kind : 10 + Math.min(this.#kind, 1);
  }
}

/** The state after a single byte. @param {number} state before it */
function stateAfterLiteral(state) {
  if (state < 4) return 0;
  return state < 10 ? state - 3 : state - 6;
}

/** The size that a header states. @param {Uint8Array} packed */
function statedSize(packed) {
  return packed.subarray(5, HEADER).reduce((sum, byte, at) => sum + byte * 2 ** (8 * at), 0);
}

/**
 * Decodes a stream.
 * @param {Uint8Array} packed
 * @param {number[]} sizes of the parts that the decoded bytes consist of
 * @param {(part: Uint8Array<ArrayBuffer>, index: number) => void} emit is called with each part once it is there
 * @throws {Damage} If the stream is not as it was written. Not every change shows: whoever stores a stream adds a checksum.
 */
export function decode(packed, sizes, emit) {
  const size = sizes.reduce((sum, size) => sum + size, 0);
  const properties = packed[0];
  if (packed.length < HEADER + 5 || properties >= 9 * 5 * 5 || statedSize(packed) !== size) throw new Damage("the header is another one");
  const literals = new Literals(properties % 9, Math.floor(properties / 9) % 5);
  const mask = (1 << Math.floor(properties / 45)) - 1;
  const matches = new Matches();
  const isMatch = probabilities(STATES * POSITIONS);
  const reader = new Reader(packed);
  const output = new Uint8Array(size);

  let [at, part, begin, state] = [0, 0, 0, 0];
  for (;;) {
    for (; part < sizes.length && at >= begin + sizes[part]; part += 1) {
      if (reader.isOver) throw new Damage("the end is missing");
      emit(output.slice(begin, begin + sizes[part]), part);
      begin += sizes[part];
    }
    if (part === sizes.length) return;

    const position = at & mask;
    if (reader.bit(isMatch, state * POSITIONS + position) === 0) {
      output[at] = literals.read(reader, output, at, state < MATCHED ? -1 : output[at - matches.distance - 1]);
      at += 1;
      state = stateAfterLiteral(state);
      continue;
    }
    const length = matches.read(reader, state, position);
    const { distance } = matches;
    if (distance >= at || length > size - at || reader.isOver) throw new Damage("a match is not within the output");
    for (const end = at + length; at < end; at += 1) output[at] = output[at - distance - 1];
    state = matches.stateAfter(state);
  }
}
