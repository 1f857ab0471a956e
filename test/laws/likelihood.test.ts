import fc from "fast-check";
import { expect, test } from "vitest";
import { logGamma } from "../../src/math/special.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { draw, nearby, type Problem, problems } from "../support/problems.ts";

/** The model written out row by row, with no thought for overflow: an oracle for small problems. */
function bruteForce(
  { model, data }: Problem,
  theta: Float64Array,
): { logLikelihood: number; responsibilities: number[] } {
  const dot = (at: readonly number[], values: readonly Float64Array[], i: number): number =>
    values.reduce((sum, column, j) => sum + column[i] * theta[at[j]], 0);
  const softmax = (eta: number[]): number[] => {
    const total = eta.reduce((sum, value) => sum + Math.exp(value), 0);
    return eta.map((value) => Math.exp(value) / total);
  };
  const responsibilities: number[] = [];
  let logLikelihood = 0;
  for (let i = 0; i < data.rows; i++) {
    const gate = softmax([0, ...model.gate.map(({ at }) => dot(at, data.gate.values, i))]);
    const joint = model.experts.map((heads, z) => {
      const eta = heads.map(({ at, design }) => dot(at, design === "expert" ? data.expert.values : [], i));
      eta[0] += data.offset?.[i] ?? 0;
      const [mean] = eta;
      if (model.spec.experts === "logistic") return gate[z] * softmax([0, ...eta])[data.response[i]];
      if (model.spec.experts === "poisson") {
        const factors = Array.from({ length: data.response[i] }, (_, j) => Math.exp(mean) / (j + 1));
        return gate[z] * Math.exp(-Math.exp(mean)) * factors.reduce((product, factor) => product * factor, 1);
      }
      if (model.spec.experts === "binomial") {
        const [y, n] = [data.response[i], data.trials![i]];
        const p = 1 / (1 + Math.exp(-mean));
        const choices = Array.from({ length: y }, (_, j) => (n - j) / (j + 1));
        return gate[z] * p ** y * (1 - p) ** (n - y) * choices.reduce((product, factor) => product * factor, 1);
      }
      const scale = heads.length > 1 ? Math.exp(theta[heads[1].at[0]]) : 1;
      const y = data.response[i];
      if (model.spec.experts === "gamma") {
        const rate = scale / Math.exp(mean);
        return gate[z] * Math.exp(scale * Math.log(rate) - logGamma(scale) + (scale - 1) * Math.log(y) - rate * y);
      }
      if (model.spec.experts === "negative-binomial") {
        const p = 1 / (1 + scale * Math.exp(mean));
        const factors = Array.from({ length: y }, (_, j) => ((1 / scale + j) / (j + 1)) * (1 - p));
        return gate[z] * p ** (1 / scale) * factors.reduce((product, factor) => product * factor, 1);
      }
      const sigma = scale;
      if (model.spec.experts === "student-t") {
        // Four degrees of freedom: Γ(5/2)/(Γ(2)√(4π)) = 3/8.
        return (gate[z] * 0.375 * (1 + ((y - mean) / sigma) ** 2 / 4) ** -2.5) / sigma;
      }
      const residual = (data.response[i] - mean) / sigma;
      return (gate[z] * Math.exp(-0.5 * residual ** 2)) / (sigma * Math.sqrt(2 * Math.PI));
    });
    const total = joint.reduce((sum, value) => sum + value, 0);
    logLikelihood += (data.weights?.[i] ?? 1) * Math.log(total);
    responsibilities.push(...joint.map((value) => value / total));
  }
  return { logLikelihood, responsibilities };
}

test("the E-step is Bayes' rule written out: responsibilities to 1e-10, log-likelihood to 1e-12 of itself", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const theta = nearby(problem, seed);
      const oracle = bruteForce(problem, theta);
      const found = problem.model.posterior(theta, problem.data);
      expect(deviation(found.responsibilities, oracle.responsibilities)).toBeLessThan(1e-10);
      expect(Math.abs(found.logLikelihood / oracle.logLikelihood - 1)).toBeLessThan(1e-12);
    }),
    { numRuns: 60 },
  );
});

test("responsibilities sum to one within 1e-12, also where one expert is certain", () => {
  fc.assert(
    fc.property(problems, fc.integer(), fc.constantFrom(0.2, 5, 200), (problem, seed, size) => {
      const { responsibilities } = problem.model.posterior(nearby(problem, seed, size), problem.data);
      const k = problem.model.experts.length;
      for (let i = 0; i < problem.data.rows; i++) {
        const row = responsibilities.subarray(i * k, (i + 1) * k);
        expect(Math.abs(row.reduce((sum, r) => sum + r, 0) - 1)).toBeLessThan(1e-12);
        expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 60 },
  );
});

test("the gradient is that of the objective, against differences, to 1e-8 of its scale, with the objective to 1e-13", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const [differences] = jacobian((at) => Float64Array.of(model.posterior(at, data).objective), theta);
      const { gradient, objective, logLikelihood } = model.gradient(theta, data);
      expect(deviation(gradient, differences)).toBeLessThan(1e-8 * (1 + Math.abs(objective)));
      expect(Math.abs(objective - model.posterior(theta, data).objective)).toBeLessThan(1e-13 * Math.abs(objective));
      expect(objective <= logLikelihood).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("minus the Hessian is complete less missing information, everywhere, to 1e-7 of its scale", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const hessian = jacobian((at) => model.gradient(at, data).gradient, theta);
      const { complete, missing } = model.information(theta, data);
      const scale = Math.max(...complete.map(Math.abs));
      const observed = complete.map((entry, at) => entry - missing[at]);
      expect(
        deviation(
          observed,
          hessian.flatMap((row) => Array.from(row, (entry) => -entry)),
        ),
      ).toBeLessThan(1e-7 * scale);
    }),
    { numRuns: 40 },
  );
});

test("negative control: without the missing information the Hessian is off by more than 1e-3", () => {
  const problem = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 5 });
  const theta = nearby(problem, 1);
  const hessian = jacobian((at) => problem.model.gradient(at, problem.data).gradient, theta);
  const { complete } = problem.model.information(theta, problem.data);
  const scale = Math.max(...complete.map(Math.abs));
  expect(
    deviation(
      complete,
      hessian.flatMap((row) => Array.from(row, (entry) => -entry)),
    ),
  ).toBeGreaterThan(1e-3 * scale);
});
