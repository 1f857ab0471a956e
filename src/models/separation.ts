import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor } from "../compute/kernels.ts";
import { expertsBelow, ofNode } from "../laws/gates/nodes.ts";
import { softmaxPenalty } from "../laws/softmax.ts";
import { dependence } from "../math/dependent.ts";
import { designGram, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight } from "../rows/units.ts";
import { flatDirections } from "./flat-directions.ts";
import { DENSE } from "./information.ts";
import type { Mixture } from "./mixture.ts";
import { type Part, partInformation } from "./part-information.ts";
import { expertShares } from "./shares.ts";

/** A part of a mixture whose coefficients have no finite maximum, or none of their own. */
export interface Separation {
  /** `gate`, `gate1.2` below the branch 1.2 of a tree, or `expert2`. */
  readonly part: string;
  /**
   * `collinear`: the columns determine each other in the part's rows; `classes`: they separate its classes perfectly;
   * `one label`: its rows have no other; `zeros`: every count is 0, of all its rows or on one side of the columns;
   * `outcomes`: the columns separate successes from failures perfectly, or all of its trials are one of them.
   */
  readonly kind: "collinear" | "classes" | "one label" | "zeros" | "outcomes";
  /** The label; `success` or `failure`, where there is no other; or where the counts are 0, such as `d3 = 1`, where one value of each column says it. */
  readonly detail?: string;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** A precision, per row, of the predictors' prior at which the log-likelihood falls short by a part of {@link SHORT} only. */
  readonly precision: number;
}

/** Nats per row that a prior against separation may cost. */
export const SHORT = 1e-6;
/** Curvatures, as shares of what they would be without certainty, of directions that are tried together. */
const FLAT = [1e-10, 1e-8, 1e-6, 1e-4, 1e-2];
/** A part whose predictors are smaller in every row has not run off. */
const MODERATE = 15;
/** How far along a direction the log-likelihood is followed: multiples of a predictor's root mean square of 1. */
const RAY = Array.from({ length: 5 }, (_, at) => 4 ** (at - 1));
/** Part of an expert's share of the rows' weight that it still has where it counts as not emptied. */
const EMPTIED = 1e-3;
/** A column's share of a flat direction, of the largest, from which on it is named. */
const NAMED = 0.1;
/** Share of an expert's rows that may have another label than all the rest, as rounding leaves it. */
const ONE_LABEL = 1e-6;
/** Prior precision against columns that determine each other, where any will do. */
const ANY = 1e-8;

/**
 * The parts of a mixture that have no finite maximum: where a gate, logistic experts or counts of 0 are perfectly
 * separated by some columns, or an expert's rows leave columns that determine each other.
 *
 * A direction v of a part's coefficients is flat where v'Cv, with the part's complete information C, is small against
 * what v does to the predictors in the part's own rows, v'(K ⊗ Σ w r xx')v. The part is separated where the
 * log-likelihood rises all the way along v, to logits of hundreds: it needs no run that has ended, or come far.
 *
 * @param theta parameters, on the way or where a run has ended (p)
 * @param options.grams of the rows, where they are known
 * @param options.isLookedAt whether the part of a name is looked at; default: each
 * @param options.isHeld whether priors hold the parts' predictors back, so that they tell nothing by their size
 * @returns one entry at the most for each part; none above 600 parameters, where they are not looked for
 * @remarks cost n·q² multiplications for the q coefficients of each part, and some E-steps. On separation: Albert and
 *   Anderson 1984.
 */
export function separations(
  model: Mixture,
  theta: Float64Array,
  data: Observations,
  { grams = gramsOf(data), isLookedAt = () => true, isHeld = false }: Looked = {},
): Separation[] {
  if (model.names.length > DENSE) return [];
  return partsOf(model).flatMap((part) => {
    if (!isLookedAt(part.name) || !(isHeld || hasRunOff(part, theta, data))) return [];
    return separationOf(model, part, theta, data, grams) ?? [];
  });
}

interface Looked {
  readonly grams?: Grams;
  readonly isLookedAt?: (part: string) => boolean;
  readonly isHeld?: boolean;
}

/** Σ w xx' of the columns that a predictor's design has, over all rows (d × d). */
export type Grams = (design: Predictor["design"]) => Float64Array;

/** Gram matrices of the rows, found when they are first asked for. */
export function gramsOf(data: Observations): Grams {
  const known = new Map<Predictor["design"], Float64Array>();
  return (design) => {
    const found = known.get(design) ?? designGram(data, design === "gate" ? "gate" : "expert");
    known.set(design, found);
    return found;
  };
}

