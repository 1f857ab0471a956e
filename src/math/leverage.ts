import { dot } from "./vector.ts";

/** What is left of a column, beside itself, below which it is a combination of those before it. */
const DEPENDENT = 1e-10;

/**
 * Leverages of rows in a weighted regression, w x'(Σ w x x')⁻¹x: from 0 to 1, and their sum is the rank of the columns.
 *
 * By an orthonormal basis of the columns, each made orthogonal twice, so that columns far from 0 do no harm.
 *
 * @param columns d columns of n
 * @param weights from 0 on (n)
 * @remarks cost n·d² multiplications and n·d numbers
 */
export function leverages(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const roots = weights.map(Math.sqrt);
  const basis: Float64Array[] = [];
  for (const values of columns) {
    const column = values.map((value, row) => value * roots[row]);
    const size = Math.sqrt(dot(column, column));
    for (const one of [...basis, ...basis]) {
      const share = dot(one, column);
      for (let row = 0; row < column.length; row++) column[row] -= share * one[row];
    }
    const rest = Math.sqrt(dot(column, column));
    if (rest > DEPENDENT * size) basis.push(column.map((value) => value / rest));
  }
  return weights.map((_, row) => basis.reduce((sum, one) => sum + one[row] ** 2, 0));
}
