import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawGamma, drawPoisson } from "../math/draw.ts";
import { betaTails } from "../math/incomplete.ts";
import { softplus } from "../math/logistic.ts";
import { logFactorialRest, logOfCount, risingDerivatives, risingLog } from "../math/special.ts";
import { halfDifference } from "./contrast.ts";
import { byExpansion } from "./expand.ts";
import type { Law } from "./law.ts";
import { newtonStep } from "./newton-step.ts";
import { once } from "./once.ts";
import { aCount } from "./responses.ts";

/** The least dispersion: a row's log-likelihood is then the Poisson's to 1e-6 of its variance. */
const LEAST = 1e-6;

/** A mean beside a dispersion, t = αμ. */
interface Place {
  /** log(1 + t). */
  readonly log: number;
  /** t/(1 + t) and 1/(1 + t). */
  readonly share: number;
  readonly rest: number;
  /** log(1 + t) − t/(1 + t). */
  readonly bend: number;
}

/** Where a mean lies beside a dispersion, from the logarithm u of t = αμ. */
function placeOf(u: number): Place {
  const t = Math.exp(u);
  const rest = 1 / (1 + t);
  const share = t < 1 ? t * rest : 1 - rest;
  const log = t < 1 ? Math.log1p(t) : u + Math.log1p(1 / t);
  return { log, share, rest, bend: t > 0.01 ? log - share : smallBend(t) };
}

/** log(1 + t) − t/(1 + t), t²/2 for small t, where its terms would cancel. */
function smallBend(t: number): number {
  let [sum, power] = [0, t];
  for (let n = 2; n < 9; n++) {
    power *= -t;
    sum -= power * (1 - 1 / n);
  }
  return sum;
}

/**
 * log p of a count: of Γ(y + s)/Γ(s) s^−y (μ/(1 + αμ))^y / y!, with log y! = y log y − y + its rest, and −s log(1 + αμ).
 *
 * @param log log(1 + αμ)
 * @param s 1/α
 * @param rising that count's {@link risingLog}
 */
function logDensity(
  y: number,
  logMean: number,
  log: number,
  s: number,
  logDispersion: number,
  rising: (y: number, at: number) => number,
): number {
  if (y === 0) return -log * s;
  return rising(y, logDispersion) + y * (logMean - log - logOfCount(y) + 1) - logFactorialRest(y) - log * s;
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

/** s = 1/α. */
function inverse(logDispersion: number): number {
  return Math.exp(-logDispersion);
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
    const [rising, sizeOf] = [kept(risingLog), once(inverse)];
    for (let i = 0; i < rows; i++) {
      const [y, logMean, logDispersion] = [response[i], eta[at + i], eta[at + BLOCK_ROWS + i]];
      out[to + i] = logDensity(
        y,
        logMean,
        softplus(logMean + logDispersion),
        sizeOf(logDispersion),
        logDispersion,
        rising,
      );
    }
  },

  // By s = 1/α: α itself may be larger than any number where an offset makes a mean next to nothing.
  ...byExpansion(2, ({ rows, response }, eta, at, density, scores, to, curvature) => {
    const [logs, derivatives, sizeOf] = [kept(risingLog), kept(risingDerivatives), once(inverse)];
    for (let i = 0; i < rows; i++) {
      const [y, logMean, logDispersion] = [response[i], eta[at + i], eta[at + BLOCK_ROWS + i]];
      const s = sizeOf(logDispersion);
      const { log, share, rest, bend } = placeOf(logMean + logDispersion);
      const { first, second } = derivatives(y, s);
      density[i] = logDensity(y, logMean, log, s, logDispersion, logs);
      scores[to + i] = y * rest - s * share;
      scores[to + BLOCK_ROWS + i] = s * bend + first - y * share;
      curvature[i] = share * rest * (s + y);
      curvature[BLOCK_ROWS + i] = curvature[2 * BLOCK_ROWS + i] = share * (y * rest - s * share);
      curvature[3 * BLOCK_ROWS + i] = s * (bend - share * share) - second + y * share * rest;
    }
  }),

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
