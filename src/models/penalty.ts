import type { Parts, Predictor } from "../laws/law.ts";
import { softmaxPenalty } from "../laws/softmax.ts";

/**
 * Visits the entries of the second derivative of a part's penalty, ½ Σ_hj K_hj θ_h'(ρI + P)θ_j with the ridge ρ and the
 * prior's precision P of its predictors.
 *
 * @param coupling K (m × m)
 * @param visit takes two positions in the parameter vector and the entry there
 */
export function couplingsOf(
  predictors: readonly Predictor[],
  coupling: Float64Array,
  visit: (row: number, column: number, weight: number) => void,
): void {
  predictors.forEach((row, h) => {
    predictors.forEach((column, j) => {
      const weight = coupling[h * predictors.length + j];
      if (weight === 0) return;
      const { ridge = 0, prior, size: d } = row;
      if (ridge !== 0) for (let a = 0; a < d; a++) visit(row.offset + a, column.offset + a, weight * ridge);
      prior?.forEach((entry, at) => {
        visit(row.offset + Math.floor(at / d), column.offset + (at % d), weight * entry);
      });
    });
  });
}

/** Visits the entries of the whole penalty's second derivative: for the gate and for each expert. */
export function eachCoupling(
  { law, gate, experts }: Parts,
  visit: (row: number, column: number, weight: number) => void,
): void {
  couplingsOf(gate, softmaxPenalty(experts.length), visit);
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

/** Adds a multiple of the prior precision of a predictor's coefficients, ρI + P, to a d × d matrix. */
export function addPrecision({ ridge = 0, prior, size: d }: Predictor, factor: number, matrix: Float64Array): void {
  for (let a = 0; a < d; a++) matrix[a * d + a] += factor * ridge;
  prior?.forEach((entry, at) => {
    matrix[at] += factor * entry;
  });
}
