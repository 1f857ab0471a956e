import { diagonal, gram, predict, products } from "./products";
import { narrowedColumns, singleGram } from "./single-gram";
import { mirror } from "./tile";
import { RUN } from "./tiles";
import { exp, log, madd, nmadd, splat } from "./vector";

/** Second derivatives: none, the diagonal, those of all pairs of classes; a bound of them, a block for each class; or those of all pairs in single precision. */
export const NO_BLOCKS = 0;
export const DIAGONALS = 1;
export const ALL_BLOCKS = 2;
export const CLASS_BLOCKS = 3;
export const ROUGH_BLOCKS = 4;
/** No gradient, either. */
export const VALUE_ALONE = 5;

/** Predictors below this in size need not be shifted: the product of 40 sums of so many exponentials is finite. */
const SMALL = 10.0;
const FEW = 1000;
/** Columns up to which each class weighs them once: above, d² products cost more than d(d + 1)/2 with weights. */
const NARROW = 3;
/** Classes from which on that pays: of two there is no pair, and of three one. */
const MANY = 4;

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

/**
 * η less the largest of the row, in place, but in rows where all are small, for which it is as in a tile of such: what is
 * found of a row does not hang on those beside it. `top`: scratch.
 */
function shift(eta: usize, classes: i32, top: usize, bytes: usize): void {
  const most = splat(-1.7976931348623157e308);
  const few = classes <= FEW ? i64x2.splat(-1) : i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    let small = few;
    let largest = splat(0.0);
    for (let at = eta + RUN + i, end = eta + <usize>classes * RUN; at < end; at += RUN) {
      const x = v128.load(at);
      small = v128.and(small, f64x2.lt(f64x2.abs(x), splat(SMALL)));
      largest = f64x2.pmax(largest, x);
    }
    v128.store(top + i, v128.andnot(largest, small));
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
 * `eta`, `p`, `sum` as {@link softmax} leaves them. `total`: Σ_c t_c; `plain`: it is 1. `blocks`: with second derivatives by pairs of
 * classes, those of each coefficient with itself, or Σ t p_c x x' of all classes, the reference first. `scratch`: {@link softmaxRuns}.
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
  blocks: i32,
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
  if (blocks === VALUE_ALONE) return;
  products(scratch + RUN, m, x, d, bytes, sums + 16, <usize>d << 4);
  const second = sums + 16 + (<usize>(m * d) << 4);
  if (blocks === CLASS_BLOCKS) classSums(x, d, classes, p, total, bytes, scratch, second);
  else if (blocks !== NO_BLOCKS) curvatureSums(x, d, classes, p, total, blocks, bytes, scratch, second);
}

/**
 * Adds the products of the negated Hessian with a direction, one predictor after the other: no matrix is made.
 *
 * `p`, `total`, `scratch` as {@link softmaxSums} takes them.
 */
export function softmaxProduct(
  x: usize,
  d: i32,
  classes: i32,
  p: usize,
  total: usize,
  direction: usize,
  bytes: usize,
  scratch: usize,
  sums: usize,
): void {
  const m = classes - 1;
  const u = scratch + RUN;
  predict(x, d, direction, m, u);
  for (let i: usize = 0; i < bytes; i += 16) {
    let mean = splat(0.0);
    for (let h = 0, run: usize = i; h < m; h++, run += RUN) {
      mean = madd(v128.load(p + run + RUN), v128.load(u + run), mean);
    }
    const w = v128.load(total + i);
    for (let h = 0, run: usize = i; h < m; h++, run += RUN) {
      const curved = f64x2.mul(v128.load(p + run + RUN), f64x2.sub(v128.load(u + run), mean));
      v128.store(u + run, f64x2.mul(w, curved));
    }
  }
  products(u, m, x, d, bytes, sums, <usize>d << 4);
}

/** Adds Σ w p_c x x' of each class. `scratch`: three runs. */
function classSums(x: usize, d: i32, classes: i32, p: usize, total: usize, bytes: usize, scratch: usize, to: usize): void {
  for (const end = p + <usize>classes * RUN; p < end; p += RUN, to += <usize>(d * d) << 4) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(scratch + i, f64x2.mul(v128.load(total + i), v128.load(p + i)));
    }
    gram(x, d, scratch, bytes, scratch + RUN, to);
  }
}

