import { CLASSES, DIAGONAL, HEIGHT, HESSIAN, ROUGH } from "../compute/stretch-job.ts";
import type { Terms } from "../solve/likelihood.ts";

/** Number of sums of an expansion in m predictors of d columns. */
export function lengthOfTerms(terms: Terms, m: number, d: number): number {
  if (terms === "value") return 1;
  const all = ((m * (m + 1)) / 2) * d * d;
  const second = { gradient: 0, diagonal: m * d, all, rough: all, classes: (m + 1) * d * d }[terms];
  return 1 + m * d + second;
}

/** The part that a kernel knows them by. */
export function partOfTerms(terms: Terms): number {
  const rough = HESSIAN | ROUGH;
  return { value: HEIGHT, gradient: 0, diagonal: DIAGONAL, all: HESSIAN, rough, classes: CLASSES }[terms];
}
