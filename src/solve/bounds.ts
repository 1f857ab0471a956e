import type { Predictor } from "../rows/predictor.ts";

/** Least values of so many parameters from a position in θ on; none of what is fixed, which stays where it is. */
export function leastValues(predictors: readonly Predictor[], from: number, length: number): Float64Array {
  const values = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
  for (const { offset, size, least, fixed = [] } of predictors) {
    if (least === undefined) continue;
    for (let j = 0; j < size; j++) if (!fixed.includes(j)) values[offset - from + j] = least;
  }
  return values;
}
