import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";

/** Of 32 bits. */
const WORDS = 2 ** 32;

/** A seeded stream of random numbers. */
export interface Random {
  /** A number in [0, 1). */
  uniform: () => number;
  /** An integer in [0, n), of n up to 2³². */
  integer: (n: number) => number;
  /** A standard normal number. */
  normal: () => number;
}

/**
 * A stream of random numbers: xoroshiro128+ from a seed, 2⁶⁴ numbers past the stream before it.
 *
 * The same seed and stream give the same numbers; different streams of one seed never overlap, so each start of a fit
 * takes its own and none depends on which ran before. What seeds that follow each other give is no more alike than what
 * any two give: 1, 2, 3 are as good a choice as others.
 *
 * @param seed any 32-bit integer
 * @param stream number of the stream, from 0
 * @example
 * ```ts
 * import { random } from "mixlens";
 * if (random(1).uniform() !== random(1).uniform()) throw new Error("the seed decides");
 * ```
 */
export function random(seed: number, stream: number = 0): Random {
  check("a seed", seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  check("a stream", stream, 0, Number.MAX_SAFE_INTEGER);
  const generator = startOf(seed, stream);
  const uniform = (): number =>
    (generator.next() & (2 ** 26 - 1)) * 2 ** -26 + (generator.next() & (2 ** 27 - 1)) * 2 ** -53;
  let spare: number | undefined;
  return {
    uniform,
    integer: (n) => {
      check("a bound", n, 1, WORDS);
      // Words from the last multiple of n on would favour the small remainders.
      const fair = WORDS - (WORDS % n);
      let word: number;
      do word = generator.next() + WORDS / 2;
      while (word >= fair);
      return word % n;
    },
    normal: () => {
      // Box and Muller's transform makes two at a time.
      if (spare !== undefined) {
        const second = spare;
        spare = undefined;
        return second;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

function check(name: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new InputError("draw random numbers", `${name} that is a whole number from ${from} to ${to}`, shown(value));
}

/** The xoroshiro128+ generator of Blackman and Vigna: two words of 64 bits, in halves, from those that SplitMix scatters. */
class Xoroshiro {
  private h0: number;
  private l0: number;
  private h1: number;
  private l1: number;

  /** Streams that were passed over. */
  stream = 0;

  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
    [this.h0, this.l0, this.h1, this.l1] = [1, 2, 3, 4].map((step) => scattered((seed | 0) + step * GOLDEN));
  }

  /** The low half of the words' sum, with a sign. */
  next(): number {
    const { h0, l0, h1, l1 } = this;
    const h = h1 ^ h0;
    const l = l1 ^ l0;
    this.l0 = (l0 << 24) ^ (h0 >>> 8) ^ l ^ (l << 16);
    this.h0 = (h0 << 24) ^ (l0 >>> 8) ^ h ^ ((h << 16) | (l >>> 16));
    this.l1 = (h << 5) ^ (l >>> 27);
    this.h1 = (l << 5) ^ (h >>> 27);
    return (l0 + l1) | 0;
  }

  /** Passes over 2⁶⁴ numbers. */
  jump(): void {
    const sum = { h0: 0, l0: 0, h1: 0, l1: 0 };
    for (const word of [0xd8f554a5, 0xdf900294, 0x4b3201fc, 0x170865df]) {
      for (let bit = 1; bit !== 0; bit <<= 1) {
        if (word & bit) for (const half of ["h0", "l0", "h1", "l1"] as const) sum[half] ^= this[half];
        this.next();
      }
    }
    Object.assign(this, sum);
    this.stream++;
  }
}

/** 2³² over the golden ratio: its multiples are spread evenly. */
const GOLDEN = 0x9e3779b9;

/** Another word for each of 32 bits; of words that differ in one bit each bit differs in about half of them. */
function scattered(word: number): number {
  // The finaliser of Appleby's MurmurHash3.
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** That of the stream that was asked for last: to the next it is one jump, and not as many as there are streams. */
let last: Xoroshiro | undefined;

function startOf(seed: number, stream: number): Xoroshiro {
  if (last?.seed !== seed || last.stream > stream) last = new Xoroshiro(seed);
  while (last.stream < stream) last.jump();
  return Object.assign(new Xoroshiro(seed), last);
}
