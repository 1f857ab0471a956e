import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { setEngine } from "../../src/compute/engine.ts";
import type { GateKind } from "../../src/laws/gates/registry.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { blockJoint } from "../../src/models/e-step.ts";
import { completeGradient } from "../../src/models/gradient.ts";
import { penaltyOf } from "../../src/models/penalty.ts";
import { assignedToFew } from "../../src/rows/assignment.ts";
import { sumOver } from "../../src/rows/observations.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { draw, nearby, type Problem } from "../support/problems.ts";
import { TREE_SIZES } from "../support/trees.ts";

// Responsibilities that are given are weights, and need not sum to 1 in a row: Q(θ) = Σ w r log g p(y) less the penalty says
// what its gradient and its maximum are.

afterEach(() => setEngine("relaxed"));

const cases = fc
  .record({
    experts: fc.constantFrom(...EXPERT_KINDS),
    gate: fc.constantFrom<GateKind>("softmax", "constant", ...(Object.keys(TREE_SIZES) as GateKind[])),
    flat: fc.integer({ min: 2, max: 4 }),
    rows: fc.integer({ min: 200, max: 300 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    ridge: fc.constantFrom(0, 0.5),
    weighted: fc.boolean(),
  })
  .map(({ flat, gate, ...options }) => {
    const k = TREE_SIZES[gate] ?? flat;
    const problem = draw({ ...options, gate, k, features: 1, narrowGate: true });
    const rng = random(options.seed);
    const given = Float64Array.from({ length: options.rows * k }, () => 0.1 + 2 * rng.uniform());
    return { problem, k, given, theta: nearby(problem, options.seed, 0.1) };
  });

/** Q at θ, in nats, from what the E-step adds up. */
function surrogate({ model, data }: Problem, theta: Float64Array, given: Float64Array): number {
  const k = model.experts.length;
  const joint = blockJoint(model, theta, data);
  const [sum] = sumOver(data, 1, (block, sums) => {
    const found = joint(block).joint;
    for (let i = 0; i < block.rows; i++) {
      for (let z = 0; z < k; z++) {
        sums[0] += block.weights[i] * given[(block.start + i) * k + z] * found[z * BLOCK_ROWS + i];
      }
    }
  });
  return sum - penaltyOf(model, theta).value;
}

/** The gradient of Q by plain code. */
function plainGradient({ model, data }: Problem, theta: Float64Array, given: Float64Array): Float64Array {
  setEngine("reference");
  return model.completeGradient(theta, given, data);
}

/** What a sum over the rows is measured by. */
const sizeOf = (problem: Problem, theta: Float64Array, given: Float64Array): number =>
  1 + Math.abs(surrogate(problem, theta, given));

test("the gradient is the derivative of Q", () => {
  fc.assert(
    fc.property(cases, ({ problem, given, theta }) => {
      const found = plainGradient(problem, theta, given);
      const [slope] = jacobian((at) => Float64Array.of(surrogate(problem, at, given)), theta);
      expect(deviation(found, slope)).toBeLessThan(1e-8 * sizeOf(problem, theta, given));
    }),
    { numRuns: 60 },
  );
});

test.each(["simd", "relaxed"] as const)("kernels have the gradient of the plain code to 1e-12: %s", (engine) => {
  fc.assert(
    fc.property(cases, ({ problem, given, theta }) => {
      const plain = plainGradient(problem, theta, given);
      setEngine(engine);
      const found = problem.model.completeGradient(theta, given, problem.data);
      expect(deviation(found, plain)).toBeLessThan(1e-12 * sizeOf(problem, theta, given));
    }),
    { numRuns: 60 },
  );
});

test("the short form of few experts a row has the gradient of the long one to 1e-12", () => {
  fc.assert(
    fc.property(cases, ({ problem, k, given, theta }) => {
      const { model, data } = problem;
      // The first two of each row, in an order that turns.
      const { rows } = data;
      const experts = Uint8Array.from({ length: 2 * rows }, (_, at) => ((at >> 1) + (at & 1)) % k);
      const shares = given.slice(0, 2 * rows);
      const few = assignedToFew({ width: 2, experts, shares }, rows, k);
      const [short, long] = [few, { responsibilities: few.responsibilities }].map((assignment) =>
        completeGradient(model, theta, assignment, data),
      );
      expect(deviation(short, long)).toBeLessThan(1e-12 * sizeOf(problem, theta, given));
    }),
    { numRuns: 60 },
  );
});

test.each(["reference", "relaxed"] as const)("at the M-step's maximum the gradient is gone: %s", (engine) => {
  const all = [...EXPERT_KINDS].flatMap((experts) =>
    (["softmax", "tree:2x2"] as const).map((gate) =>
      draw({ experts, gate, k: 4, rows: 400, features: 1, seed: 3, ridge: 0.5, weighted: true }),
    ),
  );
  for (const problem of all) {
    const { model, data, truth } = problem;
    const rng = random(5);
    const given = model.posterior(truth, data).responsibilities.map((r) => (0.1 + 2 * rng.uniform()) * r);
    setEngine(engine);
    const { theta, failure } = model.maximise(truth, { responsibilities: given }, data);
    expect(failure).toBeUndefined();
    const slope = plainGradient(problem, theta, given);
    expect(Math.max(...slope.map(Math.abs))).toBeLessThan(1e-8 * sizeOf(problem, truth, given));
  }
});

test("the gradient without a penalty is linear in the responsibilities", () => {
  fc.assert(
    fc.property(cases, fc.double({ min: 0.1, max: 5, noNaN: true }), ({ problem, given, theta }, factor) => {
      fc.pre(problem.model.spec.ridge === 0);
      const one = plainGradient(problem, theta, given);
      const scaled = given.map((r) => factor * r);
      const many = plainGradient(problem, theta, scaled);
      const all = one.map((slope) => factor * slope);
      expect(deviation(many, all)).toBeLessThan(1e-12 * sizeOf(problem, theta, scaled));
    }),
    { numRuns: 60 },
  );
});
