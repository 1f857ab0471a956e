import { CLASSES, DIAGONAL, HESSIAN } from "../compute/stretch-job.ts";
import type { Blocks } from "../solve/likelihood.ts";

/** Number of sums that are asked for of the Hessian of m predictors of d columns. */
export function lengthOfBlocks(blocks: Blocks, m: number, d: number): number {
  return { none: 0, diagonal: m * d, all: ((m * (m + 1)) / 2) * d * d, classes: (m + 1) * d * d }[blocks];
}

/** The part that a kernel knows them by. */
export function partOfBlocks(blocks: Blocks): number {
  return { none: 0, diagonal: DIAGONAL, all: HESSIAN, classes: CLASSES }[blocks];
}
