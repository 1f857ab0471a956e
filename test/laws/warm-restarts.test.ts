import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { emWithWarmRestarts, stepLength } from "../../src/algorithms/warm-restarts.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, nearlyTied, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** What a period multiplies a distance by along an eigenvector of the missing information with eigenvalue λ. */
function overPeriod(longest: number, period: number, lambda: number): number {
  let factor = 1;
  for (let t = 0; t < period; t++) factor *= 1 - stepLength(longest, period, t) * (1 - lambda);
  return factor;
}

test("it never lowers the objective", () => {
  fc.assert(
    fc.property(problems, fc.integer(), fc.integer({ min: 2, max: 20 }), (problem, seed, period) => {
      const algorithm = emWithWarmRestarts({ longest: 2.4, period });
      const { steps, outcome } = run(algorithm, problem, nearby(problem, seed, 1), { maxIterations: 40 });
      expect(outcome.message).not.toMatch(/lowered|not finite/);
      for (let t = 1; t < steps.length; t++) {
        const rounding = 1e-12 * Math.abs(steps[t].objective);
        expect(steps[t].objective).toBeGreaterThanOrEqual(steps[t - 1].objective - rounding);
      }
    }),
    { numRuns: 40 },
  );
});

test("a step is γ_t of EM's, along a cosine from the longest towards 1, and again after a period", () => {
  expect(Array.from({ length: 4 }, (_, t) => stepLength(3, 4, t))).toEqual([
    3,
    2 + Math.SQRT1_2,
    expect.closeTo(2, 12),
    expect.closeTo(2 - Math.SQRT1_2, 12),
  ]);
  const problem = draw({ experts: "linear", k: 2, rows: 400, features: 1, seed: 3 });
  const { model, data } = problem;
  const { steps } = run(emWithWarmRestarts({ longest: 1.8, period: 3 }), problem, nearby(problem, 1), {
    maxIterations: 7,
  });
  for (let t = 0; t < 7; t++) {
    const { theta } = steps[t];
    const image = model.maximise(theta, model.posterior(theta, data), data).theta;
    const factor = stepLength(1.8, 3, t % 3);
    const wanted = theta.map((value, j) => value + factor * (image[j] - value));
    expect(deviation(steps[t + 1].theta, wanted)).toBeLessThan(1e-12);
    expect(deviation(steps[t + 1].theta, image)).toBeGreaterThan(1e-9);
  }
});

test("with a longest step of 1 it is EM, to 1e-12", () => {
  const problem = draw({ experts: "logistic", k: 2, rows: 300, features: 1, seed: 4, ridge: 1 });
  const start = nearby(problem, 1);
  const one = run(emWithWarmRestarts({ longest: 1 }), problem, start, { maxIterations: 30 });
  const other = run(em(), problem, start, { maxIterations: 30 });
  expect(deviation(one.outcome.theta, other.outcome.theta)).toBeLessThan(1e-12);
});

test("where λ = 0 a period multiplies by 4·period·((longest − 1)/4)^period, to 1e-9", () => {
  for (const [longest, period] of [
    [3, 8],
    [3.5, 12],
    [1.9, 1],
    [4, 16],
  ]) {
    const product = 4 * period * ((longest - 1) / 4) ** period;
    expect(Math.abs(overPeriod(longest, period, 0) / product)).toBeCloseTo(1, 9);
  }
});

test("any longest step that is let in converges for every λ from 0 to below 1; one a tenth longer does not", () => {
  for (const period of [1, 2, 3, 5, 8, 16, 40]) {
    const bound = 1 + 4 * (4 * period) ** (-1 / period);
    expect(() => emWithWarmRestarts({ longest: bound - 1e-9, period })).not.toThrow();
    for (let lambda = 0; lambda < 1; lambda += 1 / 512) {
      expect(Math.abs(overPeriod(bound - 1e-9, period, lambda))).toBeLessThan(1);
    }
    expect(Math.abs(overPeriod(bound + 0.1, period, 0))).toBeGreaterThan(1.04);
  }
});

test.each([2, 8, 11])("nearly tied experts, EM's rate 0.94: at most half of EM's steps (seed %d)", (seed) => {
  const problem = nearlyTied(seed);
  const start = nearby(problem, 7, 0.3);
  const plain = run(em(), problem, start, { tolerance: 1e-8 });
  const quick = run(emWithWarmRestarts(), problem, start, { tolerance: 1e-8 });
  expect([plain.outcome.result, quick.outcome.result]).toEqual(["converged", "converged"]);
  expect(deviation(quick.outcome.theta, plain.outcome.theta)).toBeLessThan(1e-6);
  const best = plain.steps[plain.steps.length - 1].objective;
  const reached = ({ steps }: typeof plain | typeof quick): number =>
    steps.findIndex(({ objective }) => best - objective < 1e-9);
  expect(spectrum(problem.model, plain.outcome.theta, problem.data).rate).toBeGreaterThan(0.93);
  expect(reached(quick)).toBeLessThan(0.5 * reached(plain));
});

test("it stops neither early nor never: within three tolerances of the limit, in standard errors", () => {
  for (const experts of ["linear", "logistic"] as const) {
    for (const seed of [1, 2, 3]) {
      const problem = draw({ experts, k: 2, rows: 400, features: 2, seed, ridge: experts === "linear" ? 0 : 0.5 });
      const start = nearby(problem, seed, 0.4);
      const best = run(emWithWarmRestarts(), problem, start).outcome;
      expect(best.result).toBe("converged");
      for (const tolerance of [1e-3, 1e-4]) {
        const { result, state } = run(emWithWarmRestarts(), problem, start, { tolerance }).outcome;
        expect(result).toBe("converged");
        const left = Math.sqrt(2 * Math.max(0, best.state.objective - state.objective));
        expect(left).toBeLessThan(3 * tolerance);
      }
    }
  }
});
