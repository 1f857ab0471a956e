import { labelsAt, target } from "./image-labels";
import { RUN } from "./image-layout";
import { Job } from "./job";
import { maddSingle } from "./single";

/**
 * In place of the predictors u of a direction, what the complete information makes of them: of the gate g (u − ū), of an
 * expert r p (u − ū), each with the mean ū of its own probabilities.
 */
export function completeProduct(job: Job, given: usize, u: usize): void {
  const k = job.k;
  for (let i: usize = 0; i < RUN; i += 16) {
    const responsibilities = given + <usize>(k + k * job.classes) * RUN + i;
    curve(given + i, u + i, k, f32x4.splat(1.0));
    for (let z = 0; z < k; z++) {
      const from = <usize>(k + z * job.classes) * RUN + i;
      curve(given + from, u + from, job.classes, v128.load(responsibilities + <usize>z * RUN));
    }
  }
}

/** weight · p (u − Σ p u) in place of u */
function curve(p: usize, u: usize, classes: i32, weight: v128): void {
  const bytes = <usize>classes * RUN;
  let mean = f32x4.splat(0.0);
  for (let c: usize = 0; c < bytes; c += RUN) mean = maddSingle(v128.load(p + c), v128.load(u + c), mean);
  for (let c: usize = 0; c < bytes; c += RUN) {
    const own = f32x4.mul(weight, v128.load(p + c));
    v128.store(u + c, f32x4.mul(own, f32x4.sub(v128.load(u + c), mean)));
  }
}

/**
 * In place of the predictors u of a direction, what the missing information makes of them. Expert z's score along it is
 * s = u_gate,z + Σ_c (target − p) u; with t = r (s − s̄), of the gate it is t, of an expert t (target − p).
 */
export function missingProduct(job: Job, labels: usize, given: usize, u: usize): void {
  const k = job.k;
  const classes = job.classes;
  for (let i: usize = 0; i < RUN; i += 16) {
    const label = labelsAt(labels, i);
    const responsibilities = given + <usize>(k + k * classes) * RUN + i;
    let mean = f32x4.splat(0.0);
    let at = <usize>k * RUN + i;
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      let score = v128.load(u + z + i);
      for (let c = 0; c < classes; c++, at += RUN) {
        const residual = f32x4.sub(target(label, c), v128.load(given + at));
        score = maddSingle(residual, v128.load(u + at), score);
        v128.store(u + at, residual);
      }
      v128.store(u + z + i, score);
      mean = maddSingle(v128.load(responsibilities + z), score, mean);
    }
    at = <usize>k * RUN + i;
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      const r = v128.load(responsibilities + z);
      const t = f32x4.mul(r, f32x4.sub(v128.load(u + z + i), mean));
      v128.store(u + z + i, t);
      for (let c = 0; c < classes; c++, at += RUN) v128.store(u + at, f32x4.mul(t, v128.load(u + at)));
    }
  }
}
