import { drawPoisson } from "../math/draw.ts";
import { logFactorialRest } from "../math/special.ts";
import type { Family } from "./family.ts";
import type { Likelihood } from "./likelihood.ts";
import { LARGEST_LOG_MEAN, mean, naturalPoisson } from "./natural-poisson.ts";
import { maximiseByNewton } from "./newton.ts";

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

/** Poisson experts, y ~ Poisson(exp(x'β + offset)): the canonical log link. */
export const poisson: Family = {
  name: "poisson",
  predictors: [{ name: "", design: "expert" }],
  penalty: Float64Array.of(1),
  natural: naturalPoisson,

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

  draw: (eta, at, random) => drawPoisson(random, Math.exp(eta[at])),

  maximise: (experts, theta, { responsibilities }, data, newtonSteps) => {
    const k = experts.length;
    let gain = 0;
    experts.forEach((predictors, z) => {
      const likelihood: Likelihood = {
        penalty: Float64Array.of(1),
        evaluate: ({ start, rows, weights, response }, eta, score, curvature) => {
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
      };
      gain += maximiseByNewton(likelihood, predictors, theta, data, newtonSteps);
    });
    return { gain };
  },
};
