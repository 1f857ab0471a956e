import { softmax } from "../math/softmax.ts";
import { newtonDirection } from "./newton-direction.ts";

/** Column sums of the weighted probabilities are within so much of the band, as parts of the total weight. */
const EXACT = 1e-11;
/** What is called found at the least. */
const ENOUGH = 1e-8;
/** The same at a higher temperature, on the way, as a part of the least mean. */
const ROUGH = 0.1;
const STEPS = 50;
/** A multiplier changes in a step by so many nats at the most, at temperature 1. */
const LONGEST = 8;
const SHORTEST = 2 ** -40;
/** Probabilities below this add nothing to a curvature. */
const NOTHING = 1e-20;
/** Temperatures of the way are powers of this. */
const COOLING = 4;

/** Rows of probabilities, given by their logarithms, whose columns are to be balanced. */
export interface Unbalanced {
  /** J, n × k row-major: logarithms of what need not be normalised. */
  readonly joint: Float64Array;
  readonly k: number;
  /** Weight of each row, 0 or more (n). */
  readonly weights: Float64Array;
  /** Least and largest weighted mean of a column, as multiples of 1/k: from 0 to 1, and from 1 on. */
  readonly least: number;
  readonly most: number;
}

/** Balanced probabilities, and what they are made with. */
export interface Balanced {
  /** q, n × k row-major. */
  readonly probabilities: Float64Array;
  /** λ of each column (k), in nats. */
  readonly multipliers: Float64Array;
  /** The dual, min_λ Σ w lse(J + λ) − (W/k) Σ (lo λ⁺ − hi (−λ)⁺): that of J − log q at the maximum, in nats. */
  readonly dual: number;
  /** Most that a column's mean is outside of the band. */
  readonly error: number;
}

/**
 * The rows of probabilities nearest to softmax(J) in Kullback and Leibler's sense, Σ w KL(q_i‖·), whose columns have means
 * between lo/k and hi/k: q_iz ∝ exp(J_iz + λ_z), a Bregman projection.
 *
 * One multiplier a column, by Newton's method on the convex dual, each kept to its side of 0, where its bound changes. From
 * afar, where probabilities are 0 and 1 and the dual is flat, it is followed down from a temperature at which they are not.
 *
 * @param from multipliers to start from (k); absent: 0
 * @returns nothing where there are none, as of columns that are impossible in too many rows
 * @remarks cost of a step: n k exponentials, and of a Hessian as many products as pairs of probabilities in a row are above 0.
 *   With one step for each column in turn it is Sinkhorn's scaling.
 */
export function balanced(rows: Unbalanced, from?: Float64Array): Balanced | undefined {
  const about = shifted(rows);
  const start = from ?? new Float64Array(rows.k);
  let found = descend(about, start, 1, EXACT);
  if (!(found.error <= EXACT)) {
    let multipliers: Float64Array = new Float64Array(rows.k);
    const rough = Math.max(EXACT, (ROUGH * (rows.least || 1)) / rows.k);
    for (let heat = COOLING ** Math.ceil(Math.log(1 + about.range) / Math.log(COOLING)); heat > 1; heat /= COOLING) {
      ({ multipliers } = descend(about, multipliers, heat, rough));
    }
    const cooled = descend(about, multipliers, 1, EXACT);
    if (cooled.error < found.error || Number.isNaN(found.error)) found = cooled;
  }
  if (!(found.error <= ENOUGH)) return undefined;
  const { multipliers, error } = found;
  const at = new Point(about, multipliers, 1);
  return { probabilities: at.probabilities(), multipliers, error, dual: at.value + about.offset };
}

/** Rows whose largest logarithm is 0. */
interface Shifted extends Unbalanced {
  /** Σ w of what was taken off. */
  readonly offset: number;
  /** Largest difference in a row. */
  readonly range: number;
  readonly total: number;
}

function shifted({ joint: given, k, weights, ...band }: Unbalanced): Shifted {
  const joint = given.slice();
  let [offset, range, total] = [0, 0, 0];
  for (const [i, weight] of weights.entries()) {
    const row = joint.subarray(i * k, (i + 1) * k);
    const top = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    for (let z = 0; z < k; z++) {
      row[z] -= top;
      if (weight > 0 && row[z] > Number.NEGATIVE_INFINITY) range = Math.max(range, -row[z]);
    }
    offset += weight * top;
    total += weight;
  }
  return { joint, k, weights, ...band, offset, range, total };
}

/** The dual and its slopes at multipliers λ and a temperature, at which probabilities are softmax((J + λ)/T). */
class Point {
  readonly value: number;
  /** Weighted sum of each column. */
  readonly columns: Float64Array;

