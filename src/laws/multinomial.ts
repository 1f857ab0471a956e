import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawCategory } from "../math/draw.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Block } from "../rows/observations.ts";
import type { CompiledLikelihood } from "../solve/likelihood.ts";
import { halfDifference } from "./contrast.ts";
import { eachByNewton } from "./each-by-newton.ts";
import type { Law } from "./law.ts";
import { expertProduct, expertSums, logisticFew, logisticPosterior, logisticScores } from "./multinomial-kernel.ts";
import type { NaturalForm } from "./natural.ts";
import { aLabel } from "./responses.ts";
import { logSoftmax, softmaxCurvature, softmaxLikelihood, softmaxPenalty } from "./softmax.ts";

/**
 * Multinomial logistic experts, P(y = c | x) = softmax_c(x'β), with the first label as reference, β_0 = 0.
 *
 * @param labels the C labels in the order of their codes
 */
export function multinomial(labels: readonly string[]): Law {
  const classes = labels.length;
  const m = classes - 1;
  const logP = new Float64Array(classes * BLOCK_ROWS);

  const law: Law = {
    name: "logistic",
    response: aLabel,
    predictors: labels.slice(1),
    scale: undefined,
    penalty: softmaxPenalty(classes),
    isLocation: false,
    separable: "labels",
    natural: naturalForm(classes),
    kernel: { posterior: logisticPosterior, scores: logisticScores, few: logisticFew },

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
      for (let c = 0; c < logP.length; c++) logP[c] = Math.exp(logP[c]);
      for (let h = 0; h < m; h++) {
        for (let j = 0; j <= h; j++) {
          const [lower, upper] = [(h * m + j) * BLOCK_ROWS, (j * m + h) * BLOCK_ROWS];
          softmaxCurvature(logP, classes, h + 1, j + 1, rows, out, lower);
          out.copyWithin(upper, lower, lower + rows);
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

    tails: undefined,

    draw: (eta, at, random) => {
      return drawCategory(random, classes, (c) => (c === 0 ? 0 : eta[at + (c - 1) * BLOCK_ROWS]));
    },

    startColumns: labels.slice(1).map((_, c) => (code) => (code === c + 1 ? 1 : 0)),

    contrast: (first, second) => {
      const none = new Float64Array(first[0].length);
      const halves = [none, ...first].map((eta, c) => halfDifference(eta, [none, ...second][c]));
      return {
        halves: halves.flatMap((p, c) => halves.slice(0, c).map((q) => p.map((value, i) => value - q[i]))),
        noise: 1,
        pair: classes === 2 ? "logistic" : undefined,
      };
    },

    roundingReason: undefined,

    maximise: (experts, theta, assignment, data, effort) => {
      const k = experts.length;
      return eachByNewton(law, experts, theta, assignment, data, effort, (z) => {
        const likelihood = softmaxLikelihood(classes, sharesAtLabels(assignment, k, z), law.penalty);
        const compiled: CompiledLikelihood = {
          expansion: (coefficients, terms) => expertSums(k, z, classes, coefficients, assignment, data, terms),
          product: (coefficients, direction) => expertProduct(k, z, classes, coefficients, direction, assignment, data),
        };
        return { ...likelihood, compiled };
      });
    },
  };
  return law;
}

/** Fills the targets of expert z: each row's responsibility, at the row's label. */
function sharesAtLabels(assignment: Assignment, k: number, z: number): (block: Block, targets: Float64Array) => void {
  return ({ start, rows, weights, response }, targets) => {
    const { responsibilities } = assignment;
    targets.fill(0);
    for (let i = 0; i < rows; i++) {
      targets[response[i] * BLOCK_ROWS + i] = weights[i] * responsibilities[(start + i) * k + z];
    }
  };
}

/**
 * A multinomial logistic expert of C labels: u_c = a + x'β_c − lse_c(x'β), S = (1{y = c})_c, B = lse_c u.
 */
function naturalForm(classes: number): NaturalForm {
  const p = new Float64Array(classes);
  const logPartition = (eta: Float64Array, at: number): number => {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) top = Math.max(top, eta[at + c]);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(eta[at + c] - top);
    return top + Math.log(sum);
  };
  const means = (eta: Float64Array, at: number, out: Float64Array, to: number): void => {
    const normaliser = logPartition(eta, at);
    for (let c = 0; c < classes; c++) out[to + c] = Math.exp(eta[at + c] - normaliser);
  };
  const sum = (values: Float64Array, at: number): number => {
    let total = 0;
    for (let c = 0; c < classes; c++) total += values[at + c];
    return total;
  };
  return {
    size: classes,
    natural: (logit, b, out, to) => {
      out[to] = 0;
      for (let c = 1; c < classes; c++) out[to + c] = b[c - 1];
      const shift = logit - logPartition(out, to);
      for (let c = 0; c < classes; c++) out[to + c] += shift;
    },
    logPartition,
    means,
    statistic: (y, out) => {
      for (let c = 0; c < classes; c++) out[c] = y === c ? 1 : 0;
    },
    logBase: () => 0,
    divergence: (phi, eta, at) => {
      means(phi, at, p, 0);
      const shift = logPartition(eta, at) - logPartition(phi, at);
      let total = 0;
      for (let c = 0; c < classes; c++) total += p[c] * (phi[at + c] - eta[at + c] + shift);
      return total;
    },
    pullback: (eta, at, slope, out) => {
      means(eta, at, p, 0);
      const total = sum(slope, at);
      out[0] = total;
      for (let c = 1; c < classes; c++) out[c] = slope[at + c] - p[c] * total;
    },
    bending: (eta, at, target, out) => {
      means(eta, at, p, 0);
      const total = sum(target, at);
      for (let c = 1; c < classes; c++) {
        for (let e = 1; e < classes; e++) {
          out[(c - 1) * (classes - 1) + e - 1] = total * ((c === e ? p[c] : 0) - p[c] * p[e]);
        }
      }
    },
  };
}
