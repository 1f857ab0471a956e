import { expect, test } from "vitest";
import { normalQuantile, normalTail, twoSided } from "../../src/math/normal.ts";
import { rootBetween } from "../../src/math/root.ts";

// By R: pnorm(x, lower.tail = FALSE) and qnorm(p), to 17 digits.
test.each([
  [0, 0.5],
  [0.5, 0.30853753872598688],
  [1, 0.15865525393145705],
  [2, 0.022750131948179212],
  [2.8, 0.0025551303304279316],
  [2.9, 0.0018658133003840375],
  [5, 2.8665157187919391e-7],
  [10, 7.6198530241605269e-24],
  [37, 5.725571222524577e-300],
  [-1.5, 0.93319279873114191],
])("the tail beyond %d", (x, wanted) => {
  expect(Math.abs(normalTail(x) / wanted - 1)).toBeLessThan(1e-12);
});

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.95, 1.6448536269514715],
  [0.6, 0.25334710313579978],
  [1e-10, -6.3613409024040557],
  [0.001, -3.0902323061678132],
])("the quantile of %d", (p, wanted) => {
  expect(normalQuantile(p)).toBeCloseTo(wanted, 12);
});

test("the quantile undoes the tail, and the p-value is both tails", () => {
  for (let p = 0.001; p < 1; p += 0.0173) expect(normalTail(-normalQuantile(p))).toBeCloseTo(p, 14);
  expect(twoSided(-1.9599639845400545)).toBeCloseTo(0.05, 14);
});

test("a root is found between two points, whichever is which", () => {
  const f = (x: number): number => Math.exp(x) - 2;
  expect(rootBetween(f, [0, f(0)], [3, f(3)], 1e-14)).toBeCloseTo(Math.LN2, 13);
  expect(rootBetween(f, [3, f(3)], [0, f(0)], 1e-14)).toBeCloseTo(Math.LN2, 13);
  const flat = (x: number): number => (x - 1) ** 9;
  expect(Math.abs(flat(rootBetween(flat, [0, flat(0)], [3, flat(3)], 1e-9)))).toBeLessThan(1e-9);
});

test("what is no number has no tail, and no end is waited for", () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(normalTail)).toEqual([Number.NaN, 0, 1]);
});
