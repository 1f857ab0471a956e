import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawGamma, drawPoisson } from "../math/draw.ts";
import { betaTails } from "../math/incomplete.ts";
import { logFactorialRest, risingDerivatives, risingLog } from "../math/special.ts";
import { halfDifference } from "./contrast.ts";
import type { Law } from "./law.ts";
import { newtonStep } from "./newton-step.ts";
import { aCount } from "./responses.ts";

/** Log means above this count as this: see Poisson's. */
const LARGEST_LOG_MEAN = 100;
/** The least dispersion: a row's log-likelihood is then the Poisson's to 1e-6 of its variance. */
const LEAST = 1e-6;

/** log(1 + t) − t/(1 + t), which is t²/2 for small t. */
function bend(t: number): number {
  if (t > 0.01) return Math.log1p(t) - t / (1 + t);
  let [sum, power] = [0, t];
  for (let n = 2; n < 9; n++) {
    power *= -t;
    sum -= power * (1 - 1 / n);
  }
  return sum;
}

/** log p of a count with a log mean and a dispersion α, of variance μ + αμ². */
function logDensity(y: number, logMean: number, dispersion: number): number {
  const mean = Math.exp(Math.min(logMean, LARGEST_LOG_MEAN));
  const t = dispersion * mean;
  const none = -Math.log1p(t) / dispersion;
  if (y === 0) return none;
  // Γ(y + s)/Γ(s) s^−y (μ/(1 + αμ))^y / y!, with log y! = y log y − y + its rest.
  const ratio = Math.min(logMean, LARGEST_LOG_MEAN) - Math.log1p(t) - Math.log(y) + 1;
  return none + risingLog(y, dispersion) + y * ratio - logFactorialRest(y);
}

/** Negative binomial experts, y of mean μ = exp(x'β + offset) and variance μ + αμ²: predictors of log μ, log α. NB2. */
export const negativeBinomial: Law = {
  name: "negative-binomial",
  response: aCount,
  predictors: [""],
  scale: {
    name: "dispersion",
    words: "dispersion",
    least: { value: LEAST, words: "its counts vary no more than Poisson counts" },
    widens: true,
  },
  penalty: Object.freeze([1, 0, 0, 0]),
  isLocation: false,
  separable: "zeros",
  // Its sufficient statistics depend on α.
  natural: undefined,
  kernel: undefined,

  logDensity: ({ rows, response }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) {
      out[to + i] = logDensity(response[i], eta[at + i], Math.exp(eta[at + BLOCK_ROWS + i]));
    }
  },

  scores: ({ rows, response }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) {
      const [y, dispersion] = [response[i], Math.exp(eta[at + BLOCK_ROWS + i])];
      const mean = Math.exp(Math.min(eta[at + i], LARGEST_LOG_MEAN));
      const t = dispersion * mean;
      out[to + i] = (y - mean) / (1 + t);
      out[to + BLOCK_ROWS + i] = bend(t) / dispersion + risingDerivatives(y, dispersion).first - (y * t) / (1 + t);
    }
  },

  curvature: ({ rows, response }, eta, at, out) => {
    for (let i = 0; i < rows; i++) {
      const [y, dispersion] = [response[i], Math.exp(eta[at + BLOCK_ROWS + i])];
      const mean = Math.exp(Math.min(eta[at + i], LARGEST_LOG_MEAN));
      const t = dispersion * mean;
      const share = t / (1 + t);
      out[i] = (mean * (1 + dispersion * y)) / (1 + t) ** 2;
      out[BLOCK_ROWS + i] = out[2 * BLOCK_ROWS + i] = ((y - mean) * share) / (1 + t);
      const { second } = risingDerivatives(y, dispersion);
      out[3 * BLOCK_ROWS + i] = bend(t) / dispersion - (share * share) / dispersion - second + (y * share) / (1 + t);
    }
  },

  expectations: 1,

  expectation: ({ rows }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = Math.exp(eta[at + i]);
  },

  // P(Y ≤ y) is I_p(1/α, ⌊y⌋ + 1) at p = 1/(1 + αμ).
  tails: (y, eta, at) => {
    if (y < 0) return { lower: 0, upper: 1 };
    const dispersion = Math.exp(eta[at + BLOCK_ROWS]);
    const t = dispersion * Math.exp(eta[at]);
    return betaTails(1 / dispersion, Math.floor(y) + 1, 1 / (1 + t), 1 / (1 + 1 / t));
  },

  // A Poisson count whose mean is a Gamma number's.
  draw: (eta, at, random) => {
    const dispersion = Math.exp(eta[at + BLOCK_ROWS]);
    return drawPoisson(random, Math.exp(eta[at]) * dispersion * drawGamma(random, 1 / dispersion));
  },

  startColumns: [(y, offset) => Math.sqrt(y * Math.exp(-offset))],

  // 2 arsinh √(αy)/√α has a standard deviation of about 1.
  contrast: ([first, logDispersion], [second, otherLogDispersion]) => {
    const root = Math.sqrt((Math.exp(logDispersion[0]) + Math.exp(otherLogDispersion[0])) / 2);
    const even = (logMean: number): number => (2 * Math.asinh(root * Math.exp(0.5 * logMean))) / root;
    return { halves: [halfDifference(first, second, even)], noise: 1, pair: undefined };
  },

  roundingReason: undefined,

  maximise: (experts, theta, assignment, data, steps) => {
    return newtonStep(negativeBinomial, experts, theta, assignment, data, steps);
  },
};
