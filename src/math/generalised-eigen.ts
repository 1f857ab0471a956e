import { type SymmetricEigen, symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";
import { solveLowerRows, solveUpperRows, transposed } from "./triangular.ts";

/**
 * All solutions of A v = λ B v for symmetric A and positive definite B = LL', by reduction to L⁻¹AL⁻ᵀ.
 *
 * @param a matrix, p × p
 * @param l Cholesky factor of B, p × p
 * @returns eigenvalues, descending, and eigenvectors as rows, of unit length in the metric B
 * @remarks about 5p³ multiplications. Golub and Van Loan, Matrix Computations, 8.7.
 */
export function generalisedEigen(a: Float64Array, l: Float64Array, p: number): SymmetricEigen {
  const { values, vectors } = symmetricEigen(reduced(a, l, p), p);
  solveUpperRows(l, p, vectors);
  return { values, vectors };
}

/**
 * All eigenvalues λ of A v = λ B v, descending (p).
 *
 * @param a matrix, p × p
 * @param l Cholesky factor of B, p × p
 * @remarks about 2p³ multiplications
 */
export function generalisedEigenvalues(a: Float64Array, l: Float64Array, p: number): Float64Array {
  return symmetricEigenvalues(reduced(a, l, p), p);
}

/** L⁻¹AL⁻ᵀ */
function reduced(a: Float64Array, l: Float64Array, p: number): Float64Array {
  const half = a.slice();
  solveLowerRows(l, p, half);
  const whole = transposed(half, p);
  solveLowerRows(l, p, whole);
  return whole;
}
