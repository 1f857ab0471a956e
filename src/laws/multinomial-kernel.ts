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

/** The E-step of logistic experts by a kernel, as {@link linearPosterior}. */
export function logisticPosterior(
  parts: Parts,
  theta: Float64Array,
  owner: Assignment,
  data: Observations,
): number | undefined {
  const classes = parts.law.predictors.length + 1;
  return posteriorBeforeNewton(parts, theta, owner, data, { name: "logistic-posterior", classes });
}

/** Σ w r ∂ log p(y, z | x; θ)/∂θ at responsibilities that are given. */
export function logisticScores(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  assignment?: Assignment,
): Float64Array | undefined {
  if (assignment === undefined) return undefined;
  const [k, classes] = [parts.experts.length, parts.law.predictors.length + 1];
  return scoresOfSums(parts, theta, data, assignment, (z, coefficients) =>
    expertSums(k, z, classes, coefficients, assignment, data, "gradient"),
  );
}

/** The E-step in which a row may belong to few experts. */
export function logisticFew(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  choice: FewChoice,
): FewSums | undefined {
  const { law, experts } = parts;
  const classes = law.predictors.length + 1;
  return fewSums(parts, theta, data, choice, {
    name: "logistic-few",
    classes,
    theta: coefficientsOf(experts.flat(), theta),
  });
}

/** What is asked for of expert z's likelihood about its coefficients, by a kernel. */
export function expertSums(
  k: number,
  z: number,
  classes: number,
  coefficients: Float64Array,
  assignment: Assignment,
  data: Observations,
  terms: Terms,
): Float64Array | undefined {
  const found = foundOfExperts(assignment, data, coefficients, z, terms);
  if (found !== undefined) return found;
  const [m, d] = [classes - 1, data.expert.values.length];
  return kernelSums(data, {
    name: "logistic-expansion",
    parts: partOfTerms(terms),
    length: lengthOfTerms(terms, m, d),
    k,
    z,
    classes,
    theta: coefficients,
    given: assignment,
  });
}

/** Product of the negated Hessian of expert z's likelihood with a direction, by a kernel. */
export function expertProduct(
  k: number,
  z: number,
  classes: number,
  coefficients: Float64Array,
  direction: Float64Array,
  assignment: Assignment,
  data: Observations,
): Float64Array | undefined {
  const length = coefficients.length;
  const at = { k, z, classes, theta: coefficients, direction, given: assignment };
  return kernelSums(data, { name: "logistic-expansion", parts: PRODUCT, length, ...at });
}
