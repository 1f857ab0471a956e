import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import { blockCholesky } from "../math/block-cholesky.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { precisionOf } from "./coupling.ts";
import type { ShortCurvature } from "./likelihood.ts";

/**
 * Preconditioner of a softmax's Hessian: with all C classes it is D − UU', where D has a block Σ u_c xx' for each class and
 * UU' is what the classes share of each row. Without the reference's predictor the inverse of D is that of the other blocks,
 * and for all pairs of classes the reference's.
 *
 * D⁻¹(D − UU') has the eigenvalues 1 − ρ², with the correlations ρ between classes and rows: a few, if columns are few. A
 * class that has all but vanished is a block of its own size, where the Hessian is all but singular.
 *
 * @param blocks those of all classes, the reference first, without a penalty (C times d × d)
 * @returns P⁻¹b
 * @remarks cost d³/6 multiplications for each class, d² for each solution
 */
export function classPreconditioner(
  predictors: readonly Predictor[],
  blocks: Float64Array,
): (b: Float64Array) => Float64Array {
  const d = predictors[0].at.length;
  const m = predictors.length;
  const precision = precisionOf(predictors[0]);
  const { solve } = blockCholesky(
    Array.from({ length: m + 1 }, (_, c) => ({
      at: places(c * d, d),
      entries: blocks
        .slice(c * d * d, (c + 1) * d * d)
        .map((entry, at) => entry + precision(Math.floor(at / d), at % d)),
    })),
  );
  const fixed = predictors.flatMap(({ fixed: own = [] }, h) => own.map((j) => h * d + j));
  return (b) => {
    const all = new Float64Array((m + 1) * d);
    all.set(b, d);
    for (const j of fixed) all[d + j] = 0;
    for (let at = 0; at < m * d; at++) all[at % d] -= all[d + at];
    const found = solve(all);
    const out = found.slice(d);
    for (let at = 0; at < m * d; at++) out[at] -= found[at % d];
    for (const j of fixed) out[j] = 0;
    return out;
  };
}

/** The blocks of all classes at predictors that are kept, without a penalty. */
export function classBlocks(
  predictors: readonly Predictor[],
  data: Observations,
  masses: NonNullable<ShortCurvature["masses"]>,
  kept: readonly Float64Array[],
): Float64Array {
  const [{ design, at }] = predictors;
  const [d, classes] = [at.length, predictors.length + 1];
  const mass = new Float64Array(classes * BLOCK_ROWS);
  return sumOver(data, classes * d * d, (block, partial) => {
    masses(block, kept[block.start / BLOCK_ROWS], mass);
    const x = block.x[design];
    for (let c = 0; c < classes; c++) weightedGram(x, x, block.rows, mass, c * BLOCK_ROWS, partial, c * d * d);
  });
}
