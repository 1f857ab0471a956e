import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import { predictorCount } from "../laws/law.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { addGram } from "../solve/gram.ts";
import { blockPosterior } from "./e-step.ts";
import type { Mixture } from "./mixture.ts";

/** Coefficients that run off together: those of a node of the gate, or of one expert. */
export interface Part {
  readonly name: string;
  readonly heads: readonly Predictor[];
  readonly coupling: readonly number[];
  /** The experts, from 0, whose rows are the part's. */
  readonly experts: readonly number[];
  /** The first of its predictors among those of the gate; absent: they are an expert's. */
  readonly first?: number;
}

/** Of one part: Σ w r, Σ w r xx' of its columns (d × d), and its complete information, without priors (q × q). */
export function partInformation(
  model: Mixture,
  { heads, experts, first }: Part,
  theta: Float64Array,
  data: Observations,
): { readonly weight: number; readonly gram: Float64Array; readonly curvature: Float64Array } {
  const { law, gateLaw } = model;
  const [{ at, design }] = heads;
  const d = at.length;
  const m = heads.length;
  const q = m * d;
  const local = heads.map((head, h) => ({ ...head, at: places(h * d, d) }));
  const evaluate = blockPosterior(model, theta, data);
  // An expert's curvatures have runs for its scale as well.
  const all = first === undefined ? predictorCount(law) : m;
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const curvature = new Float64Array(all * all * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const share = new Float64Array(BLOCK_ROWS);
  const sums = sumOver(data, 1 + d * d + q * q, (block, partial) => {
    const { eta, logGate, responsibilities: r } = evaluate(block);
    const { rows } = block;
    const weights = first === undefined ? block.weights : block.unitWeights;
    share.fill(0, 0, rows);
    for (const z of experts) for (let i = 0; i < rows; i++) share[i] += r[z * BLOCK_ROWS + i];
    if (first === undefined) law.curvature(block, eta, experts[0] * all * BLOCK_ROWS, curvature);
    else gateLaw.probabilities(logGate, rows, probabilities);
    for (let i = 0; i < rows; i++) {
      weight[i] = weights[i] * share[i];
      partial[0] += weight[i];
    }
    weightedGram(block.x[design], block.x[design], rows, weight, 0, partial, 1);
    for (let h = 0; h < m; h++) {
      for (let j = 0; j <= h; j++) {
        const run = curvature.subarray((h * all + j) * BLOCK_ROWS);
        // The curvature of a gate counts the responsibilities itself.
        if (first === undefined) for (let i = 0; i < rows; i++) weight[i] = weights[i] * share[i] * run[i];
        else {
          gateLaw.curvature(probabilities, r, first + h, first + j, rows, run);
          for (let i = 0; i < rows; i++) weight[i] = weights[i] * run[i];
        }
        addGram(block, local[h], local[j], weight, 0, partial.subarray(1 + d * d), q, h !== j);
      }
    }
  });
  return { weight: sums[0], gram: sums.slice(1, 1 + d * d), curvature: sums.slice(1 + d * d) };
}
