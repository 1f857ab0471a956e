import type { Predictor } from "../rows/predictor.ts";

/** Least values of p parameters; none of what is fixed, which stays where it is. */
export function leastValues(predictors: readonly Predictor[], p: number): Float64Array {
  const values = new Float64Array(p).fill(Number.NEGATIVE_INFINITY);
  for (const { at, least, fixed = [] } of predictors) {
    if (least === undefined) continue;
    at.forEach((place, j) => {
      if (!fixed.includes(j)) values[place] = least;
    });
  }
  return values;
}
