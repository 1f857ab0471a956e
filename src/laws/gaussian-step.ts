import { BLOCK_ROWS } from "../compute/blocks.ts";
import { joined, quote } from "../errors.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { dependence } from "../math/dependent.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { placesOf, sharingGroups } from "../rows/sharing.ts";
import { couplingsOf, precisionOf } from "../solve/coupling.ts";
import { eliminate } from "../solve/eliminate.ts";
import { collapse } from "./collapse.ts";
import type { Failure } from "./failure.ts";
import { addMoments, type Moments, momentsOf, residualMoments } from "./gaussian-moments.ts";
import type { ExpertFit, ExpertStep, Law } from "./law.ts";

/** How often coefficients and variances are found in turn at the most. */
const ROUNDS = 1000;
/** Relative changes of a variance below which one that is no smaller than the last is rounding. */
const NEAR = 1e-10;
/** A standard deviation that is a smaller part of the expected responses is the rounding of rows that are fitted exactly. */
const ROUNDED = 2 * Number.EPSILON;

/**
 * The M-step of Gaussian experts: weighted least squares for each expert's coefficients, and the variance about them; for
 * experts that share coefficients or a variance, together.
 */
export const leastSquares: Law["maximise"] = (experts, theta, assignment, data) => {
  return fromMoments(experts, theta, residualMoments(experts, theta, assignment, data), data.expert.columns);
};

/**
 * The same from the sums of one pass, about the residuals at θ: for each expert Σ w, Σ w e², Σ w x e and Σ w xx', of rows
 * weighted by its responsibilities.
 *
 * @param columns of the experts
 */
