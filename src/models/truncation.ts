import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor } from "../compute/kernels.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { normaliseLogits } from "../laws/softmax.ts";
import { assignedToFew } from "../rows/assignment.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { blockJoint } from "./e-step.ts";
import { mixturePosterior } from "./posterior.ts";
import type { Choice, Restriction } from "./restriction.ts";

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
      if (m >= parts.experts.length) {
        const { logLikelihood, assignment } = mixturePosterior(parts, theta, rows);
        return { bound: logLikelihood, gap: 0, assignment, kept: {} };
      }
      if (before === undefined) return ofAll(parts, theta, rows, m, 0);
      const experts = before.experts as ArrayLike<number>;
      const last = before.step as number;
      if (isAgain) return ofCandidates(parts, theta, rows, m, m, last, experts);
      const step = last + 1;
      if (step % REFRESH === 0) return ofAll(parts, theta, rows, m, step);
      return ofCandidates(parts, theta, rows, m, Math.min(2 * m, parts.experts.length), step, experts);
    },
  };
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

  choice(bound: number, rows: number, k: number, step: number, gap?: number): Choice {
    const assignment = assignedToFew(this, rows, k);
    return { bound, assignment, kept: { step, experts: this.experts }, ...(gap !== undefined && { gap }) };
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

/** Chooses among all experts, and finds how much of the posterior is left out. */
function ofAll(parts: Parts, theta: Float64Array, rows: Observations, m: number, step: number): Choice {
  const k = parts.experts.length;
  const chosen = new Chosen(m, rows.rows);
  const join = blockJoint(parts, theta, rows);
  const all = Uint16Array.from({ length: k }, (_, z) => z);
  const row = new Float64Array(k);
  const [bound, gap] = sumOver(rows, 2, (block, sums) => {
    const { joint } = join(block);
    for (let i = 0; i < block.rows; i++) {
      for (let z = 0; z < k; z++) row[z] = joint[z * BLOCK_ROWS + i];
      const found = chosen.choose(block.start + i, all, row, k);
      sums[0] += block.unitWeights[i] * found;
      // −log of the kept mass: the mass left out, relative to what is kept.
      let out = 0;
      for (let z = 0; z < k; z++) out += Math.exp(row[z] - found);
      for (let slot = (block.start + i) * m; slot < (block.start + i + 1) * m; slot++) {
        out -= Math.exp(row[chosen.experts[slot]] - found);
      }
      sums[1] += block.unitWeights[i] * Math.log1p(Math.max(0, out));
    }
  });
  return chosen.choice(bound, rows.rows, k, step, gap);
}

/** Chooses among the experts that a row had, and those that its gate finds most probable, `width` in all. */
function ofCandidates(
  parts: Parts,
  theta: Float64Array,
  rows: Observations,
  m: number,
  width: number,
  step: number,
  before: ArrayLike<number>,
): Choice {
  const k = parts.experts.length;
  const chosen = new Chosen(m, rows.rows);
  const logits = gateOfBlock(parts, theta);
  const density = densityOfSlots(parts, theta, width);
  const slots = new Uint8Array(width * BLOCK_ROWS);
  const own = new Uint8Array(width);
  const row = new Float64Array(Math.max(k, width));
  const [bound] = sumOver(rows, 1, (block, sums) => {
    const logGate = logits(block);
    for (let i = 0; i < block.rows; i++) {
      for (let z = 0; z < k; z++) row[z] = logGate[z * BLOCK_ROWS + i];
      for (let s = 0; s < m; s++) {
        const z = before[(block.start + i) * m + s];
        slots[s * BLOCK_ROWS + i] = z;
        // It is there already, whatever the gate says.
        row[z] = Number.NEGATIVE_INFINITY;
      }
      largest(row, k, width - m, (s, z) => {
        slots[(m + s) * BLOCK_ROWS + i] = z;
      });
    }
    const joint = density(block, slots);
    for (let i = 0; i < block.rows; i++) {
      for (let s = 0; s < width; s++) {
        own[s] = slots[s * BLOCK_ROWS + i];
        row[s] = joint[s * BLOCK_ROWS + i] + logGate[own[s] * BLOCK_ROWS + i];
      }
      sums[0] += block.unitWeights[i] * chosen.choose(block.start + i, own, row, width);
    }
  });
  return chosen.choice(bound, rows.rows, k, step);
}

/** Log gate probabilities of a block's rows (k runs), in scratch. */
function gateOfBlock({ gateLaw, gate, experts }: Parts, theta: Float64Array): (block: Block) => Float64Array {
  const eta = new Float64Array(gate.length * BLOCK_ROWS);
  const logGate = new Float64Array(experts.length * BLOCK_ROWS);
  return ({ x, rows }) => {
    gate.forEach(({ at }, h) => {
      linearPredictor(x.gate, rows, theta, at, eta, h * BLOCK_ROWS);
    });
    gateLaw.logits(eta, rows, logGate);
    normaliseLogits(logGate, experts.length, rows);
    return logGate;
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
