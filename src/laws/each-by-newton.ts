import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { sharingGroups } from "../rows/sharing.ts";
import type { Effort } from "../solve/effort.ts";
import type { Likelihood } from "../solve/likelihood.ts";
import { maximiseByNewton } from "../solve/newton.ts";
import type { ExpertFit, Law } from "./law.ts";
import { jointStep } from "./newton-step.ts";

/**
 * The M-step of experts that are generalised linear models without a scale: each by Newton's method, and together those
 * that share coefficients, writing into `theta`.
 *
 * @param likelihoodOf the log-likelihood of expert z, its rows weighted by its responsibilities
 */
export function eachByNewton(
  law: Law,
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
  effort: Effort | undefined,
  likelihoodOf: (z: number) => Likelihood,
): ExpertFit {
  let gain = 0;
  for (const group of sharingGroups(experts)) {
    const [z] = group;
    if (group.length === 1) gain += maximiseByNewton(likelihoodOf(z), experts[z], theta, data, effort);
    else {
      const fit = jointStep(law, experts, group, theta, assignment, data, effort);
      if (fit.failure !== undefined) return fit;
      gain += fit.gain;
    }
  }
  return { gain };
}
