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

// Scratch of the normaliser: run by run, many classes are read in the order in which they lie.
const top = new Float64Array(BLOCK_ROWS);
const sum = new Float64Array(BLOCK_ROWS);

/** Makes k runs of logits, of `rows` rows each, log-probabilities in place. */
export function normaliseLogits(logits: Float64Array, k: number, rows: number): void {
  top.set(logits.subarray(0, rows));
  sum.fill(0);
  for (let run = BLOCK_ROWS; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
    for (let i = 0; i < rows; i++) top[i] = Math.max(top[i], logits[run + i]);
  }
  for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
    for (let i = 0; i < rows; i++) sum[i] += Math.exp(logits[run + i] - top[i]);
  }
  for (let i = 0; i < rows; i++) top[i] += Math.log(sum[i]);
  for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
    for (let i = 0; i < rows; i++) logits[run + i] -= top[i];
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
 * Curvatures of Σ_c t_c log p_c by the predictors h and j (from 1), p_h (1{h = j} − p_j) for each row.
 *
 * On the diagonal stands p_h Σ_{c≠h} p_c: 1 − p_h has no digits left where a class is all but certain, and the matrix would
 * not be positive definite.
 *
 * @param p probabilities of the classes 0 … C − 1 (runs of BLOCK_ROWS)
 * @param out takes a run, from `to` on
 */
export function softmaxCurvature(
  p: Float64Array,
  classes: number,
  h: number,
  j: number,
  rows: number,
  out: Float64Array,
  to: number,
): void {
  const [own, other] = [h * BLOCK_ROWS, j * BLOCK_ROWS];
  if (h !== j) {
    for (let i = 0; i < rows; i++) out[to + i] = -p[own + i] * p[other + i];
    return;
  }
  out.fill(0, to, to + rows);
  for (let run = 0; run < classes * BLOCK_ROWS; run += BLOCK_ROWS) {
    if (run !== own) for (let i = 0; i < rows; i++) out[to + i] += p[run + i];
  }
  for (let i = 0; i < rows; i++) out[to + i] *= p[own + i];
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
 * @param penalty {@link softmaxPenalty}, where it is known
 */
export function softmaxLikelihood(
  classes: number,
  targets: (block: Block, out: Float64Array) => void,
  penalty: readonly number[] = softmaxPenalty(classes),
): Likelihood {
  const m = classes - 1;
  const p = new Float64Array(classes * BLOCK_ROWS);
  const target = new Float64Array(classes * BLOCK_ROWS);
  const total = new Float64Array(BLOCK_ROWS);
  /** Probabilities of a block's rows, and the sums of their targets. */
  const probabilities = (block: Block, eta: Float64Array): void => {
    targets(block, target);
    logSoftmax(eta, 0, classes, block.rows, p);
    total.fill(0, 0, block.rows);
    for (let run = 0; run < p.length; run += BLOCK_ROWS) {
      for (let i = 0, at = run; i < block.rows; i++, at++) {
        total[i] += target[at];
        p[at] = Math.exp(p[at]);
      }
    }
  };
  return {
    penalty,
    short: {
      product: (block, eta, u, out) => {
        probabilities(block, eta);
        for (let i = 0; i < block.rows; i++) {
          let mean = 0;
          for (let at = i; at < m * BLOCK_ROWS; at += BLOCK_ROWS) mean += p[at + BLOCK_ROWS] * u[at];
          for (let at = i; at < m * BLOCK_ROWS; at += BLOCK_ROWS) {
            out[at] = total[i] * p[at + BLOCK_ROWS] * (u[at] - mean);
          }
        }
      },
      masses: (block, eta, out) => {
        probabilities(block, eta);
        for (let at = 0; at < p.length; at++) out[at] = total[at % BLOCK_ROWS] * p[at];
      },
      diagonal: (block, eta, out) => {
        probabilities(block, eta);
        for (let h = 0; h < m; h++) {
          softmaxCurvature(p, classes, h + 1, h + 1, block.rows, out, h * BLOCK_ROWS);
          for (let i = 0; i < block.rows; i++) out[h * BLOCK_ROWS + i] *= total[i];
        }
      },
    },
    evaluate: (block, eta, score, curvature) => {
      const { rows } = block;
      targets(block, target);
      logSoftmax(eta, 0, classes, rows, p);
      let value = 0;
      total.fill(0, 0, rows);
      for (let run = 0; run < p.length; run += BLOCK_ROWS) {
        for (let i = 0, at = run; i < rows; i++, at++) {
          // A class that is impossible and has no target adds nothing, not 0 × −∞.
          if (target[at] > 0) value += target[at] * p[at];
          total[i] += target[at];
          p[at] = Math.exp(p[at]);
        }
      }
      for (let h = 0; h < m; h++) {
        const [own, run] = [(h + 1) * BLOCK_ROWS, h * BLOCK_ROWS];
        for (let i = 0; i < rows; i++) score[run + i] = target[own + i] - total[i] * p[own + i];
        for (let j = 0; curvature.length > 0 && j <= h; j++) {
          const to = (h * m + j) * BLOCK_ROWS;
          softmaxCurvature(p, classes, h + 1, j + 1, rows, curvature, to);
          for (let i = 0; i < rows; i++) curvature[to + i] *= total[i];
        }
      }
      return value;
    },
  };
}