function partsOf({ gate, gateLaw, experts, law }: Mixture): Part[] {
  const parts = gateLaw.nodes.flatMap((node): Part[] => {
    const { part: name, first, branches } = node;
    const heads = ofNode(node, gate);
    const own = { name, heads, first, coupling: softmaxPenalty(branches.length), experts: expertsBelow(node) };
    return heads.length === 0 ? [] : [own];
  });
  if (law.separable === "nowhere") return parts;
  // A scale has no columns to separate anything.
  const m = law.predictors.length;
  const coupling = law.scale === undefined ? law.penalty : [1];
  return [
    ...parts,
    ...experts.map((heads, z) => ({ name: `expert${z + 1}`, heads: heads.slice(0, m), coupling, experts: [z] })),
  ];
}

/** Whether any predictor of a part is so large in any row that its class, or a count of 0, is all but certain. */
function hasRunOff({ heads }: Part, theta: Float64Array, data: Observations): boolean {
  const eta = new Float64Array(BLOCK_ROWS);
  let largest = 0;
  sumOver(data, 0, ({ x, rows }) => {
    for (const { design, at } of heads) {
      linearPredictor(x[design], rows, theta, at, eta, 0);
      for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(eta[i]));
    }
  });
  return largest > MODERATE;
}

function separationOf(
  model: Mixture,
  part: Part,
  theta: Float64Array,
  data: Observations,
  grams: Grams,
): Separation | undefined {
  const { heads, coupling, name } = part;
  const [{ at, design }] = heads;
  const d = at.length;
  const places = heads.flatMap((head) => head.at);
  const { columns, values } = data[design === "gate" ? "gate" : "expert"];
  const { weight, gram, curvature } = partInformation(model, part, theta, data);
  const dependent = dependence(gram, d);
  if (dependent !== undefined) {
    const named = [dependent.column, ...dependent.partners].map((j) => columns[j]);
    return { part: name, kind: "collinear", columns: named, precision: ANY };
  }
  const own = Float64Array.from(places, (place) => theta[place]);
  for (const direction of flatDirections({ heads, coupling, weight, gram, curvature, own }, FLAT)) {
    const climb = climbAlong(model, direction, places, theta, data);
    if (climb === undefined) continue;
    const { heights, before } = climb;
    const top = heights[heights.length - 1];
    const enough = [before, ...heights].findIndex((height) => top - height <= SHORT * model.totalWeight(data));
    const reached = own.map((value, j) => value + (enough === 0 ? 0 : RAY[enough - 1]) * direction[j]);
    const precision = (SHORT * model.totalWeight(data)) / (0.5 * quadratic(reached, coupling, grams(design), d));
    const leading = leadingColumns(direction, values.map(spread(data)), columns);
    return {
      part: name,
      ...kindOf(model, part, direction, leading, theta, data),
      columns: leading,
      precision,
    };
  }
  return undefined;
}

/**
 * Follows the log-likelihood along a direction of a part's coefficients.
 *
 * @returns its value at θ and at the points of the ray; nothing where it falls on the way, or where an expert empties
 */
function climbAlong(
  model: Mixture,
  direction: Float64Array,
  places: readonly number[],
  theta: Float64Array,
  data: Observations,
): { readonly before: number; readonly heights: readonly number[] } | undefined {
  const { logLikelihood: before, responsibilities } = model.posterior(theta, data);
  // A direction is the true one to the curvature that is left, which shows far along it.
  const slack = 1e-3 * SHORT * model.totalWeight(data) + 1e-13 * Math.abs(before);
  const heights: number[] = [];
  let end = theta;
  for (const distance of RAY) {
    end = theta.slice();
    direction.forEach((value, j) => {
      end[places[j]] += distance * value;
    });
    const { logLikelihood } = model.eStep(end, data);
    if (!(logLikelihood >= (heights.at(-1) ?? before) - slack)) return undefined;
    heights.push(logLikelihood);
  }
  const { k } = model.spec;
  const shares = expertShares(model.posterior(end, data).responsibilities, k, data);
  const empties = expertShares(responsibilities, k, data).some((share, z) => !(shares[z] > EMPTIED * share));
  return empties ? undefined : { before, heights };
}

