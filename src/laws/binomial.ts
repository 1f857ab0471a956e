import { drawBinomial } from "../math/draw.ts";
import { betaTails } from "../math/incomplete.ts";
import { probability, softplus } from "../math/logistic.ts";
import { logFactorialRest } from "../math/special.ts";
import { halfDifference } from "./contrast.ts";
import { eachByNewton } from "./each-by-newton.ts";
import type { Law } from "./law.ts";
import type { NaturalForm } from "./natural.ts";
import { successes } from "./responses.ts";

/** log of n over y, less the parts y log(n/y) and (n − y) log(n/(n − y)), which would cancel those of the likelihood. */
function choices(y: number, n: number): number {
  return y === 0 || y === n ? 0 : logFactorialRest(n) - logFactorialRest(y) - logFactorialRest(n - y);
}

/** y log(y/n), and 0 for none. */
function share(y: number, n: number): number {
  return y === 0 ? 0 : y * Math.log(y / n);
}

/** log of n over y. */
function logChoices(y: number, n: number): number {
  return choices(y, n) - share(y, n) - share(n - y, n);
}

/** log p of y successes in n trials; one that is certain, or has none, takes nothing of what is infinite. */
function logDensity(y: number, n: number, logOdds: number): number {
  const success = y === 0 ? 0 : share(y, n) + y * softplus(-logOdds);
  const failure = y === n ? 0 : share(n - y, n) + (n - y) * softplus(logOdds);
  return choices(y, n) - success - failure;
}

/**
 * A binomial expert of n trials: v = x'β + offset, the log-odds of a success, and u = a − n log(1 + e^v), in the order
 * (u, v); S = (1, y), B = u + n log(1 + e^v).
 */
const natural: NaturalForm = {
  size: 2,
  natural: (logit, [v], out, to, trials) => {
    out[to] = logit - trials * softplus(v);
    out[to + 1] = v;
  },
  logPartition: (eta, at, trials) => eta[at] + trials * softplus(eta[at + 1]),
  means: (eta, at, out, to, trials) => {
    out[to] = 1;
    out[to + 1] = trials * probability(eta[at + 1]);
  },
  statistic: (y, out) => {
    out[0] = 1;
    out[1] = y;
  },
  logBase: logChoices,
  divergence: (phi, eta, at, trials) => {
    const [before, after] = [phi[at + 1], eta[at + 1]];
    return trials * (softplus(after) - softplus(before) - probability(before) * (after - before));
  },
  pullback: (eta, at, slope, out, trials) => {
    out[0] = slope[at];
    out[1] = slope[at + 1] - trials * probability(eta[at + 1]) * slope[at];
  },
  bending: (eta, at, means, out, trials) => {
    out[0] = means[at] * trials * probability(eta[at + 1]) * probability(-eta[at + 1]);
  },
};

/** Binomial experts: successes of each row's trials, whose log-odds are x'β + offset. */
export const binomial: Law = {
  name: "binomial",
  response: successes,
  predictors: [""],
  scale: undefined,
  takes: ["zeroInflated"],
  penalty: Object.freeze([1]),
  isLocation: false,
  separable: "trials",
  natural,
  kernel: undefined,

  logDensity: ({ rows, response, trials }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) out[to + i] = logDensity(response[i], trials[i], eta[at + i]);
  },

  scores: ({ rows, response, trials }, eta, at, out, to) => {
    for (let i = 0; i < rows; i++) out[to + i] = response[i] - trials[i] * probability(eta[at + i]);
  },

  curvature: ({ rows, trials }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = trials[i] * probability(eta[at + i]) * probability(-eta[at + i]);
  },

  expectations: 1,

  expectation: ({ rows, trials }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = trials[i] * probability(eta[at + i]);
  },

  // P(Y ≤ y) is I_q(n − ⌊y⌋, ⌊y⌋ + 1) at q = 1 − p.
  tails: (y, eta, at, trials) => {
    if (y < 0) return { lower: 0, upper: 1 };
    if (y >= trials) return { lower: 1, upper: 0 };
    const most = Math.floor(y);
    return betaTails(trials - most, most + 1, probability(-eta[at]), probability(eta[at]));
  },

  draw: (eta, at, random, trials) => drawBinomial(random, trials, probability(eta[at])),

  // Half a success more and half a failure: none has infinite log-odds.
  startColumns: [(y, offset, trials) => Math.log((y + 0.5) / (trials - y + 0.5)) - offset],

  contrast: ([first], [second], trials) => {
    // Of single trials the two labels of logistic experts.
    if (trials === undefined || trials.every((n) => n === 1)) {
      return { halves: [halfDifference(first, second)], noise: 1, pair: "logistic" };
    }
    // 2√n arcsin √(y/n) has a standard deviation of about 1.
    const angles = halfDifference(first, second, (logOdds) => 2 * Math.asin(Math.sqrt(probability(logOdds))));
    return { halves: [angles.map((half, i) => half * Math.sqrt(trials[i]))], noise: 1, pair: undefined };
  },

  roundingReason: undefined,

  maximise: (experts, theta, assignment, data, effort) => {
    const { responsibilities } = assignment;
    const k = experts.length;
    return eachByNewton(binomial, experts, theta, assignment, data, effort, (z) => ({
      penalty: binomial.penalty,
      evaluate: ({ start, rows, weights, response, trials }, eta, score, curvature) => {
        let value = 0;
        for (let i = 0; i < rows; i++) {
          const weight = weights[i] * responsibilities[(start + i) * k + z];
          const p = probability(eta[i]);
          curvature[i] = weight * trials[i] * p * probability(-eta[i]);
          score[i] = weight * (response[i] - trials[i] * p);
          // Without the binomial coefficient, and with the size that rounding is to be judged by.
          value -= weight * (response[i] * softplus(-eta[i]) + (trials[i] - response[i]) * softplus(eta[i]));
        }
        return value;
      },
    }));
  },
};
