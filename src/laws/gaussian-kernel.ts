import { kernelSums } from "../compute/kernel-sums.ts";
import { EXPERTS, GATE, GRAMS, HESSIAN, POSTERIOR, PRODUCT } from "../compute/stretch-job.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf, type Predictor } from "../rows/predictor.ts";
import type { Blocks } from "../solve/likelihood.ts";
import { isWide } from "../solve/newton.ts";
import { fewSums } from "./few-kernel.ts";
import { lengthOfBlocks, partOfBlocks } from "./hessian-blocks.ts";
import type { FewChoice, FewSums, Parts } from "./law.ts";

// The sums of a mixture of linear experts as a kernel computes them; nothing where the plain code has to.

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Sums that the E-step found on its way, of the rows and at the coefficients where it found them. */
interface Found {
  readonly data: Observations;
  readonly means: Float64Array;
  readonly gate: Float64Array;
  readonly moments: Float64Array;
  readonly expansion: Float64Array;
}

/**
 * An M-step from a posterior begins with sums at the posterior's own θ: they are taken in the same pass. Assignments and
 * rows stand for their values: see {@link settled} and {@link own}.
 */
const foundWith = new WeakMap<Assignment, Found>();

/** The E-step: the log-likelihood, with the responsibilities left to `owner`. */
export function linearPosterior(
  parts: Parts,
  theta: Float64Array,
  owner: Assignment,
  data: Observations,
): number | undefined {
  const point = pointOf(parts, theta);
  const k = parts.experts.length;
  // The M-step of a wide gate does without its Hessian.
  const sums = allSums(k, point, data, k === 1 || !isWide(parts.gate), owner);
  if (sums === undefined) return undefined;
  const moments = k * momentLength(data, true);
  const { means, gate } = point;
  foundWith.set(owner, {
    data,
    means,
    gate,
    moments: sums.subarray(1, 1 + moments),
    expansion: sums.subarray(1 + moments),
  });
  return sums[0];
}

/** All sums of one pass at θ: the log-likelihood, the experts' moments, and the gate's expansion. */
export function linearStepSums(parts: Parts, theta: Float64Array, data: Observations): Float64Array | undefined {
  return allSums(parts.experts.length, pointOf(parts, theta), data, true, {});
}

/** The E-step in which a row may belong to few experts, with the sums of their own step. */
export function linearFew(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  choice: FewChoice,
): FewSums | undefined {
  const { means, scales } = pointOf(parts, theta);
  return fewSums(parts, theta, data, choice, { name: "linear-few", theta: means, scales });
}

function allSums(
  k: number,
  { means, gate, scales }: ReturnType<typeof pointOf>,
  data: Observations,
  withHessian: boolean,
  finds: object,
): Float64Array | undefined {
  const length = 1 + k * momentLength(data, true) + expansionLength(k, data, withHessian ? "all" : "none");
  const parts = POSTERIOR | EXPERTS | GRAMS | GATE | (withHessian ? HESSIAN : 0);
  return kernelSums(data, { name: "linear", parts, length, k, theta: means, gate, scales, finds });
}

/** For each expert Σ w, Σ w e², Σ w x e and Σ w xx' about its residuals e. */
export function momentSums(
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
): Float64Array | undefined {
  const means = meansOf(experts, theta);
  const found = foundWith.get(assignment);
  if (found?.data === data && equal(found.means, means)) return found.moments;
  const k = experts.length;
  const length = k * momentLength(data, true);
  return kernelSums(data, { name: "linear", parts: EXPERTS | GRAMS, length, k, theta: means, given: assignment });
}

