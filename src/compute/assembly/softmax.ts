import { gram, products } from "./products";
import { mirror } from "./tile";
import { RUN } from "./tiles";
import { exp, log, madd, nmadd, splat } from "./vector";

/** Predictors below this in size need not be shifted: the product of 40 sums of so many exponentials is finite. */
const SMALL = 10.0;
const FEW = 1000;

/**
 * A softmax with a reference class, η_0 = 0.
 *
 * `eta`: a run for each class, the first to be filled. Left there: η less the largest, or η as it is where all are small.
 * `p`: the probabilities. `sum`: Σ exp of what is left in `eta`, so that log p_c = eta_c − log sum.
 */
export function softmax(eta: usize, classes: i32, p: usize, sum: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(eta + i, splat(0.0));
    v128.store(p + i, splat(1.0));
  }
  if (classes <= FEW && areSmall(eta + RUN, classes - 1, bytes)) {
    for (let c = 1; c < classes; c++) exp(eta + <usize>c * RUN, p + <usize>c * RUN, bytes);
  } else {
    shift(eta, classes, sum, bytes);
    for (let c = 0; c < classes; c++) exp(eta + <usize>c * RUN, p + <usize>c * RUN, bytes);
  }
  for (let i: usize = 0; i < bytes; i += 16) {
    let total = v128.load(p + i);
    for (let at = p + RUN + i, end = p + <usize>classes * RUN; at < end; at += RUN) {
      total = f64x2.add(total, v128.load(at));
    }
    v128.store(sum + i, total);
    const scale = f64x2.div(splat(1.0), total);
    for (let at = p + i, end = p + <usize>classes * RUN; at < end; at += RUN) {
      v128.store(at, f64x2.mul(v128.load(at), scale));
    }
  }
}

/** Whether all numbers of m runs are; one that is none is not. */
function areSmall(runs: usize, m: i32, bytes: usize): bool {
  let small = i64x2.splat(-1);
  for (const end = runs + <usize>m * RUN; runs < end; runs += RUN) {
    for (let i: usize = 0; i < bytes; i += 16) {
      small = v128.and(small, f64x2.lt(f64x2.abs(v128.load(runs + i)), splat(SMALL)));
    }
  }
  return i64x2.all_true(small);
}

/** η less the largest of the row, in place. `top`: scratch. */
function shift(eta: usize, classes: i32, top: usize, bytes: usize): void {
  const most = splat(-1.7976931348623157e308);
  for (let c = 1; c < classes; c++) {
    const at = eta + <usize>c * RUN;
    for (let i: usize = 0; i < bytes; i += 16) {
      const before = c === 1 ? splat(0.0) : v128.load(top + i);
      v128.store(top + i, f64x2.pmax(before, v128.load(at + i)));
    }
  }
  for (let c = 0; c < classes; c++) {
    const at = eta + <usize>c * RUN;
    // A class that is impossible and has no target adds nothing, not 0 × −∞.
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(at + i, f64x2.pmax(most, f64x2.sub(v128.load(at + i), v128.load(top + i))));
    }
  }
}

/** Σ w log(run), for numbers from 1 on: of plain rows as the log of the product. */
export function sumOfLogs(run: usize, w: usize, plain: bool, bytes: usize): v128 {
  if (plain) {
    let product = v128.load(run);
    for (let i: usize = 16; i < bytes; i += 16) product = f64x2.mul(product, v128.load(run + i));
    return log(product);
  }
  let sum = splat(0.0);
  for (let i: usize = 0; i < bytes; i += 16) sum = madd(v128.load(w + i), log(v128.load(run + i)), sum);
  return sum;
}

/**
 * Adds value, gradient and negated Hessian of Σ_c t_c log p_c in the coefficients of the classes 1 … C − 1.
 *
 * `eta`, `p`, `sum` as {@link softmax} leaves them. `total`: Σ_c t_c; `plain`: it is 1. `withHessian`: with second derivatives. `scratch`:
 * C + 2 runs.
 */
export function softmaxSums(
  x: usize,
  d: i32,
  classes: i32,
  eta: usize,
  p: usize,
  sum: usize,
  targets: usize,
  total: usize,
  plain: bool,
  withHessian: bool,
  bytes: usize,
  scratch: usize,
  sums: usize,
): void {
  const m = classes - 1;
  let value = f64x2.sub(v128.load(sums), sumOfLogs(sum, total, plain, bytes));
  for (let c = 0; c < classes; c++) {
    const at = <usize>c * RUN;
    for (let i: usize = 0; i < bytes; i += 16) {
      const target = v128.load(targets + at + i);
      value = madd(target, v128.load(eta + at + i), value);
      v128.store(scratch + at + i, nmadd(v128.load(total + i), v128.load(p + at + i), target));
    }
  }
  v128.store(sums, value);
  products(scratch + RUN, m, x, d, bytes, sums + 16, <usize>d << 4);
  if (!withHessian) return;
  let to = sums + 16 + (<usize>(m * d) << 4);
  const curvature = scratch;
  for (let h = 1; h < classes; h++) {
    for (let j = 1; j <= h; j++, to += <usize>(d * d) << 4) {
      const ph = p + <usize>h * RUN;
      const pj = p + <usize>j * RUN;
      for (let i: usize = 0; i < bytes; i += 16) {
        const probability = v128.load(ph + i);
        const spread = f64x2.sub(h === j ? splat(1.0) : splat(0.0), v128.load(pj + i));
        v128.store(curvature + i, f64x2.mul(f64x2.mul(probability, spread), v128.load(total + i)));
      }
      gram(x, d, curvature, bytes, scratch + RUN, to);
    }
  }
}

/** Fills the lower halves of the symmetric matrices of {@link softmaxSums}. */
export function softmaxMirror(sums: usize, classes: i32, d: i32): void {
  const m = classes - 1;
  sums += <usize>(1 + m * d) << 3;
  for (let pairs = (m * (m + 1)) >> 1; pairs > 0; pairs--, sums += <usize>(d * d) << 3) mirror(sums, d);
}
