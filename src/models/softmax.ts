import { BLOCK_ROWS } from "../compute/blocks.ts";

/**
 * Log-probabilities of a softmax with a reference class, `log p_c = η_c − log(1 + Σ_j exp η_j)` and η_0 = 0.
 *
 * Used twice: the gate's classes are the experts, a logistic expert's classes are the labels.
 *
 * @param eta predictors of the classes 1 … C − 1 (runs of BLOCK_ROWS), from `at` on
 * @param out log-probabilities of the classes 0 … C − 1 (runs of BLOCK_ROWS), from its start
 */
export function logSoftmax(eta: Float64Array, at: number, classes: number, rows: number, out: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    let top = 0;
    for (let c = 1; c < classes; c++) top = Math.max(top, eta[at + (c - 1) * BLOCK_ROWS + i]);
    let sum = Math.exp(-top);
    for (let c = 1; c < classes; c++) sum += Math.exp(eta[at + (c - 1) * BLOCK_ROWS + i] - top);
    const normaliser = top + Math.log(sum);
    out[i] = -normaliser;
    for (let c = 1; c < classes; c++) out[c * BLOCK_ROWS + i] = eta[at + (c - 1) * BLOCK_ROWS + i] - normaliser;
  }
}

/**
 * Ridge coupling of the classes 1 … C − 1: ½ρ Σ_c ‖w_c − w̄‖² over all C classes, with w_0 = 0.
 *
 * Penalising the coefficients less their mean makes the fit independent of which class is the reference.
 *
 * @returns I − 11'/C, (C − 1) × (C − 1)
 */
export function softmaxPenalty(classes: number): Float64Array {
  const m = classes - 1;
  return Float64Array.from({ length: m * m }, (_, at) => (at % (m + 1) === 0 ? 1 : 0) - 1 / classes);
}
