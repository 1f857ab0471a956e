import fc from "fast-check";
import { expect, test } from "vitest";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import type { Iterate } from "../../src/algorithms/iterate.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, nearlyTied, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** Evaluations of EM's map until a step is shorter than 1e-7. */
function evaluations(steps: readonly Iterate[]): number {
  return steps.findIndex(
    ({ theta }, t) => t > 0 && Math.hypot(...theta.map((v, j) => v - steps[t - 1].theta[j])) < 1e-7,
  );
}

test("Anderson's acceleration never lowers the objective", () => {
  fc.assert(
    fc.property(problems, fc.integer(), fc.integer({ min: 1, max: 10 }), (problem, seed, memory) => {
      const { steps, outcome } = run(anderson({ memory }), problem, nearby(problem, seed, 1), { maxIterations: 40 });
      expect(outcome.message).not.toMatch(/lowered|not finite/);
      for (let t = 1; t < steps.length; t++) {
        const rounding = 1e-12 * Math.abs(steps[t].objective);
        expect(steps[t].objective).toBeGreaterThanOrEqual(steps[t - 1].objective - rounding);
      }
    }),
    { numRuns: 40 },
  );
});

test("its first step is EM's", () => {
  const problem = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 51 });
  const start = nearby(problem, 1);
  const [one, other] = [
    run(anderson(), problem, start, { maxIterations: 1 }),
    run(em(), problem, start, { maxIterations: 1 }),
  ];
  expect(one.outcome.theta).toEqual(other.outcome.theta);
  expect(one.outcome.iterations).toBe(1);
});

test.each([2, 8, 11])(
  "nearly tied experts, EM's rate 0.94: at most 40 evaluations where EM takes over 200 (seed %d)",
  (seed) => {
    const problem = nearlyTied(seed);
    const start = nearby(problem, 7, 0.3);
    const plain = run(em(), problem, start);
    const quick = run(anderson(), problem, start);
    expect(spectrum(problem.model, plain.outcome.theta, problem.data).rate).toBeGreaterThan(0.93);
    expect(evaluations(plain.steps)).toBeGreaterThan(200);
    expect(evaluations(quick.steps)).toBeLessThanOrEqual(40);
    expect([plain.outcome.result, quick.outcome.result]).toEqual(["converged", "converged"]);
    expect(deviation(quick.outcome.theta, plain.outcome.theta)).toBeLessThan(1e-9);
  },
);

test("a column's unit does not matter: as many steps with x1 in thousandths", () => {
  const [one, other] = [1, 1000].map((unit) => {
    const problem = nearlyTied(2, unit);
    const away = random(3);
    const start = problem.truth.map((value, j) => {
      const scale = [1, 4, 8].includes(j) ? unit : 1;
      return value + (0.2 * away.normal()) / scale;
    });
    return run(anderson(), problem, start, { tolerance: 1e-6 }).outcome;
  });
  expect([one.result, other.result]).toEqual(["converged", "converged"]);
  expect(Math.abs(one.iterations - other.iterations)).toBeLessThanOrEqual(1);
});

test("it stops neither early nor never: within three tolerances of the limit, in standard errors", () => {
  for (const experts of ["linear", "logistic"] as const) {
    for (const seed of [1, 2, 3, 4]) {
      const problem = draw({ experts, k: 2, rows: 400, features: 2, seed, ridge: experts === "linear" ? 0 : 0.5 });
      const start = nearby(problem, seed, 0.4);
      const best = run(anderson(), problem, start, { maxIterations: 500 }).outcome;
      expect(best.result).toBe("converged");
      for (const tolerance of [1e-3, 1e-4]) {
        const { result, state } = run(anderson(), problem, start, { tolerance, maxIterations: 500 }).outcome;
        expect(result).toBe("converged");
        expect(Math.sqrt(2 * Math.max(0, best.state.objective - state.objective))).toBeLessThan(3 * tolerance);
      }
    }
  }
});
