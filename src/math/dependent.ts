import { cholesky, solveCholesky } from "./cholesky.ts";

/** A column that the earlier ones determine, and those of them that do. */
export interface Dependence {
  readonly column: number;
  /** Empty for a column of zeros. */
  readonly partners: readonly number[];
}

/**
 * The first column of a design that is, to rounding, a combination of those before it.
 *
 * @param gram its Gram matrix, weighted or not, d × d
 * @returns nothing when the columns are independent
 * @remarks cost d³/3 multiplications
 */
export function dependence(gram: Float64Array, d: number): Dependence | undefined {
  const p = cholesky(gram, d);
  if (typeof p !== "number") return undefined;
  const leading = new Float64Array(p * p);
  for (let a = 0; a < p; a++) leading.set(gram.subarray(a * d, a * d + a + 1), a * p);
  const factor = cholesky(leading, p) as Float64Array;
  const combination = solveCholesky(factor, p, gram.subarray(p * d, p * d + p));
  // A coefficient counts by what its column contributes, not by the column's unit.
  const size = (j: number): number => Math.abs(combination[j]) * Math.sqrt(gram[j * d + j]);
  const largest = Math.max(...Array.from(combination, (_, j) => size(j)));
  const partners = Array.from(combination.keys()).filter((j) => size(j) > 1e-6 * largest);
  return { column: p, partners };
}
