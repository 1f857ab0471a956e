import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { type Iterate, iterate } from "../../src/algorithms/iterate.ts";
import { observedRate } from "../../src/inference/rates.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { symmetricEigen } from "../../src/math/symmetric-eigen.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { type Draw, draw, nearby, type Problem, problems } from "../support/problems.ts";

function run({ model, data }: Problem, start: Float64Array, maxIterations: number) {
  const steps: Iterate[] = [];
  const loop = iterate(em<Observations>(), model, start, data, { tolerance: 1e-11, maxIterations });
  let next = loop.next();
  for (; !next.done; next = loop.next()) steps.push(next.value);
  return { steps, outcome: next.value };
}

test("EM never lowers the objective", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { steps, outcome } = run(problem, nearby(problem, seed, 1), 30);
      // Far starts may end with an expert that collapsed onto a few rows: that is a failure and says so.
      expect(outcome.message).not.toMatch(/lowered|not finite/);
      for (let t = 1; t < steps.length; t++) {
        const rounding = 1e-12 * Math.abs(steps[t].objective);
        expect(steps[t].objective).toBeGreaterThanOrEqual(steps[t - 1].objective - rounding);
      }
    }),
    { numRuns: 60 },
  );
});

test("the M-step is stationary: from its own result it gains nothing and moves nothing", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const { responsibilities } = model.posterior(nearby(problem, seed), data);
      const once = model.maximise(nearby(problem, seed), { responsibilities }, data);
      const twice = model.maximise(once.theta, { responsibilities }, data);
      expect(deviation(twice.theta, once.theta)).toBeLessThan(1e-8);
      expect(Math.abs(twice.gain)).toBeLessThan(1e-12);
    }),
    { numRuns: 40 },
  );
});

test("the gain EM reports is the directional derivative of the objective along its step", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const { theta: next, gain } = model.maximise(theta, model.posterior(theta, data), data);
      const { gradient } = model.gradient(theta, data);
      const expected = gradient.reduce((sum, g, j) => sum + g * (next[j] - theta[j]), 0);
      expect(Math.abs(gain - expected)).toBeLessThan(1e-9 * (1 + Math.abs(gain)));
    }),
    { numRuns: 40 },
  );
});

const small: readonly [string, Draw][] = [
  ["linear, k = 2", { experts: "linear", k: 2, rows: 400, features: 2, seed: 11 }],
  ["linear, k = 3", { experts: "linear", k: 3, rows: 600, features: 1, seed: 12 }],
  ["linear, k = 2, one variance", { experts: "linear", k: 2, rows: 400, features: 2, seed: 13, sharedVariance: true }],
  [
    "linear, k = 2, ridge and weights",
    { experts: "linear", k: 2, rows: 400, features: 2, seed: 14, ridge: 1, weighted: true },
  ],
  ["logistic, 3 labels, k = 2", { experts: "logistic", k: 2, rows: 800, features: 2, seed: 15, ridge: 0.1 }],
  ["Poisson, k = 2", { experts: "poisson", k: 2, rows: 500, features: 2, seed: 16, shifted: true }],
  ["Poisson, k = 3, ridge", { experts: "poisson", k: 3, rows: 600, features: 1, seed: 17, ridge: 1 }],
  ["logistic, 3 labels, k = 3", { experts: "logistic", k: 3, rows: 500, features: 1, seed: 21, ridge: 5 }],
];

test.each(small)("the spectrum is that of the EM map's Jacobian at the limit, to 1e-6: %s", (_, options) => {
  const problem = draw(options);
  const { model, data } = problem;
  const { outcome } = run(problem, problem.truth, 20_000);
  expect(outcome.result).toBe("converged");
  const p = model.names.length;
  const map = (theta: Float64Array) => model.maximise(theta, model.posterior(theta, data), data).theta;
  const rows = jacobian(map, outcome.theta);

  const { complete, missing } = model.information(outcome.theta, data);
  const scale = Math.max(...missing.map(Math.abs));
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      // I_c J = I_m, entry by entry.
      const product = rows.reduce((sum, row, m) => sum + complete[i * p + m] * row[j], 0);
      expect(Math.abs(product - missing[i * p + j])).toBeLessThan(1e-6 * scale);
    }
  }

  // J is symmetric in the metric I_c: v'I_c J v / v'I_c v for the eigenvectors of M gives J's eigenvalues.
  const { eigenvalues, eigenvectors, rate } = spectrum(model, outcome.theta, data);
  for (let e = 0; e < p; e++) {
    const v = eigenvectors.subarray(e * p, (e + 1) * p);
    const image = rows.map((row) => row.reduce((sum, entry, j) => sum + entry * v[j], 0));
    const residual = image.map((value, j) => value - eigenvalues[e] * v[j]);
    expect(Math.hypot(...residual)).toBeLessThan(1e-6 * Math.hypot(...v));
  }
  expect(rate).toBe(eigenvalues[0]);
  expect(eigenvalues[p - 1]).toBeGreaterThan(-1e-9);
  expect(symmetricEigen(missing, p).values[p - 1]).toBeGreaterThan(-1e-9 * scale);
});

test.each(small)("the observed rate of EM is the predicted one, to 0.005: %s", (_, options) => {
  const problem = draw(options);
  const { steps, outcome } = run(problem, nearby(problem, 3, 0.1), 20_000);
  const { rate } = spectrum(problem.model, outcome.theta, problem.data);
  expect(Math.abs(observedRate(steps) - rate)).toBeLessThan(0.005);
});

test("one step of gradient descent goes along the gradient, and short steps climb", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const descent = gradientDescent<Observations>({ stepSize: 1e-3 });
      const step = descent.step(model, theta, descent.init(model, theta, data), data);
      if ("failure" in step) throw new Error(step.failure.reason);
      const { gradient, objective } = model.gradient(theta, data);
      const scaled = gradient.map((g, j) => theta[j] + (1e-3 * g) / model.totalWeight(data));
      expect(deviation(step.theta, scaled)).toBeLessThan(1e-14 * (1 + Math.max(...scaled.map(Math.abs))));
      expect(step.info.objective).toBeGreaterThan(objective);
    }),
    { numRuns: 40 },
  );
});

test("a run changes neither its start nor its data, and resumes from any iterate with the same bits", () => {
  const problem = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 21 });
  const start = nearby(problem, 2, 0.5);
  const [startBefore, responseBefore] = [start.slice(), problem.data.response.slice()];
  const { steps, outcome } = run(problem, start, 40);
  expect(start).toEqual(startBefore);
  expect(problem.data.response).toEqual(responseBefore);
  const resumed = run(problem, steps[15].theta, 25);
  expect(resumed.outcome.theta).toEqual(outcome.theta);
});
