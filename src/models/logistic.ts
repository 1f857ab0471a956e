import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawCategory } from "../math/draw.ts";
import type { Family } from "./family.ts";
import { expertSums } from "./logistic-sums.ts";
import { naturalLogistic } from "./natural-logistic.ts";
import { maximiseByNewton } from "./newton.ts";
import { logSoftmax, softmaxLikelihood, softmaxPenalty } from "./softmax.ts";

/**
 * Multinomial logistic experts, P(y = c | x) = softmax_c(x'β), with the first label as reference, β_0 = 0.
 *
 * @param labels the C labels in the order of their codes
 */
export function logistic(labels: readonly string[]): Family {
  const classes = labels.length;
  const m = classes - 1;
  const logP = new Float64Array(classes * BLOCK_ROWS);

  return {
    name: "logistic",
    predictors: labels.slice(1).map((name) => ({ name, design: "expert" })),
    penalty: softmaxPenalty(classes),
    natural: naturalLogistic(classes),

    logDensity: ({ rows, response }, eta, at, out, to) => {
      logSoftmax(eta, at, classes, rows, logP);
      for (let i = 0; i < rows; i++) out[to + i] = logP[response[i] * BLOCK_ROWS + i];
    },

    scores: ({ rows, response }, eta, at, out, to) => {
      logSoftmax(eta, at, classes, rows, logP);
      for (let h = 0; h < m; h++) {
        for (let i = 0; i < rows; i++) {
          const p = Math.exp(logP[(h + 1) * BLOCK_ROWS + i]);
          out[to + h * BLOCK_ROWS + i] = (response[i] === h + 1 ? 1 : 0) - p;
        }
      }
    },

    curvature: ({ rows }, eta, at, out) => {
      logSoftmax(eta, at, classes, rows, logP);
      for (let c = BLOCK_ROWS; c < logP.length; c++) logP[c] = Math.exp(logP[c]);
      for (let h = 0; h < m; h++) {
        for (let j = 0; j < m; j++) {
          for (let i = 0; i < rows; i++) {
            const p = logP[(h + 1) * BLOCK_ROWS + i];
            const q = logP[(j + 1) * BLOCK_ROWS + i];
            out[(h * m + j) * BLOCK_ROWS + i] = (h === j ? p : 0) - p * q;
          }
        }
      }
    },

    expectations: classes,

    expectation: ({ rows }, eta, at, out) => {
      logSoftmax(eta, at, classes, rows, logP);
      for (let c = 0; c < classes; c++) {
        for (let i = 0; i < rows; i++) out[c * BLOCK_ROWS + i] = Math.exp(logP[c * BLOCK_ROWS + i]);
      }
    },

    draw: (eta, at, random) => {
      return drawCategory(random, classes, (c) => (c === 0 ? 0 : eta[at + (c - 1) * BLOCK_ROWS]));
    },

    maximise: (experts, theta, assignment, data, newtonSteps) => {
      const k = experts.length;
      let gain = 0;
      experts.forEach((predictors, z) => {
        const likelihood = softmaxLikelihood(classes, ({ start, rows, weights, response }, targets) => {
          const { responsibilities } = assignment;
          targets.fill(0);
          for (let i = 0; i < rows; i++) {
            targets[response[i] * BLOCK_ROWS + i] = weights[i] * responsibilities[(start + i) * k + z];
          }
        });
        const compiled = (coefficients: Float64Array, withHessian: boolean): Float64Array | undefined =>
          expertSums(k, z, classes, coefficients, assignment, data, withHessian);
        gain += maximiseByNewton({ ...likelihood, compiled }, predictors, theta, data, newtonSteps);
      });
      return { gain };
    },
  };
}
