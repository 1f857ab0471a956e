import type { Predictor } from "../rows/predictor.ts";

/**
 * Visits the entries of the second derivative of a part's penalty, ½ Σ_hj K_hj θ_h'(ρI + P)θ_j with the ridge ρ and the
 * prior's precision P of its predictors.
 *
 * @param coupling K (m × m)
 * @param visit takes two positions in the parameter vector and the entry there
 */
export function couplingsOf(
  predictors: readonly Predictor[],
  coupling: readonly number[],
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

/** Adds a multiple of the prior precision of a predictor's coefficients, ρI + P, to a d × d matrix. */
export function addPrecision({ ridge = 0, prior, size: d }: Predictor, factor: number, matrix: Float64Array): void {
  for (let a = 0; a < d; a++) matrix[a * d + a] += factor * ridge;
  prior?.forEach((entry, at) => {
    matrix[at] += factor * entry;
  });
}
