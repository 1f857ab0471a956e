import { labelsAt, ofLabel, target } from "./image-labels";
import { ASSIGNED, RUN } from "./image-layout";
import { Job } from "./job";
import { expSingle, logSingle, maddSingle } from "./single";
import { IMAGES } from "./tiles";

/**
 * The E-step of a tile: probabilities in place of the predictors, responsibilities in the k runs of `joint`, and the
 * log-likelihood; with given responsibilities, which sum to one, that of the complete data, Σ r (log g + log p). What fills
 * up the last tile has neither gate probabilities nor responsibilities.
 */
export function expect(job: Job, labels: usize, eta: usize, joint: usize, used: i32): f64 {
  const k = job.k;
  const classes = job.classes;
  const isAssigned = (job.parts & ASSIGNED) !== 0;
  let logLikelihood = f64x2.splat(0.0);
  for (let i: usize = 0; i < RUN; i += 16) {
    const gate = eta + i;
    const label = labelsAt(labels, i);
    const here = i32x4.lt_s(i32x4.add(i32x4.splat(<i32>i >> 2), i32x4(0, 1, 2, 3)), i32x4.splat(used));
    let top = f32x4.splat(-Infinity);
    let total = f32x4.splat(0.0);
    let own = gate + <usize>k * RUN;
    for (let z = 0; z < k; z++, own += <usize>classes * RUN) {
      const g = v128.load(gate + <usize>z * RUN);
      const both = f32x4.add(g, f32x4.sub(ofLabel(label, own, classes), softmax(own, classes)));
      const run = joint + <usize>z * RUN + i;
      if (isAssigned) total = maddSingle(v128.load(run), both, total);
      else v128.store(run, both);
      top = f32x4.pmax(top, both);
    }
    const gateSum = softmax(gate, k);
    let scale = f32x4.splat(1.0);
    if (!isAssigned) {
      let sum = f32x4.splat(0.0);
      for (let run = joint + i, last = joint + <usize>k * RUN; run < last; run += RUN) {
        const density = expSingle(f32x4.sub(v128.load(run), top));
        v128.store(run, density);
        sum = f32x4.add(sum, density);
      }
      total = f32x4.add(top, logSingle(sum));
      scale = f32x4.div(scale, sum);
    }
    total = v128.and(f32x4.sub(total, gateSum), here);
    scale = v128.and(scale, here);
    const others = v128.shuffle<f32>(total, total, 2, 3, 0, 1);
    const both = f64x2.add(f64x2.promote_low_f32x4(total), f64x2.promote_low_f32x4(others));
    logLikelihood = f64x2.add(logLikelihood, both);
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      v128.store(joint + z + i, f32x4.mul(v128.load(joint + z + i), scale));
      v128.store(gate + z, v128.and(v128.load(gate + z), here));
    }
  }
  return f64x2.extract_lane(logLikelihood, 0) + f64x2.extract_lane(logLikelihood, 1);
}

/** In place of the probabilities the gradients in the predictors: of the gate r − g, of an expert r (target − p). */
export function scores(job: Job, labels: usize, eta: usize, joint: usize): void {
  const k = job.k;
  for (let i: usize = 0; i < RUN; i += 16) {
    const gate = eta + i;
    const label = labelsAt(labels, i);
    let own = gate + <usize>k * RUN;
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      const r = v128.load(joint + z + i);
      v128.store(gate + z, f32x4.sub(r, v128.load(gate + z)));
      for (let c = 0; c < job.classes; c++, own += RUN) {
        v128.store(own, f32x4.mul(r, f32x4.sub(target(label, c), v128.load(own))));
      }
    }
  }
}

/** Puts probabilities in place of predictors, and finds the log of Σ exp. */
function softmax(at: usize, classes: i32): v128 {
  const end = at + <usize>classes * RUN;
  let top = v128.load(at);
  for (let run = at + RUN; run < end; run += RUN) top = f32x4.pmax(top, v128.load(run));
  let sum = f32x4.splat(0.0);
  for (let run = at; run < end; run += RUN) {
    const part = expSingle(f32x4.sub(v128.load(run), top));
    v128.store(run, part);
    sum = f32x4.add(sum, part);
  }
  const scale = f32x4.div(f32x4.splat(1.0), sum);
  for (let run = at; run < end; run += RUN) v128.store(run, f32x4.mul(v128.load(run), scale));
  return f32x4.add(top, logSingle(sum));
}

/** Copies responsibilities to where they are wanted, n × k row-major. */
export function keepResponsibilities(job: Job, tile: i32, joint: usize, used: i32): void {
  let to = job.found + (<usize>(tile * IMAGES * job.k) << 2);
  for (let i = 0; i < used; i++, joint += 4) {
    for (let z = 0; z < job.k; z++, to += 4) store<f32>(to, load<f32>(joint + <usize>z * RUN));
  }
}

/** Copies given responsibilities, n × k row-major, to the runs of a tile. */
export function takeResponsibilities(job: Job, tile: i32, joint: usize, used: i32): void {
  memory.fill(joint, 0, <usize>job.k * RUN);
  let from = job.given + (<usize>(tile * IMAGES * job.k) << 2);
  for (let i = 0; i < used; i++, joint += 4) {
    for (let z = 0; z < job.k; z++, from += 4) store<f32>(joint + <usize>z * RUN, load<f32>(from));
  }
}
