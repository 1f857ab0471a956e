import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import { exponentials } from "../laws/gates/gate.ts";
import { predictorCount } from "../laws/law.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { addGram } from "../solve/gram.ts";
import { blockPosterior } from "./e-step.ts";
import type { Mixture } from "./mixture.ts";

/** Coefficients that run off together: those of the gate, or of one expert. */
export interface Part {
  readonly name: string;
  readonly heads: readonly Predictor[];
  readonly coupling: readonly number[];
  /** The expert, from 0; absent: the gate. */
  readonly expert?: number;
}

/** Of one part: Σ w r, Σ w r xx' of its columns (d × d), and its complete information, without priors (q × q). */
export function partInformation(
  model: Mixture,
  { heads, expert }: Part,
  theta: Float64Array,
  data: Observations,
): { readonly weight: number; readonly gram: Float64Array; readonly curvature: Float64Array } {
  const { law, gateLaw } = model;
  const k = model.experts.length;
  const [{ at, design }] = heads;
  const d = at.length;
  const m = heads.length;
  const q = m * d;
  const local = heads.map((head, h) => ({ ...head, at: places(h * d, d) }));
  const evaluate = blockPosterior(model, theta, data);
  // An expert's curvatures have runs for its scale as well.
  const all = expert === undefined ? m : predictorCount(law);
  const probabilities = new Float64Array(k * BLOCK_ROWS);
  const curvature = new Float64Array(all * all * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const sums = sumOver(data, 1 + d * d + q * q, (block, partial) => {
    const { eta, logGate, responsibilities: r } = evaluate(block);
    const { rows } = block;
    const weights = expert === undefined ? block.unitWeights : block.weights;
    const share = (i: number): number => (expert === undefined ? 1 : r[expert * BLOCK_ROWS + i]);
    if (expert === undefined) exponentials(logGate, k, rows, probabilities);
    else law.curvature(block, eta, expert * all * BLOCK_ROWS, curvature);
    for (let i = 0; i < rows; i++) {
      weight[i] = weights[i] * share(i);
      partial[0] += weight[i];
    }
    weightedGram(block.x[design], block.x[design], rows, weight, 0, partial, 1);
    for (let h = 0; h < m; h++) {
      for (let j = 0; j <= h; j++) {
        const run = curvature.subarray((h * all + j) * BLOCK_ROWS);
        if (expert === undefined) gateLaw.curvature(probabilities, r, h, j, rows, run);
        for (let i = 0; i < rows; i++) weight[i] = weights[i] * share(i) * run[i];
        addGram(block, local[h], local[j], weight, 0, partial.subarray(1 + d * d), q, h !== j);
      }
    }
  });
  return { weight: sums[0], gram: sums.slice(1, 1 + d * d), curvature: sums.slice(1 + d * d) };
}
