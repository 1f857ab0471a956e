import { gateLogits, gateRuns } from "./gate";
import { Job } from "./job";
import { gram, predict, products } from "./products";
import {
  ALL_BLOCKS,
  CLASS_BLOCKS,
  DIAGONALS,
  NO_BLOCKS,
  ROUGH_BLOCKS,
  VALUE_ALONE,
  softmaxMirror,
  softmaxProduct,
  softmaxRuns,
  softmaxSums,
  sumOfLogs,
} from "./softmax";
import { addOffset, fetch, isPlain, mirror, responsibilitiesOf, usedBytes, weightsOf } from "./tile";
import { RUN } from "./tiles";
import { exp, madd, nmadd, splat } from "./vector";

/**
 * The parts of a pass: find the responsibilities, or take them as they are; the experts' sums, with Gram matrices or
 * without; the gate's, with a Hessian or without. Given responsibilities may be known to sum to 1.
 */
export const POSTERIOR = 1;
export const EXPERTS = 2;
export const GRAMS = 4;
export const GATE = 8;
export const HESSIAN = 16;
export const UNIT = 32;
/** Of second derivatives the diagonal; the product of all with a direction, alone; a bound of them, class by class. */
export const DIAGONAL = 128;
export const PRODUCT = 256;
export const CLASSES = 512;
/** Together with HESSIAN: in single precision. */
export const ROUGH = 1024;
/** The value of an expansion, alone. */
export const HEIGHT = 2048;

/** Which second derivatives of a softmax are summed. */
export function blocksOf(job: Job): i32 {
  if (job.parts & HESSIAN) return job.parts & ROUGH ? ROUGH_BLOCKS : ALL_BLOCKS;
  if (job.parts & CLASSES) return CLASS_BLOCKS;
  if (job.parts & HEIGHT) return VALUE_ALONE;
  return job.parts & DIAGONAL ? DIAGONALS : NO_BLOCKS;
}

/**
 * A mixture of linear experts: its E-step, the moments of each expert's residuals and the expansion of the gate.
 *
 * Sums: the log-likelihood; for each expert Σ w, Σ w e², Σ w x e and Σ w x x'; those of {@link softmaxSums}.
 */
export function linearTiles(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const k = job.k;
  const d = job.d;
  const runs = <usize>k * RUN;
  const error = scratch;
  const eta = error + runs;
  const p = eta + runs;
  const weighted = p + runs;
  const gateSum = weighted + runs;
  const sum = gateSum + RUN;
  const work = sum + RUN;
  const moments = job.parts & POSTERIOR ? sums + 16 : sums;
  const withGrams = (job.parts & GRAMS) !== 0;
  const blocks = blocksOf(job);
  const each = <usize>(2 + d + (withGrams ? d * d : 0)) << 4;
  const gateSums = job.parts & EXPERTS ? moments + <usize>k * each : moments;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const x = at + job.expert;
    const bytes = usedBytes(job, tile);
    const w = weightsOf(job, tile);
    const plain = isPlain(job, tile);
    const r = responsibilitiesOf(job, tile);
    gateLogits(job, at, eta, p, gateSum, bytes, work);
    if (job.parts & (POSTERIOR | EXPERTS)) {
      predict(x, d, job.theta, k, error);
      addOffset(job, at, error, k, RUN, bytes);
      subtractFrom(at + job.response, error, k, bytes);
    }
    if (job.parts & POSTERIOR) {
      jointDensities(job, error, eta, weighted, sum, bytes);
      const found = logLikelihood(weighted, sum, gateSum, k, w, plain, r, bytes);
      v128.store(sums, f64x2.add(v128.load(sums), found));
    }
    // Here the loads of the next tile cost least: at a tile's start they hold up what follows.
    if (tile + 1 < job.tileCount) fetch(at + job.stride, job.stride, work);
    // Rows of weight 1 with responsibilities that sum to 1 need not be weighed.
    const ofUnit = plain && (job.parts & (POSTERIOR | UNIT)) !== 0;
    const targets = ofUnit ? r : weighted;
    const total = ofUnit ? job.ones : sum;
    if (!ofUnit) weigh(w, r, k, weighted, sum, bytes);
    if (job.parts & EXPERTS) {
      for (let z = 0; z < k; z++) {
        const expert = moments + <usize>z * each;
        const weights = targets + <usize>z * RUN;
        squares(weights, error + <usize>z * RUN, bytes, expert);
        if (withGrams) gram(x, d, weights, bytes, work, expert + 32 + (<usize>d << 4));
      }
      products(error, k, x, d, bytes, moments + 32, each);
    }
    if (job.parts & PRODUCT) {
      softmaxProduct(at + job.gate, job.dg, k, p, total, job.direction, bytes, work, sums);
    } else if (job.parts & GATE) {
      softmaxSums(at + job.gate, job.dg, k, eta, p, gateSum, targets, total, ofUnit, blocks, bytes, work, gateSums);
    }
  }
}

/** Runs of scratch that {@link linearTiles} takes. */
export function linearRuns(job: Job): i32 {
  return 4 * job.k + 3 + max(gateRuns(job), softmaxRuns(job.k, job.dg, blocksOf(job)));
}

