import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { cholesky, inverseDiagonal, solveCholesky } from "../../src/math/cholesky.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import { deviation } from "../support/differences.ts";
import { draw, type Problem } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** Limits of EM, where the observed information is positive definite. */
const limits = (["linear", "logistic", "poisson"] as const).map((experts, seed) => {
  const problem = draw({ experts, k: 2, rows: 400, features: 2, seed: 50 + seed, ridge: 0.5 });
  const theta = run(em(), problem, problem.truth, { tolerance: 1e-9 }).outcome.theta;
  return { problem, theta };
});

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, j) => sum + value * b[j], 0);

/** The fraction 1 − c'I_c⁻¹c / c'I_o⁻¹c of missing information about c'θ, and the complete data's standard errors. */
function fractions({ model, data }: Problem, theta: Float64Array) {
  const p = theta.length;
  const { complete, missing } = model.information(theta, data);
  const whole = cholesky(complete, p) as Float64Array;
  const observed = cholesky(
    complete.map((entry, at) => entry - missing[at]),
    p,
  ) as Float64Array;
  const of = (c: Float64Array): number =>
    1 - dot(c, solveCholesky(whole, p, c)) / dot(c, solveCholesky(observed, p, c));
  return { of, errors: inverseDiagonal(whole, p).map(Math.sqrt) };
}

test("the worst combination has the fraction λₘₐₓ of missing information, to 1e-9, and no random one has more", () => {
  for (const { problem, theta } of limits) {
    const { rate, worstCombination, missingFraction, names } = spectrum(problem.model, theta, problem.data);
    const { of, errors } = fractions(problem, theta);
    expect(Object.keys(worstCombination)).toEqual(names);
    const worst = Float64Array.from(names, (name, j) => worstCombination[name] / errors[j]);
    expect(Math.abs(of(worst) - rate)).toBeLessThan(1e-9);
    expect(Math.max(...Object.values(worstCombination))).toBe(1);
    expect(Math.min(...Object.values(worstCombination))).toBeGreaterThanOrEqual(-1);
    for (const fraction of missingFraction) expect(fraction).toBeLessThan(rate + 1e-12);
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1, 0.1, 0.001), (seed, spread) => {
        const rng = random(seed);
        const c = worst.map((value, j) => value + (spread * rng.normal()) / errors[j]);
        expect(of(c)).toBeLessThan(rate + 1e-9);
      }),
      { numRuns: 100 },
    );
  }
});

test("negative control: another eigenvector's combination misses λₘₐₓ by more than 1e-3", () => {
  const [{ problem, theta }] = limits;
  const { rate, eigenvalues, eigenvectors } = spectrum(problem.model, theta, problem.data);
  const p = theta.length;
  const { complete } = problem.model.information(theta, problem.data);
  const second = eigenvectors.subarray(p, 2 * p);
  const c = second.map((_, j) => dot(complete.subarray(j * p, (j + 1) * p), second));
  const fraction = fractions(problem, theta).of(c);
  expect(Math.abs(fraction - eigenvalues[1])).toBeLessThan(1e-9);
  expect(rate - fraction).toBeGreaterThan(1e-3);
});

test("it does not depend on the units of a column, to 1e-9, and leaves out what is fixed", () => {
  const [{ problem, theta }] = limits;
  const { model, data } = problem;
  const free = mixture({ ...model.spec, ridge: 0 });
  const design = {
    ...data.gate,
    values: data.gate.values.map((column, j) => (j === 1 ? column.map((v) => 1e4 * v) : column)),
  };
  const there = theta.map((value, j) => (model.names[j].endsWith(".x1") ? value / 1e4 : value));
  const one = spectrum(free, theta, data).worstCombination;
  const other = spectrum(free, there, { ...data, gate: design, expert: design }).worstCombination;
  expect(deviation(Object.values(one), Object.values(other))).toBeLessThan(1e-9);
  const fixed = { "expert1.x1": theta[model.names.indexOf("expert1.x1")] };
  const names = Object.keys(spectrum(mixture({ ...model.spec, fixed }), theta, data).worstCombination);
  expect(names).toEqual(model.names.filter((name) => name !== "expert1.x1"));
});
