import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { blockCholesky } from "../math/block-cholesky.ts";
import { conjugateGradient } from "../math/conjugate-gradient.ts";
import { dot } from "../math/vector.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { classBlocks, classPreconditioner } from "./class-blocks.ts";
import { scaledBlocks } from "./head-block.ts";
import { type Expansion, type Likelihood, linearPredictors, pull, type ShortCurvature } from "./likelihood.ts";

/** Relative residuals of a direction far from the maximum, and as near to it as rounding lets them be. */
const LOOSEST = 0.1;
const TIGHTEST = 1e-10;
/** Iterations for a direction at the most. */
const MAX_ITERATIONS = 1000;
/** So many show that a preconditioner is another point's: where labels become certain, curvatures vanish by powers of ten. */
const MANY_ITERATIONS = 50;

/**
 * Expands a penalised log-likelihood without its Hessian: the direction is found by conjugate gradients from products.
 *
 * H v = Σ x C (x'v), with the curvatures C of each row found anew from its predictors, which are kept (n × m numbers).
 * The residual of a direction, relative to the gradient's, is at the most the root of the nats that it promises: then
 * what remains after the step is the square of what it covers, as after a whole Newton step. The preconditioner, a block
 * for each predictor with the columns' correlations, is made once, where the first direction is sought.
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
  const regression: Regression = {
    likelihood,
    predictors,
    data,
    size: predictors.length * predictors[0].at.length,
    score: new Float64Array(predictors.length * BLOCK_ROWS),
    unread: new Float64Array(likelihood.short ? 0 : predictors.length ** 2 * BLOCK_ROWS),
    short: likelihood.short ?? shortOf(likelihood, predictors.length),
  };
  let preconditioner: Preconditioner | undefined;
  return (theta) => {
    const at = expand(regression, theta);
    const { value, gradient } = at;
    const direction = (): Float64Array => {
      preconditioner ??= preconditionerAt(regression, at);
      const found = conjugateDirection(hessianProduct(regression, at), gradient, preconditioner, maxIterations);
      if (found.iterations > MANY_ITERATIONS) preconditioner = undefined;
      return found.direction;
    };
    return { value, gradient, direction, isOld: false };
  };
}

/** A likelihood in the linear predictors of some rows. */
interface Regression {
  readonly likelihood: Likelihood;
  readonly predictors: readonly Predictor[];
  readonly data: Observations;
  /** Coefficients of all predictors (m d). */
  readonly size: number;
  /** Scores of a block's rows (m runs): scratch for the next block. */
  readonly score: Float64Array;
  /** Takes curvatures that nobody reads. */
  readonly unread: Float64Array;
  readonly short: ShortCurvature;
}

