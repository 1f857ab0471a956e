import { denseWork, MOST_ROTATIONS, PANEL, type Rotations } from "../compute/dense.ts";
import { basisOf, type Tridiagonal, tridiagonalise } from "./tridiagonal.ts";

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export interface SymmetricEigen {
  /** Eigenvalues, descending (p). */
  values: Float64Array;
  /** Orthonormal eigenvectors as rows, in the order of the values (p × p). */
  vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation, then the implicit QL iteration.
 *
 * @param a matrix, p × p; only the lower triangle is read
 * @throws Error when an eigenvalue is not found in 60 sweeps, which only a matrix that is not finite brings about
 * @remarks about 4p³ multiplications. Golub and Van Loan, Matrix Computations, 8.3.
 */
export function symmetricEigen(a: Float64Array, p: number): SymmetricEigen {
  const { scale, tridiagonal } = scaled(a, p);
  const sizes = [p, PANEL, p, p, p, PANEL].map((rows, j): [number, number] => [rows, j < 2 ? p : PANEL]);
  const work = denseWork(sizes);
  const [basis, ...scratch] = work.matrices;
  basisOf(tridiagonal, p, work, basis, scratch);
  const turns = new Turns(Math.min(MOST_ROTATIONS, p * p), (rotations) => work.rotate(basis, rotations));
  implicitQL(tridiagonal, p, turns);
  turns.make();
  const { diagonal } = tridiagonal;
  const order = Array.from({ length: p }, (_, j) => j).sort((i, j) => diagonal[j] - diagonal[i]);
  const vectors = new Float64Array(p * p);
  order.forEach((from, to) => {
    const at = from * basis.stride;
    vectors.set(basis.values.subarray(at, at + p), to * p);
  });
  return { values: Float64Array.from(order, (j) => diagonal[j] * scale), vectors };
}

/** Rotations that are collected, and made many at a time. */
class Turns {
  readonly #all: Rotations;

  constructor(
    private readonly most: number,
    private readonly rotate: (all: Rotations) => void,
  ) {
    this.#all = { rows: new Int32Array(most), angles: new Float64Array(2 * most), count: 0 };
  }

  add(row: number, sine: number, cosine: number): void {
    if (this.#all.count === this.most) this.make();
    const at = this.#all.count++;
    this.#all.rows[at] = row;
    this.#all.angles[2 * at] = sine;
    this.#all.angles[2 * at + 1] = cosine;
  }

  make(): void {
    if (this.#all.count > 0) this.rotate(this.#all);
    this.#all.count = 0;
  }
}

/**
 * All eigenvalues of a symmetric matrix, descending (p).
 *
 * @param a matrix, p × p; only the lower triangle is read
 * @throws Error as {@link symmetricEigen}
 * @remarks about ⅔p³ multiplications
 */
export function symmetricEigenvalues(a: Float64Array, p: number): Float64Array {
  const { scale, tridiagonal } = scaled(a, p);
  implicitQL(tridiagonal, p);
  return tridiagonal.diagonal.map((value) => value * scale).sort((x, y) => y - x);
}

/** The tridiagonal form of A / scale, whose entries are at most 1, so that no square over- or underflows. */
function scaled(a: Float64Array, p: number): { readonly scale: number; readonly tridiagonal: Tridiagonal } {
  let scale = 0;
  for (let i = 0; i < p; i++) for (let j = 0; j <= i; j++) scale = Math.max(scale, Math.abs(a[i * p + j]));
  return { scale, tridiagonal: tridiagonalise(scale === 0 ? a : a.map((entry) => entry / scale), p) };
}

/** Sweeps in which an eigenvalue is found to a part of itself; after them, to a part of the largest. */
const PATIENT = 30;

/** Diagonalises T by Givens rotations with Wilkinson's shift, and tells of each rotation, by which the rows of a basis turn along. */
function implicitQL({ diagonal: d, off: e }: Tridiagonal, p: number, turns?: Turns): void {
  const largest = d.reduce((size, value, j) => Math.max(size, Math.abs(value), Math.abs(e[j] ?? 0)), 0);
  for (let l = 0; l < p; l++) {
    for (let sweep = 0; ; sweep++) {
      // Among numbers that are rounding beside the largest, what couples them may be no smaller than they are.
      const least = sweep < PATIENT ? 0 : Number.EPSILON * largest;
      let m = l;
      while (m + 1 < p && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])) + least) m++;
      if (m === l) break;
      if (sweep === 60) throw new Error(`eigenvalue ${l} of a ${p} × ${p} matrix was not found in 60 sweeps`);
      const half = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (half + Math.sign(half || 1) * Math.sqrt(half * half + 1));
      let sine = 1;
      let cosine = 1;
      let shift = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        const r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          // The rotation would divide by zero: the matrix has split here.
          d[i + 1] -= shift;
          e[m] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1] - shift;
        const x = (d[i] - g) * sine + 2 * cosine * b;
        shift = sine * x;
        d[i + 1] = g + shift;
        g = cosine * x - b;
        turns?.add(i, sine, cosine);
      }
      if (i >= l) continue;
      d[l] -= shift;
      e[l] = g;
      e[m] = 0;
    }
  }
}
