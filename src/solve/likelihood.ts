import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor } from "../compute/kernels.ts";
import type { Block } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";

/** Curvatures of a block's rows at the predictors `eta`, of which no matrix is made. */
export interface ShortCurvature {
  /** Their products with vectors u (m runs each). */
  readonly product: (block: Block, eta: Float64Array, u: Float64Array, out: Float64Array) => void;
  /** Their diagonals (m runs). */
  readonly diagonal: (block: Block, eta: Float64Array, out: Float64Array) => void;
  /**
   * Of a softmax the u of all m + 1 classes (m + 1 runs, the reference first): the curvature is diag(u) − uu'/Σu, without its
   * first row and column. Absent: it is of another kind.
   */
  readonly masses?: (block: Block, eta: Float64Array, out: Float64Array) => void;
}

/** A concave log-likelihood in m linear predictors, seen block by block. */
export interface Likelihood {
  /** How a penalty couples the predictors (m × m). */
  readonly penalty: readonly number[];
  /**
   * The block's sum of log-likelihoods at the predictors `eta` (m runs of BLOCK_ROWS), with the weighted score (m runs)
   * and curvature (m × m runs, of which the lower triangle counts) of each row.
   */
  readonly evaluate: (block: Block, eta: Float64Array, score: Float64Array, curvature: Float64Array) => number;
  /** The same curvatures without their m × m runs, which `evaluate` then need not be given room for; absent: they are made. */
  readonly short?: ShortCurvature;
  /** Its sums over rows by a kernel; absent: block by block. */
  readonly compiled?: CompiledLikelihood;
}

/**
 * What is summed of an expansion: the value; the gradient, too (m runs of d); and of the negated Hessian its diagonal (m runs of
 * d), the blocks of all pairs of predictors (d × d each), the same to seven digits, or those of the bound that
 * {@link ShortCurvature.masses} are of, one for each class, the reference first.
 */
export type Terms = "value" | "gradient" | "diagonal" | "all" | "rough" | "classes";

/** Sums of a log-likelihood over rows, as a kernel computes them; nothing where the plain code has to. */
export interface CompiledLikelihood {
  /** What is asked for, or what begins with it. */
  readonly expansion: (coefficients: Float64Array, terms: Terms) => Float64Array | undefined;
  /** Product of the negated Hessian with a direction (m runs of d); absent: never compiled. */
  readonly product?: (coefficients: Float64Array, direction: Float64Array) => Float64Array | undefined;
}

/** A penalised log-likelihood about a point: all that a Newton step needs. */
export interface Expansion {
  readonly value: number;
  /** By the coefficients of all predictors, 0 where they are fixed. */
  readonly gradient: Float64Array;
  /** H⁻¹g for the negated Hessian H and the gradient g, or as near as it was looked for. */
  readonly direction: () => Float64Array;
  /** The expansion about where the search is by now, with this Hessian as it changes on the way; absent where none is kept. */
  readonly elsewhere?: () => Expansion;
  /** The value where the search is by now, alone; absent where an expansion costs little more. */
  readonly heightElsewhere?: () => number;
  /** Whether the Hessian comes from another point. */
  readonly isOld: boolean;
}

/** Linear predictors of a block's rows at θ (m runs of BLOCK_ROWS). */
export function linearPredictors(
  predictors: readonly Predictor[],
  theta: Float64Array,
  block: Block,
  eta: Float64Array,
): void {
  const [{ design }] = predictors;
  for (let h = 0; h < predictors.length; h++) {
    linearPredictor(block.x[design], block.rows, theta, predictors[h].at, eta, h * BLOCK_ROWS);
  }
  // The rows' offset is a part of each expert's first predictor, and of no gate's.
  if (design === "expert") for (let i = 0; i < block.rows; i++) eta[i] += block.offset[i];
}

/**
 * Takes the penalty's pull off a gradient, and sets it to 0 where coefficients are fixed.
 *
 * @param coefficients of all predictors, one after the other
 * @returns the penalty, in nats
 */
export function pull(
  { penalty }: Pick<Likelihood, "penalty">,
  predictors: readonly Predictor[],
  coefficients: Float64Array,
  gradient: Float64Array,
): number {
  const m = predictors.length;
  const [{ at, ridge = 0, prior }] = predictors;
  const d = at.length;
  let total = 0;
  const forces = ridge === 0 && prior === undefined ? undefined : uncoupled(ridge, prior, coefficients, d);
  for (let h = 0; forces && h < m; h++) {
    for (let a = 0; a < d; a++) {
      let force = 0;
      for (let j = 0; j < m; j++) force += penalty[h * m + j] * forces[j * d + a];
      gradient[h * d + a] -= force;
      total += 0.5 * force * coefficients[h * d + a];
    }
  }
  predictors.forEach(({ fixed = [] }, h) => {
    for (const a of fixed) gradient[h * d + a] = 0;
  });
  return total;
}

/** (ρI + P)θ_h of each predictor h, whatever couples them. */
function uncoupled(
  ridge: number,
  prior: readonly number[] | undefined,
  coefficients: Float64Array,
  d: number,
): Float64Array {
  const out = new Float64Array(coefficients.length);
  for (let at = 0; at < out.length; at++) {
    const [from, row] = [at - (at % d), (at % d) * d];
    let sum = ridge * coefficients[at];
    for (let b = 0; prior && b < d; b++) sum += prior[row + b] * coefficients[from + b];
    out[at] = sum;
  }
  return out;
}
