import { drawPoisson } from "../math/draw.ts";
import { gammaTails } from "../math/incomplete.ts";
import { logFactorial, logFactorialRest } from "../math/special.ts";
import { halfDifference } from "./contrast.ts";
import { eachByNewton } from "./each-by-newton.ts";
import type { Law } from "./law.ts";
import type { NaturalForm } from "./natural.ts";
import { poissonFew, poissonPosterior, poissonProduct, poissonSums } from "./poisson-kernel.ts";
import { aCount } from "./responses.ts";

/**
 * Log means above this count as this. No count is near e¹⁰⁰, and squares of e¹⁰⁰ are still finite: an expert that a row
 * cannot belong to adds 0 to its sums, not 0 × ∞.
 */
const LARGEST_LOG_MEAN = 100;

/** The mean of a log mean. */
function mean(logMean: number): number {
  return Math.exp(Math.min(logMean, LARGEST_LOG_MEAN));
}

/** The mean's integral: itself, continued along its tangent above the largest log mean. */
function cumulant(logMean: number): number {
  return mean(logMean) * (1 + Math.max(0, logMean - LARGEST_LOG_MEAN));
}

/**
 * log p(y), continued along its tangent above the largest log mean.
 *
 * About its value at the mean y: y log μ, μ and log y! of large counts would cancel, and leave rounding of many nats.
 */
function logDensity(y: number, logMean: number): number {
  const near = Math.min(logMean, LARGEST_LOG_MEAN);
  const tangent = (y - Math.exp(near)) * (logMean - near);
  if (y === 0) return tangent - Math.exp(near);
  const ratio = near - Math.log(y);
  return tangent - y * (Math.expm1(ratio) - ratio) - logFactorialRest(y);
}

/**
 * A Poisson expert: v = x'β + offset, its log mean, and u = a − e^v, in the order (u, v); S = (1, y), B = u + e^v.
 */
const natural: NaturalForm = {
  size: 2,
  natural: (logit, [v], out, to) => {
    out[to] = logit - cumulant(v);
    out[to + 1] = v;
  },
  logPartition: (eta, at) => eta[at] + cumulant(eta[at + 1]),
  means: (eta, at, out, to) => {
    out[to] = 1;
    out[to + 1] = mean(eta[at + 1]);
  },
  statistic: (y, out) => {
    out[0] = 1;
    out[1] = y;
  },
  logBase: (y) => -logFactorial(y),
  divergence: (phi, eta, at) => {
    const [before, after] = [phi[at + 1], eta[at + 1]];
    return cumulant(after) - cumulant(before) - mean(before) * (after - before);
  },
  pullback: (eta, at, slope, out) => {
    out[0] = slope[at];
    out[1] = slope[at + 1] - mean(eta[at + 1]) * slope[at];
  },
  bending: (eta, at, means, out) => {
    out[0] = means[at] * mean(eta[at + 1]);
  },
};

/** Poisson experts, y ~ Poisson(exp(x'β + offset)): the canonical log link. */
export const poisson: Law = {
  name: "poisson",
  response: aCount,
  predictors: [""],
  scale: undefined,
  takes: ["zeroInflated"],
  penalty: Object.freeze([1]),
  isLocation: false,
  separable: "zeros",
  natural,
  kernel: { posterior: poissonPosterior, few: poissonFew },

  logDensity: ({ rows, response }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) out[to + i] = logDensity(response[i], eta[at + i]);
  },

  scores: ({ rows, response }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) out[to + i] = response[i] - mean(eta[at + i]);
  },

  curvature: ({ rows }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = mean(eta[at + i]);
  },

  expectations: 1,

  expectation: ({ rows }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = Math.exp(eta[at + i]);
  },

  // P(Y ≤ y) is what the mean leaves of Γ(⌊y⌋ + 1).
  tails: (y, eta, at) => {
    if (y < 0) return { lower: 0, upper: 1 };
    const { lower, upper } = gammaTails(Math.floor(y) + 1, Math.exp(eta[at]));
    return { lower: upper, upper: lower };
  },

  draw: (eta, at, random) => drawPoisson(random, Math.exp(eta[at])),

  // Roots of counts have about the same variance whatever their mean.
  startColumns: [(y, offset) => Math.sqrt(y * Math.exp(-offset))],

  // 2√y has a standard deviation of about 1.
  contrast: ([first], [second]) => ({
    halves: [halfDifference(first, second, (logMean) => 2 * Math.exp(0.5 * logMean))],
    noise: 1,
    pair: undefined,
  }),

  roundingReason: undefined,

  maximise: (experts, theta, assignment, data, effort) => {
    const k = experts.length;
    return eachByNewton(poisson, experts, theta, assignment, data, effort, (z) => ({
      penalty: poisson.penalty,
      compiled: {
        expansion: (coefficients, terms) => poissonSums(k, z, coefficients, assignment, data, terms),
        product: (coefficients, direction) => poissonProduct(k, z, coefficients, direction, assignment, data),
      },
      evaluate: ({ start, rows, weights, response }, eta, score, curvature) => {
        const { responsibilities } = assignment;
        let value = 0;
        for (let i = 0; i < rows; i++) {
          const weight = weights[i] * responsibilities[(start + i) * k + z];
          const logMean = eta[i];
          curvature[i] = weight * mean(logMean);
          score[i] = weight * response[i] - curvature[i];
          // Without log y!, and with the size that rounding is to be judged by.
          value += weight * response[i] * logMean - curvature[i] * (1 + Math.max(0, logMean - LARGEST_LOG_MEAN));
        }
        return value;
      },
    }));
  },
};
