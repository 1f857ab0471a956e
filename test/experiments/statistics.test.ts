import { expect, test } from "vitest";
import { pairedClaim, verdictOf } from "../../src/experiments/runner/statistics.ts";
import { mean, median, sd } from "../../src/math/statistics.ts";

test("mean, median and standard deviation of small samples", () => {
  expect([mean([1, 2, 6]), median([6, 1, 2]), median([4, 1, 2, 100])]).toEqual([3, 2, 3]);
  expect([sd([1, 2, 6]), sd([5])]).toEqual([Math.sqrt(7), 0]);
});

test("a claim has the standard error of its mean difference, and none of one pair", () => {
  const verdict = "no difference seen";
  expect(pairedClaim(9, [1, 2, 6])).toEqual({ published: 9, mean: 3, error: Math.sqrt(7 / 3), verdict });
  expect(pairedClaim(9, [4])).toMatchObject({ mean: 4, error: null, verdict: "one instance says nothing" });
});

test.each([
  [{ mean: 1, error: 0.49 }, 1, "holds"],
  [{ mean: -1, error: 0.49 }, 1, "the other way round"],
  [{ mean: 1, error: 0.51 }, 1, "no difference seen"],
  [{ mean: 0, error: 0 }, 0, "no difference seen"],
  [{ mean: 0.1, error: 0.01 }, 1, "holds"],
  [{ mean: 0.09, error: 0.01 }, 1, "no difference seen"],
  [{ mean: 1, error: null }, 1, "one instance says nothing"],
] as const)("of %o where %d is claimed: %s", ({ mean, error }, claimed, verdict) => {
  expect(verdictOf(mean, error, claimed)).toBe(verdict);
});
