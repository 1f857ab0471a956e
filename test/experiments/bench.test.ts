import { expect, test } from "vitest";
import { plainImageSums } from "../../src/compute/plain-images.ts";
import { bench } from "../../src/experiments/bench.ts";
import { randomImages } from "../../src/experiments/bench-images.ts";
import { benchProblem } from "../../src/experiments/bench-rows.ts";

test("a case is timed by the clock it is given, at the log-likelihood of its rows to 1e-9", () => {
  let ticks = 0;
  const clock = (): number => {
    ticks += 1;
    return ticks * ticks;
  };
  const cases = [
    { name: "step", n: 500, d: 3, k: 2, threads: 1, runs: 3 },
    { name: "fit", n: 500, d: 3, k: 2, threads: 1, runs: 1 },
  ] as const;
  const [step, fit] = [...bench(cases, clock)].map(({ row }) => row);
  // The squares 1, 4, 9, … are 3, 7 and 11 apart, and 15.
  expect([step.minMs, step.medianMs, fit.medianMs]).toEqual([3, 7, 15]);
  const { model, data, truth } = benchProblem(cases[0]);
  expect(Math.abs(step.logLikelihood - model.posterior(truth, data).logLikelihood)).toBeLessThan(1e-9);
  expect(fit.logLikelihood).toBeGreaterThan(step.logLikelihood);
  expect(fit.iterations).toBeGreaterThan(2);
});

test("a pass over random bytes, which are said to be that, is timed at their log-likelihood to 2e-6", () => {
  let ticks = 0;
  const clock = (): number => {
    ticks += 1;
    return ticks * ticks;
  };
  const of = { name: "images", n: 500, d: 50, k: 2, threads: 1, runs: 3 } as const;
  const [{ row }] = bench([of], clock);
  expect([row.minMs, row.medianMs, row.source]).toEqual([3, 7, "random bytes"]);
  const { data, mixture } = randomImages(of);
  expect(Math.abs(row.logLikelihood / plainImageSums(data, mixture).value - 1)).toBeLessThan(2e-6);
});
