import fc from "fast-check";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { random } from "../../src/math/random.ts";

const WORD = 0xffffffffn;

/** The state that Steele, Lea and Flood's SplitMix would begin with, of words of 32 bits; in 64-bit arithmetic. */
function purerand(seed: number): ReturnType<typeof xoroshiro128plusFromState> {
  const finalised = (word: bigint): number => {
    let mixed = word & WORD;
    for (const factor of [0x85ebca6bn, 0xc2b2ae35n]) {
      mixed ^= mixed >> (factor === 0x85ebca6bn ? 16n : 13n);
      mixed = (mixed * factor) & WORD;
    }
    return Number(mixed ^ (mixed >> 16n)) | 0;
  };
  const [h0, l0, h1, l1] = [1n, 2n, 3n, 4n].map((step) => finalised(BigInt(seed) + step * 0x9e3779b9n));
  return xoroshiro128plusFromState([h0, l0, h1, l1]);
}

test.each([0, 1, 2, 17])("uniform numbers of stream %s are those of pure-rand, to the bit", (stream) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [ours, theirs] = [random(seed, stream), purerand(seed)];
      for (let s = 0; s < stream; s++) theirs.jump();
      for (let i = 0; i < 50; i++) expect(ours.uniform()).toBe(uniformFloat64(theirs));
    }),
  );
});

test("whole numbers are those of pure-rand, to the bit", () => {
  const bound = fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1, max: 2 ** 32 }),
    fc.constantFrom(2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.array(bound, { minLength: 1 }),
      (seed, bounds) => {
        const [ours, theirs] = [random(seed), purerand(seed)];
        for (const n of bounds) expect(ours.integer(n)).toBe(uniformInt(theirs, 0, n - 1));
      },
    ),
  );
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1, "3" as unknown as number])("no bound is %s", (n) => {
  expect(() => random(1).integer(n)).toThrow(InputError);
});

const numbers = (seed: number, stream?: number): number[] => {
  const rng = random(seed, stream);
  return Array.from({ length: 5 }, () => rng.uniform());
};

test("a stream is the same whichever were asked for, and read from, before", () => {
  const orders = [
    [0, 1, 2, 7],
    [7, 2, 1, 0],
    [2, 2, 7, 7, 0, 1],
  ];
  const found = orders.map((order) => new Map(order.map((stream) => [stream, numbers(5, stream)])));
  for (const stream of [0, 1, 2, 7]) {
    numbers(stream, 3);
    expect(found.map((each) => each.get(stream))).toEqual(found.map(() => numbers(5, stream)));
  }
  expect(numbers(5)).toEqual(numbers(5, 0));
  expect(new Set([0, 1, 2, 7].map((stream) => numbers(5, stream).join())).size).toBe(4);
  expect(numbers(6, 7)).not.toEqual(numbers(5, 7));
});

test("the first numbers of seeds that follow each other are drawn independently", () => {
  const seeds = 2000;
  for (const stream of [0, 1]) {
    const drawn = Array.from({ length: seeds }, (_, seed) => {
      const rng = random(seed, stream);
      return Array.from({ length: 6 }, () => rng.normal());
    });
    for (const a of [0, 1, 2, 3, 4, 5]) {
      // Each mean and correlation is standard normal in units of its error: 5 is passed once in a million.
      const mean = drawn.reduce((sum, row) => sum + row[a], 0) / Math.sqrt(seeds);
      expect(Math.abs(mean)).toBeLessThan(5);
      const next = drawn.slice(1).reduce((sum, row, i) => sum + row[a] * drawn[i][a], 0) / Math.sqrt(seeds);
      expect(Math.abs(next)).toBeLessThan(5);
      for (let b = 0; b < a; b++) {
        expect(Math.abs(drawn.reduce((sum, row) => sum + row[a] * row[b], 0)) / Math.sqrt(seeds)).toBeLessThan(5);
      }
    }
  }
});
