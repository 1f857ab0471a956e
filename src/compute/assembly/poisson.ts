import { gateLogits, gateRuns } from "./gate";
import { Job } from "./job";
import { addTotals, blocksOf, DIAGONAL, EXPERTS, GATE, HEIGHT, HESSIAN, logLikelihood, PRODUCT, ROUGH, weigh } from "./linear";
import { diagonal, gram, predict, products } from "./products";
import { narrowedColumns, singleGram } from "./single-gram";
import { softmaxMirror, softmaxRuns, softmaxSums } from "./softmax";
import { addOffset, fetch, isPlain, mirror, responsibilitiesOf, usedBytes, weightsOf } from "./tile";
import { RUN } from "./tiles";
import { exp, log, madd, nmadd, splat } from "./vector";

/** Log means above this count as this, as the plain code has it. */
const LARGEST_LOG_MEAN = 100.0;

/** log n! − (n log n − n) of counts for which Stirling's series is not exact. */
const FEW = 32.0;
const REST = memory.data<f64>([
  0.0, 1.0, 1.3068528194400546, 1.4959226032237258, 1.6328763858683832, 1.7403021806115442, 1.828694396641771,
  1.9037903176782212, 1.9690705693065629, 2.0268062840554952, 2.0785616431350586, 2.12545984509181,
  2.168334698205882, 2.207822206123445, 2.244418568125061, 2.2785183673077407, 2.310440550244173,
  2.3404466011812155, 2.368753565902089, 2.3955435830371252, 2.4209709896736653, 2.445167706285025,
  2.468247377952275, 2.490308601393931, 2.511437469761624, 2.531709601275501, 2.551191772443469,
  2.569943244889446, 2.588016852275825, 2.6054598975602623, 2.622314898965503, 2.638620214275777,
]);
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** (eʳ − 1 − r)/r² = Σ rʲ⁻²/j! for |r| up to this, from j = 15 down: to rounding. */
const NEAR = 0.5;
const TERMS: usize = 14;
const EXPONENTIAL = memory.data<f64>([
  7.647163731819816e-13, 1.1470745597729725e-11, 1.6059043836821613e-10, 2.08767569878681e-09,
  2.505210838544172e-08, 2.755731922398589e-07, 2.7557319223985893e-06, 2.48015873015873e-05,
  0.0001984126984126984, 0.001388888888888889, 0.008333333333333333, 0.041666666666666664, 0.16666666666666666,
  0.5,
]);

/**
 * The E-step of a mixture of Poisson experts and, where asked for, all sums of the M-step that begins where it is.
 *
 * Sums: the log-likelihood; Σ w r of each expert; those of {@link poissonExpansion} of each; those of {@link softmaxSums}.
 */
export function poissonPosterior(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const k = job.k;
  const d = job.d;
  const runs = <usize>k * RUN;
  const eta = scratch;
  const p = eta + runs;
  const joint = p + runs;
  const logMean = joint + runs;
  const mean = logMean + runs;
  const weighted = mean + runs;
  const gateSum = weighted + runs;
  const top = gateSum + RUN;
  const logCount = top + RUN;
  const total = logCount + RUN;
  const work = total + RUN;
  const rows = sums + 16;
  const experts = rows + (<usize>k << 4);
  const each = <usize>(1 + d + (job.parts & HESSIAN ? d * d : 0)) << 4;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const y = at + job.response;
    const bytes = usedBytes(job, tile);
    const w = weightsOf(job, tile);
    const plain = isPlain(job, tile);
    const r = responsibilitiesOf(job, tile);
    gateLogits(job, at, eta, p, gateSum, bytes, work);
    const lost = logsOfCounts(y, w, logCount, bytes);
    predict(at + job.expert, d, job.theta, k, logMean);
    addOffset(job, at, logMean, k, RUN, bytes);
    for (let z: usize = 0; z < runs; z += RUN) {
      countDensities(y, logCount, logMean + z, mean + z, joint + z, bytes);
      for (let i = z; i < z + bytes; i += 16) {
        const both = f64x2.add(v128.load(eta + i), v128.load(joint + i));
        v128.store(joint + i, both);
        v128.store(top + i - z, z === 0 ? both : f64x2.pmax(v128.load(top + i - z), both));
      }
    }
    if (tile + 1 < job.tileCount) fetch(at + job.stride, job.stride, work);
    const found = logLikelihood(joint, top, gateSum, k, w, plain, r, bytes);
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.sub(found, lost)));
    weigh(w, r, k, weighted, total, bytes);
    addTotals(weighted, k, bytes, rows);
    if (!(job.parts & EXPERTS)) continue;
    if (job.parts & GATE) {
      const unit = plain ? job.ones : total;
      const gate = experts + <usize>k * each;
      softmaxSums(at + job.gate, job.dg, k, eta, p, gateSum, weighted, unit, plain, blocksOf(job), bytes, work, gate);
    }
    for (let z = 0; z < k; z++) {
      const run = <usize>z * RUN;
      countSums(job, at, logMean + run, mean + run, weighted + run, bytes, work, experts + <usize>z * each);
    }
  }
}

