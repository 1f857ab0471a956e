import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedGram, weightedSum } from "../compute/kernels.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { dot } from "../math/vector.ts";
import type { Predictor } from "./family.ts";
import { takeOut } from "./held.ts";
import { type Block, type Observations, sumOver } from "./observations.ts";

/** A concave log-likelihood in m linear predictors, seen block by block. */
export interface Likelihood {
  /** How the ridge penalty couples the predictors, times the ridge (m × m). */
  readonly penalty: Float64Array;
  /**
   * The block's sum of log-likelihoods at the predictors `eta` (m runs of BLOCK_ROWS), with the weighted score (m runs)
   * and curvature (m × m runs) of each row.
   */
  readonly evaluate: (block: Block, eta: Float64Array, score: Float64Array, curvature: Float64Array) => number;
}

/** A step is the last when it promises less than this, in nats: what remains after it is the square of what it covers. */
const LAST_STEP = 1e-14;
/** How often a step is halved at the most: the first one from 0 towards a count overshoots by the count. */
const SHORTEST = 2 ** -60;
const MAX_STEPS = 60;

interface Expansion {
  value: number;
  gradient: Float64Array;
  hessian: Float64Array;
}

/**
 * Maximises a generalised linear model's weighted log-likelihood by damped Newton steps, writing into `theta`.
 *
 * Where the likelihood has no finite maximiser (a class that is perfectly separated) each step gains a fixed part of
 * what is left, and the search ends, with finite coefficients, when that is nothing.
 *
 * @param predictors the m predictors, all of one design and one after the other in `theta`
 * @param steps at the most; by default enough to converge
 * @returns the first-order gain ⟨g, θ⁺ − θ⟩ with the gradient g at the start, in nats
 * @remarks cost of a step: n·(m d)²/2 multiplications
 */
export function maximiseByNewton(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  theta: Float64Array,
  data: Observations,
  steps: number = MAX_STEPS,
): number {
  const [first] = predictors;
  const p = first.size * predictors.length;
  const here = theta.subarray(first.offset, first.offset + p);
  const start = here.slice();
  const initial = expand(likelihood, predictors, theta, data);
  let current = initial;
  for (let step = 0; step < steps; step++) {
    const direction = newtonDirection(current, p);
    const decrement = dot(current.gradient, direction);
    if (decrement <= LAST_STEP) {
      // Where the likelihood is flat a step that gains nothing can still be long, and must not be taken unseen.
      const isShort = norm(direction) <= 1e-4 * (1 + norm(here));
      if (isShort) for (let j = 0; j < p; j++) here[j] += direction[j];
      break;
    }
    const from = here.slice();
    // Rounding of the value's n terms must not reject a step that is right.
    const slack = 1e-13 * Math.abs(current.value);
    let length = 1;
    let next = current;
    for (; length > SHORTEST; length /= 2) {
      for (let j = 0; j < p; j++) here[j] = from[j] + length * direction[j];
      next = expand(likelihood, predictors, theta, data);
      if (next.value >= current.value + 1e-4 * length * decrement - slack) break;
    }
    if (length <= SHORTEST) {
      here.set(from);
      break;
    }
    current = next;
  }
  return dot(
    initial.gradient,
    here.map((value, j) => value - start[j]),
  );
}

/** H⁻¹g, with H raised by a multiple of the identity where it is not positive definite. */
function newtonDirection({ gradient, hessian }: Expansion, p: number): Float64Array {
  for (let raise = 0; ; raise = raise === 0 ? 1e-10 : raise * 100) {
    const raised = hessian.slice();
    for (let j = 0; j < p; j++) raised[j * p + j] += raise;
    const factor = cholesky(raised, p);
    if (typeof factor !== "number") return solveCholesky(factor, p, gradient);
    if (raise > 1e20) return new Float64Array(p);
  }
}

/** Value, gradient and negated Hessian of the penalised log-likelihood, without the coefficients that are held. */
function expand(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  theta: Float64Array,
  data: Observations,
): Expansion {
  const m = predictors.length;
  const { design, size: d, offset } = predictors[0];
  const p = m * d;
  const eta = new Float64Array(m * BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const pairs = (m * (m + 1)) / 2;
  const sums = sumOver(data, 1 + p + pairs * d * d, (block, partial) => {
    const x = block.x[design];
    for (let h = 0; h < m; h++) linearPredictor(x, block.rows, theta, offset + h * d, eta, h * BLOCK_ROWS);
    // The offset is a part of each expert's first predictor, and of no gate's.
    if (design === "expert") for (let i = 0; i < block.rows; i++) eta[i] += block.offset[i];
    partial[0] += likelihood.evaluate(block, eta, score, curvature);
    let to = 1;
    for (let h = 0; h < m; h++, to += d) weightedSum(x, block.rows, score, h * BLOCK_ROWS, partial, to);
    for (let h = 0; h < m; h++) {
      for (let j = 0; j <= h; j++, to += d * d) {
        weightedGram(x, x, block.rows, curvature, (h * m + j) * BLOCK_ROWS, partial, to);
      }
    }
  });
  let value = sums[0];
  const gradient = sums.slice(1, 1 + p);
  const hessian = new Float64Array(p * p);
  let from = 1 + p;
  for (let h = 0; h < m; h++) {
    for (let j = 0; j <= h; j++, from += d * d) {
      const penalty = likelihood.penalty[h * m + j];
      for (let a = 0; a < d; a++) {
        for (let b = 0; b < d; b++) {
          const entry = sums[from + a * d + b] + (a === b ? penalty : 0);
          hessian[(h * d + a) * p + j * d + b] = entry;
          hessian[(j * d + b) * p + h * d + a] = entry;
        }
      }
    }
    for (let j = 0; j < m; j++) {
      for (let a = 0; a < d; a++) {
        const pull = likelihood.penalty[h * m + j] * theta[offset + j * d + a];
        gradient[h * d + a] -= pull;
        value -= 0.5 * pull * theta[offset + h * d + a];
      }
    }
  }
  predictors.forEach(({ held = [] }, h) => {
    takeOut(
      held.map((j) => h * d + j),
      hessian,
      gradient,
    );
  });
  return { value, gradient, hessian };
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}
