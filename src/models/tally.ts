import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Parts } from "../laws/law.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { blockPosterior } from "./e-step.ts";

/** What one pass over the rows says of whose they are; a unit counts once. */
export interface Tally {
  readonly logLikelihood: number;
  /** Share of the units' weight that each expert answers for (k). */
  readonly shares: readonly number[];
  /** Weight of all rows, those of a unit one by one. */
  readonly total: number;
  /** −Σ w r log r and −Σ w log max r of the responsibilities, in nats. */
  readonly entropy: number;
  readonly doubt: number;
}

/** Sums over the responsibilities at θ, of rows wherever they are. */
export function tallyOf(parts: Parts, theta: Float64Array, data: Observations): Tally {
  const k = parts.experts.length;
  const evaluate = blockPosterior(parts, theta, data);
  const sums = sumOver(data, k + 4, (block, partial) => {
    const { responsibilities, logLikelihood } = evaluate(block);
    for (let i = 0; i < block.rows; i++) {
      partial[k + 3] += block.weights[i];
      const weight = block.unitWeights[i];
      if (weight === 0) continue;
      let most = 0;
      for (let z = 0; z < k; z++) {
        const r = responsibilities[z * BLOCK_ROWS + i];
        partial[z] += weight * r;
        if (r > 0) partial[k] -= weight * r * Math.log(r);
        most = Math.max(most, r);
      }
      partial[k + 1] -= weight * Math.log(most);
      partial[k + 2] += weight * logLikelihood[i];
    }
  });
  const own = Array.from(sums.subarray(0, k));
  const weight = own.reduce((sum, each) => sum + each, 0);
  const shares = own.map((each) => each / weight);
  return { shares, entropy: sums[k], doubt: sums[k + 1], logLikelihood: sums[k + 2], total: sums[k + 3] };
}
