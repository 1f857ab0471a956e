import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { joined } from "../errors.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { placesOf, sharingGroups } from "../rows/sharing.ts";
import { leastValues } from "../solve/bounds.ts";
import { couplingsOf } from "../solve/coupling.ts";
import type { Effort } from "../solve/effort.ts";
import { eliminate } from "../solve/eliminate.ts";
import { addGram } from "../solve/gram.ts";
import type { Expansion } from "../solve/likelihood.ts";
import { climb } from "../solve/newton.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import type { ExpertFit, Law } from "./law.ts";

/**
 * The M-step of a law whose predictors have to be found together: damped Newton steps on all parameters of each expert,
 * or of all experts that share some, from the law's own scores and curvatures. A parameter at its least value stays there
 * while the likelihood falls above it.
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
  effort?: Effort,
): ExpertFit {
  let gain = 0;
  for (const group of sharingGroups(experts)) {
    const fit = jointStep(law, experts, group, theta, assignment, data, effort);
    if (fit.failure !== undefined) return fit;
    gain += fit.gain;
  }
  return { gain };
}

/** Damped Newton steps on all parameters of a group of experts. */
export function jointStep(
  law: Law,
  experts: readonly (readonly Predictor[])[],
  group: readonly number[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
  effort?: Effort,
): ExpertFit {
  const { places, local } = placesOf(group.map((z) => experts[z]));
  const least = leastValues(local.flat(), places.length);
  const here = Float64Array.from(places, (place, j) => Math.max(theta[place], least[j]));
  const expand = expansionOf(law, local, group, least, experts.length, assignment, data);
  const found = climb(() => expand(here), here, { ...effort, least });
  places.forEach((place, j) => {
    theta[place] = here[j];
  });
  if (!here.every(Number.isFinite) || !Number.isFinite(found.value)) {
    const named = group.map((z) => z + 1);
    if (named.length > 1) {
      const reason = `experts ${joined(named.map(String), "and")} have no maximum`;
      return { gain: 0, failure: { kind: "unbounded", reason } };
    }
    const [expert] = named;
    return { gain: 0, failure: { kind: "unbounded", reason: `expert ${expert} has no maximum`, expert } };
  }
  return { gain: found.gain };
}

/** The weighted log-likelihood of some experts less their priors, about any point of their q parameters. */
function expansionOf(
  law: Law,
  experts: readonly (readonly Predictor[])[],
  group: readonly number[],
  least: Float64Array,
  k: number,
  { responsibilities }: Assignment,
  data: Observations,
): (at: Float64Array) => Expansion {
  const q = least.length;
  const m = experts[0].length;
  const fixed = new Set(experts.flat().flatMap(({ at, fixed = [] }) => fixed.map((j) => at[j])));
  const eta = new Float64Array(m * BLOCK_ROWS);
  const density = new Float64Array(BLOCK_ROWS);
  const share = new Float64Array(BLOCK_ROWS);
  const addExpansion = adderOfExpansions(law, m);
  const predict = ({ rows, start, x, offset, weights }: Block, member: number, here: Float64Array): void => {
    experts[member].forEach(({ design, at }, h) => {
      linearPredictor(x[design], rows, here, at, eta, h * BLOCK_ROWS);
    });
    for (let i = 0; i < rows; i++) {
      eta[i] += offset[i];
      share[i] = weights[i] * responsibilities[(start + i) * k + group[member]];
    }
  };
  // A row that is no expert's adds nothing, not 0 × ∞.
  const addDensity = (rows: number, partial: Float64Array): void => {
    for (let i = 0; i < rows; i++) if (share[i] > 0) partial[0] += share[i] * density[i];
  };
  const penalise = (add: (row: number, column: number, precision: number) => void): void => {
    for (const predictors of experts) couplingsOf(predictors, law.penalty, add);
  };
  const heightAt = (here: Float64Array): number => {
    let [value] = sumOver(data, 1, (block, partial) => {
      experts.forEach((_, member) => {
        predict(block, member, here);
        law.logDensity(block, eta, 0, density, 0);
        addDensity(block.rows, partial);
      });
    });
    penalise((row, column, precision) => {
      value -= 0.5 * precision * here[row] * here[column];
    });
    return value;
  };
  return (here) => {
    const sums = sumOver(data, 1 + q + q * q, (block, partial) => {
      const [slopes, matrix] = [partial.subarray(1, 1 + q), partial.subarray(1 + q)];
      experts.forEach((predictors, member) => {
        predict(block, member, here);
        addExpansion(block, eta, 0, share, predictors, slopes, matrix, density);
        addDensity(block.rows, partial);
      });
    });
    const [gradient, hessian] = [sums.slice(1, 1 + q), sums.slice(1 + q)];
    let value = sums[0];
    penalise((row, column, precision) => {
      value -= 0.5 * precision * here[row] * here[column];
      gradient[row] -= precision * here[column];
      hessian[row * q + column] += precision;
    });
    const stuck = Array.from(here.keys()).filter((j) => fixed.has(j) || (here[j] <= least[j] && gradient[j] <= 0));
    eliminate(stuck, hessian, gradient);
    const direction = () => newtonDirection(gradient, hessian);
    return { value, gradient, direction, heightElsewhere: () => heightAt(here), isOld: false };
  };
}

/**
 * Adds an expert's expansion in one block: a function to be called block after block, with scratch of its own.
 *
 * Where a run for log p is given, it is written there.
 */
export function adderOfExpansions(
  law: Law,
  m: number,
): (
  block: Block,
  eta: Float64Array,
  at: number,
  share: Float64Array,
  predictors: readonly Predictor[],
  slopes: Float64Array,
  matrix: Float64Array,
  density?: Float64Array,
) => void {
  const unused = new Float64Array(BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  return (block, eta, at, share, predictors, slopes, matrix, density) => {
    const { rows, x } = block;
    if (law.expand !== undefined) law.expand(block, eta, at, density ?? unused, score, 0, curvature);
    else {
      if (density !== undefined) law.logDensity(block, eta, at, density, 0);
      law.scores(block, eta, at, score, 0);
      law.curvature(block, eta, at, curvature);
    }
    predictors.forEach((row, h) => {
      scaled(share, score, h, rows, weight);
      weightedSum(x[row.design], rows, weight, 0, slopes, row.at);
      for (let j = 0; j <= h; j++) {
        scaled(share, curvature, h * m + j, rows, weight);
        addGram(block, row, predictors[j], weight, 0, matrix, slopes.length, h !== j);
      }
    });
  };
}

/** The rows' shares times one run of numbers; 0 where the share is. */
function scaled(share: Float64Array, runs: Float64Array, run: number, rows: number, out: Float64Array): void {
  for (let i = 0; i < rows; i++) out[i] = share[i] > 0 ? share[i] * runs[run * BLOCK_ROWS + i] : 0;
}
