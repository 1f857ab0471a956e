import fc from "fast-check";
import { random } from "../../src/math/random.ts";
import { type Mixture, type MixtureSpec, mixture } from "../../src/models/mixture.ts";
import type { Design, Observations } from "../../src/models/observations.ts";

/** A model with rows drawn from it, and the parameters they were drawn at. */
export interface Problem {
  readonly model: Mixture;
  readonly data: Observations;
  readonly truth: Float64Array;
}

/** What to draw: rows, columns beside the intercept, experts; three labels for logistic experts. */
export interface Draw {
  readonly experts: "linear" | "logistic";
  readonly k: number;
  readonly rows: number;
  readonly features: number;
  readonly seed: number;
  readonly ridge?: number;
  readonly weighted?: boolean;
  readonly sharedVariance?: boolean;
  /** Whether the gate reads only the intercept and the first feature. */
  readonly narrowGate?: boolean;
}

export const labels: readonly string[] = ["a", "b", "c"];

/** Draws a problem: standard normal features, coefficients of size about one, σ about a half. */
export function draw(options: Draw): Problem {
  const { experts, k, rows, features, seed, ridge = 0, weighted, sharedVariance = false, narrowGate } = options;
  const rng = random(seed);
  const columns = ["(intercept)", ...Array.from({ length: features }, (_, j) => `x${j + 1}`)];
  const values = columns.map((_, j) => Float64Array.from({ length: rows }, () => (j === 0 ? 1 : rng.normal())));
  const expert = { columns, values };
  const gate = narrowGate ? { columns: columns.slice(0, 2), values: values.slice(0, 2) } : expert;
  const spec: MixtureSpec = {
    experts,
    k,
    gateColumns: gate.columns,
    expertColumns: columns,
    ...(experts === "logistic" && { labels }),
    sharedVariance,
    ridge,
  };
  const model = mixture(spec);
  const truth = Float64Array.from(model.names, (name) => (name.endsWith("log(sigma)") ? -0.7 : 1.5 * rng.normal()));
  const dot = (offset: number, part: Design, i: number): number =>
    part.values.reduce((sum, column, j) => sum + column[i] * truth[offset + j], 0);
  const choose = (logits: number[]): number => {
    // Gumbel's trick: the largest of the perturbed logits is a draw from their softmax.
    const perturbed = logits.map((logit) => logit - Math.log(-Math.log(rng.uniform())));
    return perturbed.indexOf(Math.max(...perturbed));
  };
  const response = Float64Array.from({ length: rows }, (_, i) => {
    const z = choose([0, ...model.gate.map(({ offset }) => dot(offset, gate, i))]);
    const heads = model.experts[z];
    if (experts === "logistic") return choose([0, ...heads.map(({ offset }) => dot(offset, expert, i))]);
    return dot(heads[0].offset, expert, i) + Math.exp(truth[heads[1].offset]) * rng.normal();
  });
  const weights = weighted ? Float64Array.from({ length: rows }, () => 0.5 + rng.uniform()) : undefined;
  return { model, data: { rows, gate, expert, response, ...(weights && { weights }) }, truth };
}

/** Small problems of both families, with and without ridge, weights, a shared variance and a gate of its own. */
export const problems: fc.Arbitrary<Problem> = fc
  .record({
    experts: fc.constantFrom("linear", "logistic"),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 250, max: 400 }),
    features: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    ridge: fc.constantFrom(0, 0.5),
    weighted: fc.boolean(),
    sharedVariance: fc.boolean(),
    narrowGate: fc.boolean(),
  })
  .map((options) => draw({ ...options, sharedVariance: options.sharedVariance && options.experts === "linear" }));

/** A point near the truth, or far from it: not a maximum of anything. Log σ stays within sight of its truth. */
export function nearby({ model, truth }: Problem, seed: number, size: number = 0.2): Float64Array {
  const rng = random(seed);
  return truth.map(
    (value, j) => value + rng.normal() * (model.names[j].endsWith("log(sigma)") ? Math.min(size, 1) : size),
  );
}
