import { Job } from "./job";
import { RUN, TILE } from "./tiles";

/** Bytes of a tile's runs that hold rows: all of them, but in the last tile. Even, so at most one row only fills up. */
export function usedBytes(job: Job, tile: i32): usize {
  const rows = min(job.rows - tile * TILE, TILE);
  return (<usize>(rows + 1) >> 1) << 4;
}

/** Whether every row of the tile has the weight 1. */
export function isPlain(job: Job, tile: i32): bool {
  return job.weights === 0 && (tile + 1) * TILE <= job.rows;
}

/** Address of the weights of a tile's rows. */
export function weightsOf(job: Job, tile: i32): usize {
  if (job.weights !== 0) return job.tiles + <usize>tile * job.stride + job.weights;
  return isPlain(job, tile) ? job.ones : job.tail;
}

/** Address of the responsibilities of a tile's rows. */
export function responsibilitiesOf(job: Job, tile: i32): usize {
  return job.responsibilities + <usize>tile * <usize>job.k * RUN;
}

/** Adds the rows' offset, where they have one, to `experts` runs that are `step` bytes apart. */
export function addOffset(job: Job, tile: usize, run: usize, experts: i32, step: usize, bytes: usize): void {
  if (job.offset === 0) return;
  const offset = tile + job.offset;
  for (; experts > 0; experts--, run += step) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(run + i, f64x2.add(v128.load(run + i), v128.load(offset + i)));
    }
  }
}

/** Loads each line of the cache of so many bytes ahead of their use: WebAssembly has no instruction for it. `unused`: a place to write. */
export function fetch(from: usize, bytes: usize, unused: usize): void {
  let any = v128.load(from);
  for (const end = from + bytes; from < end; from += 64) any = v128.or(any, v128.load(from));
  v128.store(unused, any);
}

/** Fills the lower half of a symmetric d × d matrix. */
export function mirror(matrix: usize, d: i32): void {
  for (let a = 0; a < d; a++) {
    for (let b = a + 1; b < d; b++) {
      store<f64>(matrix + (<usize>(b * d + a) << 3), load<f64>(matrix + (<usize>(a * d + b) << 3)));
    }
  }
}
