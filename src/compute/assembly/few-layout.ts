import { Job } from "./job";
import { EXPERTS, GATE, HESSIAN } from "./linear";
import { RUN, TILE } from "./tiles";

/** Of a row those experts are looked at that are on its list; without: all. */
export const LISTED = 64;

/** The laws of the experts, from the first of the kernels on. */
export const FIRST_FEW = 6;
export const FEW_LINEAR = 6;
export const FEW_LOGISTIC = 7;

/** Places of what is known of a tile; a slot is one of the experts that a row is looked at under. */
@unmanaged
export class Few {
  /** The gate's logits, its probabilities (k runs each), and the sum of the exponentials of the logits as they are there. */
  eta: usize;
  p: usize;
  gateSum: usize;
  /** log g_z p_z(y) less what is common to all (a run for each slot), and the largest. */
  joint: usize;
  top: usize;
  /** Of linear experts the residuals of each slot; of others what leads to one slot's densities. */
  predictors: usize;
  /** Responsibilities of the experts that are chosen (a run each), and the sum of their exponentials. */
  shares: usize;
  total: usize;
  /** What the gate is to be moved by (k runs). */
  targets: usize;
  /** Two runs that are free. */
  work: usize;
  /** The rows of the experts' columns, one after the other. */
  rows: usize;
  /** A row's slots in their order: J, and numbers. */
  values: usize;
  order: usize;
  /** Which expert each slot is, and which slots are chosen: a byte for each row. */
  own: usize;
  picked: usize;
  /** Sums of two lanes: of the gate. */
  lanes: usize;
}

/** Bytes of the places themselves. */
const PLACES: usize = 256;

/** Number of experts that a row is looked at under. */
export function slotsOf(job: Job): i32 {
  return job.parts & LISTED ? job.listed : job.k;
}

/** Runs that lead to the densities. */
function predictorRuns(job: Job): i32 {
  if (job.kernel === FEW_LINEAR) return slotsOf(job);
  return job.kernel === FEW_LOGISTIC ? 2 * job.classes + 1 : 3;
}

/** Sums of one pass that are the experts', and those that are the gate's. */
export function expertLength(job: Job): i32 {
  return job.parts & EXPERTS ? job.k * (2 + job.d + job.d * job.d) : 0;
}

export function gateLength(job: Job): i32 {
  if (!(job.parts & GATE)) return 0;
  return job.k * job.dg * (job.parts & HESSIAN ? 1 + job.dg : 1);
}

/** Bytes of scratch from `scratch` on, whose places are written to `few`. */
export function layOut(job: Job, few: Few, scratch: usize): usize {
  const k = <usize>job.k * RUN;
  const slots = slotsOf(job);
  few.eta = scratch + PLACES;
  few.p = few.eta + k;
  few.gateSum = few.p + k;
  few.joint = few.gateSum + RUN;
  few.top = few.joint + <usize>slots * RUN;
  few.predictors = few.top + RUN;
  few.shares = few.predictors + <usize>predictorRuns(job) * RUN;
  few.total = few.shares + <usize>job.width * RUN;
  few.targets = few.total + RUN;
  few.work = few.targets + k;
  few.rows = few.work + 2 * RUN;
  few.values = few.rows + <usize>job.d * RUN;
  few.order = few.values + (<usize>job.listed << 3);
  few.own = few.order + (<usize>job.listed << 3);
  few.picked = few.own + <usize>(slots * TILE);
  few.lanes = few.picked + <usize>(job.width * TILE);
  return few.lanes + (<usize>gateLength(job) << 4) - scratch;
}
