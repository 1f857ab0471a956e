import fc from "fast-check";
import { expect, test } from "vitest";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import { cholesky, solveCholesky } from "../../src/math/cholesky.ts";
import { mixture } from "../../src/models/mixture.ts";
import { relabelled } from "../../src/models/relabel.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { draw, emStep, lossAt, nearby, type Problem } from "../support/problems.ts";
import { run } from "../support/run.ts";
import { TREE_SIZES, treeShapes } from "../support/trees.ts";

// Hierarchical mixtures of experts: a tree of gates has the laws that a flat gate has. All in nats per row.

const trees: fc.Arbitrary<Problem> = fc
  .record({
    experts: fc.constantFrom(...EXPERT_KINDS),
    gate: treeShapes,
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    ridge: fc.constantFrom(0, 0.5),
    weighted: fc.boolean(),
    narrowGate: fc.boolean(),
    shared: fc.boolean(),
  })
  .map((options) => draw({ ...options, k: TREE_SIZES[options.gate], rows: 200, features: 1, binary: true }));

test("the gradient is that of differences, to 1e-9, and the Hessian is I_c − I_m, to 1e-8 of its scale", () => {
  fc.assert(
    fc.property(trees, fc.integer({ min: 1, max: 1000 }), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed, 0.1);
      const weight = model.totalWeight(data);
      const gradientAt = (at: Float64Array) => model.gradient(at, data).gradient.map((g) => -g / weight);
      const [slope] = jacobian((at) => Float64Array.of(lossAt(problem, at)), theta);
      const scale = Math.max(1, ...slope.map(Math.abs));
      expect(deviation(gradientAt(theta), slope)).toBeLessThan(1e-9 * scale);
      const { complete, missing } = model.information(theta, data);
      const observed = complete.map((entry, at) => (entry - missing[at]) / weight);
      const rows = jacobian(gradientAt, theta).flatMap((row) => Array.from(row));
      const size = Math.max(1, ...complete.map((entry) => Math.abs(entry) / weight));
      expect(deviation(observed, rows)).toBeLessThan(1e-8 * size);
      const products = model.informationProducts(theta, data);
      const v = Float64Array.from(theta, (_, j) => Math.sin(j + seed));
      for (const [matrix, product] of [
        [complete, products.complete(v)],
        [missing, products.missing(v)],
      ]) {
        const wanted = v.map((_, row) => v.reduce((sum, value, j) => sum + matrix[row * v.length + j] * value, 0));
        expect(deviation(product, wanted)).toBeLessThan(1e-11 * weight * size);
      }
    }),
    { numRuns: 12 },
  );
});

test("grouped rows: the gradient is that of differences, and the Hessian is I_c − I_m", () => {
  const problem = draw({
    experts: "linear",
    gate: "tree:2x2",
    k: 4,
    rows: 120,
    features: 1,
    seed: 5,
    narrowGate: true,
  });
  const units = Int32Array.from({ length: 120 }, (_, row) => Math.floor(row / 3));
  const values = problem.data.gate.values.map((x) => x.map((_, row) => x[units[row] * 3]));
  const data = { ...problem.data, units, gate: { ...problem.data.gate, values } };
  const { model } = problem;
  const theta = nearby(problem, 2, 0.1);
  const gradientAt = (at: Float64Array) => model.gradient(at, data).gradient.map((g) => -g / 40);
  const [slope] = jacobian((at) => Float64Array.of(lossAt({ model, data }, at)), theta);
  expect(deviation(gradientAt(theta), slope)).toBeLessThan(1e-9 * Math.max(1, ...slope.map(Math.abs)));
  const { complete, missing } = model.information(theta, data);
  const rows = jacobian(gradientAt, theta).flatMap((row) => Array.from(row));
  const size = Math.max(...complete.map(Math.abs)) / 40;
  expect(
    deviation(
      complete.map((entry, at) => (entry - missing[at]) / 40),
      rows,
    ),
  ).toBeLessThan(1e-8 * size);
});

test("a tree of one level is the flat gate: each iterate of EM, informations and gradient, to 1e-12", () => {
  fc.assert(
    fc.property(fc.constantFrom(...EXPERT_KINDS), fc.integer({ min: 1, max: 10_000 }), (experts, seed) => {
      const flat = draw({ experts, k: 3, rows: 200, features: 2, seed, binary: true });
      const tree = { ...flat, model: mixture({ ...flat.model.spec, gate: "tree:3" }) };
      expect(tree.model.names.slice(0, 3)).toEqual(["node2.(intercept)", "node2.x1", "node2.x2"]);
      let theta = nearby(flat, seed, 0.1);
      for (let t = 0; t < 4; t++) {
        const [a, b] = [emStep(flat, theta), emStep(tree, theta)];
        expect(deviation(a, b)).toBeLessThan(1e-12 * Math.max(1, ...a.map(Math.abs)));
        theta = a;
      }
      const [own, other] = [flat, tree].map(({ model, data }) => model.information(theta, data));
      expect(deviation(own.missing, other.missing)).toBeLessThan(1e-9);
      expect(deviation(own.complete, other.complete)).toBeLessThan(1e-9);
    }),
    { numRuns: 12 },
  );
});

