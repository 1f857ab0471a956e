import { type Dense, denseWork, PANEL, part, read, write } from "../compute/dense.ts";

/** Solves `Lx = b` in place for a lower triangular L, p × p. */
export function solveLower(l: Float64Array, p: number, b: Float64Array): void {
  let i = 0;
  for (; i + 3 < p; i += 4) {
    takeOffBefore(l, p, b, i);
    lowerRows(l, p, b, i, i + 4, i);
  }
  lowerRows(l, p, b, i, p, 0);
}

/** Takes what comes before row i off four rows. A sum waits for its last addition: side by side they take half the time. */
function takeOffBefore(l: Float64Array, p: number, b: Float64Array, i: number): void {
  const [r0, r1, r2, r3] = [i * p, (i + 1) * p, (i + 2) * p, (i + 3) * p];
  let [s0, s1, s2, s3] = [b[i], b[i + 1], b[i + 2], b[i + 3]];
  for (let m = 0; m < i; m++) {
    const x = b[m];
    s0 -= l[r0 + m] * x;
    s1 -= l[r1 + m] * x;
    s2 -= l[r2 + m] * x;
    s3 -= l[r3 + m] * x;
  }
  b[i] = s0;
  b[i + 1] = s1;
  b[i + 2] = s2;
  b[i + 3] = s3;
}

/** Rows from `first` to before `end`, off which those before `from` are taken. */
function lowerRows(l: Float64Array, p: number, b: Float64Array, first: number, end: number, from: number): void {
  for (let i = first; i < end; i++) {
    let sum = b[i];
    for (let m = from; m < i; m++) sum -= l[i * p + m] * b[m];
    b[i] = sum / l[i * p + i];
  }
}

/** Solves `L'x = b` in place for a lower triangular L, p × p. */
export function solveUpper(l: Float64Array, p: number, b: Float64Array): void {
  let end = p;
  for (; end >= 4; end -= 4) {
    upperRows(l, p, b, end - 4, end);
    takeOffAfter(l, p, b, end - 4);
  }
  upperRows(l, p, b, 0, end);
}

/** Takes four rows from row i on off those before it: each of these is read and written once. */
function takeOffAfter(l: Float64Array, p: number, b: Float64Array, i: number): void {
  const [r0, r1, r2, r3] = [i * p, (i + 1) * p, (i + 2) * p, (i + 3) * p];
  const [x0, x1, x2, x3] = [b[i], b[i + 1], b[i + 2], b[i + 3]];
  for (let m = 0; m < i; m++) b[m] = b[m] - l[r3 + m] * x3 - l[r2 + m] * x2 - l[r1 + m] * x1 - l[r0 + m] * x0;
}

/** Rows from before `end` down to `first`, off which those after them are taken. */
function upperRows(l: Float64Array, p: number, b: Float64Array, first: number, end: number): void {
  for (let i = end - 1; i >= first; i--) {
    const x = b[i] / l[i * p + i];
    b[i] = x;
    for (let m = first; m < i; m++) b[m] -= l[i * p + m] * x;
  }
}

/**
 * Solves `Lx = b` in place for a lower triangular L, p × p, and each row b of a matrix: B becomes BL⁻ᵀ.
 *
 * @param rows B, some rows of p numbers
 * @remarks cost p²/2 multiplications for each row, a panel of columns at a time: what the columns before it take off is a
 *   product of matrices
 */
export function solveLowerRows(l: Float64Array, p: number, rows: Float64Array): void {
  if (p <= PANEL) {
    for (let at = 0; at < rows.length; at += p) solveLower(l, p, rows.subarray(at, at + p));
    return;
  }
  const count = rows.length / p;
  const { matrices, addProducts } = denseWork([
    [p, p],
    [count, p],
  ]);
  const [factor, x] = matrices;
  write(factor, l, p);
  write(x, rows, p);
  for (let first = 0; first < p; first += PANEL) {
    const size = Math.min(PANEL, p - first);
    const before = part(x, 0, count, 0, first);
    if (first > 0) addProducts(before, part(factor, first, size, 0, first), -1, part(x, 0, count, first, size));
    lowerPanel(factor, x, count, first, first + size);
  }
  rows.set(read(x, count, p));
}

function lowerPanel(l: Dense, x: Dense, count: number, first: number, end: number): void {
  for (let at = 0; at < count * x.stride; at += x.stride) {
    for (let j = first; j < end; j++) {
      const row = j * l.stride;
      let sum = x.values[at + j];
      for (let m = first; m < j; m++) sum -= l.values[row + m] * x.values[at + m];
      x.values[at + j] = sum / l.values[row + j];
    }
  }
}

/**
 * Solves `L'x = b` in place for a lower triangular L, p × p, and each row b of a matrix: B becomes BL⁻¹.
 *
 * @param rows B, some rows of p numbers
 * @remarks cost as of {@link solveLowerRows}
 */
export function solveUpperRows(l: Float64Array, p: number, rows: Float64Array): void {
  if (p <= PANEL) {
    for (let at = 0; at < rows.length; at += p) solveUpper(l, p, rows.subarray(at, at + p));
    return;
  }
  const count = rows.length / p;
  const { matrices, addProducts } = denseWork([
    [p, p],
    [count, p],
  ]);
  const [upper, x] = matrices;
  write(upper, transposed(l, p), p);
  write(x, rows, p);
  for (let end = p; end > 0; ) {
    const first = PANEL * Math.floor((end - 1) / PANEL);
    const size = end - first;
    const after = part(x, 0, count, end, p - end);
    if (end < p) addProducts(after, part(upper, first, size, end, p - end), -1, part(x, 0, count, first, size));
    upperPanel(upper, x, count, first, end);
    end = first;
  }
  rows.set(read(x, count, p));
}

function upperPanel(upper: Dense, x: Dense, count: number, first: number, end: number): void {
  for (let at = 0; at < count * x.stride; at += x.stride) {
    for (let j = end - 1; j >= first; j--) {
      const row = j * upper.stride;
      let sum = x.values[at + j];
      for (let m = j + 1; m < end; m++) sum -= upper.values[row + m] * x.values[at + m];
      x.values[at + j] = sum / upper.values[row + j];
    }
  }
}

/** The transpose of a p × p matrix. */
export function transposed(a: Float64Array, p: number): Float64Array {
  const out = new Float64Array(p * p);
  // Square by square: a whole column would take a line of the cache for each of its numbers.
  for (let top = 0; top < p; top += PANEL) {
    for (let left = 0; left < p; left += PANEL) {
      const [bottom, right] = [Math.min(p, top + PANEL), Math.min(p, left + PANEL)];
      for (let i = top; i < bottom; i++) for (let j = left; j < right; j++) out[j * p + i] = a[i * p + j];
    }
  }
  return out;
}
