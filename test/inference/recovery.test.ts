import fc from "fast-check";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { align, recoveryError } from "../../src/inference/recovery.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, type Problem } from "../support/problems.ts";

const settings = fc.record({
  experts: fc.constantFrom(...EXPERT_KINDS),
  k: fc.integer({ min: 1, max: 9 }),
  rows: fc.constant(20),
  features: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
  narrowGate: fc.boolean(),
  one: fc.boolean(),
});
const problems = settings.map(({ one, ...rest }) =>
  draw({ ...rest, sharedVariance: one && rest.experts === "linear" }),
);

/** Parameters with their experts in another order, written out with the gate's coefficients of all k experts. */
function reordered({ model, truth }: Problem, order: readonly number[]): Float64Array {
  const at = new Map(model.names.map((name, j) => [name, truth[j]]));
  const renamed = (name: string, z: number) => name.replace(/^(gate|expert)\d+/, `$1${order[z] + 1}`);
  return Float64Array.from(model.names, (name) => {
    const [, part, z] = /^(gate|expert)(\d+)\./.exec(name) ?? [];
    if (part === undefined) return at.get(name)!;
    const moved = at.get(renamed(name, Number(z) - 1)) ?? 0;
    return part === "expert" ? moved : moved - (at.get(renamed(name, 0)) ?? 0);
  });
}

function shuffled(k: number, seed: number): number[] {
  const rng = random(seed);
  return Array.from({ length: k }, (_, z) => ({ z, key: rng.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ z }) => z);
}

test("any order of the experts has error 0 to rounding, and is put back; it has the same likelihood", () => {
  fc.assert(
    fc.property(problems, fc.integer({ min: 1 }), (problem, seed) => {
      const { model, truth, data } = problem;
      const order = shuffled(model.experts.length, seed);
      const theta = reordered(problem, order);
      const aligned = align({ mixture: model, theta }, truth);
      expect(recoveryError({ mixture: model, theta }, truth)).toBeLessThan(1e-14);
      expect(aligned.permutation.map((z) => order[z])).toEqual(order.map((_, z) => z));
      expect(deviation(aligned.theta, truth)).toBeLessThan(1e-13);
      const before = model.posterior(theta, data).logLikelihood;
      expect(Math.abs(model.posterior(aligned.theta, data).logLikelihood / before - 1)).toBeLessThan(1e-10);
    }),
    { numRuns: 100 },
  );
});

test("the error does not depend on the order of either, and is symmetric but for its denominator", () => {
  fc.assert(
    fc.property(problems, fc.integer({ min: 1 }), (problem, seed) => {
      const { model, truth } = problem;
      const theta = nearby(problem, seed, 0.5);
      const order = shuffled(model.experts.length, seed);
      const between = (a: Float64Array, b: Float64Array) => align({ mixture: model, theta: a }, b).distance;
      const distance = between(theta, truth);
      expect(distance).toBeGreaterThan(0);
      expect(between(reordered({ ...problem, truth: theta }, order), truth)).toBeCloseTo(distance, 10);
      expect(between(theta, reordered(problem, order))).toBeCloseTo(distance, 10);
      expect(between(truth, theta)).toBeCloseTo(distance, 10);
    }),
    { numRuns: 100 },
  );
});

test("the distance is that of the parameters, the gate's less their mean: by hand", () => {
  const { model } = draw({ experts: "poisson", k: 2, rows: 20, features: 1, seed: 1 });
  // gate2, expert1, expert2, two columns each; the gate's difference (2, 0) is (−1, 0) and (1, 0) about its mean.
  const reference = Float64Array.of(1, 0, 5, 0, -5, 0);
  const theta = Float64Array.of(3, 0, 5, 3, -5, 4);
  expect(align({ mixture: model, theta }, reference).distance).toBeCloseTo(Math.sqrt(1 + 1 + 9 + 16), 12);
  expect(recoveryError({ mixture: model, theta }, reference)).toBeCloseTo(Math.sqrt(27 / 50.5), 12);
});

test("a fit to many simulated rows recovers the truth, whichever order its experts came in", () => {
  const { model, data, truth } = draw({ experts: "linear", k: 2, rows: 3000, features: 1, seed: 3 });
  const [x, y] = [data.expert.values[1], data.response];
  const found = fit({ x1: Array.from(x), y: Array.from(y) }, { response: "y", starts: 3 });
  expect(found.mixture.names).toEqual(model.names);
  expect(recoveryError(found, truth)).toBeLessThan(0.1);
});

test("parameters of another number, or that are not finite, are refused", () => {
  const { model, truth } = draw({ experts: "poisson", k: 2, rows: 20, features: 1, seed: 1 });
  const fitted = { mixture: model, theta: truth };
  expect(() => align(fitted, truth.subarray(1))).toThrow("Cannot align: expected 6 parameters, got 5");
  expect(() => align(fitted, truth.with(2, Number.NaN))).toThrow(
    /finite parameters, got NaN for "expert1\.\(intercept\)"/,
  );
});
