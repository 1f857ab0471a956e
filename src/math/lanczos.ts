import { symmetricEigen } from "./symmetric-eigen.ts";
import { addMultiple, dot } from "./vector.ts";

/** The problem A v = λ B v, as products: A symmetric, B symmetric positive definite. */
export interface Pencil {
  /** A v. */
  readonly a: (v: Float64Array) => Float64Array;
  /** B v. */
  readonly b: (v: Float64Array) => Float64Array;
  /** B⁻¹r, as near as it can be had. */
  readonly solve: (r: Float64Array) => Float64Array;
  /** A random vector, none of whose parts along an eigenvector is 0. */
  readonly draw: () => Float64Array;
  /** Dimension of the space that the vectors are drawn from. */
  readonly dimension: number;
}

/** The largest eigenvalues and what is known of their accuracy. */
export interface TopPairs {
  /** Descending (m, or fewer where B leaves no more directions a length). */
  readonly values: Float64Array;
  /** Eigenvectors as rows, of unit length in the metric B (m × p). */
  readonly vectors: Float64Array;
  /** √(r'B⁻¹r) of each r = Av − λBv (m): some eigenvalue of the problem is at most so far from λ. */
  readonly residuals: Float64Array;
  /** Whether all of them are small enough, and a second search found no other. */
  readonly converged: boolean;
}

/** Of a new direction, the part that those before it leave: less than this is rounding. */
const NOTHING_NEW = 1e-8;
/** So many directions in a row that are nothing new: there is none left. */
const DRAWS = 3;

/**
 * The m largest eigenvalues of A v = λ B v, by Lanczos' method in the inner product of B, with full
 * reorthogonalisation.
 *
 * The basis grows by B⁻¹A of its last vector; the values are those of A restricted to it, from products with A and B
 * themselves: an inexact B⁻¹ makes the search slower, never a value wrong unseen. The residuals are found with B⁻¹, not
 * taken from the recursion. One chain of vectors sees one vector of each eigenspace, so that when the wanted pairs have
 * converged a second chain from a new random direction, as long as the first, has to leave them as they are.
 *
 * @param top m, from 1 to the dimension
 * @param tolerance of the residuals
 * @param size of the basis at the most; it holds three vectors of p numbers for each direction
 * @remarks Parlett, The Symmetric Eigenvalue Problem, chapters 13 and 15.
 */
export function lanczos(pencil: Pencil, top: number, tolerance: number, size: number): TopPairs {
  const limit = Math.min(size, pencil.dimension);
  const basis: Direction[] = [];
  /** Where the present chain starts, and what is known from the one before it. */
  let start = 0;
  let known: { readonly values: Float64Array; readonly length: number } | undefined;
  let next = pencil.draw();
  let refused = 0;
  let check = top + 1;
  while (refused < DRAWS) {
    const found = orthonormal(next, basis, pencil);
    if (found === undefined) {
      // The chain spans an invariant space: the rest is orthogonal to it.
      next = pencil.draw();
      refused++;
      continue;
    }
    refused = 0;
    basis.push(found);
    if (basis.length === limit) break;
    next = pencil.solve(found.a);
    if (basis.length < check || (known !== undefined && basis.length - start < known.length)) continue;
    check = basis.length + 1 + Math.floor(basis.length / 20);
    if (!seemsConverged(basis, top, tolerance)) continue;
    const pairs = ritzPairs(basis, top, pencil);
    if (pairs.residuals.some((residual) => residual > tolerance)) continue;
    if (known?.values.every((value, e) => Math.abs(value - pairs.values[e]) <= tolerance)) {
      return { ...pairs, converged: true };
    }
    known = { values: pairs.values, length: basis.length - start };
    start = basis.length;
    next = pencil.draw();
  }
  const pairs = ritzPairs(basis, Math.min(top, basis.length), pencil);
  const isWhole = refused === DRAWS || limit === pencil.dimension;
  return { ...pairs, converged: isWhole && pairs.residuals.every((residual) => residual <= tolerance) };
}

/** A vector q of the basis, with A q and B q, and its products q'Aq_j with those before it and itself. */
interface Direction {
  readonly q: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly products: readonly number[];
}

/** Component of a vector orthogonal to the basis, at unit length; nothing if it is rounding. */
function orthonormal(vector: Float64Array, basis: readonly Direction[], { a, b }: Pencil): Direction | undefined {
  const q = vector.slice();
  let removed = 0;
  // Twice is enough.
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      const part = dot(direction.b, q);
      removed += part * part;
      addMultiple(q, -part, direction.q);
    }
  }
  const image = b(q);
  const square = dot(q, image);
  if (!(square > NOTHING_NEW ** 2 * removed) || !(square > 0)) return undefined;
  const scale = 1 / Math.sqrt(square);
  for (let j = 0; j < q.length; j++) {
    q[j] *= scale;
    image[j] *= scale;
  }
  const product = a(q);
  return { q, a: product, b: image, products: [...basis.map((other) => dot(other.q, product)), dot(q, product)] };
}

/** A restricted to the first directions of the basis. */
function restricted(basis: readonly Direction[], count: number): Float64Array {
  const matrix = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) matrix[i * count + j] = matrix[j * count + i] = basis[i].products[j];
  }
  return matrix;
}

/** Whether the last direction would still turn one of the wanted vectors: what the residuals are, were B⁻¹ exact. */
function seemsConverged(basis: readonly Direction[], top: number, tolerance: number): boolean {
  const count = basis.length - 1;
  if (count < top) return false;
  const { vectors } = symmetricEigen(restricted(basis, count), count);
  const coupling = Float64Array.from(basis[count].products.slice(0, count));
  for (let e = 0; e < top; e++) {
    if (Math.abs(dot(coupling, vectors.subarray(e * count, (e + 1) * count))) > tolerance) return false;
  }
  return true;
}

/** The largest eigenvalues of A restricted to the basis, with their vectors and residuals. */
function ritzPairs(basis: readonly Direction[], top: number, { solve }: Pencil): Omit<TopPairs, "converged"> {
  const count = basis.length;
  const p = basis[0].q.length;
  const { values, vectors: weights } = symmetricEigen(restricted(basis, count), count);
  const vectors = new Float64Array(top * p);
  const residuals = new Float64Array(top);
  for (let e = 0; e < top; e++) {
    const vector = vectors.subarray(e * p, (e + 1) * p);
    const residual = new Float64Array(p);
    basis.forEach(({ q, a, b }, j) => {
      const weight = weights[e * count + j];
      addMultiple(vector, weight, q);
      addMultiple(residual, weight, a);
      addMultiple(residual, -weight * values[e], b);
    });
    residuals[e] = Math.sqrt(Math.max(0, dot(residual, solve(residual))));
  }
  return { values: values.slice(0, top), vectors, residuals };
}
