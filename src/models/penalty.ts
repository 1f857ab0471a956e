import type { Parts } from "../laws/law.ts";
import { couplingsOf } from "../solve/coupling.ts";

/** Visits the entries of the whole penalty's second derivative: for the gate and for each expert. */
export function eachCoupling(
  { law, gateLaw, gate, experts }: Parts,
  visit: (row: number, column: number, weight: number) => void,
): void {
  couplingsOf(gate, gateLaw.penalty, visit);
  for (const predictors of experts) couplingsOf(predictors, law.penalty, visit);
}

/** The penalty in nats, and its gradient (p). */
export function penaltyOf(
  parts: Parts,
  theta: Float64Array,
): { readonly value: number; readonly gradient: Float64Array } {
  const gradient = new Float64Array(theta.length);
  eachCoupling(parts, (row, column, weight) => {
    gradient[row] += weight * theta[column];
  });
  return {
    value: 0.5 * gradient.reduce((sum, pull, j) => sum + pull * theta[j], 0),
    gradient,
  };
}
