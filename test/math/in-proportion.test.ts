import fc from "fast-check";
import { expect, test } from "vitest";
import { inProportion } from "../../src/math/in-proportion.ts";

const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 200 });
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

test("the weights' sum stays, to half an interval; at the most one row more is taken than asked for, and no row twice", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 300 }), (values, count) => {
      const given = Float64Array.from(values);
      const { index, weights } = inProportion(given, count);
      expect(index.length).toBeLessThanOrEqual(count + 1);
      expect(index.every((i, at) => at === 0 || i > index[at - 1])).toBe(true);
      // Rows that were taken whatever comes keep their weights; the others have one and the same.
      const interval = weights.reduce((least, weight) => Math.min(least, weight), Number.POSITIVE_INFINITY);
      index.forEach((i, at) => {
        expect(weights[at]).toBe(Math.max(given[i], interval));
      });
      if (index.length > 0)
        expect(Math.abs(sum(weights) - sum(given))).toBeLessThanOrEqual(interval / 2 + 1e-9 * sum(given));
    }),
  );
});

test("a row that outweighs all others is always there, as it is", () => {
  const given = new Float64Array(1000).fill(0.01);
  given[700] = 50;
  const { index, weights } = inProportion(given, 20);
  expect(weights[index.indexOf(700)]).toBe(50);
  expect(sum(weights)).toBeCloseTo(sum(given), 9);
});

test("nothing is taken of rows that weigh nothing", () => {
  expect(inProportion(new Float64Array(5), 3).index).toEqual([]);
});

test("sums over shuffled rows come within five standard errors; equal weights take every so many", () => {
  const n = 100_000;
  const given = Float64Array.from({ length: n }, (_, i) => ((i * 7919) % n) / n);
  const value = (i: number): number => Math.sin(i * i);
  const { index, weights } = inProportion(given, 4000);
  const found = sum(index.map((i, at) => weights[at] * value(i)));
  const wanted = sum(given.map((weight, i) => weight * value(i)));
  const standardError = (sum(given) / Math.sqrt(4000)) * Math.SQRT1_2;
  expect(Math.abs(found - wanted)).toBeLessThan(5 * standardError);
  expect(inProportion(new Float64Array(9).fill(2), 3)).toEqual({ index: [1, 4, 7], weights: [6, 6, 6] });
});
