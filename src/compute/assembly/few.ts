import { leftOut, listSlots, readSlots, shareOut } from "./few-choice";
import { jointDensities } from "./few-densities";
import { expertLength, FEW_LINEAR, FIRST_FEW, Few, gateLength, LISTED, layOut } from "./few-layout";
import { Job } from "./job";
import { EXPERTS, GATE, HESSIAN } from "./linear";
import { logsOfCounts } from "./poisson";
import { gram, predict, products } from "./products";
import { softmax, sumOfLogs } from "./softmax";
import { fetch, isPlain, mirror, usedBytes, weightsOf } from "./tile";
import { RUN, TILE } from "./tiles";
import { madd, splat } from "./vector";

/**
 * An E-step in which a row may belong to few experts, those of the largest J = log g_z p_z(y), and the sums with the
 * responsibilities of these. All experts are looked at, or those on each row's list.
 *
 * Sums: F; ℓ − F, where all are looked at; for each linear expert Σ w, Σ w e², Σ w x e and Σ w x x'; for each class of the gate
 * Σ w (q − g) x; and for each Σ w g (1 − g) x x'. What a row adds to the sums of experts costs as much as it has experts.
 */
export function fewTiles(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const few = changetype<Few>(scratch);
  layOut(job, few, scratch);
  const moments = sums + 16;
  memory.fill(sums, 0, <usize>job.length << 3);
  memory.fill(few.lanes, 0, <usize>gateLength(job) << 4);
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const rows = min(job.rows - tile * TILE, TILE);
    const bytes = usedBytes(job, tile);
    const w = weightsOf(job, tile);
    const plain = isPlain(job, tile);
    const lists = job.lists + <usize>(tile * TILE * job.listed);
    predict(at + job.gate, job.dg, job.gateTheta, job.k - 1, few.eta + RUN);
    softmax(few.eta, job.k, few.p, few.gateSum, bytes);
    readSlots(job, few, lists, rows);
    rowsOfTile(at + job.expert, job.d, bytes, few.rows);
    let found = splat(0.0);
    // Of counts, what no expert changes.
    if (job.kernel > FEW_LINEAR + 1) found = f64x2.neg(logsOfCounts(at + job.response, w, few.predictors + 2 * RUN, bytes));
    jointDensities(job, few, at, bytes);
    listSlots(job, few, lists, rows, bytes);
    shareOut(job, few, bytes);
    for (let i: usize = 0; i < bytes; i += 16) found = madd(v128.load(w + i), v128.load(few.top + i), found);
    const logs = f64x2.sub(sumOfLogs(few.total, w, plain, bytes), sumOfLogs(few.gateSum, w, plain, bytes));
    addLanes(sums, f64x2.add(found, logs));
    if (!(job.parts & LISTED)) addLanes(sums + 8, leftOut(job, few, w, bytes));
    writeShares(job, few, job.found + (<usize>(tile * TILE * job.width) << 3), rows);
    if (job.parts & EXPERTS) addMoments(job, few, w, rows, moments);
    if (job.parts & GATE) addSlopes(job, few, at + job.gate, w, rows, bytes);
    if (tile + 1 < job.tileCount) fetch(at + job.stride, job.stride, few.work);
  }
  const gate = moments + (<usize>expertLength(job) << 3);
  for (let j = 0; j < gateLength(job); j++) addLanes(gate + (<usize>j << 3), v128.load(few.lanes + (<usize>j << 4)));
}

/** Whether a job is one of these. */
export function isFew(job: Job): bool {
  return job.kernel >= FIRST_FEW;
}

/** Bytes of scratch that {@link fewTiles} takes. */
export function fewBytes(job: Job): usize {
  return layOut(job, changetype<Few>(PLACES), 0);
}

/** Where places are written that nobody reads. */
const PLACES = memory.data(256, 16);

/** Fills the lower halves of its symmetric matrices. */
export function fewMirror(job: Job, sums: usize): void {
  let matrix = sums + 16;
  if (job.parts & EXPERTS) {
    for (let z = 0; z < job.k; z++) {
      matrix += <usize>(2 + job.d) << 3;
      mirror(matrix, job.d);
      matrix += <usize>(job.d * job.d) << 3;
    }
  }
  if (!(job.parts & HESSIAN)) return;
  matrix += <usize>(job.k * job.dg) << 3;
  for (let z = 0; z < job.k; z++, matrix += <usize>(job.dg * job.dg) << 3) mirror(matrix, job.dg);
}

