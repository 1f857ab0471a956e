import { BLOCK_ROWS } from "../compute/blocks.ts";
import { normalTails } from "../math/normal.ts";
import type { Observations } from "../rows/observations.ts";
import { halfDifference, pooled } from "./contrast.ts";
import { linearFew, linearPosterior, linearScores, linearStepSums } from "./gaussian-kernel.ts";
import { leastSquares, leastSquaresStep } from "./gaussian-step.ts";
import type { Law, Parts } from "./law.ts";
import type { NaturalForm } from "./natural.ts";
import { anyNumber } from "./responses.ts";

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * A linear expert, y ~ N(μ, σ²) with μ = x'β + offset: v = μ/σ², w = −1/(2σ²) and u = a − μ²/(2σ²) − log σ, in the order
 * (u, v, w); S = (1, y, y²), B = u − v²/(4w) − ½ log(−2w).
 *
 * A variance that is held moves neither v nor w apart from μ: that is the family of known variance, unchanged.
 */
const natural: NaturalForm = {
  size: 3,
  natural: (logit, [mean, logSigma], out, to) => {
    const precision = Math.exp(-2 * logSigma);
    out[to] = logit - 0.5 * mean * mean * precision - logSigma;
    out[to + 1] = mean * precision;
    out[to + 2] = -0.5 * precision;
  },
  logPartition: (eta, at) => {
    const [v, precision] = [eta[at + 1], -2 * eta[at + 2]];
    return eta[at] + (0.5 * v * v) / precision - 0.5 * Math.log(precision);
  },
  means: (eta, at, out, to) => {
    const variance = -0.5 / eta[at + 2];
    const mean = eta[at + 1] * variance;
    out[to] = 1;
    out[to + 1] = mean;
    out[to + 2] = mean * mean + variance;
  },
  statistic: (y, out) => {
    out[0] = 1;
    out[1] = y;
    out[2] = y * y;
  },
  logBase: () => -0.5 * Math.log(2 * Math.PI),
  divergence: (phi, eta, at) => {
    const [before, after] = [-0.5 / phi[at + 2], -0.5 / eta[at + 2]];
    const change = phi[at + 1] * before - eta[at + 1] * after;
    const excess = (before - after) / after;
    return 0.5 * (excess - Math.log1p(excess) + (change * change) / after);
  },
  pullback: (eta, at, slope, out) => {
    const precision = -2 * eta[at + 2];
    const mean = eta[at + 1] / precision;
    const [u, v, w] = [slope[at], slope[at + 1], slope[at + 2]];
    out[0] = u;
    out[1] = precision * (v - mean * u);
    out[2] = precision * (w - 2 * mean * v + mean * mean * u) - u;
  },
  bending: (eta, at, means, out) => {
    const precision = -2 * eta[at + 2];
    const mean = eta[at + 1] / precision;
    const [u, v, w] = [means[at], means[at + 1], means[at + 2]];
    out[0] = precision * u;
    out[1] = out[2] = 2 * precision * (v - mean * u);
    out[3] = 2 * precision * (w - 2 * mean * v + mean * mean * u);
  },
};

/**
 * Linear experts, y ~ N(x'β + offset, σ²): predictors x'β and log σ.
 *
 * An expert whose log σ stands at the same place as another's shares its variance.
 */
export const gaussian: Law = {
  name: "linear",
  response: anyNumber,
  predictors: [""],
  scale: {
    name: "sigma",
    words: "standard deviation",
    spread: { words: "standard deviation", of: Math.exp },
    widens: true,
  },
  takes: ["sharedVariance", "sigmaFloor"],
  penalty: Object.freeze([1, 0, 0, 0]),
  isLocation: true,
  separable: "nowhere",
  natural,
  kernel: { posterior: linearPosterior, scores: linearScores, step: linearStepSums, few: linearFew },

  logDensity: ({ rows, response }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) {
      const logSigma = eta[at + BLOCK_ROWS + i];
      const z = (response[i] - eta[at + i]) * Math.exp(-logSigma);
      out[to + i] = -0.5 * z * z - logSigma - HALF_LOG_TWO_PI;
    }
  },

  scores: ({ rows, response }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) {
      const precision = Math.exp(-2 * eta[at + BLOCK_ROWS + i]);
      const residual = response[i] - eta[at + i];
      out[to + i] = residual * precision;
      out[to + BLOCK_ROWS + i] = residual * residual * precision - 1;
    }
  },

  curvature: ({ rows, response }, eta, at, out) => {
    for (let i = 0; i < rows; i++) {
      const precision = Math.exp(-2 * eta[at + BLOCK_ROWS + i]);
      const residual = response[i] - eta[at + i];
      out[i] = precision;
      out[BLOCK_ROWS + i] = out[2 * BLOCK_ROWS + i] = 2 * residual * precision;
      out[3 * BLOCK_ROWS + i] = 2 * residual * residual * precision;
    }
  },

  expectations: 1,

  expectation: ({ rows }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = eta[at + i];
  },

  tails: (y, eta, at) => normalTails((y - eta[at]) * Math.exp(-eta[at + BLOCK_ROWS])),

  draw: (eta, at, random) => eta[at] + Math.exp(eta[at + BLOCK_ROWS]) * random.normal(),

  startColumns: [(y, offset) => y - offset],

  contrast: ([first, logSigma], [second, otherLogSigma]) => ({
    halves: [halfDifference(first, second)],
    noise: pooled(Math.exp(logSigma[0]), Math.exp(otherLogSigma[0])),
    pair: "linear",
  }),

  roundingReason: smallVariance,

  maximise: leastSquares,

  step: leastSquaresStep,
};

/** A response that varies by less than this part of its size has lost half of its digits. */
const HARDLY = 1e-7;

/** Why rounding hides what a step gains: the response hardly varies, or a variance collapsed. */
export function smallVariance(
  { experts }: Parts,
  theta: Float64Array,
  { response, weights, offset }: Observations,
): string {
  const known = response.filter((_, i) => weights === undefined || weights[i] > 0);
  const largest = known.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const mean = known.reduce((sum, y) => sum + y, 0) / known.length;
  const spread = Math.sqrt(known.reduce((sum, y) => sum + (y - mean) ** 2, 0) / known.length);
  if (offset === undefined && spread <= HARDLY * largest) {
    let digits = 1;
    while (Math.abs(Number(mean.toPrecision(digits)) - mean) > spread && digits < 17) digits++;
    const about = Number(mean.toPrecision(digits));
    const varies = `the response hardly varies for its size (${about} ± ${spread.toPrecision(2)})`;
    return `${varies}, so that rounding hides what a step gains; subtract ${about} from it`;
  }
  const sigmas = experts.map(([, logSigma]) => Math.exp(theta[logSigma.at[0]]));
  const sigma = Math.min(...sigmas);
  const collapsed = `the variance of expert ${sigmas.indexOf(sigma) + 1} collapsed`;
  return `${collapsed}: it fits its rows as exactly as rounding lets it (σ = ${sigma.toPrecision(2)} for a response of up to ${largest.toPrecision(2)})`;
}
