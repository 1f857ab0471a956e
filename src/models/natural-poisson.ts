import { logFactorial } from "../math/special.ts";
import type { NaturalExpert } from "./natural-expert.ts";

/**
 * Log means above this count as this. No count is near e¹⁰⁰, and squares of e¹⁰⁰ are still finite: an expert that a row
 * cannot belong to adds 0 to its sums, not 0 × ∞.
 */
export const LARGEST_LOG_MEAN = 100;

/** The mean of a log mean. */
export function mean(logMean: number): number {
  return Math.exp(Math.min(logMean, LARGEST_LOG_MEAN));
}

/** The mean's integral: itself, continued along its tangent above the largest log mean. */
function cumulant(logMean: number): number {
  return mean(logMean) * (1 + Math.max(0, logMean - LARGEST_LOG_MEAN));
}

/**
 * A Poisson expert: v = x'β + offset, its log mean, and u = a − e^v, in the order (u, v); S = (1, y), B = u + e^v.
 */
export const naturalPoisson: NaturalExpert = {
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