/** Fills the lower halves of its symmetric matrices. */
export function linearMirror(job: Job, sums: usize): void {
  if (job.parts & POSTERIOR) sums += 8;
  if (job.parts & EXPERTS) {
    const withGrams = (job.parts & GRAMS) !== 0;
    for (let z = 0; z < job.k; z++) {
      sums += <usize>(2 + job.d) << 3;
      if (!withGrams) continue;
      mirror(sums, job.d);
      sums += <usize>(job.d * job.d) << 3;
    }
  }
  if (job.parts & GATE) softmaxMirror(sums, job.k, job.dg, blocksOf(job));
}

/** y − η of each of k runs, in place. */
function subtractFrom(y: usize, eta: usize, k: i32, bytes: usize): void {
  for (; k > 0; k--, eta += RUN) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(eta + i, f64x2.sub(v128.load(y + i), v128.load(eta + i)));
    }
  }
}

/** log g_z p_z(y), less the normaliser of the gate, and the largest of them. */
function jointDensities(job: Job, error: usize, gate: usize, joint: usize, top: usize, bytes: usize): void {
  for (let z = 0, run: usize = 0; z < job.k; z++, run += RUN) {
    const precision = v128.load64_splat(job.scales + (<usize>z << 4));
    const constant = v128.load64_splat(job.scales + (<usize>z << 4), 8);
    for (let i: usize = 0; i < bytes; i += 16) {
      const scaled = f64x2.mul(v128.load(error + run + i), precision);
      const density = nmadd(f64x2.mul(scaled, splat(0.5)), scaled, constant);
      const both = f64x2.add(density, v128.load(gate + run + i));
      v128.store(joint + run + i, both);
      v128.store(top + i, z === 0 ? both : f64x2.pmax(v128.load(top + i), both));
    }
  }
}

/**
 * The log-likelihood, and the responsibilities, of the logarithms of joint densities that are to be less that of `gateSum`.
 *
 * @param top the largest of each row; overwritten
 */
export function logLikelihood(
  joint: usize,
  top: usize,
  gateSum: usize,
  k: i32,
  w: usize,
  plain: bool,
  r: usize,
  bytes: usize,
): v128 {
  const tops = responsibilities(joint, top, k, w, r, bytes);
  const logs = f64x2.sub(sumOfLogs(top, w, plain, bytes), sumOfLogs(gateSum, w, plain, bytes));
  return f64x2.add(tops, logs);
}

/** The responsibilities from the log joint densities; Σ exp of these less the largest to `sum`. Returns Σ w largest. */
function responsibilities(joint: usize, sum: usize, k: i32, w: usize, r: usize, bytes: usize): v128 {
  let tops = splat(0.0);
  for (let i: usize = 0; i < bytes; i += 16) tops = madd(v128.load(w + i), v128.load(sum + i), tops);
  for (let z = 0, run: usize = 0; z < k; z++, run += RUN) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(r + run + i, f64x2.sub(v128.load(joint + run + i), v128.load(sum + i)));
    }
    exp(r + run, r + run, bytes);
  }
  const end = r + <usize>k * RUN;
  for (let i: usize = 0; i < bytes; i += 16) {
    let total = v128.load(r + i);
    for (let at = r + RUN + i; at < end; at += RUN) total = f64x2.add(total, v128.load(at));
    v128.store(sum + i, total);
    const scale = f64x2.div(splat(1.0), total);
    for (let at = r + i; at < end; at += RUN) v128.store(at, f64x2.mul(v128.load(at), scale));
  }
  return tops;
}

/** Weighted responsibilities, and their sum over the experts. */
export function weigh(w: usize, r: usize, k: i32, weighted: usize, total: usize, bytes: usize): void {
  for (let z = 0, run: usize = 0; z < k; z++, run += RUN) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const weight = f64x2.mul(v128.load(w + i), v128.load(r + run + i));
      v128.store(weighted + run + i, weight);
      v128.store(total + i, z === 0 ? weight : f64x2.add(weight, v128.load(total + i)));
    }
  }
}

/** Adds the sum of each of k runs. */
export function addTotals(runs: usize, k: i32, bytes: usize, sums: usize): void {
  for (; k > 0; k--, runs += RUN, sums += 16) {
    let sum = v128.load(sums);
    for (let i: usize = 0; i < bytes; i += 16) sum = f64x2.add(sum, v128.load(runs + i));
    v128.store(sums, sum);
  }
}

/** Adds Σ w and Σ w e², and leaves w e. */
function squares(w: usize, error: usize, bytes: usize, sums: usize): void {
  let weight = v128.load(sums);
  let square = v128.load(sums, 16);
  for (let i: usize = 0; i < bytes; i += 16) {
    const wi = v128.load(w + i);
    const e = v128.load(error + i);
    const product = f64x2.mul(wi, e);
    weight = f64x2.add(weight, wi);
    square = madd(product, e, square);
    v128.store(error + i, product);
  }
  v128.store(sums, weight);
  v128.store(sums, square, 16);
}
