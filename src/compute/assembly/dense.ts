import { rowDots1x1, rowDots1x4, rowDots2x1, rowDots2x4 } from "./dense-tiles";

// Products of rows with rows, and rotations of rows. As in picked.ts every product and every sum is rounded once, so that
// the bits are the same on every machine.

/** Adds `sign` times the products of m rows with n others, of so many numbers each, to m × n numbers. Strides in bytes. */
export function addProducts(
  a: usize,
  aStride: usize,
  m: i32,
  b: usize,
  bStride: usize,
  n: i32,
  length: i32,
  sign: f64,
  out: usize,
  stride: usize,
): void {
  const bytes = <usize>(length >> 1) << 4;
  const odd = length & 1;
  for (let j = 0; j < n; ) {
    const isWide = j + 4 <= n;
    const other = b + <usize>j * bStride;
    const to = out + (<usize>j << 3);
    let i = 0;
    for (; i + 2 <= m; i += 2) {
      const row = a + <usize>i * aStride;
      const at = to + <usize>i * stride;
      if (isWide) rowDots2x4(row, aStride, other, bStride, bytes, odd, sign, at, stride);
      else rowDots2x1(row, aStride, other, bStride, bytes, odd, sign, at, stride);
    }
    if (i < m) {
      const row = a + <usize>i * aStride;
      const at = to + <usize>i * stride;
      if (isWide) rowDots1x4(row, aStride, other, bStride, bytes, odd, sign, at, stride);
      else rowDots1x1(row, aStride, other, bStride, bytes, odd, sign, at, stride);
    }
    j += isWide ? 4 : 1;
  }
}

/** Bytes of a strip of columns: a line of the cache. */
const STRIP: usize = 64;

/**
 * Rotates rows in turn: of a row number i, a sine s and a cosine c, row i + 1 becomes s (row i) + c (row i + 1), and row i
 * becomes c (row i) − s (row i + 1). Stride and width in bytes, whole lines of the cache.
 *
 * Strip by strip, so that the rows of one stay in the first cache; a row that comes next stays in registers.
 */
export function rotate(rows: usize, stride: usize, width: usize, numbers: usize, angles: usize, count: i32): void {
  for (const end = rows + width; rows < end; rows += STRIP) rotateStrip(rows, stride, numbers, angles, count);
}

function rotateStrip(strip: usize, stride: usize, numbers: usize, angles: usize, count: i32): void {
  const last = numbers + (<usize>count << 2);
  let kept = -1;
  let c0 = f64x2.splat(0.0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; numbers < last; numbers += 4, angles += 16) {
    const i = load<i32>(numbers);
    const upper = strip + <usize>i * stride;
    if (kept !== i + 1) {
      if (kept >= 0) {
        const at = strip + <usize>kept * stride;
        v128.store(at, c0);
        v128.store(at, c1, 16);
        v128.store(at, c2, 32);
        v128.store(at, c3, 48);
      }
      const lower = upper + stride;
      c0 = v128.load(lower);
      c1 = v128.load(lower, 16);
      c2 = v128.load(lower, 32);
      c3 = v128.load(lower, 48);
    }
    const sine = v128.load64_splat(angles);
    const cosine = v128.load64_splat(angles, 8);
    const lower = upper + stride;
    let x = v128.load(upper);
    v128.store(lower, f64x2.add(f64x2.mul(sine, x), f64x2.mul(cosine, c0)));
    c0 = f64x2.sub(f64x2.mul(cosine, x), f64x2.mul(sine, c0));
    x = v128.load(upper, 16);
    v128.store(lower, f64x2.add(f64x2.mul(sine, x), f64x2.mul(cosine, c1)), 16);
    c1 = f64x2.sub(f64x2.mul(cosine, x), f64x2.mul(sine, c1));
    x = v128.load(upper, 32);
    v128.store(lower, f64x2.add(f64x2.mul(sine, x), f64x2.mul(cosine, c2)), 32);
    c2 = f64x2.sub(f64x2.mul(cosine, x), f64x2.mul(sine, c2));
    x = v128.load(upper, 48);
    v128.store(lower, f64x2.add(f64x2.mul(sine, x), f64x2.mul(cosine, c3)), 48);
    c3 = f64x2.sub(f64x2.mul(cosine, x), f64x2.mul(sine, c3));
    kept = i;
  }
  if (kept < 0) return;
  const at = strip + <usize>kept * stride;
  v128.store(at, c0);
  v128.store(at, c1, 16);
  v128.store(at, c2, 32);
  v128.store(at, c3, 48);
}

