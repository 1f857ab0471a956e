import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import type { Block } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";

/** A predictor that the complete-data score of an expert's rows reads. */
export interface Head {
  readonly predictor: Predictor;
  /** The expert, from 0. */
  readonly expert: number;
  /** Where its run of scores stands. */
  readonly run: number;
}

/** What log P(z) p_z(y) depends on, expert by expert: first the gate's predictors, then the experts' own. */
export function headsOf({ gateLaw, gate, experts }: Parts): readonly Head[] {
  return [
    ...experts.flatMap((_, z) => gateLaw.read(z).map((h) => ({ predictor: gate[h], expert: z }))),
    ...experts.flatMap((predictors, z) => predictors.map((predictor) => ({ predictor, expert: z }))),
  ].map((head, at) => ({ ...head, run: at * BLOCK_ROWS }));
}

/**
 * The scores ∂ log P(z) p_z(y)/∂η of one block, a run for each head, less what a row's experts have in common: a function to
 * be called block after block, with scratch of its own, from the experts' predictors and the gate's probabilities.
 */
export function blockScores(
  parts: Parts,
): (block: Block, eta: Float64Array, probabilities: Float64Array) => Float64Array {
  const { law, gateLaw, experts } = parts;
  const [k, m] = [experts.length, predictorCount(law)];
  const starts = Array.from({ length: k + 1 }, (_, z) => {
    return Array.from({ length: z }, (_, y) => gateLaw.read(y).length).reduce((sum, count) => sum + count, 0);
  });
  const scores = new Float64Array((starts[k] + k * m) * BLOCK_ROWS);
  return (block, eta, probabilities) => {
    for (let z = 0; z < k; z++) {
      const [from, to] = [starts[z], starts[z + 1]];
      if (to > from) {
        gateLaw.slopes(z, probabilities, block.rows, scores.subarray(from * BLOCK_ROWS, to * BLOCK_ROWS));
      }
      law.scores(block, eta, z * m * BLOCK_ROWS, scores, (starts[k] + z * m) * BLOCK_ROWS);
    }
    return scores;
  };
}
