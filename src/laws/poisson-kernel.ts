import { kernelSums } from "../compute/kernel-sums.ts";
import { PRODUCT } from "../compute/stretch-job.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf } from "../rows/predictor.ts";
import type { Terms } from "../solve/likelihood.ts";
import { lengthOfTerms, partOfTerms } from "./expansion-terms.ts";
import { fewSums } from "./few-kernel.ts";
import { foundOfExperts, posteriorBeforeNewton } from "./found-sums.ts";
import type { FewChoice, FewSums, Parts } from "./law.ts";
import { scoresOfSums } from "./scores-of-sums.ts";

/** The E-step of Poisson experts by a kernel, as {@link linearPosterior}; kernels know no expert that is always 0. */
export function poissonPosterior(
  parts: Parts,
  theta: Float64Array,
  owner: Assignment,
  data: Observations,
): number | undefined {
  if (parts.experts.some(([{ known }]) => known !== undefined)) return undefined;
  return posteriorBeforeNewton(parts, theta, owner, data, { name: "poisson-posterior" });
}

/** Σ w r ∂ log p(y, z | x; θ)/∂θ at responsibilities that are given. */
export function poissonScores(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  assignment?: Assignment,
): Float64Array | undefined {
  const { experts } = parts;
  if (assignment === undefined || experts.some(([{ known }]) => known !== undefined)) return undefined;
  return scoresOfSums(parts, theta, data, assignment, (z, coefficients) =>
    poissonSums(experts.length, z, coefficients, assignment, data, "gradient"),
  );
}

/** The E-step in which a row may belong to few experts. */
export function poissonFew(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  choice: FewChoice,
): FewSums | undefined {
  return fewSums(parts, theta, data, choice, {
    name: "poisson-few",
    theta: coefficientsOf(parts.experts.flat(), theta),
  });
}

/** Value and gradient of expert z's likelihood without log y!, and what is asked for of its negated Hessian, by a kernel. */
export function poissonSums(
  k: number,
  z: number,
  coefficients: Float64Array,
  assignment: Assignment,
  data: Observations,
  terms: Terms,
): Float64Array | undefined {
  const found = foundOfExperts(assignment, data, coefficients, z, terms);
  if (found !== undefined) return found;
  const d = data.expert.values.length;
  return kernelSums(data, {
    name: "poisson-expansion",
    parts: partOfTerms(terms),
    length: lengthOfTerms(terms, 1, d),
    k,
    z,
    theta: coefficients,
    given: assignment,
  });
}

/** Product of the negated Hessian of expert z's likelihood with a direction, by a kernel. */
export function poissonProduct(
  k: number,
  z: number,
  coefficients: Float64Array,
  direction: Float64Array,
  assignment: Assignment,
  data: Observations,
): Float64Array | undefined {
  const at = { k, z, theta: coefficients, direction, given: assignment };
  return kernelSums(data, { name: "poisson-expansion", parts: PRODUCT, length: coefficients.length, ...at });
}
