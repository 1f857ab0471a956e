import { gateLogits, gateRuns } from "./gate";
import { Job } from "./job";
import { addTotals, blocksOf, EXPERTS, GATE, logLikelihood, PRODUCT, weigh } from "./linear";
import { predict } from "./products";
import { NO_BLOCKS, softmax, softmaxMirror, softmaxProduct, softmaxRuns, softmaxSums } from "./softmax";
import { addOffset, fetch, isPlain, responsibilitiesOf, usedBytes, weightsOf } from "./tile";
import { RUN } from "./tiles";
import { log, splat } from "./vector";

/**
 * The E-step of a mixture of logistic experts and, where asked for, all sums of the M-step that begins where it is.
 *
 * Sums: the log-likelihood; Σ w r of each expert; those of {@link softmaxSums} of each expert, and of the gate.
 */
export function logisticPosterior(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const k = job.k;
  const classes = job.classes;
  const runs = <usize>k * RUN;
  const withSums = (job.parts & EXPERTS) !== 0;
  const eta = scratch;
  const p = eta + runs;
  const joint = p + runs;
  const weighted = joint + runs;
  const gateSum = weighted + runs;
  const top = gateSum + RUN;
  const total = top + RUN;
  // Of each expert the predictors, the probabilities and the sum, where they are asked for again.
  const own = total + RUN;
  const ofExpert = <usize>(2 * classes + 1) * RUN;
  const step = withSums ? ofExpert : 0;
  const targets = own + (withSums ? <usize>k * ofExpert : ofExpert);
  const work = targets + <usize>classes * RUN;
  const rows = sums + 16;
  const experts = rows + (<usize>k << 4);
  const each = <usize>softmaxLength(classes, job.d, blocksOf(job)) << 4;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const bytes = usedBytes(job, tile);
    const w = weightsOf(job, tile);
    const plain = isPlain(job, tile);
    const r = responsibilitiesOf(job, tile);
    gateLogits(job, at, eta, p, gateSum, bytes, work);
    for (let z = 0; z < k; z++) {
      const here = own + <usize>z * step;
      const sum = here + 2 * <usize>classes * RUN;
      expertSoftmax(job, at, z, here, sum, bytes);
      const run = <usize>z * RUN;
      for (let i: usize = 0; i < bytes; i += 16) {
        const density = f64x2.sub(ofLabel(at + job.response + i, here + i, classes), log(v128.load(sum + i)));
        const both = f64x2.add(v128.load(eta + run + i), density);
        v128.store(joint + run + i, both);
        v128.store(top + i, z === 0 ? both : f64x2.pmax(v128.load(top + i), both));
      }
    }
    const found = logLikelihood(joint, top, gateSum, k, w, plain, r, bytes);
    v128.store(sums, f64x2.add(v128.load(sums), found));
    weigh(w, r, k, weighted, total, bytes);
    addTotals(weighted, k, bytes, rows);
    if (!withSums) continue;
    if (tile + 1 < job.tileCount) fetch(at + job.stride, job.stride, work);
    for (let z = 0; z < k; z++) {
      const here = own + <usize>z * step;
      labelSums(job, at, here, weighted + <usize>z * RUN, targets, bytes, work, experts + <usize>z * each);
    }
    if (!(job.parts & GATE)) continue;
    const unit = plain ? job.ones : total;
    const gate = experts + <usize>k * each;
    softmaxSums(at + job.gate, job.dg, k, eta, p, gateSum, weighted, unit, plain, blocksOf(job), bytes, work, gate);
  }
}

/** The predictors of expert z, as {@link softmax} leaves them, and its probabilities behind them. */
function expertSoftmax(job: Job, tile: usize, z: i32, eta: usize, sum: usize, bytes: usize): void {
  const classes = job.classes;
  const theta = job.theta + (<usize>(z * (classes - 1) * job.d) << 3);
  predict(tile + job.expert, job.d, theta, classes - 1, eta + RUN);
  addOffset(job, tile, eta + RUN, 1, RUN, bytes);
  softmax(eta, classes, eta + <usize>classes * RUN, sum, bytes);
}

/** Adds {@link softmaxSums} of an expert whose softmax is there, of rows of these weights. `targets`: a run for each class. */
function labelSums(job: Job, tile: usize, eta: usize, weight: usize, targets: usize, bytes: usize, work: usize, sums: usize): void {
  const classes = job.classes;
  for (let c = 0; c < classes; c++) {
    const run = targets + <usize>c * RUN;
    for (let i: usize = 0; i < bytes; i += 16) {
      const here = f64x2.eq(v128.load(tile + job.response + i), splat(<f64>c));
      v128.store(run + i, v128.and(here, v128.load(weight + i)));
    }
  }
  const p = eta + <usize>classes * RUN;
  const sum = p + <usize>classes * RUN;
  softmaxSums(tile + job.expert, job.d, classes, eta, p, sum, targets, weight, false, blocksOf(job), bytes, work, sums);
}

/** The number in the run of each row's label. */
export function ofLabel(label: usize, run: usize, classes: i32): v128 {
  const code = v128.load(label);
  let found = v128.load(run);
  for (let c = 1; c < classes; c++) {
    found = v128.bitselect(v128.load(run + <usize>c * RUN), found, f64x2.eq(code, splat(<f64>c)));
  }
  return found;
}

/** Expansion of one logistic expert's likelihood: the sums of {@link softmaxSums}, or of {@link softmaxProduct}. */
export function logisticExpansion(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const classes = job.classes;
  const eta = scratch;
  const p = eta + <usize>classes * RUN;
  const sum = p + <usize>classes * RUN;
  const weight = sum + RUN;
  const total = weight + RUN;
  const targets = total + RUN;
  const work = targets + <usize>classes * RUN;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const bytes = usedBytes(job, tile);
    expertSoftmax(job, at, 0, eta, sum, bytes);
    weigh(weightsOf(job, tile), responsibilitiesOf(job, tile) + <usize>job.z * RUN, 1, weight, total, bytes);
    if (job.parts & PRODUCT) softmaxProduct(at + job.expert, job.d, classes, p, total, job.direction, bytes, work, sums);
    else labelSums(job, at, eta, total, targets, bytes, work, sums);
  }
}

/** Runs of scratch that the two take. */
export function logisticRuns(job: Job): i32 {
  const blocks = blocksOf(job);
  const experts = job.parts & EXPERTS ? job.k : 1;
  const most = max(gateRuns(job), max(softmaxRuns(job.classes, job.d, blocks), softmaxRuns(job.k, job.dg, blocks)));
  return 4 * job.k + 3 + experts * (2 * job.classes + 1) + job.classes + most;
}

/** Fills the lower halves of the Hessians of {@link logisticPosterior}. */
export function logisticPosteriorMirror(job: Job, sums: usize): void {
  if (!(job.parts & EXPERTS)) return;
  const blocks = blocksOf(job);
  sums += <usize>(1 + job.k) << 3;
  for (let z = 0; z < job.k; z++, sums += <usize>softmaxLength(job.classes, job.d, blocks) << 3) {
    softmaxMirror(sums, job.classes, job.d, blocks);
  }
  if (job.parts & GATE) softmaxMirror(sums, job.k, job.dg, blocks);
}

/** Number of {@link softmaxSums} with a whole Hessian, or without one. */
function softmaxLength(classes: i32, d: i32, blocks: i32): i32 {
  const m = classes - 1;
  return 1 + m * d + (blocks === NO_BLOCKS ? 0 : ((m * (m + 1)) >> 1) * d * d);
}
