import type { Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import type { Likelihood } from "../solve/likelihood.ts";
import { maximiseByNewton } from "../solve/newton.ts";
import type { ExpertFit } from "./law.ts";

/**
 * The M-step of experts that are generalised linear models without a scale: each by Newton's method, writing into `theta`.
 *
 * @param likelihoodOf the log-likelihood of expert z, its rows weighted by its responsibilities
 */
export function eachByNewton(
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  data: Observations,
  newtonSteps: number | undefined,
  likelihoodOf: (z: number) => Likelihood,
): ExpertFit {
  let gain = 0;
  experts.forEach((predictors, z) => {
    gain += maximiseByNewton(likelihoodOf(z), predictors, theta, data, newtonSteps);
  });
  return { gain };
}
