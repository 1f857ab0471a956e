import { attempt, reasonOf } from "../errors.ts";
import { curvatureAt } from "../models/curvature.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";

/** Parts of a fit whose errors are found. */
interface Fitted {
  readonly mixture: Mixture;
  readonly theta: Float64Array;
  readonly observations: Observations;
}

/** Standard errors of all parameters, NaN of those that are not fitted (p); or why there are none. */
export type FitErrors = { readonly errors: Float64Array } | { readonly reason: string };

/** Multiplications that a display of a fit may cost: some tenths of a second. */
const MOST = 1e8;

/** The standard errors that a fit is shown with, by the observed information, where that is quick. */
export function fitErrors({ mixture, theta, observations }: Fitted): FitErrors {
  if (observations.rows * mixture.free.length ** 2 > MOST) {
    return { reason: "Standard errors of so many rows and parameters take their time: see summary(fit)." };
  }
  const tried = attempt(() => curvatureAt("find standard errors", mixture, theta, observations));
  if ("refusal" in tried) return { reason: `No standard errors: ${reasonOf(tried.refusal)}.` };
  const { free, inverse } = tried.found;
  const errors = new Float64Array(theta.length).fill(Number.NaN);
  free.forEach((at, j) => {
    errors[at] = Math.sqrt(inverse[j * (free.length + 1)]);
  });
  return { errors };
}
