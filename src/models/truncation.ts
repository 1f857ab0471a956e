import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor } from "../compute/kernels.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { assignedToFew } from "../rows/assignment.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { hasSlopes, slopeAdder, slopeLength } from "./gate-slopes.ts";
import { mixturePosterior } from "./posterior.ts";
import type { Choice, Kept, Restriction } from "./restriction.ts";

/** Steps from one in which all experts of a row are looked at to the next. */
const REFRESH = 10;

/** Most experts that can be told apart in what is kept of a row. */
export const MOST_EXPERTS = 256;

/**
 * Responsibilities of at the most m experts a row: the m of the largest J_z = log g_z p_z(y), the posterior among them.
 *
 * In one step of ten all experts are looked at; in the others the row's last m and the m of the largest gate probability
 * beside them, so that F never falls: the last m are always among those that are chosen from.
 *
 * @param m number of experts a row, from 1 to k
 * @remarks cost of a row: k logits and exponentials of the gate, 2m densities, in one step of ten k
 */
export function truncation(m: number): Restriction {
  return {
    name: "truncation",
    choose: (parts, theta, rows, before, isAgain) => {
      const k = parts.experts.length;
      if (m >= k) {
        const { logLikelihood, assignment } = mixturePosterior(parts, theta, rows);
        return { bound: logLikelihood, gap: 0, assignment, kept: {} };
      }
      if (before === undefined) return chooseAmong(parts, theta, rows, { m, width: k, step: 0 });
      const last = before.step as number;
      if (isAgain) return chooseAmong(parts, theta, rows, { m, width: m, step: last }, before);
      const width = (last + 1) % REFRESH === 0 ? k : Math.min(k, 2 * m);
      return chooseAmong(parts, theta, rows, { m, width, step: last + 1 }, before);
    },
  };
}

/** How many experts of a row are chosen, among how many, and in which step. */
interface Width {
  readonly m: number;
  readonly width: number;
  readonly step: number;
}

/** What is chosen of each row, filled row by row. */
class Chosen {
  readonly experts: Uint8Array;
  readonly shares: Float64Array;

  constructor(
    readonly width: number,
    rows: number,
  ) {
    this.experts = new Uint8Array(rows * width);
    this.shares = new Float64Array(rows * width);
  }

  /** Chooses a row's experts among some, by J; returns the logarithm of the sum of the chosen ones' exponentials. */
  choose(row: number, among: ArrayLike<number>, joint: Float64Array, count: number): number {
    const { width, experts, shares } = this;
    const at = row * width;
    largest(joint, count, width, (slot, from) => {
      experts[at + slot] = among[from];
      shares[at + slot] = joint[from];
    });
    const top = shares[at];
    let sum = 0;
    for (let slot = at; slot < at + width; slot++) {
      shares[slot] = Math.exp(shares[slot] - top);
      sum += shares[slot];
    }
    for (let slot = at; slot < at + width; slot++) shares[slot] /= sum;
    return top + Math.log(sum);
  }
}

/** Calls back with the places of the m largest of the first `count` values, the largest first; of equal ones the first. */
function largest(values: Float64Array, count: number, m: number, take: (slot: number, from: number) => void): void {
  let [above, last] = [Number.POSITIVE_INFINITY, -1];
  for (let slot = 0; slot < m; slot++) {
    let best = -1;
    for (let z = 0; z < count; z++) {
      // After those that were taken: lower, or as high and further on.
      const isLeft = values[z] < above || (values[z] === above && z > last);
      if (isLeft && (best < 0 || values[z] > values[best])) best = z;
    }
    take(slot, best);
    [above, last] = [values[best], best];
  }
}

/**
 * Chooses among the experts that a row had, and those that its gate finds most probable, `width` in all; where that is all of
 * them it is known how much of the posterior is left out.
 */
function chooseAmong(
  parts: Parts,
  theta: Float64Array,
  rows: Observations,
  { m, width, step }: Width,
  before?: Kept,
): Choice {
  const k = parts.experts.length;
  const isAll = width === k;
  const chosen = new Chosen(m, rows.rows);
  const gateOf = gateOfBlock(parts, theta);
  const candidates = candidatesOf(m, width, k, before?.experts as ArrayLike<number> | undefined);
  const density = densityOfSlots(parts, theta, width);
  const withSlopes = hasSlopes(parts);
  const withCurvature = withSlopes && isAll;
  const addSlopes = withSlopes ? slopeAdder(parts, withCurvature) : undefined;
  const length = withSlopes ? slopeLength(parts, withCurvature) : 0;
  const [own, row] = [new Uint8Array(width), new Float64Array(width)];
  const sums = sumOver(rows, 2 + length, (block, sums) => {
    const { logGate, probabilities } = gateOf(block);
    const slots = candidates(block, logGate);
    const joint = density(block, slots);
    for (let i = 0; i < block.rows; i++) {
      for (let s = 0; s < width; s++) {
        own[s] = slots[s * BLOCK_ROWS + i];
        row[s] = joint[s * BLOCK_ROWS + i] + logGate[own[s] * BLOCK_ROWS + i];
      }
      const found = chosen.choose(block.start + i, own, row, width);
      sums[0] += block.weights[i] * found;
      if (isAll) sums[1] += block.weights[i] * Math.log1p(leftOut(row, chosen.experts, (block.start + i) * m, m, found));
    }
    addSlopes?.(block, probabilities, chosen, sums.subarray(2));
  });
  const assignment = assignedToFew(chosen, rows.rows, k);
  const kept = { step, experts: chosen.experts };
  const found = { bound: sums[0], ...(isAll && { gap: sums[1] }) };
  if (!withSlopes) return { ...found, assignment, kept };
  const d = parts.gate[0].at.length;
  const gradient = sums.slice(2, 2 + k * d);
  const curvature = withCurvature ? sums.slice(2 + k * d) : Float64Array.from(before!.curvature as ArrayLike<number>);
  return { ...found, assignment, kept: { ...kept, curvature }, slopes: { gradient, curvature } };
}

