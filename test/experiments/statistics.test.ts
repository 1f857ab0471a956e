import { expect, test } from "vitest";
import { pairedDifference, verdictOf } from "../../src/experiments/runner/statistics.ts";
import { mean, median, sd } from "../../src/math/statistics.ts";

test("mean, median and standard deviation of small samples", () => {
  expect([mean([1, 2, 6]), median([6, 1, 2]), median([4, 1, 2, 100])]).toEqual([3, 2, 3]);
  expect([sd([1, 2, 6]), sd([5])]).toEqual([Math.sqrt(7), 0]);
});

test("a paired difference has the standard error of its mean, and none of one pair", () => {
  expect(pairedDifference([1, 2, 6])).toEqual({ mean: 3, error: Math.sqrt(7 / 3) });
  expect(pairedDifference([4])).toEqual({ mean: 4, error: null });
});

test.each([
  [{ mean: 1, error: 0.49 }, 1, "holds"],
  [{ mean: -1, error: 0.49 }, 1, "the other way round"],
  [{ mean: 1, error: 0.51 }, 1, "no difference seen"],
  [{ mean: 0, error: 0 }, 0, "no difference seen"],
  [{ mean: 0.1, error: 0.01 }, 1, "holds"],
  [{ mean: 0.09, error: 0.01 }, 1, "no difference seen"],
  [{ mean: 1, error: null }, 1, "one instance says nothing"],
] as const)("of %o where %d is claimed: %s", (difference, claimed, verdict) => {
  expect(verdictOf(difference, claimed)).toBe(verdict);
});
