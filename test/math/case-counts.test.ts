import fc from "fast-check";
import { expect, test } from "vitest";
import { CaseCounts } from "../../src/math/case-counts.ts";
import { random } from "../../src/math/random.ts";

test("of few units they are those of as many draws among all", () => {
  const [units, rng] = [1000, random(3)];
  const wanted = new Int32Array(units);
  for (let draw = 0; draw < units; draw++) wanted[rng.integer(units)]++;
  expect(new CaseCounts(random(3), units).take(units)).toEqual(wanted);
});

test("are the same however many are taken at a time, and come to the number of units", () => {
  const units = 150_000;
  const all = new CaseCounts(random(5), units).take(units);
  expect(all.reduce((sum, count) => sum + count, 0)).toBe(units);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const counts = new CaseCounts(random(5), units);
      for (let [from, k] = [0, 0]; from < units; k++) {
        const some = counts.take(Math.min(sizes[k % sizes.length], units - from));
        if (Buffer.compare(Buffer.from(some.buffer), Buffer.from(all.slice(from, from + some.length).buffer)) !== 0)
          return false;
        from += some.length;
      }
      return true;
    }),
    { numRuns: 15 },
  );
});

test("have the law of draws with replacement: means, variances and covariances of runs of units, within and across those that are drawn together", () => {
  const units = 140_000;
  // The first two runs are drawn together, and the third is not.
  const ends = [20_000, 60_000, 140_000];
  const times = 400;
  const sums = Array.from({ length: times }, (_, seed) => {
    const counts = new CaseCounts(random(seed), units);
    return ends.map((end, j) => counts.take(end - (ends[j - 1] ?? 0)).reduce((sum, count) => sum + count, 0));
  });
  const shares = ends.map((end, j) => (end - (ends[j - 1] ?? 0)) / units);
  for (const [i, p] of shares.entries()) {
    for (const [j, q] of shares.entries()) {
      const products = sums.map((own) => (own[i] - units * p) * (own[j] - units * q));
      const mean = products.reduce((sum, each) => sum + each, 0) / times;
      const spread = Math.sqrt(products.reduce((sum, each) => sum + (each - mean) ** 2, 0) / times / times);
      expect(Math.abs(mean - units * (i === j ? p * (1 - p) : -p * q))).toBeLessThan(5 * spread);
    }
  }
  const counts = new CaseCounts(random(1), units).take(units);
  const times0 = counts.reduce((sum, count) => sum + Number(count === 0), 0) / units;
  // A unit is never drawn with a chance of 1/e.
  expect(Math.abs(times0 - Math.exp(-1))).toBeLessThan(5 * Math.sqrt((Math.exp(-1) - 2 * Math.exp(-2)) / units));
});
