import { Job } from "./job";
import { predict } from "./products";
import { blocksOf, logLikelihood, PRODUCT, weigh } from "./linear";
import { softmax, softmaxProduct, softmaxRuns, softmaxSums } from "./softmax";
import { addOffset, isPlain, responsibilitiesOf, usedBytes, weightsOf } from "./tile";
import { RUN } from "./tiles";
import { log, splat } from "./vector";

/** The E-step of a mixture of logistic experts. Sum: the log-likelihood. */
export function logisticPosterior(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const k = job.k;
  const classes = job.classes;
  const most = max(k, classes);
  const eta = scratch;
  const p = eta + <usize>most * RUN;
  const joint = p + <usize>most * RUN;
  const sum = joint + <usize>k * RUN;
  const gateSum = sum + RUN;
  const top = gateSum + RUN;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const bytes = usedBytes(job, tile);
    const w = weightsOf(job, tile);
    const plain = isPlain(job, tile);
    predict(at + job.gate, job.dg, job.gateTheta, k - 1, eta + RUN);
    softmax(eta, k, p, gateSum, bytes);
    memory.copy(joint, eta, <usize>k * RUN);
    let theta = job.theta;
    for (let z = 0; z < k; z++) {
      predict(at + job.expert, job.d, theta, classes - 1, eta + RUN);
      addOffset(job, at, eta + RUN, 1, RUN, bytes);
      softmax(eta, classes, p, sum, bytes);
      const run = joint + <usize>z * RUN;
      for (let i: usize = 0; i < bytes; i += 16) {
        const both = f64x2.add(v128.load(run + i), f64x2.sub(ofLabel(at + job.response + i, eta + i, classes), log(v128.load(sum + i))));
        v128.store(run + i, both);
        v128.store(top + i, z === 0 ? both : f64x2.pmax(v128.load(top + i), both));
      }
      theta += <usize>((classes - 1) * job.d) << 3;
    }
    const found = logLikelihood(joint, top, gateSum, k, w, plain, responsibilitiesOf(job, tile), bytes);
    v128.store(sums, f64x2.add(v128.load(sums), found));
  }
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
  const targets = p + <usize>classes * RUN;
  const sum = targets + <usize>classes * RUN;
  const total = sum + RUN;
  const work = total + RUN;
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const x = at + job.expert;
    const bytes = usedBytes(job, tile);
    predict(x, job.d, job.theta, classes - 1, eta + RUN);
    addOffset(job, at, eta + RUN, 1, RUN, bytes);
    softmax(eta, classes, p, sum, bytes);
    weigh(weightsOf(job, tile), responsibilitiesOf(job, tile) + <usize>job.z * RUN, 1, targets, total, bytes);
    if (job.parts & PRODUCT) {
      softmaxProduct(x, job.d, classes, p, total, job.direction, bytes, work, sums);
      continue;
    }
    for (let c = 0; c < classes; c++) {
      const run = targets + <usize>c * RUN;
      for (let i: usize = 0; i < bytes; i += 16) {
        const here = f64x2.eq(v128.load(at + job.response + i), splat(<f64>c));
        v128.store(run + i, v128.and(here, v128.load(total + i)));
      }
    }
    softmaxSums(x, job.d, classes, eta, p, sum, targets, total, false, blocksOf(job), bytes, work, sums);
  }
}

/** Runs of scratch that the two take. */
export function logisticRuns(job: Job): i32 {
  return 3 * max(job.k, job.classes) + job.k + 3 + softmaxRuns(job.classes, job.d);
}
