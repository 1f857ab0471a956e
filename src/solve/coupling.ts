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
      const { ridge = 0, prior, at } = row;
      const d = at.length;
      if (ridge !== 0) for (let a = 0; a < d; a++) visit(at[a], column.at[a], weight * ridge);
      if (prior === undefined) return;
      for (let a = 0, place = 0; a < d; a++) {
        for (let b = 0; b < d; b++, place++) visit(at[a], column.at[b], weight * prior[place]);
      }
    });
  });
}

/** Entries of the prior precision of a predictor's coefficients, ρI + P (d × d). */
export function precisionOf({ ridge = 0, prior, at }: Predictor): (row: number, column: number) => number {
  return (row, column) => (row === column ? ridge : 0) + (prior?.[row * at.length + column] ?? 0);
}
