import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type Columns, linearPredictor, weightedGram, weightedSum } from "../compute/kernels.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { momentSums } from "./gaussian-kernel.ts";

/** Sums of one expert over its weighted rows, about the residuals e of its present coefficients. */
export interface Moments {
  /** Number of the expert, from 1. */
  expert: number;
  /** Σ w */
  weight: number;
  /** Σ w e² */
  square: number;
  /** Σ w x e (d) */
  cross: Float64Array;
  /** Σ w x x' (d × d) */
  gram: Float64Array;
}

/**
 * The normal equations about the present residuals: their solution is the *change* of β, and the new residual sum of
 * squares comes without a second pass and without cancellation once the changes are small.
 */
export function residualMoments(
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
): Moments[] {
  const k = experts.length;
  const d = experts[0][0].at.length;
  const each = 2 + d + d * d;
  const residual = new Float64Array(BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const crosses = experts.map((_, z) => places(z * each + 2, d));
  const plain = (): Float64Array =>
    sumOver(data, k * each, (block, partial) => {
      const { rows, start, response, offset, weights } = block;
      const { responsibilities } = assignment;
      const x = block.x.expert;
      for (let z = 0; z < k; z++) {
        linearPredictor(x, rows, theta, experts[z][0].at, residual, 0);
        for (let i = 0; i < rows; i++) {
          weight[i] = weights[i] * responsibilities[(start + i) * k + z];
          residual[i] = response[i] - offset[i] - residual[i];
        }
        addMoments(x, rows, weight, residual, crosses[z], each, z, partial);
      }
    });
  return momentsOf(momentSums(experts, theta, assignment, data) ?? plain(), k, d);
}

/** Adds an expert's moments in one block; leaves w e in place of the residuals e. */
export function addMoments(
  x: Columns,
  rows: number,
  weight: Float64Array,
  residual: Float64Array,
  cross: readonly number[],
  each: number,
  z: number,
  sums: Float64Array,
): void {
  const at = z * each;
  for (let i = 0; i < rows; i++) {
    const [w, e] = [weight[i], residual[i]];
    residual[i] = w * e;
    sums[at] += w;
    sums[at + 1] += w * e * e;
  }
  weightedSum(x, rows, residual, 0, sums, cross);
  weightedGram(x, x, rows, weight, 0, sums, at + 2 + cross.length);
}

/** The moments of each expert, which stand one after the other: the sums are theirs from then on. */
export function momentsOf(sums: Float64Array, k: number, d: number): Moments[] {
  const each = 2 + d + d * d;
  return Array.from({ length: k }, (_, z) => ({
    expert: z + 1,
    weight: sums[z * each],
    square: sums[z * each + 1],
    cross: sums.subarray(z * each + 2, z * each + 2 + d),
    gram: sums.subarray(z * each + 2 + d, (z + 1) * each),
  }));
}
