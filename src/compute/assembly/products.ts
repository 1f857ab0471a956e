import {
  dots1x1,
  dots1x2,
  dots1x4,
  dots2x1,
  dots2x2,
  dots2x4,
  predict1,
  predict2,
  predict4,
  RUN,
  weightedDots1x1,
  weightedDots2x2,
  weightedDots2x4,
} from "./tiles";
import { madd } from "./vector";

/** `out[h] = x θ_h` for m predictors, one run each. */
export function predict(x: usize, d: i32, theta: usize, m: i32, out: usize): void {
  const stride = <usize>d << 3;
  while (m >= 4) {
    predict4(x, d, theta, out, RUN);
    theta += 4 * stride;
    out += 4 * RUN;
    m -= 4;
  }
  if (m & 2) {
    predict2(x, d, theta, out, RUN);
    theta += 2 * stride;
    out += 2 * RUN;
  }
  if (m & 1) predict1(x, d, theta, out, RUN);
}

/** Adds the products of m runs with n others to m × n sums of two lanes. `row`: bytes from one row of sums to the next. */
export function products(u: usize, m: i32, v: usize, n: i32, bytes: usize, sums: usize, row: usize): void {
  for (; m >= 2; m -= 2, u += 2 * RUN, sums += 2 * row) {
    let at = v;
    let to = sums;
    let left = n;
    for (; left >= 4; left -= 4, at += 4 * RUN, to += 64) dots2x4(u, at, bytes, to, row);
    if (left & 2) {
      dots2x2(u, at, bytes, to, row);
      at += 2 * RUN;
      to += 32;
    }
    if (left & 1) dots2x1(u, at, bytes, to, row);
  }
  if (m & 1) {
    let at = v;
    let to = sums;
    let left = n;
    for (; left >= 4; left -= 4, at += 4 * RUN, to += 64) dots1x4(u, at, bytes, to, row);
    if (left & 2) {
      dots1x2(u, at, bytes, to, row);
      at += 2 * RUN;
      to += 32;
    }
    if (left & 1) dots1x1(u, at, bytes, to, row);
  }
}

/** Adds Σ w x x' to the upper half of d × d sums. `scratch`: two runs, for w x of two columns at a time. */
export function gram(x: usize, d: i32, w: usize, bytes: usize, scratch: usize, sums: usize): void {
  const row = <usize>d << 4;
  for (; d > 0; d -= 2, x += 2 * RUN, sums += 2 * row + 32) {
    // The first products weigh the columns on their way.
    if (d >= 4) {
      weightedDots2x4(x, w, scratch, x, bytes, sums, row);
      products(scratch, 2, x + 4 * RUN, d - 4, bytes, sums + 64, row);
    } else if (d >= 2) {
      weightedDots2x2(x, w, scratch, x, bytes, sums, row);
      products(scratch, 2, x + 2 * RUN, d - 2, bytes, sums + 32, row);
    } else weightedDots1x1(x, w, scratch, x, bytes, sums, row);
  }
}

/** Adds Σ w x² of each column to d sums. */
export function diagonal(x: usize, d: i32, w: usize, bytes: usize, sums: usize): void {
  for (; d > 0; d--, x += RUN, sums += 16) {
    let sum = v128.load(sums);
    for (let i: usize = 0; i < bytes; i += 16) {
      const value = v128.load(x + i);
      sum = madd(f64x2.mul(v128.load(w + i), value), value, sum);
    }
    v128.store(sums, sum);
  }
}
