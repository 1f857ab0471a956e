import { Job } from "./job";
import { predict } from "./products";
import { softmax } from "./softmax";
import { RUN } from "./tiles";
import { log, splat } from "./vector";

/**
 * The gate's probabilities of a tile's rows: as {@link softmax} leaves them, or of a tree their logarithms in `eta`, with a
 * sum of 1.
 *
 * @param p k runs; of a tree nothing that is of use
 * @param work {@link gateRuns}
 */
export function gateLogits(job: Job, tile: usize, eta: usize, p: usize, sum: usize, bytes: usize, work: usize): void {
  const k = job.k;
  const predictors = job.levels > 1 ? p : eta + RUN;
  predict(tile + job.gate, job.dg, job.gateTheta, k - 1, predictors);
  if (job.levels > 1) treeLogits(job, predictors, eta, sum, bytes, work);
  else softmax(eta, k, p, sum, bytes);
}

/** Runs of scratch that {@link gateLogits} takes. */
export function gateRuns(job: Job): i32 {
  return job.levels > 1 ? 2 * job.k + 1 : 0;
}

/**
 * log P(z) of each expert, the sum of the logarithms of the choices on the way: a node of each level after the other, each
 * with the predictors of its branches but the first.
 */
function treeLogits(job: Job, predictors: usize, eta: usize, one: usize, bytes: usize, work: usize): void {
  fill(eta, job.k, 0.0, bytes);
  fill(one, 1, 1.0, bytes);
  let nodes = 1;
  let width = job.k;
  for (let level = 0; level < job.levels; level++) {
    const branches = <i32>load<f64>(job.branching + (<usize>level << 3));
    width /= branches;
    for (let node = 0; node < nodes; node++) {
      addChoice(predictors, branches, eta + <usize>(node * branches * width) * RUN, width, bytes, work);
      predictors += <usize>(branches - 1) * RUN;
    }
    nodes *= branches;
  }
}

/** Adds the logarithm of a node's choice to so many experts below each of its branches. */
function addChoice(predictors: usize, branches: i32, eta: usize, width: i32, bytes: usize, work: usize): void {
  const p = work + <usize>branches * RUN;
  const sum = p + <usize>branches * RUN;
  memory.copy(work + RUN, predictors, <usize>(branches - 1) * RUN);
  softmax(work, branches, p, sum, bytes);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(sum + i, log(v128.load(sum + i)));
  for (let c = 0; c < branches; c++, work += RUN) {
    for (let z = 0; z < width; z++, eta += RUN) {
      for (let i: usize = 0; i < bytes; i += 16) {
        const choice = f64x2.sub(v128.load(work + i), v128.load(sum + i));
        v128.store(eta + i, f64x2.add(v128.load(eta + i), choice));
      }
    }
  }
}

function fill(runs: usize, count: i32, value: f64, bytes: usize): void {
  for (const end = runs + <usize>count * RUN; runs < end; runs += RUN) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(runs + i, splat(value));
  }
}