/** Value and gradient of a gate's softmax on soft targets, and what is asked for of its negated Hessian. */
export function gateSums(
  k: number,
  gate: Float64Array,
  assignment: Assignment,
  data: Observations,
  blocks: Blocks,
): Float64Array | undefined {
  const found = foundWith.get(assignment);
  const length = expansionLength(k, data, blocks);
  const isFound = found?.data === data && equal(found.gate, gate);
  if (isFound && (blocks === "none" || found.expansion.length === length)) return found.expansion;
  const parts = GATE | partOfBlocks(blocks);
  return kernelSums(data, { name: "linear", parts, length, k, gate, given: assignment });
}

/** Product of the negated Hessian of a gate's softmax on soft targets with a direction. */
export function gateProduct(
  k: number,
  gate: Float64Array,
  direction: Float64Array,
  assignment: Assignment,
  data: Observations,
): Float64Array | undefined {
  const length = gate.length;
  return kernelSums(data, { name: "linear", parts: PRODUCT, length, k, gate, direction, given: assignment });
}

/** Σ r of each expert, or less where rows weigh other than 1; nothing where no sums are known. */
export function knownRows(assignment: Assignment, data: Observations, k: number): Float64Array | undefined {
  const found = foundWith.get(assignment);
  if (found?.data !== data) return undefined;
  const { moments } = found;
  // No row weighs more than the heaviest, so that Σ w r is at most as many times Σ r.
  const heaviest = data.weights?.reduce((most, w) => Math.max(most, w), 0) ?? 1;
  return Float64Array.from({ length: k }, (_, z) => moments[(z * moments.length) / k] / heaviest);
}

/**
 * Σ w r ∂ log p(y, z | x; θ)/∂θ over rows and experts (p), and after it the log-likelihood where the responsibilities are
 * those of θ itself.
 *
 * @param assignment other responsibilities
 */
export function linearScores(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  assignment?: Assignment,
): Float64Array | undefined {
  const { means, gate, scales } = pointOf(parts, theta);
  const k = parts.experts.length;
  const each = momentLength(data, false);
  const own = assignment === undefined ? 1 : 0;
  const sums = kernelSums(data, {
    name: "linear",
    parts: EXPERTS | GATE | (own && POSTERIOR),
    length: own + k * each + expansionLength(k, data, "none"),
    k,
    theta: means,
    gate,
    scales,
    ...(assignment ? { given: assignment } : { finds: {} }),
  });
  if (sums === undefined) return undefined;
  const scores = new Float64Array(theta.length + own);
  if (own) scores[theta.length] = sums[0];
  // The value of the gate's softmax stands before its gradient.
  const gradient = sums.subarray(own + k * each + 1);
  parts.gate
    .flatMap(({ at }) => at)
    .forEach((place, j) => {
      scores[place] = gradient[j];
    });
  parts.experts.forEach(([mean, logSigma], z) => {
    const precision = Math.exp(-2 * theta[logSigma.at[0]]);
    const [weight, square, ...cross] = sums.subarray(own + z * each, own + (z + 1) * each);
    cross.forEach((sum, j) => {
      scores[mean.at[j]] += sum * precision;
    });
    scores[logSigma.at[0]] += square * precision - weight;
  });
  return scores;
}

function momentLength(data: Observations, withGram: boolean): number {
  const d = data.expert.columns.length;
  return 2 + d + (withGram ? d * d : 0);
}

function expansionLength(k: number, data: Observations, blocks: Blocks): number {
  const [m, d] = [k - 1, data.gate.columns.length];
  return 1 + m * d + lengthOfBlocks(blocks, m, d);
}

function pointOf({ gate, experts }: Parts, theta: Float64Array) {
  const scales = experts.flatMap(([, { at }]) => [Math.exp(-theta[at[0]]), -theta[at[0]] - HALF_LOG_TWO_PI]);
  return { means: meansOf(experts, theta), gate: coefficientsOf(gate, theta), scales: Float64Array.from(scales) };
}

function meansOf(experts: readonly (readonly Predictor[])[], theta: Float64Array): Float64Array {
  return coefficientsOf(
    experts.map(([mean]) => mean),
    theta,
  );
}

function equal(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, j) => value === b[j]);
}
