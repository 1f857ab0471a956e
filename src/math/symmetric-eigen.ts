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
 * @remarks about 3p³ multiplications. Golub and Van Loan, Matrix Computations, 8.3.
 */
export function symmetricEigen(a: Float64Array, p: number): SymmetricEigen {
  const { diagonal, off, basis } = tridiagonalise(a, p);
  implicitQL(diagonal, off, basis, p);
  const order = Array.from({ length: p }, (_, j) => j).sort((i, j) => diagonal[j] - diagonal[i]);
  const vectors = new Float64Array(p * p);
  order.forEach((from, to) => {
    vectors.set(basis.subarray(from * p, (from + 1) * p), to * p);
  });
  return { values: Float64Array.from(order, (j) => diagonal[j]), vectors };
}

interface Tridiagonal {
  /** Diagonal of T (p). */
  diagonal: Float64Array;
  /** Below the diagonal: off[i] couples i and i + 1 (p, the last entry 0). */
  off: Float64Array;
  /** Rows q_i with A = Σ_ij T_ij q_i q_j' (p × p). */
  basis: Float64Array;
}

/** A = Q'TQ with tridiagonal T, by one Householder reflection I − 2vv' for each column. */
function tridiagonalise(a: Float64Array, p: number): Tridiagonal {
  const t = new Float64Array(p * p);
  for (let i = 0; i < p; i++) for (let j = 0; j <= i; j++) t[i * p + j] = t[j * p + i] = a[i * p + j];
  const basis = new Float64Array(p * p);
  for (let i = 0; i < p; i++) basis[i * p + i] = 1;
  const v = new Float64Array(p);
  const w = new Float64Array(p);
  for (let c = 0; c + 2 < p; c++) {
    let norm = 0;
    for (let i = c + 1; i < p; i++) norm = Math.hypot(norm, t[i * p + c]);
    if (norm === 0) continue;
    // The sign that adds up: v never suffers cancellation.
    const alpha = t[(c + 1) * p + c] > 0 ? -norm : norm;
    let square = 0;
    for (let i = c + 1; i < p; i++) {
      v[i] = t[i * p + c] - (i === c + 1 ? alpha : 0);
      square += v[i] ** 2;
    }
    const scale = 1 / Math.sqrt(square);
    for (let i = c + 1; i < p; i++) v[i] *= scale;
    reflectBothSides(t, v, w, c + 1, p);
    for (let i = c + 1; i < p; i++) t[i * p + c] = t[c * p + i] = i === c + 1 ? alpha : 0;
    reflectRows(basis, v, w, c + 1, p);
  }
  const diagonal = Float64Array.from({ length: p }, (_, i) => t[i * p + i]);
  const off = Float64Array.from({ length: p }, (_, i) => (i + 1 < p ? t[(i + 1) * p + i] : 0));
  return { diagonal, off, basis };
}

/** T ← (I − 2vv') T (I − 2vv') on the rows and columns from `first` on. */
function reflectBothSides(t: Float64Array, v: Float64Array, w: Float64Array, first: number, p: number): void {
  let vw = 0;
  for (let i = first; i < p; i++) {
    let sum = 0;
    for (let j = first; j < p; j++) sum += t[i * p + j] * v[j];
    w[i] = sum;
    vw += v[i] * sum;
  }
  for (let i = first; i < p; i++) w[i] = 2 * (w[i] - vw * v[i]);
  for (let i = first; i < p; i++) {
    for (let j = first; j < p; j++) t[i * p + j] -= v[i] * w[j] + w[i] * v[j];
  }
}

/** Q ← (I − 2vv') Q on the rows from `first` on. */
function reflectRows(q: Float64Array, v: Float64Array, w: Float64Array, first: number, p: number): void {
  w.fill(0);
  for (let i = first; i < p; i++) for (let j = 0; j < p; j++) w[j] += v[i] * q[i * p + j];
  for (let i = first; i < p; i++) for (let j = 0; j < p; j++) q[i * p + j] -= 2 * v[i] * w[j];
}

/** Diagonalises T by Givens rotations with Wilkinson's shift, rotating the rows of the basis along. */
function implicitQL(d: Float64Array, e: Float64Array, basis: Float64Array, p: number): void {
  for (let l = 0; l < p; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m + 1 < p && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      if (sweep === 60) throw new Error(`eigenvalue ${l} of a ${p} × ${p} matrix was not found in 60 sweeps`);
      const half = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (half + Math.sign(half || 1) * Math.hypot(half, 1));
      let sine = 1;
      let cosine = 1;
      let shift = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        const r = Math.hypot(f, g);
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
        rotateRows(basis, i, sine, cosine, p);
      }
      if (i >= l) continue;
      d[l] -= shift;
      e[l] = g;
      e[m] = 0;
    }
  }
}

function rotateRows(q: Float64Array, i: number, sine: number, cosine: number, p: number): void {
  const upper = i * p;
  const lower = upper + p;
  for (let j = 0; j < p; j++) {
    const f = q[lower + j];
    q[lower + j] = sine * q[upper + j] + cosine * f;
    q[upper + j] = cosine * q[upper + j] - sine * f;
  }
}
