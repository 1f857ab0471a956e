import { Job } from "./job";
import { IMAGES, PART } from "./tiles";

/** What a pass finds: responsibilities, or all statistics of the rows; slopes in the coefficients. */
export const RESPONSIBILITIES = 1;
export const STATISTICS = 2;
export const GRADIENT = 4;
/** What it is given: responsibilities, or statistics and a direction in place of the coefficients. */
export const ASSIGNED = 8;
export const COMPLETE = 16;
export const MISSING = 32;
/** Sums of products of all pairs of pixels, each image with a given weight: one expert, and a class for each pixel. */
export const GRAM = 64;

/** Bytes of a run: a number in single precision for each image of a tile. */
export const RUN: usize = <usize>IMAGES << 2;
/** Bytes of a part of one image in single precision, and of one of all images of a tile. */
export const PART_BYTES: usize = <usize>PART << 2;
export const TILE_BYTES: usize = <usize>IMAGES * PART_BYTES;

export function parts(job: Job): usize {
  return <usize>((job.d + PART - 1) / PART);
}

/** Pixels of an image with those that fill it up. */
export function width(job: Job): i32 {
  return (job.d + 15) & ~15;
}

/** Linear predictors: of the gate, but for the first expert, and one for each class of each expert. */
export function predictors(job: Job): i32 {
  return job.k - 1 + job.k * job.classes;
}

/** Runs of a tile's statistics: gate and class probabilities of all experts, and responsibilities. */
export function statistics(job: Job): i32 {
  return 2 * job.k + job.k * job.classes;
}
