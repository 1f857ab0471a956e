import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { type BlockFactor, blockCholesky } from "../math/block-cholesky.ts";
import { conjugateGradient } from "../math/conjugate-gradient.ts";
import { dot } from "../math/vector.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { headBlock } from "./head-block.ts";
import { type Expansion, type Likelihood, pull } from "./likelihood.ts";

/** Relative residuals of a direction far from the maximum, and as near to it as rounding lets them be. */
const LOOSEST = 0.1;
const TIGHTEST = 1e-10;
/** Iterations for a direction at the most. */
const MAX_ITERATIONS = 1000;

/**
 * Expands a penalised log-likelihood without its Hessian: the direction is found by conjugate gradients from products.
 *
 * H v = Σ x C (x'v), with the curvatures C of each row found anew from its predictors, which are kept (n × m numbers).
 * The residual of a direction, relative to the gradient's, is at the most the root of the nats that it promises: then
 * what remains after the step is the square of what it covers, as after a whole Newton step. The preconditioner, a block
 * for each predictor, is made once, where the first direction is sought.
 *
 * @param maxIterations for a direction; cut short it still leads upwards
 * @remarks cost of a point: 2n·m d multiplications; of a direction as many for each iteration, 10 to 50 as a rule.
 *   Dembo, Eisenstat and Steihaug 1982.
 */
export function matrixFreeExpansion(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  data: Observations,
  maxIterations: number = MAX_ITERATIONS,
): (theta: Float64Array) => Expansion {
  const m = predictors.length;
  const { design, size: d, offset } = predictors[0];
  const p = m * d;
  const score = new Float64Array(m * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const u = new Float64Array(m * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  let preconditioner: BlockFactor | undefined;

  /** H v at the point whose predictors are kept. */
  const product = (kept: readonly Float64Array[], v: Float64Array): Float64Array => {
    const image = sumOver(data, p, (block, partial) => {
      const x = block.x[design];
      likelihood.evaluate(block, kept[block.start / BLOCK_ROWS], score, curvature);
      for (let h = 0; h < m; h++) linearPredictor(x, block.rows, v, h * d, u, h * BLOCK_ROWS);
      for (let h = 0; h < m; h++) {
        weight.fill(0);
        for (let j = 0; j < m; j++) {
          const run = (Math.max(h, j) * m + Math.min(h, j)) * BLOCK_ROWS;
          for (let i = 0; i < block.rows; i++) weight[i] += curvature[run + i] * u[j * BLOCK_ROWS + i];
        }
        weightedSum(x, block.rows, weight, 0, partial, h * d);
      }
    });
    // The penalty's gradient is linear: its pull at v is −Kv.
    const penalty = new Float64Array(p);
    pull(likelihood, predictors, v, penalty);
    predictors.forEach(({ held = [] }, h) => {
      for (const a of held) image[h * d + a] = 0;
    });
    return image.map((value, j) => value - penalty[j]);
  };

  const precondition = (kept: readonly Float64Array[]): BlockFactor =>
    blockCholesky(
      predictors.map((predictor, h) => {
        const own = (h * m + h) * BLOCK_ROWS;
        const weights = headBlock(
          predictor,
          data,
          (block) => {
            likelihood.evaluate(block, kept[block.start / BLOCK_ROWS], score, curvature);
            return curvature.subarray(own, own + BLOCK_ROWS);
          },
          likelihood.penalty[h * m + h],
        );
        return { ...weights, offset: h * d };
      }),
    );

  return (theta) => {
    const kept: Float64Array[] = [];
    const sums = sumOver(data, 1 + p, (block, partial) => {
      const x = block.x[design];
      const eta = new Float64Array(m * BLOCK_ROWS);
      for (let h = 0; h < m; h++) linearPredictor(x, block.rows, theta, offset + h * d, eta, h * BLOCK_ROWS);
      // The offset is a part of each expert's first predictor, and of no gate's.
      if (design === "expert") for (let i = 0; i < block.rows; i++) eta[i] += block.offset[i];
      partial[0] += likelihood.evaluate(block, eta, score, curvature);
      for (let h = 0; h < m; h++) weightedSum(x, block.rows, score, h * BLOCK_ROWS, partial, 1 + h * d);
      kept.push(eta);
    });
    const gradient = sums.slice(1);
    const value = sums[0] - pull(likelihood, predictors, theta.subarray(offset, offset + p), gradient);
    const direction = (): Float64Array => {
      preconditioner ??= precondition(kept);
      const { solve } = preconditioner;
      const steepest = solve(gradient);
      const promised = Math.sqrt(Math.max(0, dot(gradient, steepest)));
      const found = conjugateGradient((v) => product(kept, v), gradient, {
        precondition: solve,
        tolerance: Math.min(LOOSEST, Math.max(TIGHTEST, promised)),
        maxIterations,
      });
      // In a direction that is flat to rounding there is no step but the gradient's.
      return found.iterations === 0 ? steepest : found.x;
    };
    return { value, gradient, direction, isOld: false };
  };
}
