import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram, weightedSum } from "../compute/kernels.ts";
import type { Parts } from "../laws/law.ts";
import type { FewExperts } from "../rows/assignment.ts";
import type { Block } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { precisionOf } from "../solve/coupling.ts";
import { isWide } from "../solve/newton.ts";
import { newtonDirection } from "../solve/newton-direction.ts";

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
  return gate.length > 0 && gateLaw.nodes.length === 1 && isWide(gate) && gate.every(({ fixed = [] }) => fixed.length === 0);
}

/** How many sums the slopes are: the gradient and, where it is asked for, the curvature. */
export function slopeLength({ gate, experts }: Parts, withCurvature: boolean): number {
  const d = gate[0].at.length;
  return experts.length * d * (withCurvature ? 1 + d : 1);
}

/** Adds a block's slopes: a function to be called block after block, with scratch of its own. */
export function slopeAdder(
  { gate, experts }: Parts,
  withCurvature: boolean,
): (block: Block, probabilities: Float64Array, few: FewExperts, sums: Float64Array) => void {
  const [k, d] = [experts.length, gate[0].at.length];
  const excess = new Float64Array(k * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const columns = experts.map((_, z) => places(z * d, d));
  return ({ start, rows, weights, x }, probabilities, { width, experts: own, shares }, sums) => {
    for (let z = 0, run = 0; z < k; z++, run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) excess[run + i] = -weights[i] * probabilities[run + i];
    }
    for (let i = 0; i < rows; i++) {
      for (let at = (start + i) * width; at < (start + i + 1) * width; at++) {
        excess[own[at] * BLOCK_ROWS + i] += weights[i] * shares[at];
      }
    }
    for (let z = 0, run = 0; z < k; z++, run += BLOCK_ROWS) {
      weightedSum(x.gate, rows, excess, run, sums, columns[z]);
      if (!withCurvature) continue;
      for (let i = 0; i < rows; i++) weight[i] = weights[i] * probabilities[run + i] * (1 - probabilities[run + i]);
      weightedGram(x.gate, x.gate, rows, weight, 0, sums, k * d + z * d * d);
    }
  };
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
    return { slope, step: newtonDirection(slope, block) };
  });
  const [{ step: reference }] = steps;
  let gain = 0;
  gate.forEach(({ at }, h) => {
    const { slope, step } = steps[h + 1];
    at.forEach((place, j) => {
      const change = share * (step[j] - reference[j]);
      gain += slope[j] * change;
      theta[place] += change;
    });
  });
  return gain;
}
