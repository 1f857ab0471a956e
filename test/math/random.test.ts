import fc from "fast-check";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { random } from "../../src/math/random.ts";

test.each([0, 1, 2, 17])("uniform numbers of stream %s are those of pure-rand, to the bit", (stream) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [ours, theirs] = [random(seed, stream), xoroshiro128plus(seed)];
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
        const [ours, theirs] = [random(seed), xoroshiro128plus(seed)];
        for (const n of bounds) expect(ours.integer(n)).toBe(uniformInt(theirs, 0, n - 1));
      },
    ),
  );
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1, "3" as unknown as number])("no bound is %s", (n) => {
  expect(() => random(1).integer(n)).toThrow(InputError);
});
