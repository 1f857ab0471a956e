import { BLOCK_ROWS } from "../compute/blocks.ts";
import { predictorCount } from "../laws/law.ts";
import { blockPredictors } from "../models/e-step.ts";
import type { Mixture } from "../models/mixture.ts";
import { type Observations, sumOver } from "../rows/observations.ts";

// Starts of a fit of k experts from what one of k − 1 or k + 1 has found.

/** What of a row that one of two halves has is the half's; the rest is the other's. */
const OWN = 0.9;

/** Where a fit of k experts stands: its model, parameters, and responsibilities (n × k row-major). */
export interface Standing {
  readonly mixture: Mixture;
  readonly theta: Float64Array;
  readonly responsibilities: Float64Array;
}

/**
 * Responsibilities of k + 1 experts: for each expert those with its rows split in two, above and below what it expects.
 *
 * @remarks by the sign of the score of its first predictor, which of a unit is the sum over its rows
 */
export function splits({ mixture, theta, responsibilities }: Standing, data: Observations): readonly Float64Array[] {
  const k = mixture.experts.length;
  const scores = firstScores(mixture, theta, data);
  return Array.from({ length: k }, (_, z) => {
    const out = new Float64Array(data.rows * (k + 1));
    for (let i = 0; i < data.rows; i++) {
      for (let y = 0; y < k; y++) out[i * (k + 1) + y] = responsibilities[i * k + y];
      const own = responsibilities[i * k + z];
      const share = scores[z * data.rows + (data.units?.[i] ?? i)] >= 0 ? OWN : 1 - OWN;
      out[i * (k + 1) + z] = own * share;
      out[i * (k + 1) + k] = own * (1 - share);
    }
    return out;
  });
}

/** Responsibilities of k − 1 experts: for each pair of experts those with the two made one. */
export function merges({ mixture, responsibilities }: Standing): readonly Float64Array[] {
  const k = mixture.experts.length;
  const pairs = Array.from({ length: k }, (_, z) => Array.from({ length: z }, (__, y) => [y, z] as const)).flat();
  return pairs.map(([one, other]) => {
    const out = new Float64Array((responsibilities.length / k) * (k - 1));
    responsibilities.forEach((r, at) => {
      const z = at % k;
      const place = z === other ? one : z - (z > other ? 1 : 0);
      out[Math.floor(at / k) * (k - 1) + place] += r;
    });
    return out;
  });
}

/** Scores of each expert's first predictor, of each unit (k × n, of which units take the first places). */
function firstScores(mixture: Mixture, theta: Float64Array, data: Observations): Float64Array {
  const { law, experts } = mixture;
  const m = predictorCount(law);
  const out = new Float64Array(experts.length * data.rows);
  const predict = blockPredictors(mixture, theta);
  const score = new Float64Array(m * BLOCK_ROWS);
  sumOver(data, 0, (block) => {
    const { eta } = predict(block);
    for (let z = 0; z < experts.length; z++) {
      law.scores(block, eta, z * m * BLOCK_ROWS, score, 0);
      for (let i = 0; i < block.rows; i++) {
        out[z * data.rows + (data.units?.[block.start + i] ?? block.start + i)] += score[i];
      }
    }
  });
  return out;
}