/** log y of a tile's counts, anything where they are 0; returns Σ w (log y! − (y log y − y)). */
export function logsOfCounts(y: usize, w: usize, logs: usize, bytes: usize): v128 {
  let total = splat(0.0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const count = v128.load(y + i);
    const logCount = log(count);
    v128.store(logs + i, logCount);
    const inverse = f64x2.div(splat(1.0), f64x2.pmax(count, splat(FEW)));
    const square = f64x2.mul(inverse, inverse);
    let series = nmadd(square, splat(1.0 / 1680.0), splat(1.0 / 1260.0));
    series = nmadd(square, series, splat(1.0 / 360.0));
    series = nmadd(square, series, splat(1.0 / 12.0));
    const many = madd(series, inverse, madd(splat(0.5), logCount, splat(HALF_LOG_TWO_PI)));
    const rest = v128.bitselect(few(count), many, f64x2.lt(count, splat(FEW)));
    total = madd(v128.load(w + i), rest, total);
  }
  return total;
}

/** What the table has of two counts; of counts beyond it, anything. */
// @ts-ignore: decorator
@inline
function few(count: v128): v128 {
  const within = f64x2.pmin(count, splat(FEW - 1.0));
  const one = load<f64>(REST + (<usize>f64x2.extract_lane(within, 0) << 3));
  const other = load<f64>(REST + (<usize>f64x2.extract_lane(within, 1) << 3));
  return f64x2.replace_lane(splat(one), 1, other);
}

/** log p(y) + log y! − (y log y − y) of a run of counts under their log means; leaves the means. */
export function countDensities(y: usize, logCount: usize, logMean: usize, mean: usize, out: usize, bytes: usize): void {
  means(logMean, mean, bytes);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, logDensity(v128.load(y + i), v128.load(logCount + i), v128.load(logMean + i), v128.load(mean + i)));
  }
}

/** The means of a run of log means, those above the largest as it has it. */
function means(logMean: usize, mean: usize, bytes: usize): void {
  const largest = splat(LARGEST_LOG_MEAN);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(mean + i, f64x2.pmin(v128.load(logMean + i), largest));
  exp(mean, mean, bytes);
}

/**
 * log p(y) + log y! − (y log y − y), continued along its tangent above the largest log mean.
 *
 * About its value at the mean y: of large counts y log μ and μ cancel, and leave rounding of many nats.
 */
// @ts-ignore: decorator
@inline
function logDensity(y: v128, logCount: v128, logMean: v128, mean: v128): v128 {
  const near = f64x2.pmin(logMean, splat(LARGEST_LOG_MEAN));
  const tangent = f64x2.mul(f64x2.sub(y, mean), f64x2.sub(logMean, near));
  const ratio = f64x2.sub(near, logCount);
  const far = f64x2.sub(f64x2.mul(y, ratio), f64x2.sub(mean, y));
  const isNear = f64x2.lt(f64x2.abs(ratio), splat(NEAR));
  if (!v128.any_true(isNear)) return f64x2.add(far, tangent);
  let series = v128.load64_splat(EXPONENTIAL);
  for (let j: usize = 1; j < TERMS; j++) series = madd(series, ratio, v128.load64_splat(EXPONENTIAL + (j << 3)));
  const close = f64x2.neg(f64x2.mul(y, f64x2.mul(f64x2.mul(ratio, ratio), series)));
  return f64x2.add(v128.bitselect(close, far, isNear), tangent);
}