  constructor(
    readonly rows: Shifted,
    readonly multipliers: Float64Array,
    readonly heat: number,
  ) {
    const { k, least, most, total, weights } = rows;
    this.columns = new Float64Array(k);
    const row = new Float64Array(k);
    let value = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      value += weights[i] * heat * this.#row(i, row);
      for (let z = 0; z < k; z++) this.columns[z] += weights[i] * row[z];
    }
    for (const each of multipliers) value -= (total / k) * (each > 0 ? least : most) * each;
    this.value = value;
  }

  /** Probabilities of a row; returns the logarithm of what they are divided by. */
  #row(i: number, out: Float64Array): number {
    const { k, joint } = this.rows;
    for (let z = 0, at = i * k; z < k; z++, at++) out[z] = (joint[at] + this.multipliers[z]) / this.heat;
    return softmax(out, 0, 1, k);
  }

  /** By how much each column's sum is beyond the bound that its multiplier is of; 0 of one that is within and has none. */
  excess(): Float64Array {
    const { k, least, most, total } = this.rows;
    return this.columns.map((sum, z) => {
      const [low, high] = [sum - (least * total) / k, sum - (most * total) / k];
      if (this.multipliers[z] > 0) return low;
      if (this.multipliers[z] < 0) return high;
      return low < 0 ? low : Math.max(0, high);
    });
  }

  /** Second derivatives of the dual between some columns. */
  hessian(among: readonly number[]): Float64Array {
    const { k, weights } = this.rows;
    const q = among.length;
    const out = new Float64Array(q * q);
    const row = new Float64Array(k);
    const own: number[] = [];
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      this.#row(i, row);
      own.length = 0;
      for (let a = 0; a < q; a++) if (row[among[a]] > NOTHING) own.push(a);
      for (const a of own) {
        const p = (weights[i] * row[among[a]]) / this.heat;
        // 1 − q has no digits left where one is all but certain.
        let others = 0;
        for (let z = 0; z < k; z++) if (z !== among[a]) others += row[z];
        out[a * (q + 1)] += p * others;
        for (const b of own) if (b !== a) out[a * q + b] -= p * row[among[b]];
      }
    }
    return out;
  }

  probabilities(): Float64Array {
    const { k, weights } = this.rows;
    const out = new Float64Array(weights.length * k);
    for (let i = 0; i < weights.length; i++) this.#row(i, out.subarray(i * k, (i + 1) * k));
    return out;
  }
}

/** Newton's method on the dual. */
function descend(
  rows: Shifted,
  from: Float64Array,
  heat: number,
  tolerance: number,
): { readonly multipliers: Float64Array; readonly error: number } {
  let here = new Point(rows, from, heat);
  let error = Number.NaN;
  for (let step = 0; step <= STEPS; step++) {
    const excess = here.excess();
    error = excess.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / rows.total;
    if (!(error > tolerance) || step === STEPS) break;
    const next = lower(here, excess);
    if (next === undefined) break;
    here = next;
  }
  return { multipliers: here.multipliers, error };
}

/** The point that a step of Newton's leads to; nothing where it does not lead down. */
function lower(here: Point, excess: Float64Array): Point | undefined {
  const { rows, multipliers, heat, value } = here;
  const among = Array.from(multipliers.keys()).filter((z) => multipliers[z] !== 0 || excess[z] !== 0);
  const slopes = Float64Array.from(among, (z) => -excess[z]);
  const hessian = here.hessian(among);
  // Where probabilities are 0 and 1 the dual is flat, and a step is to be no longer than it is known to be.
  slopes.forEach((slope, a) => {
    hessian[a * (among.length + 1)] += Math.abs(slope) / (LONGEST * heat);
  });
  const direction = newtonDirection(slopes, hessian);
  const longest = direction.reduce((most, change) => Math.max(most, Math.abs(change)), 0);
  const cut = Math.min(1, (LONGEST * heat) / longest);
  // Rounding of the value's terms must not reject a step that is right.
  const slack = 1e-15 * (Math.abs(value) + rows.total);
  for (let length = cut; length > SHORTEST; length /= 2) {
    const next = multipliers.slice();
    let promised = 0;
    among.forEach((z, a) => {
      const to = multipliers[z] + length * direction[a];
      // Beyond 0 it would be the other bound's; from 0 it goes where its own column needs it.
      const side = Math.sign(multipliers[z]) || -Math.sign(excess[z]);
      next[z] = side * to > 0 ? to : 0;
      promised += excess[z] * (next[z] - multipliers[z]);
    });
    const there = new Point(rows, next, heat);
    if (promised < 0 && there.value <= value + 1e-4 * promised + slack) return there;
  }
  return undefined;
}
