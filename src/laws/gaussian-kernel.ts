import { kernelSums } from "../compute/kernel-sums.ts";
import { EXPERTS, GATE, GRAMS, POSTERIOR, PRODUCT } from "../compute/stretch-job.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf, type Predictor } from "../rows/predictor.ts";
import type { Terms } from "../solve/likelihood.ts";
import { isWide } from "../solve/newton.ts";
import { firstTerms } from "../solve/newton-dense.ts";
import { lengthOfTerms, partOfTerms } from "./expansion-terms.ts";
import { fewSums } from "./few-kernel.ts";
import { foundOfExperts, foundOfGate, keepFound } from "./found-sums.ts";
import { isFlat } from "./gates/gate.ts";
import type { FewChoice, FewSums, Parts } from "./law.ts";

// The sums of a mixture of linear experts as a kernel computes them; nothing where the plain code has to.

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** The E-step: the log-likelihood, with the responsibilities left to `owner`. */
export function linearPosterior(
  parts: Parts,
  theta: Float64Array,
  owner: Assignment,
  data: Observations,
): number | undefined {
  const point = pointOf(parts, theta);
  const k = parts.experts.length;
  const terms = termsOfGate(parts);
  const sums = allSums(parts, point, data, terms, owner);
  if (sums === undefined) return undefined;
  const moments = sums.subarray(1, 1 + k * momentLength(data, true));
  keepFound(owner, {
    data,
    rows: Float64Array.from({ length: k }, (_, z) => moments[(z * moments.length) / k]),
    experts: { coefficients: point.means, sums: moments },
    ...(terms && { gate: { coefficients: point.gate, sums: sums.subarray(1 + moments.length), terms } }),
  });
  return sums[0];
}

/** What a gate's M-step begins with: a wide one does without its Hessian, and each node of a tree has targets of its own. */
function termsOfGate({ gate, gateLaw }: Parts): Terms | undefined {
  if (!isFlat(gateLaw)) return undefined;
  if (gate.length === 0) return "all";
  return isWide(gate) ? "gradient" : firstTerms(gate);
}

/** All sums of one pass at θ: the log-likelihood, the experts' moments, and the gate's expansion. */
export function linearStepSums(parts: Parts, theta: Float64Array, data: Observations): Float64Array | undefined {
  return allSums(parts, pointOf(parts, theta), data, "all", {});
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
  { experts, gateLaw: { branching } }: Parts,
  { means, gate, scales }: ReturnType<typeof pointOf>,
  data: Observations,
  terms: Terms | undefined,
  finds: object,
): Float64Array | undefined {
  const k = experts.length;
  const length = 1 + k * momentLength(data, true) + (terms ? expansionLength(k, data, terms) : 0);
  const parts = POSTERIOR | EXPERTS | GRAMS | (terms ? GATE | partOfTerms(terms) : 0);
  const point = { k, theta: means, gate, scales, ...(branching && { branching }) };
  return kernelSums(data, { name: "linear", parts, length, ...point, finds });
}

/** For each expert Σ w, Σ w e², Σ w x e and Σ w xx' about its residuals e. */
export function momentSums(
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
): Float64Array | undefined {
  const means = meansOf(experts, theta);
  const found = foundOfExperts(assignment, data, means);
  if (found !== undefined) return found;
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
  terms: Terms,
): Float64Array | undefined {
  const found = foundOfGate(assignment, data, gate, terms);
  if (found !== undefined) return found;
  const length = expansionLength(k, data, terms);
  const parts = GATE | partOfTerms(terms);
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
    length: own + k * each + expansionLength(k, data, "gradient"),
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

function expansionLength(k: number, data: Observations, terms: Terms): number {
  const [m, d] = [k - 1, data.gate.columns.length];
  return lengthOfTerms(terms, m, d);
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
