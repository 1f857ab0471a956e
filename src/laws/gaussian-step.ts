import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedGram, weightedSum } from "../compute/kernels.ts";
import { quote } from "../errors.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { dependence } from "../math/dependent.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { eliminate } from "../solve/eliminate.ts";
import { momentSums } from "./gaussian-kernel.ts";
import type { ExpertFit, Law } from "./law.ts";

/**
 * The M-step of Gaussian experts: weighted least squares for each expert's coefficients, and the variance about them.
 */
export const leastSquares: Law["maximise"] = (experts, theta, assignment, data) => {
  const moments = residualMoments(experts, theta, assignment, data);
  let gain = 0;
  for (const group of sharingVariance(experts)) {
    const fit = fitGroup(
      group.map((z) => moments[z]),
      group.map((z) => experts[z]),
      theta,
      experts.length === 1,
      data,
    );
    if (fit.failure !== undefined) return fit;
    gain += fit.gain;
  }
  return { gain };
};

/** Sums of one expert over its weighted rows, about the residuals e of its present coefficients. */
interface Moments {
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
function residualMoments(
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
): Moments[] {
  const k = experts.length;
  const d = experts[0][0].size;
  const each = 2 + d + d * d;
  const residual = new Float64Array(BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const plain = (): Float64Array =>
    sumOver(data, k * each, (block, partial) => {
      const { rows, start, response, offset, weights } = block;
      const { responsibilities } = assignment;
      const x = block.x.expert;
      for (let z = 0; z < k; z++) {
        const at = z * each;
        linearPredictor(x, rows, theta, experts[z][0].offset, residual, 0);
        for (let i = 0; i < rows; i++) {
          const w = weights[i] * responsibilities[(start + i) * k + z];
          const e = response[i] - offset[i] - residual[i];
          weight[i] = w;
          residual[i] = w * e;
          partial[at] += w;
          partial[at + 1] += w * e * e;
        }
        weightedSum(x, rows, residual, 0, partial, at + 2);
        weightedGram(x, x, rows, weight, 0, partial, at + 2 + d);
      }
    });
  const sums = momentSums(experts, theta, assignment, data) ?? plain();
  return experts.map((_, z) => ({
    expert: z + 1,
    weight: sums[z * each],
    square: sums[z * each + 1],
    cross: sums.slice(z * each + 2, z * each + 2 + d),
    gram: sums.slice(z * each + 2 + d, (z + 1) * each),
  }));
}

/** The experts, by number, in groups that share one log σ. */
function sharingVariance(experts: readonly (readonly Predictor[])[]): number[][] {
  const groups = new Map<number, number[]>();
  experts.forEach(([, logSigma], z) => {
    groups.set(logSigma.offset, [...(groups.get(logSigma.offset) ?? []), z]);
  });
  return [...groups.values()];
}

/** Fits the experts of one variance. With a ridge, β and σ depend on each other and are found in turn. */
function fitGroup(
  moments: readonly Moments[],
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  isOnly: boolean,
  data: Observations,
): ExpertFit {
  const [{ ridge = 0 }, { offset: at, fixed: fixedSigma = [], least = Number.NEGATIVE_INFINITY }] = experts[0];
  const oldVariance = Math.exp(2 * theta[at]);
  const before = experts.map(([mean]) => theta.slice(mean.offset, mean.offset + mean.size));
  const weight = moments.reduce((sum, { weight }) => sum + weight, 0);
  const square = moments.reduce((sum, { square }) => sum + square, 0);
  let variance = oldVariance;
  let changes: Float64Array[] = [];
  for (let round = 0; round < 100; round++) {
    const solved = moments.map((m, z) => changeOfCoefficients(m, experts[z][0], before[z], ridge * variance));
    const singular = solved.indexOf(undefined);
    if (singular >= 0) return { gain: 0, ...undetermined(moments[singular], isOnly, data) };
    changes = solved as Float64Array[];
    if (fixedSigma.length > 0) break;
    const found = moments.reduce((sum, m, z) => sum + residualSquares(m, changes[z]), 0) / weight;
    const next = Math.max(found, Math.exp(2 * least));
    if (!(next > 1e-24 * (square / weight)) || !(next > Number.MIN_VALUE)) {
      const named = moments.map(({ expert }) => expert).join(", ");
      const failure = `the variance of expert ${named} collapsed: it fits its rows exactly`;
      return { gain: 0, failure, ...(moments.length === 1 && { expert: moments[0].expert }) };
    }
    const settled = Math.abs(next - variance) <= 4 * Number.EPSILON * next;
    variance = next;
    if (ridge === 0 || settled) break;
  }
  let gain = (square / oldVariance - weight) * 0.5 * Math.log(variance / oldVariance);
  experts.forEach(([mean], z) => {
    for (let j = 0; j < mean.size; j++) {
      gain += (moments[z].cross[j] / oldVariance - ridge * before[z][j]) * changes[z][j];
      theta[mean.offset + j] += changes[z][j];
    }
  });
  theta[at] = 0.5 * Math.log(variance);
  return { gain };
}

/** δ of `(G + λI)δ = c − λβ`, 0 for coefficients that are fixed; nothing when G is singular. */
function changeOfCoefficients(
  { gram, cross, weight }: Moments,
  { fixed = [] }: Predictor,
  before: Float64Array,
  shrinkage: number,
): Float64Array | undefined {
  const d = cross.length;
  if (!(weight > 0)) return undefined;
  const a = gram.slice();
  for (let j = 0; j < d; j++) a[j * d + j] += shrinkage;
  const right = cross.map((c, j) => c - shrinkage * before[j]);
  eliminate(fixed, a, right);
  const factor = cholesky(a, d);
  return typeof factor === "number" ? undefined : solveCholesky(factor, d, right);
}

/** Σ w (e − x'δ)² */
function residualSquares({ square, cross, gram }: Moments, change: Float64Array): number {
  const d = change.length;
  let sum = square;
  for (let a = 0; a < d; a++) {
    sum -= 2 * cross[a] * change[a];
    for (let b = 0; b < d; b++) sum += change[a] * gram[a * d + b] * change[b];
  }
  return sum;
}

/** Why an expert's normal equations have no solution of their own. */
function undetermined(
  { expert, weight, gram }: Moments,
  isOnly: boolean,
  { expert: { columns } }: Observations,
): { readonly failure: string; readonly expert?: number } {
  const found = dependence(gram, columns.length);
  if (found === undefined || weight < columns.length) {
    const few = `${Number(weight.toPrecision(3))} rows, too few for ${columns.length} coefficients`;
    if (isOnly) return { failure: `there are ${few}` };
    const failure = `expert ${expert} emptied: its responsibilities sum to ${few}, so the fit is that of one expert fewer`;
    return { failure, expert };
  }
  const [dependent, ...others] = [found.column, ...found.partners].map((j) => quote(columns[j]));
  const is = others.length === 0 ? "0" : `a combination of ${others.join(" and ")}`;
  const failure = `the columns of expert ${expert} determine each other: in its rows ${dependent} is ${is}; leave it out or set a ridge above 0`;
  return { failure };
}
