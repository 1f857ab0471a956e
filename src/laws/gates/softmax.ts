import { BLOCK_ROWS } from "../../compute/blocks.ts";
import { type Assignment, readRuns } from "../../rows/assignment.ts";
import type { Observations } from "../../rows/observations.ts";
import type { Predictor } from "../../rows/predictor.ts";
import type { Effort } from "../../solve/effort.ts";
import type { CompiledLikelihood } from "../../solve/likelihood.ts";
import { maximiseByNewton } from "../../solve/newton.ts";
import { gateProduct, gateSums } from "../gaussian-kernel.ts";
import { softmaxCurvature, softmaxLikelihood, softmaxLogits, softmaxPenalty } from "../softmax.ts";
import type { Gate } from "./gate.ts";

/**
 * The softmax gate, P(z) = exp η_z / Σ_j exp η_j with η_1 = 0: multinomial logistic regression of the expert on the gate's
 * columns, expert 1 for reference. Its M-step is by Newton's method.
 */
export function softmaxGate(k: number): Gate {
  const m = k - 1;
  const total = new Float64Array(BLOCK_ROWS);
  const all = Array.from({ length: k }, (_, z) => z);
  return {
    nodes: [
      {
        part: "gate",
        first: 0,
        branches: Array.from({ length: k }, (_, z) => ({ name: `gate ${z + 1}`, experts: [z] })),
      },
    ],
    penalty: softmaxPenalty(k),
    branching: [k],

    logits: (eta, rows, out) => softmaxLogits(eta, 0, k, rows, out),

    runs: k,

    probabilities: (logGate, rows, out) => {
      for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
        for (let at = run; at < run + rows; at++) out[at] = Math.exp(logGate[at]);
      }
    },

    read: (z) => (z === 0 ? [] : [z - 1]),

    slopes: (z, _, rows, out) => {
      if (z > 0) out.fill(1, 0, rows);
    },

    scores: (g, r, rows, out) => {
      sumRuns(r, all, rows, total);
      for (let run = 0; run < m * BLOCK_ROWS; run += BLOCK_ROWS) {
        for (let i = 0, at = run; i < rows; i++, at++) out[at] = r[at + BLOCK_ROWS] - total[i] * g[at + BLOCK_ROWS];
      }
    },

    curvature: (g, r, h, j, rows, out) => {
      softmaxCurvature(g, k, h + 1, j + 1, rows, out, 0);
      sumRuns(r, all, rows, total);
      for (let i = 0; i < rows; i++) out[i] *= total[i];
    },

    curved: (g, r, u, rows, out) => {
      sumRuns(r, all, rows, total);
      for (let i = 0; i < rows; i++) {
        let mean = 0;
        for (let at = i; at < m * BLOCK_ROWS; at += BLOCK_ROWS) mean += g[at + BLOCK_ROWS] * u[at];
        for (let at = i; at < m * BLOCK_ROWS; at += BLOCK_ROWS)
          out[at] = total[i] * (g[at + BLOCK_ROWS] * (u[at] - mean));
      }
    },

    maximise: (gate, theta, assignment, data, effort) =>
      k === 1 ? 0 : maximiseSoftmax(gate, theta, assignment, data, effort),
  };
}

/** Sums the responsibilities of some experts. */
export function sumRuns(r: Float64Array, experts: readonly number[], rows: number, out: Float64Array): void {
  out.fill(0, 0, rows);
  for (const z of experts) for (let i = 0; i < rows; i++) out[i] += r[z * BLOCK_ROWS + i];
}

/**
 * Fits a softmax to the responsibilities of its classes, n × (m + 1) for m predictors, which need not sum to 1.
 *
 * @returns the first-order gain, in nats
 */
export function maximiseSoftmax(
  predictors: readonly Predictor[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
  effort?: Effort,
): number {
  const k = predictors.length + 1;
  const likelihood = softmaxLikelihood(k, ({ start, rows, weights }, targets) => {
    readRuns(assignment, start, rows, k, targets);
    for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) targets[run + i] *= weights[i];
    }
  });
  const compiled: CompiledLikelihood = {
    expansion: (coefficients, terms) => gateSums(k, coefficients, assignment, data, terms),
    product: (coefficients, direction) => gateProduct(k, coefficients, direction, assignment, data),
  };
  return maximiseByNewton({ ...likelihood, compiled }, predictors, theta, data, effort);
}