/**
 * T ← T − vq' − qv' on the rows and columns from `first` on, of which the lower triangle is kept; adds Tu to w.
 *
 * Two rows and two columns at a time: of those before a pair of rows there is an even number.
 */
export function changeAndMultiply(
  t: usize,
  stride: usize,
  first: i32,
  p: i32,
  v: usize,
  q: usize,
  u: usize,
  w: usize,
): void {
  const start = <usize>first << 3;
  let i = first;
  for (; i + 1 < p; i += 2) changeRows(t + <usize>i * stride, stride, start, <usize>i << 3, v, q, u, w);
  if (i < p) changeRow(t + <usize>i * stride, start, <usize>i << 3, v, q, u, w);
}

/** Two rows from the column at `start` to the diagonal at `end`, in bytes. */
function changeRows(row: usize, stride: usize, start: usize, end: usize, v: usize, q: usize, u: usize, w: usize): void {
  const vi = v128.load64_splat(v + end);
  const qi = v128.load64_splat(q + end);
  const ui = v128.load64_splat(u + end);
  const vk = v128.load64_splat(v + end, 8);
  const qk = v128.load64_splat(q + end, 8);
  const uk = v128.load64_splat(u + end, 8);
  let sum = f64x2.splat(0.0);
  let other = sum;
  for (let j = start; j < end; j += 16) {
    const vj = v128.load(v + j);
    const qj = v128.load(q + j);
    const uj = v128.load(u + j);
    const one = f64x2.sub(f64x2.sub(v128.load(row + j), f64x2.mul(vi, qj)), f64x2.mul(qi, vj));
    const two = f64x2.sub(f64x2.sub(v128.load(row + stride + j), f64x2.mul(vk, qj)), f64x2.mul(qk, vj));
    v128.store(row + j, one);
    v128.store(row + stride + j, two);
    sum = f64x2.add(sum, f64x2.mul(one, uj));
    other = f64x2.add(other, f64x2.mul(two, uj));
    v128.store(w + j, f64x2.add(v128.load(w + j), f64x2.add(f64x2.mul(one, ui), f64x2.mul(two, uk))));
  }
  const corner = changed(row + stride + end, load<f64>(v + end, 8), load<f64>(q + end), load<f64>(q + end, 8), load<f64>(v + end));
  const diagonal = changed(row + end, load<f64>(v + end), load<f64>(q + end), load<f64>(q + end), load<f64>(v + end));
  const last = changed(row + stride + end + 8, load<f64>(v + end, 8), load<f64>(q + end, 8), load<f64>(q + end, 8), load<f64>(v + end, 8));
  add(w + end, total(sum) + diagonal * load<f64>(u + end) + corner * load<f64>(u + end, 8));
  add(w + end + 8, total(other) + corner * load<f64>(u + end) + last * load<f64>(u + end, 8));
}

function changeRow(row: usize, start: usize, end: usize, v: usize, q: usize, u: usize, w: usize): void {
  const vi = v128.load64_splat(v + end);
  const qi = v128.load64_splat(q + end);
  const ui = v128.load64_splat(u + end);
  let sum = f64x2.splat(0.0);
  for (let j = start; j < end; j += 16) {
    const one = f64x2.sub(f64x2.sub(v128.load(row + j), f64x2.mul(vi, v128.load(q + j))), f64x2.mul(qi, v128.load(v + j)));
    v128.store(row + j, one);
    sum = f64x2.add(sum, f64x2.mul(one, v128.load(u + j)));
    v128.store(w + j, f64x2.add(v128.load(w + j), f64x2.mul(one, ui)));
  }
  const diagonal = changed(row + end, load<f64>(v + end), load<f64>(q + end), load<f64>(q + end), load<f64>(v + end));
  add(w + end, total(sum) + diagonal * load<f64>(u + end));
}

/** An entry less ab + cd, from then on. */
function changed(at: usize, a: f64, b: f64, c: f64, d: f64): f64 {
  const entry = load<f64>(at) - a * b - c * d;
  store<f64>(at, entry);
  return entry;
}

function add(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}