test("a tree whose lower gates are all the same is a flat gate with tied coefficients, to 1e-12", () => {
  const { model, data, truth } = draw({ experts: "linear", gate: "tree:2x2", k: 4, rows: 300, features: 1, seed: 21 });
  const flat = mixture({ ...model.spec, gate: "softmax" });
  const theta = truth.slice();
  const [top, lower] = [0, 2].map((from) => [...truth.subarray(from, from + 2)]);
  theta.set([...top, ...lower, ...lower]);
  const tied = theta.slice();
  tied.set([...lower, ...top, ...top.map((value, j) => value + lower[j])]);
  const [one, other] = [model.posterior(theta, data), flat.posterior(tied, data)];
  expect(Math.abs(one.logLikelihood - other.logLikelihood)).toBeLessThan(1e-12 * Math.abs(one.logLikelihood));
  expect(deviation(one.responsibilities, other.responsibilities)).toBeLessThan(1e-12);
  // Other lower gates are no flat gate with these coefficients.
  theta[4] += 1;
  expect(deviation(model.posterior(theta, data).responsibilities, other.responsibilities)).toBeGreaterThan(1e-3);
});

test.each([
  { experts: "linear", gate: "tree:2x2", k: 4, seed: 32, ridge: 0 },
  { experts: "poisson", gate: "tree:2x2", k: 4, seed: 33, ridge: 1 },
  { experts: "linear", gate: "tree:3x2", k: 6, seed: 34, ridge: 0.5 },
] as const)(
  "at a fixed point the Jacobian of EM is I_c⁻¹ I_m, to 1e-6, and its largest eigenvalue the rate: %o",
  (options) => {
    const problem = draw({ ...options, rows: 1000, features: 1 });
    const { model, data } = problem;
    const { outcome } = run(anderson(), problem, problem.truth, { tolerance: 1e-9, maxIterations: 3000 });
    expect(outcome.result).toBe("converged");
    const theta = newton(problem, outcome.theta);
    const p = theta.length;
    const { complete, missing } = model.information(theta, data);
    const product = new Float64Array(p * p);
    for (let j = 0; j < p; j++) {
      const column = solved(
        complete,
        Float64Array.from({ length: p }, (_, i) => missing[i * p + j]),
      );
      column.forEach((entry, i) => {
        product[i * p + j] = entry;
      });
    }
    const found = jacobian((at) => emStep(problem, at), theta).flatMap((row) => Array.from(row));
    expect(deviation(found, product)).toBeLessThan(1e-6);
    expect(deviation(emStep(problem, theta), theta)).toBeLessThan(1e-9);
    const { rate, eigenvalues } = spectrum(model, theta, data);
    expect(rate).toBeLessThan(1);
    const trace = product.reduce((sum, entry, at) => (at % (p + 1) === 0 ? sum + entry : sum), 0);
    expect(eigenvalues.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 6);
  },
);

/** Newton's steps with I_c − I_m to the fixed point itself. */
function newton({ model, data }: Problem, start: Float64Array): Float64Array {
  let theta = start;
  for (let step = 0; step < 5; step++) {
    const { complete, missing } = model.information(theta, data);
    const { gradient } = model.gradient(theta, data);
    const change = solved(
      complete.map((entry, at) => entry - missing[at]),
      gradient,
    );
    theta = theta.map((value, i) => value + change[i]);
  }
  return theta;
}

/** A⁻¹b of a positive definite matrix. */
function solved(matrix: Float64Array, vector: Float64Array): Float64Array {
  const factor = cholesky(matrix, vector.length);
  if (typeof factor === "number") throw new Error("no maximum");
  return solveCholesky(factor, vector.length, vector.slice());
}

test("experts in another order of branches have the same likelihood, and in one that parts siblings are refused", () => {
  const { model, data, truth } = draw({ experts: "linear", gate: "tree:2x2", k: 4, rows: 300, features: 1, seed: 21 });
  const before = model.posterior(truth, data);
  for (const order of [
    [1, 0, 2, 3],
    [2, 3, 0, 1],
    [3, 2, 0, 1],
  ]) {
    const after = model.posterior(relabelled(model, truth, order), data);
    expect(after.logLikelihood).toBeCloseTo(before.logLikelihood, 9);
    const moved = before.responsibilities.map((_, at) => before.responsibilities[at - (at % 4) + order[at % 4]]);
    expect(deviation(after.responsibilities, moved)).toBeLessThan(1e-12);
  }
  expect(() => relabelled(model, truth, [0, 2, 1, 3])).toThrow(
    "an order that keeps the branches of each node together",
  );
});

test.each(EXPERT_KINDS)("no step of EM lowers the objective of %s experts by more than 1e-12", (experts) => {
  const problem = draw({ experts, gate: "tree:2x2", k: 4, rows: 300, features: 1, seed: 3, ridge: 0.5, binary: true });
  const { steps } = run(em(), problem, nearby(problem, 1, 0.1), { tolerance: 0, maxIterations: 30 });
  expect(steps.length).toBeGreaterThan(30);
  for (let t = 1; t < steps.length; t++) {
    const rise = steps[t].objective - steps[t - 1].objective;
    expect(rise).toBeGreaterThan(-1e-12 * Math.abs(steps[t].objective));
  }
});