export function leastSquaresStep(experts: readonly (readonly Predictor[])[], columns: readonly string[]): ExpertStep {
  const k = experts.length;
  const d = columns.length;
  const each = 2 + d + d * d;
  const crosses = experts.map((_, z) => places(z * each + 2, d));
  const residual = new Float64Array(BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  return {
    length: k * each,
    add: ({ rows, response, weights, x }, eta, responsibilities, sums) => {
      for (let z = 0; z < k; z++) {
        for (let i = 0; i < rows; i++) {
          weight[i] = weights[i] * responsibilities[z * BLOCK_ROWS + i];
          residual[i] = response[i] - eta[2 * z * BLOCK_ROWS + i];
        }
        addMoments(x.expert, rows, weight, residual, crosses[z], each, z, sums);
      }
    },
    weights: (sums) => Float64Array.from({ length: k }, (_, z) => sums[z * each]),
    step: (theta, sums) => fromMoments(experts, theta, momentsOf(sums, k, d), columns),
  };
}

/** The step from moments about the residuals at θ, written into it. */
function fromMoments(
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  moments: readonly Moments[],
  columns: readonly string[],
): ExpertFit {
  let gain = 0;
  for (const group of sharingGroups(experts)) {
    const members = groupOf(
      group.map((z) => moments[z]),
      group.map((z) => experts[z]),
    );
    const fit = fitGroup(members, theta, experts.length === 1, columns);
    if (fit.failure !== undefined) return fit;
    gain += fit.gain;
  }
  return { gain };
}

/** A standard deviation: of one expert, or of several. */
interface Deviation {
  /** Position of its logarithm in θ. */
  readonly at: number;
  readonly isFixed: boolean;
  /** Least value of the variance. */
  readonly least: number;
  /** Those of a group's experts that have it. */
  readonly members: readonly number[];
  /** Σ w and Σ w e² of their rows. */
  readonly weight: number;
  readonly square: number;
}

/** Experts that are fitted together: one, or several that share coefficients or a variance. */
interface Group {
  readonly moments: readonly Moments[];
  /** Predictors of their means, with positions among the group's q coefficients. */
  readonly means: readonly Predictor[];
  /** Positions of those in θ (q). */
  readonly places: readonly number[];
  readonly deviations: readonly Deviation[];
  /** Which of them each expert has. */
  readonly own: readonly number[];
}

function groupOf(moments: readonly Moments[], experts: readonly (readonly Predictor[])[]): Group {
  const { places, local } = placesOf(experts.map(([mean]) => [mean]));
  const logarithms = [...new Set(experts.map(([, { at }]) => at[0]))];
  const own = experts.map(([, { at }]) => logarithms.indexOf(at[0]));
  const deviations = logarithms.map((at, d): Deviation => {
    const members = Array.from(own.keys()).filter((member) => own[member] === d);
    const [, { fixed = [], least = Number.NEGATIVE_INFINITY }] = experts[members[0]];
    const sum = (of: (moments: Moments) => number): number =>
      members.reduce((sum, member) => sum + of(moments[member]), 0);
    const sums = { weight: sum(({ weight }) => weight), square: sum(({ square }) => square) };
    return { at, members, isFixed: fixed.length > 0, least: Math.exp(2 * least), ...sums };
  });
  return { moments, means: local.map(([mean]) => mean), places, deviations, own };
}

/**
 * Fits the experts of a group. With several variances, or a prior on the coefficients, β and the variances depend on each
 * other and are found in turn, from the same sums.
 */
function fitGroup(group: Group, theta: Float64Array, isOnly: boolean, columns: readonly string[]): ExpertFit {
  const { moments, means, places, deviations } = group;
  const before = Float64Array.from(places, (place) => theta[place]);
  const oldVariances = Float64Array.from(deviations, ({ at }) => Math.exp(2 * theta[at]));
  const variances = oldVariances.slice();
  const isAtOnce = deviations.length === 1 && means.every(({ ridge, prior }) => !ridge && prior === undefined);
  const levels = deviations.map(({ members }) =>
    members.reduce((sum, z) => sum + squareOf(moments[z], means[z], before), 0),
  );
  let change: Float64Array = new Float64Array(places.length);
  for (let round = 0, isSettled = false, last = 1; round < ROUNDS && !isSettled; round++) {
    const { matrix, right } = normalEquations(group, before, variances);
    const factor = cholesky(matrix, places.length);
    if (typeof factor === "number" || moments.some(({ weight }) => !(weight > 0))) {
      return { gain: 0, failure: undetermined(group, matrix, isOnly, columns) };
    }
    change = solveCholesky(factor, places.length, right);
    let moved = 0;
    for (const [d, { isFixed, least, members, square, weight }] of deviations.entries()) {
      if (isFixed) continue;
      const found = members.reduce((sum, z) => sum + residualSquares(moments[z], means[z], change), 0) / weight;
      const next = Math.max(found, least);
      // What is less is of a step that has no end, or the rounding of the responses.
      const exact = Math.max(1e-24 * square, ROUNDED ** 2 * levels[d]) / weight;
      if (!(next > exact) || !(next > Number.MIN_VALUE)) {
        return collapse(
          "variance",
          members.map((z) => moments[z].expert),
        );
      }
      moved = Math.max(moved, Math.abs(next - variances[d]) / next);
      variances[d] = next;
    }
    isSettled = isAtOnce || moved <= 4 * Number.EPSILON || (moved < NEAR && moved >= last);
    last = moved;
  }
  const gain = gainOf(group, before, change, oldVariances, variances);
  places.forEach((place, j) => {
    theta[place] += change[j];
  });
  deviations.forEach(({ at, isFixed }, d) => {
    if (!isFixed) theta[at] = 0.5 * Math.log(variances[d]);
  });
  return { gain };
}

/**
 * The equations (Σ_z G_z/σ_z² + P)δ = Σ_z c_z/σ_z² − Pβ of the change δ of the coefficients, times the first variance:
 * with one variance and no prior they do not depend on it. Coefficients that are fixed have the solution 0.
 */
function normalEquations(
  { moments, means, own }: Group,
  before: Float64Array,
  variances: Float64Array,
): { readonly matrix: Float64Array; readonly right: Float64Array } {
  const q = before.length;
  const [{ at, ridge, prior, fixed: held = [] }] = means;
  const isAlone = means.length === 1 && at.every((place, a) => place === a);
  // Of one expert without a prior they are its sums.
  if (isAlone && ridge === undefined && prior === undefined && held.length === 0) {
    return { matrix: moments[0].gram, right: moments[0].cross };
  }
  const matrix = new Float64Array(q * q);
  const right = new Float64Array(q);
  means.forEach((mean, z) => {
    const { at } = mean;
    const { gram, cross } = moments[z];
    const precision = precisionOf(mean);
    const share = variances[0] / variances[own[z]];
    const hasPrior = mean.ridge !== undefined || mean.prior !== undefined;
    if (isAlone) matrix.set(gram);
    for (const [a, row] of at.entries()) {
      right[row] += share * cross[a];
      const from = a * at.length;
      for (let b = 0; !isAlone && b < at.length; b++) matrix[row * q + at[b]] += share * gram[from + b];
      for (let b = 0; hasPrior && b < at.length; b++) {
        const prior = variances[0] * precision(a, b);
        matrix[row * q + at[b]] += prior;
        right[row] -= prior * before[at[b]];
      }
    }
  });
  const fixed = means.flatMap(({ at, fixed = [] }) => fixed.map((j) => at[j]));
  eliminate(fixed, matrix, right);
  return { matrix, right };
}

/** Σ w (x'β)² of an expert's rows. */
function squareOf({ gram }: Moments, { at }: Predictor, coefficients: Float64Array): number {
  let sum = 0;
  at.forEach((row, a) => {
    for (const [b, column] of at.entries()) sum += coefficients[row] * gram[a * at.length + b] * coefficients[column];
  });
  return sum;
}

/** Σ w (e − x'δ)² of an expert's rows. */
function residualSquares({ square, cross, gram }: Moments, { at }: Predictor, change: Float64Array): number {
  const d = at.length;
  let sum = square;
  for (let a = 0; a < d; a++) {
    const own = change[at[a]];
    const from = a * d;
    sum -= 2 * cross[a] * own;
    for (let b = 0; b < d; b++) sum += own * gram[from + b] * change[at[b]];
  }
  return sum;
}

/** First-order gain of the step, of coefficients and logarithms of σ. */
function gainOf(
  { moments, means, deviations, own }: Group,
  before: Float64Array,
  change: Float64Array,
  oldVariances: Float64Array,
  variances: Float64Array,
): number {
  let gain = 0;
  deviations.forEach(({ weight, square }, d) => {
    gain += (square / oldVariances[d] - weight) * 0.5 * Math.log(variances[d] / oldVariances[d]);
  });
  means.forEach(({ at }, z) => {
    at.forEach((place, j) => {
      gain += (moments[z].cross[j] / oldVariances[own[z]]) * change[place];
    });
    couplingsOf([means[z]], [1], (row, column, precision) => {
      gain -= precision * before[column] * change[row];
    });
  });
  return gain;
}

/** Why a group's normal equations have no solution of their own. */
function undetermined(
  { moments, means }: Group,
  matrix: Float64Array,
  isOnly: boolean,
  columns: readonly string[],
): Failure {
  const found = dependence(matrix, Math.sqrt(matrix.length));
  const fewest = moments.find(({ weight }) => !(weight >= columns.length));
  if (found === undefined || fewest !== undefined) {
    const { weight, expert } = fewest ?? moments[0];
    const few = `${Number(weight.toPrecision(3))} rows, too few for ${columns.length} coefficients`;
    if (isOnly) return { kind: "emptied", reason: `there are ${few}` };
    const reason = `expert ${expert} emptied: its responsibilities sum to ${few}, so the fit is that of one expert fewer`;
    return { kind: "emptied", reason, expert };
  }
  const nameOf = (place: number): string =>
    quote(columns[means.flatMap(({ at }) => at.indexOf(place)).find((j) => j >= 0) ?? 0]);
  const [dependent, ...others] = [found.column, ...found.partners].map(nameOf);
  const is = others.length === 0 ? "0" : `a combination of ${others.join(" and ")}`;
  const named = moments.map(({ expert }) => String(expert));
  const owner = named.length === 1 ? `expert ${named[0]}` : `experts ${joined(named, "and")}`;
  const its = named.length === 1 ? "its" : "their";
  const reason = `the columns of ${owner} determine each other: in ${its} rows ${dependent} is ${is}; leave it out or set a ridge above 0`;
  return { kind: "collinear", reason };
}
