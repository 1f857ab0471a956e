import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { dot } from "../math/vector.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { couplingsOf } from "../solve/coupling.ts";
import { addGram } from "../solve/gram.ts";
import { takeOut } from "../solve/held.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import type { ExpertFit, Law } from "./law.ts";

/** Newton decrement, relative to the size of the log-likelihood, at which a maximum has been found. */
const FOUND = 1e-26;
/** Below this one, a decrement that no longer falls is all there is: what is left is flat, or rounding. */
const STALLED = 1e-14;
const MAX_STEPS = 60;
/** How often a step is halved at the most. */
const SHORTEST = 2 ** -60;

/** The weighted log-likelihood of one expert about a point, less its priors. */
interface Point {
  readonly value: number;
  /** By the expert's parameters (q). */
  readonly gradient: Float64Array;
  /** Negated second derivative (q × q). */
  readonly hessian: Float64Array;
}

/**
 * The M-step of a law whose predictors have to be found together: damped Newton steps on all parameters of each expert,
 * from the law's own scores and curvatures.
 *
 * Where the likelihood is not concave a share of the Hessian's diagonal is added to it. A parameter at its least value
 * stays there while the likelihood falls above it.
 *
 * @returns that of all experts; the first that has no maximum is the failure
 * @remarks cost of a step: n·q²/2 multiplications for the q parameters of each expert
 */
export function newtonStep(
  law: Law,
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
  steps: number = MAX_STEPS,
): ExpertFit {
  let gain = 0;
  for (const [z, predictors] of experts.entries()) {
    const from = predictors[0].offset;
    const q = predictors.reduce((sum, { size }) => sum + size, 0);
    const here = theta.subarray(from, from + q);
    const expand = expansionOf(law, predictors, z, experts.length, assignment, data);
    const found = climb(expand, here, boundsOf(predictors), steps);
    if (found === undefined) return { gain: 0, failure: `expert ${z + 1} has no maximum`, expert: z + 1 };
    gain += found;
  }
  return { gain };
}

/** Least values of an expert's parameters, and which are held. */
interface Bounds {
  readonly least: Float64Array;
  readonly held: readonly number[];
}

function boundsOf(predictors: readonly Predictor[]): Bounds {
  const from = predictors[0].offset;
  const size = predictors.reduce((sum, predictor) => sum + predictor.size, 0);
  const bounds = { least: new Float64Array(size).fill(Number.NEGATIVE_INFINITY), held: [] as number[] };
  for (const { offset, least, size: d, held = [] } of predictors) {
    if (least !== undefined) bounds.least.fill(least, offset - from, offset - from + d);
    bounds.held.push(...held.map((j) => offset - from + j));
  }
  return bounds;
}

/** Climbs to a maximum, in place; returns the first-order gain, or nothing where there is no value to climb from. */
function climb(
  expand: (at: Float64Array) => Point,
  here: Float64Array,
  { least, held }: Bounds,
  steps: number,
): number | undefined {
  const start = here.slice();
  const isHeld = new Set(held);
  for (let j = 0; j < here.length; j++) if (!isHeld.has(j)) here[j] = Math.max(here[j], least[j]);
  let current = expand(here);
  const slope = current.gradient.slice();
  let last = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps && Number.isFinite(current.value); step++) {
    const { value, gradient, hessian } = current;
    const stuck = Array.from(here.keys()).filter((j) => isHeld.has(j) || (here[j] <= least[j] && gradient[j] <= 0));
    const uphill = gradient.slice();
    const curvature = hessian.slice();
    takeOut(stuck, curvature, uphill);
    const direction = newtonDirection(uphill, curvature);
    const decrement = dot(uphill, direction);
    const size = 1 + Math.abs(value);
    if (decrement <= FOUND * size || (decrement <= STALLED * size && decrement > 0.9 * last)) break;
    last = decrement;
    const from = here.slice();
    let length = 1;
    for (; length > SHORTEST; length /= 2) {
      for (let j = 0; j < here.length; j++)
        here[j] = Math.max(from[j] + length * direction[j], Math.min(from[j], least[j]));
      current = expand(here);
      // Rounding of the value's n terms must not reject a step that is right.
      if (current.value >= value + 1e-4 * length * decrement - 1e-13 * size) break;
      // A step that a bound cuts short gains less than its slope.
      if (current.value > value && here.some((at, j) => at <= least[j] && from[j] > least[j])) break;
    }
    if (length <= SHORTEST) {
      here.set(from);
      break;
    }
  }
  if (!here.every(Number.isFinite) || !Number.isFinite(current.value)) return undefined;
  return dot(
    slope.map((g, j) => (isHeld.has(j) ? 0 : g)),
    here.map((value, j) => value - start[j]),
  );
}

/** Expert z's weighted log-likelihood less its priors, about any point of its parameters. */
function expansionOf(
  law: Law,
  predictors: readonly Predictor[],
  z: number,
  k: number,
  { responsibilities }: Assignment,
  data: Observations,
): (at: Float64Array) => Point {
  const m = predictors.length;
  const from = predictors[0].offset;
  const q = predictors.reduce((sum, { size }) => sum + size, 0);
  const local = predictors.map((predictor) => ({ ...predictor, offset: predictor.offset - from }));
  const eta = new Float64Array(m * BLOCK_ROWS);
  const density = new Float64Array(BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const share = new Float64Array(BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  return (at) => {
    const sums = sumOver(data, 1 + q + q * q, (block, partial) => {
      const { rows, start, x, offset, weights } = block;
      local.forEach((predictor, h) => {
        linearPredictor(x[predictor.design], rows, at, predictor.offset, eta, h * BLOCK_ROWS);
      });
      for (let i = 0; i < rows; i++) {
        eta[i] += offset[i];
        share[i] = weights[i] * responsibilities[(start + i) * k + z];
      }
      law.logDensity(block, eta, 0, density, 0);
      law.scores(block, eta, 0, score, 0);
      law.curvature(block, eta, 0, curvature);
      // A row that is no expert's adds nothing, not 0 × ∞.
      for (let i = 0; i < rows; i++) if (share[i] > 0) partial[0] += share[i] * density[i];
      local.forEach((row, h) => {
        scaled(share, score, h, rows, weight);
        weightedSum(x[row.design], rows, weight, 0, partial, 1 + row.offset);
        for (let j = 0; j <= h; j++) {
          scaled(share, curvature, h * m + j, rows, weight);
          addGram(block, row, local[j], weight, 0, partial.subarray(1 + q), q, h !== j);
        }
      });
    });
    const [gradient, hessian] = [sums.slice(1, 1 + q), sums.slice(1 + q)];
    let value = sums[0];
    couplingsOf(local, law.penalty, (row, column, precision) => {
      value -= 0.5 * precision * at[row] * at[column];
      gradient[row] -= precision * at[column];
      hessian[row * q + column] += precision;
    });
    return { value, gradient, hessian };
  };
}

/** The rows' shares times one run of numbers; 0 where the share is. */
function scaled(share: Float64Array, runs: Float64Array, run: number, rows: number, out: Float64Array): void {
  for (let i = 0; i < rows; i++) out[i] = share[i] > 0 ? share[i] * runs[run * BLOCK_ROWS + i] : 0;
}