/**
 * Expansion of one Poisson expert's likelihood without log y!: its value, the gradient (d) and, where asked for, the
 * negated Hessian (d × d) or its diagonal (d); or the product of the negated Hessian with a direction (d), alone.
 */
export function poissonExpansion(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const d = job.d;
  const logMean = scratch;
  const mean = logMean + RUN;
  const weight = mean + RUN;
  const total = weight + RUN;
  const work = total + RUN;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const x = at + job.expert;
    const bytes = usedBytes(job, tile);
    predict(x, d, job.theta, 1, logMean);
    addOffset(job, at, logMean, 1, RUN, bytes);
    means(logMean, mean, bytes);
    weigh(weightsOf(job, tile), responsibilitiesOf(job, tile) + <usize>job.z * RUN, 1, weight, total, bytes);
    if (job.parts & PRODUCT) {
      curvedDirection(x, d, job.direction, weight, mean, work, bytes);
      products(work, 1, x, d, bytes, sums, <usize>d << 4);
      continue;
    }
    countSums(job, at, logMean, mean, weight, bytes, work, sums);
    if (tile + 1 < job.tileCount) fetch(at + job.stride, job.stride, work);
  }
}

/** Adds a tile's part of an expansion. `weight` becomes the curvature; `work`: three runs, and in single precision d more. */
function countSums(job: Job, tile: usize, logMean: usize, mean: usize, weight: usize, bytes: usize, work: usize, sums: usize): void {
  const d = job.d;
  const x = tile + job.expert;
  const score = work;
  const rest = work + RUN;
  let value = v128.load(sums);
  for (let i: usize = 0; i < bytes; i += 16) {
    const here = v128.load(logMean + i);
    const curvature = f64x2.mul(v128.load(weight + i), v128.load(mean + i));
    const target = f64x2.mul(v128.load(weight + i), v128.load(tile + job.response + i));
    const beyond = f64x2.pmax(splat(0.0), f64x2.sub(here, splat(LARGEST_LOG_MEAN)));
    value = f64x2.add(value, f64x2.sub(f64x2.mul(target, here), madd(curvature, beyond, curvature)));
    v128.store(score + i, f64x2.sub(target, curvature));
    v128.store(weight + i, curvature);
  }
  v128.store(sums, value);
  if (job.parts & HEIGHT) return;
  products(score, 1, x, d, bytes, sums + 16, <usize>d << 4);
  const second = sums + (<usize>(1 + d) << 4);
  if (job.parts & ROUGH) {
    const columns = rest + 2 * RUN;
    narrowedColumns(x, d, columns);
    singleGram(columns, d, weight, bytes, rest, second);
  } else if (job.parts & HESSIAN) gram(x, d, weight, bytes, rest, second);
  if (job.parts & DIAGONAL) diagonal(x, d, weight, bytes, second);
}

/** w μ x'v of a tile's rows. */
function curvedDirection(x: usize, d: i32, direction: usize, weight: usize, mean: usize, out: usize, bytes: usize): void {
  predict(x, d, direction, 1, out);
  for (let i: usize = 0; i < bytes; i += 16) {
    const curvature = f64x2.mul(v128.load(weight + i), v128.load(mean + i));
    v128.store(out + i, f64x2.mul(curvature, v128.load(out + i)));
  }
}

/** Runs of scratch that the two take. */
export function poissonRuns(job: Job): i32 {
  const own = max((job.d + 1) >> 1, softmaxRuns(job.k, job.dg, blocksOf(job)));
  return 6 * job.k + 7 + max(own, gateRuns(job));
}

/** Fills the lower halves of the Hessians of {@link poissonPosterior}. */
export function poissonPosteriorMirror(job: Job, sums: usize): void {
  if (!(job.parts & EXPERTS)) return;
  const d = job.d;
  sums += <usize>(1 + job.k) << 3;
  for (let z = 0; z < job.k; z++, sums += <usize>(1 + d + d * d) << 3) poissonMirror(job, sums);
  if (job.parts & GATE) softmaxMirror(sums, job.k, job.dg, blocksOf(job));
}

/** Fills the lower half of an expert's Hessian. */
export function poissonMirror(job: Job, sums: usize): void {
  mirror(sums + (<usize>(1 + job.d) << 3), job.d);
}
