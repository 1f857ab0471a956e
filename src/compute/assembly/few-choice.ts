import { Few, LISTED, slotsOf } from "./few-layout";
import { Job } from "./job";
import { RUN, TILE } from "./tiles";
import { exp, log, madd, splat } from "./vector";

/** Reads whose slots the rows of a tile have: the experts on their lists, or all. */
export function readSlots(job: Job, few: Few, lists: usize, rows: i32): void {
  const slots = slotsOf(job);
  for (let s = 0; s < slots; s++) {
    const own = few.own + <usize>(s * TILE);
    if (!(job.parts & LISTED)) memory.fill(own, <u8>s, TILE);
    else {
      for (let i = 0; i < TILE; i++) store<u8>(own + i, load<u8>(lists + <usize>(min(i, rows - 1) * slots + s)));
    }
  }
}

/** Lists each row's experts by J, the largest first, and leaves the largest and, of those that are chosen, the rest less it. */
export function listSlots(job: Job, few: Few, lists: usize, rows: i32, bytes: usize): void {
  const listed = job.listed;
  for (let i: usize = 0, row = 0; i < bytes; i += 8, row++) {
    orderSlots(few.joint + i, slotsOf(job), listed, few.values, few.order);
    const top = load<f64>(few.values);
    store<f64>(few.top + i, top);
    for (let j = 0; j < job.width; j++) {
      const slot = load<i32>(few.order + (<usize>j << 2));
      store<f64>(few.shares + <usize>j * RUN + i, load<f64>(few.values + (<usize>j << 3)) - top);
      store<u8>(few.picked + <usize>(j * TILE + row), <u8>slot);
      // What is left of a row over all experts is that of the others.
      if (!(job.parts & LISTED)) store<f64>(few.joint + <usize>slot * RUN + i, -Infinity);
    }
    if (row >= rows) continue;
    for (let j = 0; j < listed; j++) {
      const slot = load<i32>(few.order + (<usize>j << 2));
      store<u8>(lists + <usize>(row * listed + j), load<u8>(few.own + <usize>(slot * TILE + row)));
    }
  }
}

/** The largest of a row's slots, in their order; of equal ones the first. What is no number stays where it comes. */
function orderSlots(joint: usize, slots: i32, most: i32, values: usize, order: usize): void {
  for (let s = 0, count = 0; s < slots; s++, joint += RUN) {
    const value = load<f64>(joint);
    let at = count;
    if (count < most) count++;
    else if (value > load<f64>(values + (<usize>(most - 1) << 3))) at = most - 1;
    else continue;
    for (; at > 0 && value > load<f64>(values + (<usize>(at - 1) << 3)); at--) {
      store<f64>(values + (<usize>at << 3), load<f64>(values + (<usize>(at - 1) << 3)));
      store<i32>(order + (<usize>at << 2), load<i32>(order + (<usize>(at - 1) << 2)));
    }
    store<f64>(values + (<usize>at << 3), value);
    store<i32>(order + (<usize>at << 2), s);
  }
}

/** The responsibilities of the experts that are chosen; leaves the sum of their exponentials. */
export function shareOut(job: Job, few: Few, bytes: usize): void {
  const end = few.shares + <usize>job.width * RUN;
  for (let run = few.shares; run < end; run += RUN) exp(run, run, bytes);
  for (let i: usize = 0; i < bytes; i += 16) {
    let total = splat(0.0);
    for (let at = few.shares + i; at < end; at += RUN) total = f64x2.add(total, v128.load(at));
    v128.store(few.total + i, total);
    for (let at = few.shares + i; at < end; at += RUN) v128.store(at, f64x2.div(v128.load(at), total));
  }
}

/** Σ w log(1 + what the others have beside those that are chosen): how far F is below the log-likelihood. */
export function leftOut(job: Job, few: Few, w: usize, bytes: usize): v128 {
  const one = splat(1.0);
  let gap = splat(0.0);
  const end = few.joint + <usize>job.k * RUN;
  for (let run = few.joint; run < end; run += RUN) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(run + i, f64x2.sub(v128.load(run + i), v128.load(few.top + i)));
    }
    exp(run, run, bytes);
  }
  for (let i: usize = 0; i < bytes; i += 16) {
    let left = splat(0.0);
    for (let at = few.joint + i; at < end; at += RUN) left = f64x2.add(left, v128.load(at));
    const part = f64x2.div(left, v128.load(few.total + i));
    const sum = f64x2.add(one, part);
    // Of a small part, what 1 rounds away.
    const lost = f64x2.sub(part, f64x2.sub(sum, one));
    gap = madd(v128.load(w + i), f64x2.add(log(sum), f64x2.div(lost, sum)), gap);
  }
  return gap;
}
