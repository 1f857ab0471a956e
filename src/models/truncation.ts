import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Parts } from "../laws/law.ts";
import { softmax } from "../math/softmax.ts";
import { assignedToFew, type FewExperts } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import {
  type GateSlopes,
  hasSlopes,
  knownNormaliser,
  slopeAdder,
  slopeLength,
  slopesOf,
  targetAdder,
} from "./gate-slopes.ts";
import { mixturePosterior } from "./posterior.ts";
import type { Choice, Restriction } from "./restriction.ts";
import { allSlots, densityOfSlots, gateOfBlock, largest, listedSlots, logitsOfSlots, refuseForSlots } from "./slots.ts";

/** Steps from one in which all experts of a row are looked at to the next. */
const REFRESH = 10;
/** Experts in a row's list of candidates, for each that it may belong to. */
const CANDIDATES = 4;

/** Most experts that can be told apart in a list. */
export const MOST_EXPERTS = 256;

/**
 * Responsibilities of at the most m experts a row: the m of the largest J_z = log g_z p_z(y), the posterior among them.
 *
 * In one step of ten all experts are looked at, and the 4m of the largest J are listed; in the others those on the list. The
 * row's last m are always among those that are chosen from, so that F never falls.
 *
 * @param m number of experts a row, from 1 to k
 * @remarks cost of a row: 4m logits and densities, and the normaliser of its gate; in one step of ten k of all
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
      refuseForSlots("use few experts a row", parts, rows);
      const step = before === undefined ? 0 : (before.step as number) + (isAgain ? 0 : 1);
      const pass: Pass = { parts, theta, rows, m, listed: Math.min(k, CANDIDATES * m), step };
      if (before === undefined || step % REFRESH === 0) return amongAll(pass);
      const lists = before.lists as ArrayLike<number>;
      return amongListed(pass, lists, before.curvature as ArrayLike<number> | undefined);
    },
  };
}

/** One E-step. */
interface Pass {
  readonly parts: Parts;
  readonly theta: Float64Array;
  readonly rows: Observations;
  readonly m: number;
  /** Length of a list. */
  readonly listed: number;
  /** Number of E-steps before it. */
  readonly step: number;
}

/** What is chosen of each row, filled row by row: the first m of its list, and the shares of these. */
class Chosen implements FewExperts {
  readonly experts: Uint8Array;
  readonly shares: Float64Array;
  readonly lists: Uint8Array;

  constructor(
    readonly width: number,
    readonly listed: number,
    rows: number,
  ) {
    this.experts = new Uint8Array(rows * width);
    this.shares = new Float64Array(rows * width);
    this.lists = new Uint8Array(rows * listed);
  }

  /** Lists a row's experts by J, and chooses the first; returns the logarithm of the sum of the chosen ones' exponentials. */
  choose(row: number, among: Uint8Array, joint: Float64Array): number {
    const { width, listed, experts, shares, lists } = this;
    const at = row * width;
    largest(joint, listed, (slot, from) => {
      lists[row * listed + slot] = among[from];
      if (slot >= width) return;
      experts[at + slot] = among[from];
      shares[at + slot] = joint[from];
    });
    return softmax(shares, at, 1, width);
  }
}

/** Chooses among all experts, and finds how much of the posterior is left out, and the curvature of a wide gate. */
function amongAll({ parts, theta, rows, m, listed, step }: Pass): Choice {
  const k = parts.experts.length;
  const chosen = new Chosen(m, listed, rows.rows);
  const gateOf = gateOfBlock(parts, theta);
  const density = densityOfSlots(parts, theta, k);
  const slotsOf = allSlots(k);
  const withSlopes = hasSlopes(parts);
  const addSlopes = withSlopes ? slopeAdder(parts) : undefined;
  const among = Uint8Array.from({ length: k }, (_, z) => z);
  const row = new Float64Array(k);
  const sums = sumOver(rows, 2 + (withSlopes ? slopeLength(parts) : 0), (block, sums) => {
    const { logGate, probabilities } = gateOf(block);
    const joint = density(block, slotsOf(block));
    for (let i = 0; i < block.rows; i++) {
      for (let z = 0; z < k; z++) row[z] = joint[z * BLOCK_ROWS + i] + logGate[z * BLOCK_ROWS + i];
      const found = chosen.choose(block.start + i, among, row);
      sums[0] += block.weights[i] * found;
      sums[1] += block.weights[i] * Math.log1p(leftOut(row, chosen, block.start + i, found));
    }
    addSlopes?.(block, probabilities, chosen, sums.subarray(2));
  });
  const slopes = withSlopes ? slopesOf(parts, sums.subarray(2)) : undefined;
  return { ...choiceOf(chosen, sums[0], k, step, slopes), gap: sums[1] };
}

/** Mass that a row's chosen experts leave to all others, as a part of their own. */
function leftOut(joint: Float64Array, { experts, width }: FewExperts, row: number, found: number): number {
  let sum = 0;
  for (let z = 0; z < joint.length; z++) {
    let isChosen = false;
    for (let at = row * width; at < (row + 1) * width; at++) isChosen ||= experts[at] === z;
    if (!isChosen) sum += Math.exp(joint[z] - found);
  }
  return sum;
}

/**
 * Chooses among the experts on each row's list.
 *
 * @param curvature of a wide gate, as it was when all were looked at
 */
function amongListed(
  { parts, theta, rows, m, listed, step }: Pass,
  lists: ArrayLike<number>,
  curvature: ArrayLike<number> | undefined,
): Choice {
  const k = parts.experts.length;
  const chosen = new Chosen(m, listed, rows.rows);
  const slotsOf = listedSlots(lists, listed);
  const density = densityOfSlots(parts, theta, listed);
  // Of a wide gate nothing is needed of all k logits but sums over rows.
  const known = curvature && knownNormaliser(parts, theta, rows);
  const gateOf = known ? undefined : gateOfBlock(parts, theta);
  const logits = logitsOfSlots(parts, theta, known ? listed : 0);
  const add = curvature && (known ? targetAdder(parts) : slopeAdder(parts));
  const [own, row] = [new Uint8Array(listed), new Float64Array(listed)];
  const sums = sumOver(rows, 1 + (curvature ? slopeLength(parts) : 0), (block, sums) => {
    const slots = slotsOf(block);
    const joint = density(block, slots);
    const gate = gateOf?.(block);
    const logit = gate?.logGate ?? logits(block, slots);
    for (let i = 0; i < block.rows; i++) {
      for (let s = 0, run = i; s < listed; s++, run += BLOCK_ROWS) {
        own[s] = slots[run];
        row[s] = joint[run] + logit[gate ? own[s] * BLOCK_ROWS + i : run];
      }
      sums[0] += block.weights[i] * chosen.choose(block.start + i, own, row);
    }
    add?.(block, gate?.probabilities ?? logit, chosen, sums.subarray(1));
  });
  if (curvature === undefined) return choiceOf(chosen, sums[0], k, step);
  const gradient = slopesOf(parts, sums.subarray(1)).gradient.map((slope, j) => slope + (known?.gradient[j] ?? 0));
  const slopes = { gradient, curvature: Float64Array.from(curvature) };
  return choiceOf(chosen, sums[0] - (known?.normaliser ?? 0), k, step, slopes);
}

function choiceOf(chosen: Chosen, bound: number, k: number, step: number, slopes?: GateSlopes): Choice {
  const { lists, width, shares } = chosen;
  return {
    bound,
    assignment: assignedToFew(chosen, shares.length / width, k),
    kept: { step, lists, ...(slopes && { curvature: slopes.curvature }) },
    ...(slopes && { slopes }),
  };
}
