import { kernelSums } from "../compute/kernel-sums.ts";
import { PRODUCT } from "../compute/stretch-job.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf } from "../rows/predictor.ts";
import type { Blocks } from "../solve/likelihood.ts";
import { fewSums } from "./few-kernel.ts";
import { lengthOfBlocks, partOfBlocks } from "./hessian-blocks.ts";
import type { FewChoice, FewSums, Parts } from "./law.ts";
import { scoresOfSums } from "./scores-of-sums.ts";

/** The E-step of logistic experts by a kernel, as {@link linearPosterior}. */
export function logisticPosterior(
  { law, gate, experts }: Parts,
  theta: Float64Array,
  owner: Assignment,
  data: Observations,
): number | undefined {
  const sums = kernelSums(data, {
    name: "logistic-posterior",
    length: 1,
    k: experts.length,
    classes: law.predictors.length + 1,
    theta: coefficientsOf(experts.flat(), theta),
    gate: coefficientsOf(gate, theta),
    finds: owner,
  });
  return sums?.[0];
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
    expertSums(k, z, classes, coefficients, assignment, data, "none"),
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

/** Value and gradient of expert z's likelihood and blocks of its negated Hessian, by a kernel. */
export function expertSums(
  k: number,
  z: number,
  classes: number,
  coefficients: Float64Array,
  assignment: Assignment,
  data: Observations,
  blocks: Blocks,
): Float64Array | undefined {
  const [m, d] = [classes - 1, data.expert.values.length];
  return kernelSums(data, {
    name: "logistic-expansion",
    parts: partOfBlocks(blocks),
    length: 1 + m * d + lengthOfBlocks(blocks, m, d),
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
