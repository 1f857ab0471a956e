import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawGamma, drawPoisson } from "../math/draw.ts";
import { betaTails } from "../math/incomplete.ts";
import { probability, softplus } from "../math/logistic.ts";
import { logFactorialRest, risingDerivatives, risingLog } from "../math/special.ts";
import { halfDifference } from "./contrast.ts";
import type { Law } from "./law.ts";
import { newtonStep } from "./newton-step.ts";
import { aCount } from "./responses.ts";

/** The least dispersion: a row's log-likelihood is then the Poisson's to 1e-6 of its variance. */
const LEAST = 1e-6;

/** log(1 + t) − t/(1 + t) for t = αμ, of which u is the logarithm and `share` t/(1 + t): t²/2 for small t. */
function bend(u: number, share: number): number {
  const t = Math.exp(u);
  if (t > 0.01) return softplus(u) - share;
  let [sum, power] = [0, t];
  for (let n = 2; n < 9; n++) {
    power *= -t;
    sum -= power * (1 - 1 / n);
  }
  return sum;
}

/** log p of a count with a log mean and a dispersion α, of variance μ + αμ²; `rising` is that count's {@link risingLog}. */
function logDensity(
  y: number,
  logMean: number,
  logDispersion: number,
  rising: (y: number, at: number) => number,
): number {
  const rest = softplus(logMean + logDispersion);
  const none = -rest * Math.exp(-logDispersion);
  if (y === 0) return none;
  // Γ(y + s)/Γ(s) s^−y (μ/(1 + αμ))^y / y!, with log y! = y log y − y + its rest.
  const ratio = logMean - rest - Math.log(y) + 1;
  return none + rising(y, logDispersion) + y * ratio - logFactorialRest(y);
}

/** Counts whose values are kept. */
const SMALL = 64;

/** A function of a count and the dispersion that keeps its values: most rows share both with others. */
function kept<Value>(of: (y: number, at: number) => Value): (y: number, at: number) => Value {
  const values: (Value | undefined)[] = new Array(SMALL + 1);
  let last = Number.NaN;
  return (y, at) => {
    if (y > SMALL) return of(y, at);
    if (at !== last) {
      values.fill(undefined);
      last = at;
    }
    values[y] ??= of(y, at);
    return values[y];
  };
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
  takes: ["zeroInflated"],
  penalty: Object.freeze([1, 0, 0, 0]),
  isLocation: false,
  separable: "zeros",
  // Its sufficient statistics depend on α.
  natural: undefined,
  kernel: undefined,

  logDensity: ({ rows, response }, eta, at, out, to) => {
    const rising = kept(risingLog);
    for (let i = 0; i < rows; i++) {
      out[to + i] = logDensity(response[i], eta[at + i], eta[at + BLOCK_ROWS + i], rising);
    }
  },

  // By s = 1/α: α itself may be larger than any number where an offset makes a mean next to nothing.
  scores: ({ rows, response }, eta, at, out, to) => {
    const rising = kept(risingDerivatives);
    for (let i = 0; i < rows; i++) {
      const [y, s] = [response[i], Math.exp(-eta[at + BLOCK_ROWS + i])];
      const u = eta[at + i] + eta[at + BLOCK_ROWS + i];
      const share = probability(u);
      out[to + i] = y * probability(-u) - s * share;
      out[to + BLOCK_ROWS + i] = s * bend(u, share) + rising(y, s).first - y * share;
    }
  },

  curvature: ({ rows, response }, eta, at, out) => {
    const rising = kept(risingDerivatives);
    for (let i = 0; i < rows; i++) {
      const [y, s] = [response[i], Math.exp(-eta[at + BLOCK_ROWS + i])];
      const u = eta[at + i] + eta[at + BLOCK_ROWS + i];
      const [share, rest] = [probability(u), probability(-u)];
      out[i] = share * rest * (s + y);
      out[BLOCK_ROWS + i] = out[2 * BLOCK_ROWS + i] = share * (y * rest - s * share);
      const { second } = rising(y, s);
      out[3 * BLOCK_ROWS + i] = s * (bend(u, share) - share * share) - second + y * share * rest;
    }
  },

  expectations: 1,

  expectation: ({ rows }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = Math.exp(eta[at + i]);
  },

  // P(Y ≤ y) is I_p(1/α, ⌊y⌋ + 1) at p = 1/(1 + αμ).
  tails: (y, eta, at) => {
    if (y < 0) return { lower: 0, upper: 1 };
    const t = Math.exp(eta[at] + eta[at + BLOCK_ROWS]);
    return betaTails(Math.exp(-eta[at + BLOCK_ROWS]), Math.floor(y) + 1, 1 / (1 + t), 1 / (1 + 1 / t));
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

  maximise: (experts, theta, assignment, data, effort) => {
    return newtonStep(negativeBinomial, experts, theta, assignment, data, effort);
  },
};
