import { FEW_LINEAR, FEW_LOGISTIC, Few, LISTED, slotsOf } from "./few-layout";
import { Job } from "./job";
import { ofLabel } from "./logistic";
import { countDensities } from "./poisson";
import { predict } from "./products";
import { softmax } from "./softmax";
import { addOffset } from "./tile";
import { RUN, TILE } from "./tiles";
import { log, madd, splat } from "./vector";

/** Writes log g_z p_z(y) of each slot, less what is common to all, of the tile at an address. */
export function jointDensities(job: Job, few: Few, at: usize, bytes: usize): void {
  const slots = slotsOf(job);
  const linear = job.kernel === FEW_LINEAR;
  for (let s = 0; s < slots; s++) {
    const own = few.own + <usize>(s * TILE);
    const joint = few.joint + <usize>s * RUN;
    if (linear) {
      const error = few.predictors + <usize>s * RUN;
      predictSlot(job, few, at, s, 1, error, bytes);
      linearDensities(job, own, at + job.response, error, joint, bytes);
    } else if (job.kernel === FEW_LOGISTIC) {
      predictSlot(job, few, at, s, job.classes - 1, few.predictors + RUN, bytes);
      logisticDensities(job, at + job.response, few.predictors, joint, bytes);
    } else {
      predictSlot(job, few, at, s, 1, few.predictors, bytes);
      countDensities(at + job.response, few.predictors + 2 * RUN, few.predictors, few.predictors + RUN, joint, bytes);
    }
    for (let i: usize = 0; i < bytes; i += 8) {
      const logit = load<f64>(few.eta + <usize>load<u8>(own + (i >> 3)) * RUN + i);
      store<f64>(joint + i, load<f64>(joint + i) + logit);
    }
  }
}

/** The m predictors of a slot's experts, with the rows' offset. */
function predictSlot(job: Job, few: Few, at: usize, s: i32, m: i32, out: usize, bytes: usize): void {
  const d = job.d;
  const size = <usize>(m * d) << 3;
  if (job.parts & LISTED) {
    const own = few.own + <usize>(s * TILE);
    for (let h = 0; h < m; h++) {
      const theta = job.theta + (<usize>(h * d) << 3);
      let row = few.rows;
      for (let i: usize = 0; i < bytes; i += 8, row += <usize>d << 3) {
        store<f64>(out + <usize>h * RUN + i, dot(row, theta + <usize>load<u8>(own + (i >> 3)) * size, d));
      }
    }
  } else predict(at + job.expert, d, job.theta + <usize>s * size, m, out);
  addOffset(job, at, out, 1, RUN, bytes);
}

/** The product of two rows of d numbers. */
function dot(x: usize, y: usize, d: i32): f64 {
  let sum = splat(0.0);
  for (const end = x + (<usize>(d & ~1) << 3); x < end; x += 16, y += 16) sum = madd(v128.load(x), v128.load(y), sum);
  const both = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return d & 1 ? both + load<f64>(x) * load<f64>(y) : both;
}

/** Densities of linear experts; leaves the residuals in place of the means. */
function linearDensities(job: Job, own: usize, y: usize, error: usize, joint: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 8) {
    const scale = job.scales + (<usize>load<u8>(own + (i >> 3)) << 4);
    const e = load<f64>(y + i) - load<f64>(error + i);
    const scaled = e * load<f64>(scale);
    store<f64>(error + i, e);
    store<f64>(joint + i, load<f64>(scale, 8) - 0.5 * scaled * scaled);
  }
}

/** Densities of logistic experts: `eta` has a run for each class, the first of which is to be filled, and as many and one more after them. */
function logisticDensities(job: Job, label: usize, eta: usize, joint: usize, bytes: usize): void {
  const p = eta + <usize>job.classes * RUN;
  const sum = p + <usize>job.classes * RUN;
  softmax(eta, job.classes, p, sum, bytes);
  for (let i: usize = 0; i < bytes; i += 16) {
    const found = ofLabel(label + i, eta + i, job.classes);
    v128.store(joint + i, f64x2.sub(found, log(v128.load(sum + i))));
  }
}
