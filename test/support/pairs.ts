import fc from "fast-check";
import { random } from "../../src/math/random.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { type SymmetricModel, symmetricPair } from "../../src/theory/symmetric.ts";

/** A symmetric pair with rows drawn from it, and the parameters they were drawn at. */
export interface Pair {
  readonly model: SymmetricModel;
  readonly data: Observations;
  readonly truth: Float64Array;
  readonly experts: "linear" | "logistic";
}

/** Rows drawn from a symmetric pair with standard normal features. */
export function drawPair(
  experts: "linear" | "logistic",
  features: number,
  rows: number,
  seed: number,
  weighted: boolean = false,
): Pair {
  // Labels say less than numbers: a logistic pair needs more signal for EM to move.
  const size = experts === "linear" ? 3 : 6;
  const rng = random(seed);
  const columns = Array.from({ length: features }, (_, j) => `x${j + 1}`);
  const x = { columns, values: columns.map(() => Float64Array.from({ length: rows }, () => rng.normal())) };
  const truth = Float64Array.from({ length: 2 * features }, () => (size * rng.normal()) / Math.sqrt(features));
  const dot = (from: number, i: number): number => x.values.reduce((sum, v, j) => sum + v[i] * truth[from + j], 0);
  const response = Float64Array.from({ length: rows }, (_, i) => {
    const z = rng.uniform() < 1 / (1 + Math.exp(-dot(0, i))) ? 1 : -1;
    const b = dot(features, i);
    return experts === "linear" ? z * b + rng.normal() : Number(rng.uniform() < 1 / (1 + Math.exp(-z * b)));
  });
  const weights = weighted ? Float64Array.from({ length: rows }, () => 0.5 + rng.uniform()) : undefined;
  const data = { rows, gate: x, expert: x, response, ...(weights && { weights }) };
  return { model: symmetricPair({ experts, gateColumns: columns, expertColumns: columns }), data, truth, experts };
}

/** Pairs of both kinds, with and without weights. */
export const pairs: fc.Arbitrary<Pair> = fc
  .record({
    experts: fc.constantFrom("linear" as const, "logistic" as const),
    features: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 100, max: 300 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    weighted: fc.boolean(),
  })
  .map(({ experts, features, rows, seed, weighted }) => drawPair(experts, features, rows, seed, weighted));

/** A point near the truth: not a maximum of anything. */
export function nearPair({ truth }: Pick<Pair, "truth">, seed: number, size: number = 0.5): Float64Array {
  const rng = random(seed);
  return truth.map((value) => value + size * rng.normal());
}
