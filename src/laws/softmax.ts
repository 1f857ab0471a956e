import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Block } from "../rows/observations.ts";
import type { Likelihood } from "../solve/likelihood.ts";

/** Logits of the classes 0 … C − 1 (runs, from the start of `out`), 0 for the reference and η_c for the others from `at` on. */
export function softmaxLogits(eta: Float64Array, at: number, classes: number, rows: number, out: Float64Array): void {
  out.fill(0, 0, rows);
  for (let run = 0; run < (classes - 1) * BLOCK_ROWS; run += BLOCK_ROWS) {
    out.set(eta.subarray(at + run, at + run + rows), run + BLOCK_ROWS);
  }
}

/** Makes k runs of logits, of `rows` rows each, log-probabilities in place. */
export function normaliseLogits(logits: Float64Array, k: number, rows: number): void {
  for (let i = 0; i < rows; i++) {
    let top = logits[i];
    for (let at = i + BLOCK_ROWS; at < k * BLOCK_ROWS; at += BLOCK_ROWS) top = Math.max(top, logits[at]);
    let sum = 0;
    for (let at = i; at < k * BLOCK_ROWS; at += BLOCK_ROWS) sum += Math.exp(logits[at] - top);
    const normaliser = top + Math.log(sum);
    for (let at = i; at < k * BLOCK_ROWS; at += BLOCK_ROWS) logits[at] -= normaliser;
  }
}

/**
 * Log-probabilities of a softmax with a reference class, `log p_c = η_c − log(1 + Σ_j exp η_j)` and η_0 = 0.
 *
 * @param eta predictors of the classes 1 … C − 1 (runs of BLOCK_ROWS), from `at` on
 * @param out log-probabilities of the classes 0 … C − 1 (runs of BLOCK_ROWS), from its start
 */
export function logSoftmax(eta: Float64Array, at: number, classes: number, rows: number, out: Float64Array): void {
  softmaxLogits(eta, at, classes, rows, out);
  normaliseLogits(out, classes, rows);
}

/**
 * Coupling of the classes 1 … C − 1 by a penalty: ½ρ Σ_c ‖w_c − w̄‖² over all C classes, with w_0 = 0.
 *
 * Penalising the coefficients less their mean makes the fit independent of which class is the reference. Of two classes
 * it is ¼ρ‖w_1‖²: on the coefficients of the log-odds the prior has half the precision ρ.
 *
 * @returns I − 11'/C, (C − 1) × (C − 1)
 */
export function softmaxPenalty(classes: number): readonly number[] {
  const m = classes - 1;
  return Object.freeze(Array.from({ length: m * m }, (_, at) => (at % (m + 1) === 0 ? 1 : 0) - 1 / classes));
}

/**
 * The likelihood of a softmax regression on soft targets, Σ_i Σ_c t_ic log p_c(x_i).
 *
 * The gate's targets are the responsibilities; a logistic expert's are its responsibility at the row's label.
 *
 * @param targets fills the weighted targets of a block (C runs of BLOCK_ROWS)
 */
export function softmaxLikelihood(classes: number, targets: (block: Block, out: Float64Array) => void): Likelihood {
  const m = classes - 1;
  const p = new Float64Array(classes * BLOCK_ROWS);
  const target = new Float64Array(classes * BLOCK_ROWS);
  return {
    penalty: softmaxPenalty(classes),
    evaluate: (block, eta, score, curvature) => {
      const { rows } = block;
      targets(block, target);
      logSoftmax(eta, 0, classes, rows, p);
      let value = 0;
      for (let i = 0; i < rows; i++) {
        let total = 0;
        for (let at = i; at < p.length; at += BLOCK_ROWS) {
          // A class that is impossible and has no target adds nothing, not 0 × −∞.
          if (target[at] > 0) value += target[at] * p[at];
          total += target[at];
          p[at] = Math.exp(p[at]);
        }
        for (let h = 0; h < m; h++) {
          const ph = p[(h + 1) * BLOCK_ROWS + i];
          score[h * BLOCK_ROWS + i] = target[(h + 1) * BLOCK_ROWS + i] - total * ph;
          for (let j = 0; j <= h; j++) {
            const pj = p[(j + 1) * BLOCK_ROWS + i];
            curvature[(h * m + j) * BLOCK_ROWS + i] = total * ((h === j ? ph : 0) - ph * pj);
          }
        }
      }
      return value;
    },
  };
}
