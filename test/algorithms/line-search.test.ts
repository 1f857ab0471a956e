import fc from "fast-check";
import { expect, test } from "vitest";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { lineSearch } from "../../src/algorithms/line-search.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

test("a line search never lowers the objective, keeps 0.3 of each first-order gain, and counts its tries", () => {
  fc.assert(
    fc.property(problems, fc.integer(), fc.constantFrom(1e-4, 1, 1e4), (problem, seed, stepSize) => {
      const start = nearby(problem, seed, 1);
      const { steps, outcome } = run(lineSearch({ stepSize }), problem, start, { maxIterations: 25 });
      expect(outcome.result).toMatch(/^(converged|max-iterations)$/);
      for (let t = 1; t < steps.length; t++) {
        const rounding = 1e-12 * Math.abs(steps[t].objective);
        const { objective, gain, evaluations } = steps[t];
        expect(objective).toBeGreaterThanOrEqual(steps[t - 1].objective + 0.3 * gain - rounding);
        expect(gain).toBeGreaterThan(0);
        expect(evaluations).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 30 },
  );
});

test("each of its steps is one of gradient descent, with the step size it found", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const search = lineSearch();
      let theta = nearby(problem, seed);
      let state = search.init(model, theta, data);
      for (let t = 0; t < 5; t++) {
        const step = search.step(model, theta, state, data);
        if ("failure" in step) throw new Error(step.failure.reason);
        const { stepSize } = step.state;
        expect(stepSize).toBeLessThanOrEqual(2 * state.stepSize);
        const { outcome } = run(gradientDescent({ stepSize }), problem, theta, { maxIterations: 1 });
        expect(deviation(step.theta, outcome.theta)).toBeLessThan(1e-12 * (1 + Math.max(...theta.map(Math.abs))));
        ({ theta, state } = step);
      }
    }),
    { numRuns: 20 },
  );
});

test("it comes to the end of double precision, where rounding hides what a step gains", () => {
  const problem = draw({ experts: "linear", k: 2, rows: 300, features: 1, seed: 61, ridge: 0.5 });
  const { outcome } = run(lineSearch(), problem, nearby(problem, 1), { maxIterations: 1000 });
  expect(outcome.result).toBe("converged");
  const { gradient } = problem.model.gradient(outcome.theta, problem.data);
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-8);
});
