import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { leastValues } from "../solve/bounds.ts";
import { couplingsOf } from "../solve/coupling.ts";
import { eliminate } from "../solve/eliminate.ts";
import { addGram } from "../solve/gram.ts";
import type { Expansion } from "../solve/likelihood.ts";
import { climb } from "../solve/newton.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import type { ExpertFit, Law } from "./law.ts";

/**
 * The M-step of a law whose predictors have to be found together: damped Newton steps on all parameters of each expert,
 * from the law's own scores and curvatures. A parameter at its least value stays there while the likelihood falls above it.
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
  steps?: number,
): ExpertFit {
  let gain = 0;
  for (const [z, predictors] of experts.entries()) {
    const from = predictors[0].offset;
    const q = predictors.reduce((sum, { size }) => sum + size, 0);
    const here = theta.subarray(from, from + q);
    const bounds = boundsOf(predictors, from, q);
    for (let j = 0; j < q; j++) here[j] = Math.max(here[j], bounds.least[j]);
    const expand = expansionOf(law, predictors, bounds, z, experts.length, assignment, data);
    const found = climb(() => expand(here), here, { steps, least: bounds.least });
    if (!here.every(Number.isFinite) || !Number.isFinite(found.value)) {
      return { gain: 0, failure: `expert ${z + 1} has no maximum`, expert: z + 1 };
    }
    gain += found.gain;
  }
  return { gain };
}

/** Least values of an expert's parameters (q), and which of them are fixed. */
interface Bounds {
  readonly least: Float64Array;
  readonly isFixed: readonly boolean[];
}

function boundsOf(predictors: readonly Predictor[], from: number, q: number): Bounds {
  const isFixed = predictors.flatMap(({ size, fixed = [] }) =>
    Array.from({ length: size }, (_, j) => fixed.includes(j)),
  );
  return { isFixed, least: leastValues(predictors, from, q) };
}

/** Expert z's weighted log-likelihood less its priors, about any point of its parameters. */
function expansionOf(
  law: Law,
  predictors: readonly Predictor[],
  { least, isFixed }: Bounds,
  z: number,
  k: number,
  { responsibilities }: Assignment,
  data: Observations,
): (at: Float64Array) => Expansion {
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
    const stuck = Array.from(at.keys()).filter((j) => isFixed[j] || (at[j] <= least[j] && gradient[j] <= 0));
    eliminate(stuck, hessian, gradient);
    return { value, gradient, direction: () => newtonDirection(gradient, hessian), isOld: false };
  };
}

/** The rows' shares times one run of numbers; 0 where the share is. */
function scaled(share: Float64Array, runs: Float64Array, run: number, rows: number, out: Float64Array): void {
  for (let i = 0; i < rows; i++) out[i] = share[i] > 0 ? share[i] * runs[run * BLOCK_ROWS + i] : 0;
}