/** Adds Σ w p_h (1{h = j} − p_j) x x' of the pairs of classes, those of one h after the other: j = 1 … h; or the diagonal. */
function curvatureSums(
  x: usize,
  d: i32,
  classes: i32,
  p: usize,
  total: usize,
  blocks: i32,
  bytes: usize,
  scratch: usize,
  to: usize,
): void {
  const curvature = scratch;
  const work = scratch + RUN;
  const size = <usize>(d * d) << 4;
  const withPairs = blocks !== DIAGONALS;
  const once = isWeighedOnce(classes, d) && blocks === ALL_BLOCKS;
  const single = blocks === ROUGH_BLOCKS ? scratch + <usize>(classes + 2) * RUN : 0;
  if (single !== 0) narrowedColumns(x, d, single);
  for (let h = 1; h < classes; h++) {
    const ph = p + <usize>h * RUN;
    if (withPairs) {
      to = once ? narrowPairs(x, d, h, p, total, bytes, work, to) : pairs(x, single, d, h, p, total, bytes, scratch, to);
    }
    othersOf(p, classes, h, curvature, bytes);
    for (let i: usize = 0; i < bytes; i += 16) {
      const both = f64x2.mul(v128.load(ph + i), v128.load(curvature + i));
      v128.store(curvature + i, f64x2.mul(both, v128.load(total + i)));
    }
    if (single !== 0) singleGram(single, d, curvature, bytes, work, to);
    else if (withPairs) gram(x, d, curvature, bytes, work, to);
    else diagonal(x, d, curvature, bytes, to);
    to += withPairs ? size : <usize>d << 4;
  }
}

/** The pairs of a class h with those before it. `single`: the columns in single precision, or 0. `scratch`: three runs. Returns the address after the sums. */
function pairs(x: usize, single: usize, d: i32, h: i32, p: usize, total: usize, bytes: usize, scratch: usize, to: usize): usize {
  const ph = p + <usize>h * RUN;
  for (let pj = p + RUN; pj < ph; pj += RUN, to += <usize>(d * d) << 4) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const both = f64x2.mul(f64x2.neg(v128.load(ph + i)), v128.load(pj + i));
      v128.store(scratch + i, f64x2.mul(both, v128.load(total + i)));
    }
    if (single !== 0) singleGram(single, d, scratch, bytes, scratch + RUN, to);
    else gram(x, d, scratch, bytes, scratch + RUN, to);
  }
  return to;
}

/** Whether each class weighs its columns once, and for all pairs. */
function isWeighedOnce(classes: i32, d: i32): bool {
  return d <= NARROW && classes >= MANY;
}

/**
 * The same of many classes and few columns: products of the columns that each class has weighed once cost less than to weigh
 * them anew for each pair.
 *
 * `work`: two runs that are free, then d, then d for each class that came before, where this leaves its own.
 *
 * @returns the address after the sums
 */
function narrowPairs(x: usize, d: i32, h: i32, p: usize, total: usize, bytes: usize, work: usize, to: usize): usize {
  const row = <usize>d << 4;
  const own = work + 2 * RUN;
  const first = own + <usize>d * RUN;
  const end = first + <usize>((h - 1) * d) * RUN;
  const ph = p + <usize>h * RUN;
  for (let a = 0; a < d; a++) {
    const column = x + <usize>a * RUN;
    for (let i: usize = 0; i < bytes; i += 16) {
      const spread = f64x2.mul(v128.load(ph + i), v128.load(column + i));
      v128.store(end + <usize>a * RUN + i, spread);
      v128.store(own + <usize>a * RUN + i, f64x2.neg(f64x2.mul(v128.load(total + i), spread)));
    }
  }
  for (let at = first; at < end; at += <usize>d * RUN) {
    products(own, d, at, d, bytes, to, row);
    to += <usize>d * row;
  }
  return to;
}

/** Σ_{j≠h} p_j, which keeps its digits where 1 − p_h has none: of a class that is all but certain. */
function othersOf(p: usize, classes: i32, h: i32, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    let others = splat(0.0);
    for (let c = 0; c < classes; c++) {
      if (c !== h) others = f64x2.add(others, v128.load(p + <usize>c * RUN + i));
    }
    v128.store(out + i, others);
  }
}

/** Runs of scratch that {@link softmaxSums} takes. */
export function softmaxRuns(classes: i32, d: i32, blocks: i32): i32 {
  if (blocks === ROUGH_BLOCKS) return classes + 2 + ((d + 1) >> 1);
  return max(classes + 2, isWeighedOnce(classes, d) ? 3 + classes * d : 0);
}

/** Fills the lower halves of the symmetric matrices of {@link softmaxSums}. */
export function softmaxMirror(sums: usize, classes: i32, d: i32, blocks: i32): void {
  const m = classes - 1;
  sums += <usize>(1 + m * d) << 3;
  let count = blocks === CLASS_BLOCKS ? classes : 0;
  if (blocks === ALL_BLOCKS || blocks === ROUGH_BLOCKS) count = (m * (m + 1)) >> 1;
  for (; count > 0; count--, sums += <usize>(d * d) << 3) mirror(sums, d);
}
