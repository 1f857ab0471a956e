import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram, weightedSum } from "../compute/kernels.ts";
import type { Parts } from "../laws/law.ts";
import type { FewExperts } from "../rows/assignment.ts";
import type { Block } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { precisionOf } from "../solve/coupling.ts";
import { isWide } from "../solve/newton.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import { penaltyOf } from "./penalty.ts";

// A softmax of many coefficients is not maximised in each step of a sparse mixture: one step takes the gradient, which is
// summed along with the E-step, and a bound of the curvature that changes slowly. With u of the k classes in a row,
// Var_g(u) = ½ Σ_yz g_y g_z (u_y − u_z)² ≤ 2 Σ_z g_z (1 − g_z) u_z²: twice the blocks on the diagonal are above the Hessian.

/** The slopes of a gate at some responsibilities: of all k classes, none of which is the reference. */
export interface GateSlopes {
  /** Σ w (q_z − g_z) x (k runs of d). */
  readonly gradient: Float64Array;
  /** Σ w g_z (1 − g_z) xx' (k times d × d), there or at an earlier θ. */
  readonly curvature: Float64Array;
}

/** Whether a gate takes a step from its slopes: a flat one of more coefficients than a Hessian is made of, all of them free. */
export function hasSlopes({ gateLaw, gate }: Parts): boolean {
  return (
    gate.length > 0 && gateLaw.nodes.length === 1 && isWide(gate) && gate.every(({ fixed = [] }) => fixed.length === 0)
  );
}

/** How many sums the slopes are: the gradient and, perhaps, the curvature. */
export function slopeLength({ gate, experts }: Parts, withCurvature: boolean): number {
  const d = gate[0].at.length;
  return experts.length * d * (withCurvature ? 1 + d : 1);
}

/**
 * The slopes that these are the sums of.
 *
 * @param curvature at an earlier θ, where the sums have none
 */
export function slopesOf({ gate, experts }: Parts, sums: Float64Array, curvature?: Float64Array): GateSlopes {
  const length = experts.length * gate[0].at.length;
  return { gradient: sums.slice(0, length), curvature: curvature ?? sums.slice(length) };
}

/** Adds what a block's rows add to slopes: a function to be called block after block, with scratch of its own. */
export function slopeAdder(
  { gate, experts }: Parts,
  withCurvature: boolean,
): (block: Block, probabilities: Float64Array, few: FewExperts, sums: Float64Array) => void {
  const [k, d] = [experts.length, gate[0].at.length];
  const weight = new Float64Array(BLOCK_ROWS);
  const columns = experts.map((_, z) => places(z * d, d));
  return (block, probabilities, few, sums) => {
    const { rows, weights, x } = block;
    addTargets(block, few, d, sums);
    for (let z = 0, run = 0; z < k; z++, run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) weight[i] = -weights[i] * probabilities[run + i];
      weightedSum(x.gate, rows, weight, 0, sums, columns[z]);
      if (!withCurvature) continue;
      for (let i = 0; i < rows; i++) weight[i] *= probabilities[run + i] - 1;
      weightedGram(x.gate, x.gate, rows, weight, 0, sums, (k + z * d) * d);
    }
  };
}

/** Adds what the responsibilities are in the gradient, Σ w q_z x. */
function addTargets(
  { start, rows, weights, x }: Block,
  { width, experts, shares }: FewExperts,
  d: number,
  sums: Float64Array,
): void {
  const { values, start: first } = x.gate;
  for (let j = 0; j < d; j++) {
    const column = values[j];
    for (let i = 0; i < rows; i++) {
      const weighted = weights[i] * column[first + i];
      for (let at = (start + i) * width; at < (start + i + 1) * width; at++) {
        sums[experts[at] * d + j] += shares[at] * weighted;
      }
    }
  }
}

/**
 * One step of a gate along its slopes, written into θ: of each class by twice its block, and all less the reference's.
 *
 * @param share of the step that is taken, above 0
 * @returns the first-order gain, in nats
 */
export function slopeStep(
  gate: readonly Predictor[],
  theta: Float64Array,
  { gradient, curvature }: GateSlopes,
  share: number,
): number {
  const [k, d] = [gate.length + 1, gate[0].at.length];
  const precision = precisionOf(gate[0]);
  const mean = Float64Array.from({ length: d }, (_, j) => gate.reduce((sum, { at }) => sum + theta[at[j]], 0) / k);
  const steps = Array.from({ length: k }, (_, z) => {
    const slope = gradient.slice(z * d, (z + 1) * d);
    const block = curvature.slice(z * d * d, (z + 1) * d * d);
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < d; b++) {
        const away = (z === 0 ? 0 : theta[gate[z - 1].at[b]]) - mean[b];
        slope[a] -= precision(a, b) * away;
        block[a * d + b] = 2 * block[a * d + b] + precision(a, b);
      }
    }
    // A class that is certain has neither slope nor curvature.
    return { slope, step: slope.some((value) => value !== 0) ? newtonDirection(slope, block) : slope };
  });
  const [{ step: reference }] = steps;
  let gain = 0;
  gate.forEach(({ at, fixed = [] }, h) => {
    const { slope, step } = steps[h + 1];
    at.forEach((place, j) => {
      if (fixed.includes(j)) return;
      const change = share * (step[j] - reference[j]);
      gain += slope[j] * change;
      theta[place] += change;
    });
  });
  return gain;
}

/** A gradient with a gate's slopes, less its penalty, in the places of its coefficients. */
export function withSlopes(
  parts: Parts,
  theta: Float64Array,
  gradient: Float64Array,
  { gradient: slopes }: GateSlopes,
): Float64Array {
  const pull = penaltyOf(parts, theta).gradient;
  const out = gradient.slice();
  parts.gate.forEach(({ at }, h) => {
    at.forEach((place, j) => {
      out[place] = slopes[(h + 1) * at.length + j] - pull[place];
    });
  });
  return out;
}
