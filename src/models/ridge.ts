import type { Parts, Predictor } from "./family.ts";
import { softmaxPenalty } from "./softmax.ts";

/**
 * Visits the entries of the ridge penalty's second derivative, ½ρ Σ_hj K_hj ⟨θ_h, θ_j⟩ for the gate and for each expert.
 *
 * @param visit takes two positions in the parameter vector and the entry there
 */
export function eachCoupling(
  { family, gate, experts }: Parts,
  ridge: number,
  visit: (row: number, column: number, weight: number) => void,
): void {
  if (ridge === 0) return;
  const couple = (predictors: readonly Predictor[], penalty: Float64Array): void => {
    predictors.forEach((row, h) => {
      predictors.forEach((column, j) => {
        const weight = ridge * penalty[h * predictors.length + j];
        if (weight === 0) return;
        for (let a = 0; a < row.size; a++) visit(row.offset + a, column.offset + a, weight);
      });
    });
  };
  couple(gate, softmaxPenalty(experts.length));
  for (const predictors of experts) couple(predictors, family.penalty);
}

/** The ridge penalty in nats, and its gradient (p). */
export function ridgePenalty(
  parts: Parts,
  ridge: number,
  theta: Float64Array,
): { readonly value: number; readonly gradient: Float64Array } {
  const gradient = new Float64Array(theta.length);
  eachCoupling(parts, ridge, (row, column, weight) => {
    gradient[row] += weight * theta[column];
  });
  return {
    value: 0.5 * gradient.reduce((sum, pull, j) => sum + pull * theta[j], 0),
    gradient,
  };
}