/** Curvatures by their m × m runs. */
function shortOf({ evaluate }: Likelihood, m: number): ShortCurvature {
  const score = new Float64Array(m * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  return {
    product: (block, eta, u, out) => {
      evaluate(block, eta, score, curvature);
      out.fill(0);
      for (let h = 0; h < m; h++) {
        for (let j = 0; j < m; j++) {
          const run = (Math.max(h, j) * m + Math.min(h, j)) * BLOCK_ROWS;
          for (let i = 0; i < block.rows; i++) out[h * BLOCK_ROWS + i] += curvature[run + i] * u[j * BLOCK_ROWS + i];
        }
      }
    },
    diagonal: (block, eta, out) => {
      evaluate(block, eta, score, curvature);
      for (let h = 0; h < m; h++) {
        const run = h * (m + 1) * BLOCK_ROWS;
        out.set(curvature.subarray(run, run + block.rows), h * BLOCK_ROWS);
      }
    },
  };
}

/** Linear predictors at a point, block by block (m runs of BLOCK_ROWS). */
type Kept = readonly Float64Array[];

/** What is known at a point. */
interface Point {
  readonly theta: Float64Array;
  /** Coefficients of all predictors, one after the other: a part of θ. */
  readonly coefficients: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** Predictors there, found where they are asked for: a kernel does without. */
  readonly kept: () => Kept;
}

/** Value and gradient of the penalised log-likelihood at θ. */
function expand(regression: Regression, at: Float64Array): Point {
  const { likelihood, predictors, size } = regression;
  const theta = at.slice();
  const [first] = predictors[0].at;
  const coefficients = theta.subarray(first, first + size);
  let plain: ReturnType<typeof plainExpansion> | undefined;
  const byRows = (): ReturnType<typeof plainExpansion> => {
    plain ??= plainExpansion(regression, theta);
    return plain;
  };
  const sums = likelihood.compiled?.expansion(coefficients, "gradient") ?? byRows().sums;
  const gradient = sums.slice(1, 1 + size);
  const value = sums[0] - pull(likelihood, predictors, coefficients, gradient);
  return { theta, coefficients, value, gradient, kept: () => byRows().kept };
}

/** Value and gradient of the log-likelihood at θ, and the predictors there. */
function plainExpansion(
  { likelihood, predictors, data, size, score, unread }: Regression,
  theta: Float64Array,
): { readonly sums: Float64Array; readonly kept: Kept } {
  const [{ design, at }] = predictors;
  const d = at.length;
  const own = predictors.map((_, h) => places(1 + h * d, d));
  const kept: Float64Array[] = [];
  const sums = sumOver(data, 1 + size, (block, partial) => {
    const eta = new Float64Array(predictors.length * BLOCK_ROWS);
    linearPredictors(predictors, theta, block, eta);
    partial[0] += likelihood.evaluate(block, eta, score, unread);
    for (let h = 0; h < predictors.length; h++) {
      weightedSum(block.x[design], block.rows, score, h * BLOCK_ROWS, partial, own[h]);
    }
    kept.push(eta);
  });
  return { sums, kept };
}

/** Products H v with the negated Hessian at a point. */
function hessianProduct(
  { likelihood, predictors, data, size, short }: Regression,
  { coefficients, kept }: Point,
): (v: Float64Array) => Float64Array {
  const m = predictors.length;
  const [{ design, at }] = predictors;
  const d = at.length;
  const own = predictors.map((_, h) => places(h * d, d));
  const u = new Float64Array(m * BLOCK_ROWS);
  const weighted = new Float64Array(m * BLOCK_ROWS);
  const plain = (v: Float64Array): Float64Array => {
    const eta = kept();
    return sumOver(data, size, (block, partial) => {
      const x = block.x[design];
      for (let h = 0; h < m; h++) linearPredictor(x, block.rows, v, own[h], u, h * BLOCK_ROWS);
      short.product(block, eta[block.start / BLOCK_ROWS], u, weighted);
      for (let h = 0; h < m; h++) weightedSum(x, block.rows, weighted, h * BLOCK_ROWS, partial, own[h]);
    });
  };
  return (v) => {
    const image = likelihood.compiled?.product?.(coefficients, v) ?? plain(v);
    // The penalty's gradient is linear: at v it is Kv, and `pull` takes it off.
    const penalty = new Float64Array(size);
    pull(likelihood, predictors, v, penalty);
    predictors.forEach(({ fixed = [] }, h) => {
      for (const a of fixed) image[h * d + a] = 0;
    });
    return image.map((value, j) => value - penalty[j]);
  };
}

/** P⁻¹b, with a P that is near the negated Hessian. */
type Preconditioner = (b: Float64Array) => Float64Array;

/** That of all classes, where the columns are few; else of what is near the diagonal blocks, one for each predictor. */
function preconditionerAt(regression: Regression, at: Point): Preconditioner {
  const { likelihood, predictors, data, size, short } = regression;
  const m = predictors.length;
  if (short.masses !== undefined && predictors[0].at.length <= m) {
    const blocks = likelihood.compiled?.expansion(at.coefficients, "classes")?.subarray(1 + size);
    return classPreconditioner(predictors, blocks ?? classBlocks(predictors, data, short.masses, at.kept()));
  }
  const sums = likelihood.compiled?.expansion(at.coefficients, "diagonal")?.subarray(1 + size);
  const diagonals = sums ?? plainDiagonals(regression, at);
  return blockCholesky(scaledBlocks(predictors, data, diagonals, (h) => likelihood.penalty[h * (m + 1)])).solve;
}

/** The diagonal of the negated Hessian at a point, without a penalty. */
function plainDiagonals({ predictors, data, size, short }: Regression, at: Point): Float64Array {
  const [{ design, at: own }] = predictors;
  const d = own.length;
  const kept = at.kept();
  const curvature = new Float64Array(predictors.length * BLOCK_ROWS);
  return sumOver(data, size, (block, partial) => {
    const { values, start } = block.x[design];
    short.diagonal(block, kept[block.start / BLOCK_ROWS], curvature);
    for (let to = 0; to < size; to++) {
      const [x, run] = [values[to % d], Math.floor(to / d) * BLOCK_ROWS];
      for (let i = 0; i < block.rows; i++) partial[to] += curvature[run + i] * x[start + i] ** 2;
    }
  });
}

/** H⁻¹g by conjugate gradients, as near as the nats that it promises are worth. */
function conjugateDirection(
  product: (v: Float64Array) => Float64Array,
  gradient: Float64Array,
  solve: Preconditioner,
  maxIterations: number,
): { readonly direction: Float64Array; readonly iterations: number } {
  const steepest = solve(gradient);
  const promised = Math.sqrt(Math.max(0, dot(gradient, steepest)));
  const found = conjugateGradient(product, gradient, {
    precondition: solve,
    tolerance: Math.min(LOOSEST, Math.max(TIGHTEST, promised)),
    maxIterations,
  });
  // In a direction that is flat to rounding there is no step but the gradient's.
  return { direction: found.iterations === 0 ? steepest : found.x, iterations: found.iterations };
}