/** Why coefficients run off along a direction: of an expert, whether its rows have one label only, or which counts are 0. */
function kindOf(
  model: Mixture,
  { experts: [expert], first }: Part,
  direction: Float64Array,
  leading: readonly string[],
  theta: Float64Array,
  data: Observations,
): Pick<Separation, "kind" | "detail"> {
  if (first !== undefined) return { kind: "classes" };
  const { law, spec } = model;
  if (law.separable === "zeros") return zerosOf(direction, leading, data);
  const { labels = [], k } = spec;
  const { responsibilities } = model.posterior(theta, data);
  if (law.separable === "trials") return outcomeOf(responsibilities, expert, k, data);
  const weight = new Float64Array(labels.length);
  data.response.forEach((code, i) => {
    weight[code] += (data.weights?.[i] ?? 1) * responsibilities[i * k + expert];
  });
  const all = weight.reduce((sum, w) => sum + w, 0);
  const only = labels.findIndex((_, code) => weight[code] > (1 - ONE_LABEL) * all);
  return only < 0 ? { kind: "classes" } : { kind: "one label", detail: labels[only] };
}

/** Whether all trials of an expert's rows are successes, or none is. */
function outcomeOf(
  responsibilities: Float64Array,
  expert: number,
  k: number,
  { response, trials, weights }: Observations,
): Pick<Separation, "kind" | "detail"> {
  let [successes, all] = [0, 0];
  response.forEach((y, i) => {
    const weight = (weights?.[i] ?? 1) * responsibilities[i * k + expert];
    successes += weight * y;
    all += weight * (trials?.[i] ?? 1);
  });
  if (successes > (1 - ONE_LABEL) * all) return { kind: "outcomes", detail: "success" };
  return { kind: "outcomes", ...(successes < ONE_LABEL * all && { detail: "failure" }) };
}

/** Which rows a direction leads to counts of 0: all, those with one value of each column, or those on one side. */
function zerosOf(
  direction: Float64Array,
  leading: readonly string[],
  { rows, expert: { columns, values } }: Observations,
): Pick<Separation, "kind" | "detail"> {
  const moved: number[] = [];
  for (let i = 0; i < rows; i++) {
    if (direction.reduce((sum, value, j) => sum + value * values[j][i], 0) < -1e-3) moved.push(i);
  }
  if (moved.length === rows || moved.length === 0) return { kind: "zeros" };
  const held = leading.map((name) => ({ name, column: values[columns.indexOf(name)] }));
  const isAlike = (i: number): boolean => held.every(({ column }) => column[i] === column[moved[0]]);
  // The first level of a factor is where the columns of all others are 0.
  const alike = Array.from({ length: rows }, (_, i) => i).filter(isAlike);
  const isOne = alike.length === moved.length && moved.every(isAlike);
  const said = held.map(({ name, column }) => `${name} = ${column[moved[0]]}`);
  return { kind: "zeros", ...(isOne && { detail: said.join(" and ") }) };
}

/** The columns that lead along a direction, by their spread: the intercept only where there is no other. */
function leadingColumns(
  direction: Float64Array,
  spreads: readonly number[],
  columns: readonly string[],
): readonly string[] {
  const d = columns.length;
  const shares = new Float64Array(d);
  direction.forEach((value, at) => {
    shares[at % d] = Math.max(shares[at % d], Math.abs(value) * spreads[at % d]);
  });
  const largest = Math.max(...shares);
  // Directions have a root mean square of 1: with no column that moves the predictors, the intercept does.
  if (!(largest > 1e-3)) return columns.filter((_, j) => spreads[j] === 0);
  return columns.filter((_, j) => shares[j] > NAMED * largest);
}

/** Standard deviation of a column, by the rows' weights. */
function spread({ rows, weights }: Observations): (column: Float64Array) => number {
  const total = totalWeight({ rows, weights });
  return (column) => {
    const mean = column.reduce((sum, x, i) => sum + (weights?.[i] ?? 1) * x, 0) / total;
    return Math.sqrt(column.reduce((sum, x, i) => sum + (weights?.[i] ?? 1) * (x - mean) ** 2, 0) / total);
  };
}

/** Σ_hj K_hj θ_h'Gθ_j */
function quadratic(theta: Float64Array, coupling: readonly number[], gram: Float64Array, d: number): number {
  const m = theta.length / d;
  let sum = 0;
  for (let h = 0; h < m; h++) {
    for (let j = 0; j < m; j++) {
      for (let a = 0; a < d; a++) {
        for (let b = 0; b < d; b++) {
          sum += coupling[h * m + j] * theta[h * d + a] * gram[a * d + b] * theta[j * d + b];
        }
      }
    }
  }
  return sum;
}
