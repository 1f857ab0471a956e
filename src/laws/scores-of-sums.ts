import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf } from "../rows/predictor.ts";
import { gateSums } from "./gaussian-kernel.ts";
import type { Parts } from "./law.ts";

/**
 * Σ w r ∂ log p(y, z | x; θ)/∂θ over rows and experts (p), of sums that kernels take for the M-step.
 *
 * @param sumsOf value and gradient of expert z's likelihood at its coefficients
 * @returns nothing where a kernel has none
 */
export function scoresOfSums(
  { gate, experts }: Parts,
  theta: Float64Array,
  data: Observations,
  assignment: Assignment,
  sumsOf: (z: number, coefficients: Float64Array) => Float64Array | undefined,
): Float64Array | undefined {
  const scores = new Float64Array(theta.length);
  const parts = experts.map((predictors, z) => ({ predictors, sums: sumsOf(z, coefficientsOf(predictors, theta)) }));
  if (gate.length > 0) {
    const sums = gateSums(experts.length, coefficientsOf(gate, theta), assignment, data, "gradient");
    parts.push({ predictors: gate, sums });
  }
  for (const { predictors, sums } of parts) {
    if (sums === undefined) return undefined;
    // The value stands before its gradient; a coefficient that experts share has the scores of all.
    let from = 1;
    for (const { at } of predictors) for (const place of at) scores[place] += sums[from++];
  }
  return scores;
}
