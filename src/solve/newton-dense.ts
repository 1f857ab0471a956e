import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram, weightedSum } from "../compute/kernels.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { dot } from "../math/vector.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { precisionOf } from "./coupling.ts";
import { eliminate } from "./eliminate.ts";
import { type Expansion, type Likelihood, linearPredictors, pull, type Terms } from "./likelihood.ts";
import { newtonDirection } from "./newton-direction.ts";

/** A curvature at a step's end that is less than this part of the start's is none to go by. */
const LEAST_CURVATURE = 0.1;

/** So many columns take less time in single precision than it takes to bring them there. */
const MANY_COLUMNS = 24;
/**
 * Least pivot of a Hessian in single precision, as a share of its diagonal entry: with seven digits less these three a step
 * leaves a ten-millionth of its gain, or less, and the next one looks for it.
 */
const LEAST_PIVOT = 1e-3;

/** What is summed first of the Hessian of predictors of one design. */
export function firstTerms([{ at }]: readonly Predictor[]): "all" | "rough" {
  return at.length < MANY_COLUMNS ? "all" : "rough";
}

/** A point, with what is known there. */
interface Point {
  /** Of all predictors, one after the other. */
  readonly coefficients: Float64Array;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/**
 * Expands a penalised log-likelihood with its Hessian, a matrix.
 *
 * A Hessian that is kept for another point is brought up to date along the step there, from the gradients. One of many
 * columns is found in single precision, by a kernel, as long as its pivots show that a direction needs no more: values
 * and gradients, and with them the maximum, have all digits.
 *
 * @remarks cost of a point: n·(m d)²/2 multiplications, and (m d)³/3 for the direction; n·m d with a Hessian that is kept
 */
export function denseExpansion(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  data: Observations,
): (theta: Float64Array) => Expansion {
  const [{ at: first }] = predictors;
  const p = predictors.length * first.length;
  let terms: Terms = firstTerms(predictors);
  const at = (theta: Float64Array, from?: Point): Expansion => {
    const coefficients = theta.slice(first[0], first[0] + p);
    const found = expand(likelihood, predictors, coefficients, theta, data, from ? "gradient" : terms, from?.hessian);
    const { value, gradient } = found;
    let hessian = from ? broughtAlong(from, coefficients, gradient) : found.hessian;
    const direction = (): Float64Array => {
      if (found.isRough) {
        const factor = cholesky(hessian, p, LEAST_PIVOT);
        if (typeof factor !== "number") return solveCholesky(factor, p, gradient);
        terms = "all";
        ({ hessian } = expand(likelihood, predictors, coefficients, theta, data, terms));
      }
      return newtonDirection(gradient, hessian);
    };
    const elsewhere = (): Expansion => at(theta, { coefficients, gradient, hessian });
    const isOld = from !== undefined;
    return { value, gradient, direction, elsewhere, heightElsewhere: () => height(theta), isOld };
  };
  const height = (theta: Float64Array): number => {
    const coefficients = theta.slice(first[0], first[0] + p);
    const compiled = likelihood.compiled?.expansion(coefficients, "value");
    const sums = compiled ?? plainSums(likelihood, predictors, theta, data, false);
    return sums[0] - pull(likelihood, predictors, coefficients, new Float64Array(p));
  };
  return (theta) => at(theta);
}

/**
 * The update of Broyden, Fletcher, Goldfarb and Shanno, with the curvature at the end of the step where theirs is that in
 * its middle: along the step s the gradient is about a parabola, with the slope −Hs at the start.
 */
function broughtAlong({ coefficients, gradient, hessian }: Point, to: Float64Array, there: Float64Array): Float64Array {
  const p = to.length;
  const step = to.map((value, j) => value - coefficients[j]);
  const before = step.map((_, j) => dot(hessian.subarray(j * p, (j + 1) * p), step));
  const after = before.map((image, j) => 2 * (gradient[j] - there[j]) - image);
  const [expected, curvature] = [dot(step, before), dot(step, after)];
  if (!(expected > 0 && curvature > LEAST_CURVATURE * expected)) return hessian;
  const out = hessian.slice();
  for (let i = 0, at = 0; i < p; i++) {
    const [gained, lost] = [after[i] / curvature, before[i] / expected];
    for (let j = 0; j < p; j++, at++) out[at] += gained * after[j] - lost * before[j];
  }
  return out;
}

/**
 * Value, gradient and negated Hessian of the penalised log-likelihood, without the coefficients that are fixed.
 *
 * @param terms what is summed of the Hessian; the plain code has all digits of it
 * @param known a Hessian to do with
 */
function expand(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  coefficients: Float64Array,
  theta: Float64Array,
  data: Observations,
  terms: Terms,
  known?: Float64Array,
): Penalised & { readonly isRough: boolean } {
  const compiled = likelihood.compiled?.expansion(coefficients, terms);
  const sums = compiled ?? plainSums(likelihood, predictors, theta, data, terms !== "gradient");
  const isRough = compiled !== undefined && terms === "rough";
  return { ...penalisedExpansion(likelihood, predictors, coefficients, sums, known), isRough };
}

/** A penalised log-likelihood about a point. */
interface Penalised {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/**
 * The same of sums that are there: the value, the gradient (m runs of d) and the Hessian (d × d for each pair of predictors).
 *
 * @param known a Hessian to do with
 */
export function penalisedExpansion(
  likelihood: Pick<Likelihood, "penalty">,
  predictors: readonly Predictor[],
  coefficients: Float64Array,
  sums: Float64Array,
  known?: Float64Array,
): Penalised {
  const d = predictors[0].at.length;
  const p = coefficients.length;
  const gradient = sums.slice(1, 1 + p);
  const hessian = known ?? penalisedHessian(likelihood, predictors, sums.subarray(1 + p));
  predictors.forEach(({ fixed = [] }, h) => {
    eliminate(
      fixed.map((j) => h * d + j),
      hessian,
      gradient,
    );
  });
  const value = sums[0] - pull(likelihood, predictors, coefficients, gradient);
  return { value, gradient, hessian };
}

/** The value, the gradient (m runs of d) and, where asked for, the Hessian (d × d for each pair of predictors). */
function plainSums(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  theta: Float64Array,
  data: Observations,
  withHessian: boolean,
): Float64Array {
  const m = predictors.length;
  const [{ design, at }] = predictors;
  const d = at.length;
  const scores = predictors.map((_, h) => places(1 + h * d, d));
  const eta = new Float64Array(m * BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const pairs = withHessian ? (m * (m + 1)) / 2 : 0;
  return sumOver(data, 1 + m * d + pairs * d * d, (block, partial) => {
    const x = block.x[design];
    linearPredictors(predictors, theta, block, eta);
    partial[0] += likelihood.evaluate(block, eta, score, curvature);
    for (let h = 0; h < m; h++) weightedSum(x, block.rows, score, h * BLOCK_ROWS, partial, scores[h]);
    let to = 1 + m * d;
    for (let h = 0; h < m && withHessian; h++) {
      for (let j = 0; j <= h; j++, to += d * d) {
        weightedGram(x, x, block.rows, curvature, (h * m + j) * BLOCK_ROWS, partial, to);
      }
    }
  });
}

/** The matrix of which the sums hold the lower terms, with the penalty's. */
function penalisedHessian(
  { penalty }: Pick<Likelihood, "penalty">,
  predictors: readonly Predictor[],
  terms: Float64Array,
): Float64Array {
  const m = predictors.length;
  const d = predictors[0].at.length;
  const p = m * d;
  const hessian = new Float64Array(p * p);
  const precisionAt = precisionOf(predictors[0]);
  const precision = Float64Array.from({ length: d * d }, (_, at) => precisionAt(Math.floor(at / d), at % d));
  let from = 0;
  for (let h = 0; h < m; h++) {
    for (let j = 0; j <= h; j++, from += d * d) {
      const coupling = penalty[h * m + j];
      for (let at = 0, row = h * d; row < h * d + d; row++) {
        for (let column = j * d; column < j * d + d; column++, at++) {
          const entry = terms[from + at] + coupling * precision[at];
          hessian[row * p + column] = entry;
          hessian[column * p + row] = entry;
        }
      }
    }
  }
  return hessian;
}
