import { solveLower, solveUpper } from "./cholesky.ts";
import { type SymmetricEigen, symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";

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
  for (let j = 0; j < p; j++) solveUpper(l, p, vectors.subarray(j * p, (j + 1) * p));
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
  return solveRows(transpose(solveRows(a.slice(), l, p), p), l, p);
}

/** Solves Lx = row for each row, in place: A becomes AL⁻ᵀ. */
function solveRows(a: Float64Array, l: Float64Array, p: number): Float64Array {
  for (let i = 0; i < p; i++) solveLower(l, p, a.subarray(i * p, (i + 1) * p));
  return a;
}

function transpose(a: Float64Array, p: number): Float64Array {
  return Float64Array.from({ length: p * p }, (_, at) => a[(at % p) * p + Math.floor(at / p)]);
}