/** Mass that a row's chosen experts leave to all others, as a part of their own: of J in the order of the experts. */
function leftOut(joint: Float64Array, chosen: Uint8Array, from: number, m: number, found: number): number {
  let sum = 0;
  for (let z = 0; z < joint.length; z++) {
    let isChosen = false;
    for (let at = from; at < from + m; at++) isChosen ||= chosen[at] === z;
    if (!isChosen) sum += Math.exp(joint[z] - found);
  }
  return sum;
}

/** The experts of a block's rows that are chosen among, as runs: those they had first. */
function candidatesOf(
  m: number,
  width: number,
  k: number,
  before: ArrayLike<number> | undefined,
): (block: Block, logGate: Float64Array) => Uint8Array {
  const slots = new Uint8Array(width * BLOCK_ROWS);
  if (width === k || before === undefined) {
    for (let z = 0; z < k; z++) slots.fill(z, z * BLOCK_ROWS, (z + 1) * BLOCK_ROWS);
    return () => slots;
  }
  const row = new Float64Array(k);
  return ({ start, rows }, logGate) => {
    for (let i = 0; i < rows; i++) {
      for (let s = 0; s < m; s++) slots[s * BLOCK_ROWS + i] = before[(start + i) * m + s];
      if (width === m) continue;
      for (let z = 0; z < k; z++) row[z] = logGate[z * BLOCK_ROWS + i];
      // They are there already, whatever the gate says.
      for (let s = 0; s < m; s++) row[slots[s * BLOCK_ROWS + i]] = Number.NEGATIVE_INFINITY;
      largest(row, k, width - m, (s, z) => {
        slots[(m + s) * BLOCK_ROWS + i] = z;
      });
    }
    return slots;
  };
}

/** Gate probabilities of a block's rows and their logarithms (k runs each), in scratch. */
function gateOfBlock(
  { gateLaw, gate, experts }: Parts,
  theta: Float64Array,
): (block: Block) => { readonly logGate: Float64Array; readonly probabilities: Float64Array } {
  const k = experts.length;
  const eta = new Float64Array(gate.length * BLOCK_ROWS);
  const logGate = new Float64Array(k * BLOCK_ROWS);
  const probabilities = new Float64Array(k * BLOCK_ROWS);
  const [top, sum] = [new Float64Array(BLOCK_ROWS), new Float64Array(BLOCK_ROWS)];
  return ({ x, rows }) => {
    gate.forEach(({ at }, h) => {
      linearPredictor(x.gate, rows, theta, at, eta, h * BLOCK_ROWS);
    });
    gateLaw.logits(eta, rows, logGate);
    top.fill(Number.NEGATIVE_INFINITY);
    sum.fill(0);
    for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) if (logGate[run + i] > top[i]) top[i] = logGate[run + i];
    }
    for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) {
        const value = Math.exp(logGate[run + i] - top[i]);
        probabilities[run + i] = value;
        sum[i] += value;
      }
    }
    for (let i = 0; i < rows; i++) {
      top[i] += Math.log(sum[i]);
      sum[i] = 1 / sum[i];
    }
    for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) {
        logGate[run + i] -= top[i];
        probabilities[run + i] *= sum[i];
      }
    }
    return { logGate, probabilities };
  };
}

/** Log-densities of a block's rows under some experts each, as runs: those of a run are of another expert in each row. */
function densityOfSlots(
  { law, experts }: Parts,
  theta: Float64Array,
  width: number,
): (block: Block, slots: Uint8Array) => Float64Array {
  const m = predictorCount(law);
  const eta = new Float64Array(m * BLOCK_ROWS);
  const out = new Float64Array(width * BLOCK_ROWS);
  // The coefficients of all experts, predictor by predictor and column by column.
  const coefficients = experts[0].map((_, h) =>
    experts[0][h].at.map((_, j) => Float64Array.from(experts, (predictors) => theta[predictors[h].at[j]])),
  );
  return (block, slots) => {
    const { rows, x, offset } = block;
    for (let run = 0; run < width * BLOCK_ROWS; run += BLOCK_ROWS) {
      eta.fill(0);
      coefficients.forEach((columns, h) => {
        const { values, start } = x[experts[0][h].design];
        columns.forEach((coefficient, j) => {
          const column = values[j];
          for (let i = 0; i < rows; i++) eta[h * BLOCK_ROWS + i] += coefficient[slots[run + i]] * column[start + i];
        });
      });
      for (let i = 0; i < rows; i++) eta[i] += offset[i];
      law.logDensity(block, eta, 0, out, run);
    }
    return out;
  };
}
