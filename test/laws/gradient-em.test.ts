import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { gradientEm } from "../../src/algorithms/gradient-em.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { draw, nearby, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

test("Fisher's identity: the gradient of Q at its own posterior is that of the objective, to 1e-12 of itself", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed, 1);
      const { gradient } = model.gradient(theta, data);
      const { responsibilities } = model.posterior(theta, data);
      const scale = 1 + Math.max(...gradient.map(Math.abs));
      expect(deviation(model.completeGradient(theta, responsibilities, data), gradient)).toBeLessThan(1e-12 * scale);
    }),
    { numRuns: 40 },
  );
});

test("at responsibilities of another point it is the gradient of Q there: zero at the M-step's result", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const { responsibilities } = model.posterior(theta, data);
      const maximum = model.maximise(theta, { responsibilities }, data);
      fc.pre(maximum.failure === undefined);
      const scale = Math.max(...model.completeGradient(theta, responsibilities, data).map(Math.abs));
      const there = model.completeGradient(maximum.theta, responsibilities, data);
      expect(Math.max(...there.map(Math.abs))).toBeLessThan(1e-7 * (1 + scale));
    }),
    { numRuns: 40 },
  );
});

test("its derivative at fixed responsibilities is minus the complete information", () => {
  const problem = draw({ experts: "logistic", k: 3, rows: 300, features: 2, seed: 31, ridge: 0.5, weighted: true });
  const { model, data } = problem;
  const theta = nearby(problem, 1);
  const { responsibilities } = model.posterior(theta, data);
  const { complete } = model.information(theta, data);
  const slopes = jacobian((at) => model.completeGradient(at, responsibilities, data), theta);
  const found = slopes.flatMap((row) => Array.from(row, (entry) => -entry));
  expect(deviation(complete, found)).toBeLessThan(1e-7 * Math.max(...complete.map(Math.abs)));
});

test.each([
  ["linear", 0.1],
  ["logistic", 0.5],
] as const)(
  "with one inner step and one step size it is gradient descent, to 1e-12 over 200 steps: %s",
  (experts, stepSize) => {
    const problem = draw({ experts, k: 2, rows: 400, features: 2, seed: 32, ridge: 0.5, weighted: true });
    const start = nearby(problem, 2, 0.5);
    const stop = { maxIterations: 200 };
    const one = run(gradientEm({ stepSize }), problem, start, stop);
    const other = run(gradientDescent({ stepSize }), problem, start, stop);
    expect([one.steps.length, other.steps.length]).toEqual([201, 201]);
    for (const [t, { theta, gain, objective }] of one.steps.entries()) {
      expect(deviation(theta, other.steps[t].theta)).toBeLessThan(1e-12);
      expect(Math.abs(gain - other.steps[t].gain)).toBeLessThan(1e-12 * (1 + Math.abs(gain)));
      expect(Math.abs(objective - other.steps[t].objective)).toBeLessThan(1e-12 * Math.abs(objective));
    }
  },
);

test("negative control: with two inner steps, or a step size of the gate's own, it is not", () => {
  const problem = draw({ experts: "linear", k: 2, rows: 400, features: 2, seed: 33 });
  const start = nearby(problem, 2, 0.5);
  const after = (options: { innerSteps?: number; gateStepSize?: number }) =>
    run(gradientEm({ stepSize: 0.1, ...options }), problem, start, { maxIterations: 20 }).outcome.theta;
  const descent = run(gradientDescent({ stepSize: 0.1 }), problem, start, { maxIterations: 20 }).outcome.theta;
  expect(deviation(after({ innerSteps: 2 }), descent)).toBeGreaterThan(1e-3);
  expect(deviation(after({ gateStepSize: 0.5 }), descent)).toBeGreaterThan(1e-3);
});

test("many inner steps are an EM step, to 1e-8", () => {
  const problem = draw({ experts: "logistic", k: 2, rows: 300, features: 1, seed: 34, ridge: 5 });
  const start = nearby(problem, 3);
  const inner = run(gradientEm({ stepSize: 3, innerSteps: 5000 }), problem, start, { maxIterations: 1 }).outcome.theta;
  const exact = run(em(), problem, start, { maxIterations: 1 }).outcome.theta;
  expect(deviation(inner, start)).toBeGreaterThan(0.01);
  expect(deviation(inner, exact)).toBeLessThan(1e-8);
});

test("the gate's step size moves the gate alone", () => {
  const problem = draw({ experts: "linear", k: 3, rows: 300, features: 2, seed: 35 });
  const { model } = problem;
  const start = nearby(problem, 4);
  const [plain, own] = [{ stepSize: 0.1 }, { stepSize: 0.1, gateStepSize: 0.3 }].map((sizes) => [
    run(gradientDescent(sizes), problem, start, { maxIterations: 1 }).outcome.theta,
    run(gradientEm(sizes), problem, start, { maxIterations: 1 }).outcome.theta,
  ]);
  own.forEach((theta, which) => {
    model.names.forEach((name, j) => {
      const ratio = (theta[j] - start[j]) / (plain[which][j] - start[j]);
      expect(ratio).toBeCloseTo(name.startsWith("gate") ? 3 : 1, 8);
    });
  });
});
