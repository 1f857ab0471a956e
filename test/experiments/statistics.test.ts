import { expect, test } from "vitest";
import { mean, median, sd } from "../../src/experiments/statistics.ts";

test("mean, median and standard deviation of small samples", () => {
  expect([mean([1, 2, 6]), median([6, 1, 2]), median([4, 1, 2, 100])]).toEqual([3, 2, 3]);
  expect([sd([1, 2, 6]), sd([5])]).toEqual([Math.sqrt(7), 0]);
});