// @ts-ignore: decorator
@inline
function addLanes(sum: usize, lanes: v128): void {
  store<f64>(sum, load<f64>(sum) + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1));
}

/** The rows of d columns, one after the other. */
function rowsOfTile(x: usize, d: i32, bytes: usize, out: usize): void {
  for (let j = 0; j < d; j++, x += RUN, out += 8) {
    let to = out;
    for (let i: usize = 0; i < bytes; i += 8, to += <usize>d << 3) store<f64>(to, load<f64>(x + i));
  }
}

/** Writes the responsibilities of the chosen experts, row by row. */
function writeShares(job: Job, few: Few, to: usize, rows: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < job.width; j++, to += 8) {
      store<f64>(to, load<f64>(few.shares + <usize>j * RUN + (<usize>row << 3)));
    }
  }
}

/** Adds what each row adds to the moments of its experts. */
function addMoments(job: Job, few: Few, w: usize, rows: i32, moments: usize): void {
  const d = job.d;
  const each = <usize>(2 + d + d * d) << 3;
  let x = few.rows;
  for (let row = 0; row < rows; row++, x += <usize>d << 3) {
    const i = <usize>row << 3;
    for (let j = 0; j < job.width; j++) {
      const share = load<f64>(w + i) * load<f64>(few.shares + <usize>j * RUN + i);
      if (share === 0.0) continue;
      const slot = <usize>load<u8>(few.picked + <usize>(j * TILE + row));
      const z = <usize>load<u8>(few.own + slot * <usize>TILE + row);
      addRow(x, d, share, load<f64>(few.predictors + slot * RUN + i), moments + z * each);
    }
  }
}

/** Adds a row's Σ w, Σ w e², Σ w x e and the upper half of Σ w x x'. */
function addRow(x: usize, d: i32, w: f64, e: f64, sums: usize): void {
  store<f64>(sums, load<f64>(sums) + w);
  store<f64>(sums, load<f64>(sums, 8) + w * e * e, 8);
  sums += 16;
  addScaled(x, d, w * e, sums);
  sums += <usize>d << 3;
  const step = <usize>(d + 1) << 3;
  for (; d > 0; d--, x += 8, sums += step) addScaled(x, d, w * load<f64>(x), sums);
}

/** Adds d numbers times another to as many sums. */
// @ts-ignore: decorator
@inline
function addScaled(x: usize, d: i32, by: f64, sums: usize): void {
  const factor = splat(by);
  const end = x + (<usize>(d & ~1) << 3);
  for (; x < end; x += 16, sums += 16) v128.store(sums, madd(v128.load(x), factor, v128.load(sums)));
  if (d & 1) store<f64>(sums, load<f64>(sums) + by * load<f64>(x));
}

/** Adds what the gate is to be moved by, Σ w (q − g) x of each class, and Σ w g (1 − g) x x'. */
function addSlopes(job: Job, few: Few, x: usize, w: usize, rows: i32, bytes: usize): void {
  const k = job.k;
  const d = job.dg;
  for (let z = 0; z < k; z++) {
    const run = <usize>z * RUN;
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(few.targets + run + i, f64x2.neg(f64x2.mul(v128.load(w + i), v128.load(few.p + run + i))));
    }
  }
  for (let j = 0; j < job.width; j++) {
    for (let row = 0; row < rows; row++) {
      const i = <usize>row << 3;
      const slot = <usize>load<u8>(few.picked + <usize>(j * TILE + row));
      const z = <usize>load<u8>(few.own + slot * <usize>TILE + row);
      const target = few.targets + z * RUN + i;
      store<f64>(target, load<f64>(target) + load<f64>(w + i) * load<f64>(few.shares + <usize>j * RUN + i));
    }
  }
  products(few.targets, k, x, d, bytes, few.lanes, <usize>d << 4);
  if (!(job.parts & HESSIAN)) return;
  let to = few.lanes + (<usize>(k * d) << 4);
  for (let z = 0; z < k; z++, to += <usize>(d * d) << 4) {
    const p = few.p + <usize>z * RUN;
    for (let i: usize = 0; i < bytes; i += 16) {
      const g = v128.load(p + i);
      v128.store(few.targets + i, f64x2.mul(f64x2.mul(v128.load(w + i), g), f64x2.sub(splat(1.0), g)));
    }
    gram(x, d, few.targets, bytes, few.work, to);
  }
}
