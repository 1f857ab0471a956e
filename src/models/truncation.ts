import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type FewChoice, type FewSums, kernelOf, type Parts } from "../laws/law.ts";
import { softmax } from "../math/softmax.ts";
import { assignedToFew, type FewExperts } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { hasSlopes, slopeAdder, slopeLength, slopesOf } from "./gate-slopes.ts";
import { mixturePosterior } from "./posterior.ts";
import type { Restriction } from "./restriction.ts";
import { allSlots, densityOfSlots, gateOfBlock, largest, listedSlots, refuseForSlots } from "./slots.ts";

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
      const isListed = before !== undefined && step % REFRESH !== 0;
      const lists = isListed ? Uint8Array.from(before.lists as ArrayLike<number>) : undefined;
      const chosen = new Chosen(m, Math.min(k, CANDIDATES * m), rows.rows, lists);
      const withGate = hasSlopes(parts);
      const { width, listed, shares } = chosen;
      const choice = { width, listed, lists: chosen.lists, shares, isListed, withGate };
      const compiled = kernelOf(parts, rows)?.few?.(parts, theta, rows, choice);
      if (compiled !== undefined) chosen.readLists();
      const found = compiled ?? plainSums(parts, theta, rows, chosen, choice);
      // The curvature of a wide gate is as it was when all experts were looked at.
      const known = isListed && withGate ? Float64Array.from(before.curvature as ArrayLike<number>) : undefined;
      const slopes = withGate ? slopesOf(parts, found.ofGate, known) : undefined;
      const { experts } = chosen;
      const few = { width, experts, shares, ...(found.ofExperts && { sums: found.ofExperts }) };
      return {
        bound: found.bound,
        ...(!isListed && { gap: found.gap }),
        assignment: assignedToFew(few, rows.rows, k),
        kept: { step, lists: chosen.lists, ...(slopes && { curvature: slopes.curvature }) },
        ...(slopes && { slopes }),
      };
    },
  };
}

/** What is chosen of each row, filled row by row: the first m of its list, and the shares of these. */
class Chosen implements FewExperts {
  readonly experts: Uint8Array;
  readonly shares: Float64Array;

  /** @param lists that are chosen from, to be put in order; default: filled */
  constructor(
    readonly width: number,
    readonly listed: number,
    readonly rows: number,
    readonly lists: Uint8Array = new Uint8Array(rows * listed),
  ) {
    this.experts = new Uint8Array(rows * width);
    this.shares = new Float64Array(rows * width);
  }

  /** Lists a row's experts by J, and chooses the first; returns the logarithm of the sum of the chosen ones' exponentials. */
  choose(row: number, among: Uint8Array, joint: Float64Array): number {
    const { width, listed, experts, shares, lists } = this;
    largest(joint, listed, (slot, from) => {
      lists[row * listed + slot] = among[from];
      if (slot >= width) return;
      experts[row * width + slot] = among[from];
      shares[row * width + slot] = joint[from];
    });
    return softmax(shares, row * width, 1, width);
  }

  /** Takes the experts from lists that are in order. */
  readLists(): void {
    const { width, listed, rows, lists, experts } = this;
    for (let i = 0; i < rows; i++) {
      for (let s = 0; s < width; s++) experts[i * width + s] = lists[i * listed + s];
    }
  }
}

/** The same as a kernel finds, by plain code. */
function plainSums(
  parts: Parts,
  theta: Float64Array,
  rows: Observations,
  chosen: Chosen,
  { isListed, withGate }: Pick<FewChoice, "isListed" | "withGate">,
): FewSums {
  const k = parts.experts.length;
  const count = isListed ? chosen.listed : k;
  const slotsOf = isListed ? listedSlots(chosen.lists, count) : allSlots(k);
  const density = densityOfSlots(parts, theta, count);
  const gateOf = gateOfBlock(parts, theta);
  const addSlopes = withGate ? slopeAdder(parts, !isListed) : undefined;
  const [own, row] = [new Uint8Array(count), new Float64Array(count)];
  const sums = sumOver(rows, 2 + (withGate ? slopeLength(parts, !isListed) : 0), (block, sums) => {
    const slots = slotsOf(block);
    const joint = density(block, slots);
    const { logGate, probabilities } = gateOf(block);
    for (let i = 0; i < block.rows; i++) {
      for (let s = 0, at = i; s < count; s++, at += BLOCK_ROWS) {
        own[s] = slots[at];
        row[s] = joint[at] + logGate[own[s] * BLOCK_ROWS + i];
      }
      const found = chosen.choose(block.start + i, own, row);
      sums[0] += block.weights[i] * found;
      if (!isListed) sums[1] += block.weights[i] * Math.log1p(leftOut(row, chosen, block.start + i, found));
    }
    addSlopes?.(block, probabilities, chosen, sums.subarray(2));
  });
  return { bound: sums[0], gap: sums[1], ofGate: sums.subarray(2) };
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
