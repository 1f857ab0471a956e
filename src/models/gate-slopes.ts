import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram, weightedSum } from "../compute/kernels.ts";
import { gateSums } from "../laws/gaussian-kernel.ts";
import type { Parts } from "../laws/law.ts";
import type { Assignment, FewExperts } from "../rows/assignment.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { coefficientsOf, type Predictor, places } from "../rows/predictor.ts";
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

/** How many sums the slopes are: the gradient and the curvature. */
export function slopeLength({ gate, experts }: Parts): number {
  const d = gate[0].at.length;
  return experts.length * d * (1 + d);
}

/** The slopes that these are the sums of. */
export function slopesOf({ gate, experts }: Parts, sums: Float64Array): GateSlopes {
  const length = experts.length * gate[0].at.length;
  return { gradient: sums.slice(0, length), curvature: sums.slice(length) };
}

/** Adds what a block's rows add to slopes: a function to be called block after block, with scratch of its own. */
type Adder = (block: Block, probabilities: Float64Array, few: FewExperts, sums: Float64Array) => void;

/** Adds gradient and curvature. */
export function slopeAdder({ gate, experts }: Parts): Adder {
  const [k, d] = [experts.length, gate[0].at.length];
  const weight = new Float64Array(BLOCK_ROWS);
  const columns = experts.map((_, z) => places(z * d, d));
  const addTargets = targetAdder({ gate });
  return (block, probabilities, few, sums) => {
    const { rows, weights, x } = block;
    addTargets(block, probabilities, few, sums);
    for (let z = 0, run = 0; z < k; z++, run += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) weight[i] = -weights[i] * probabilities[run + i];
      weightedSum(x.gate, rows, weight, 0, sums, columns[z]);
      for (let i = 0; i < rows; i++) weight[i] *= probabilities[run + i] - 1;
      weightedGram(x.gate, x.gate, rows, weight, 0, sums, (k + z * d) * d);
    }
  };
}

/** Adds of the gradient what the responsibilities are in it, Σ w q_z x. */
export function targetAdder({ gate }: Pick<Parts, "gate">): Adder {
  const d = gate[0].at.length;
  return ({ start, rows, weights, x }, _, { width, experts, shares }, sums) => {
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
  };
}

/** Responsibilities that are the same for all experts, of the rows of each number of experts: they are in the rows' tiles. */
const even = new WeakMap<Observations, Map<number, Assignment>>();

function evenly(rows: Observations, k: number): Assignment {
  const known = even.get(rows) ?? new Map<number, Assignment>();
  even.set(rows, known);
  const found = known.get(k) ?? {
    get responsibilities() {
      return new Float64Array(rows.rows * k).fill(1 / k);
    },
  };
  known.set(k, found);
  return found;
}

/**
 * Σ w log Σ_z exp η_z of a gate, and what its probabilities are in the gradient, −Σ w g_z x (k runs of d), by a kernel: from
 * the value and gradient at even responsibilities. Nothing where there is none.
 */
export function knownNormaliser(
  { gate, experts }: Parts,
  theta: Float64Array,
  rows: Observations,
): { readonly normaliser: number; readonly gradient: Float64Array } | undefined {
  const [k, d] = [experts.length, gate[0].at.length];
  const coefficients = coefficientsOf(gate, theta);
  const found = gateSums(k, coefficients, evenly(rows, k), rows, false);
  if (found === undefined) return undefined;
  const sums = columnSums(rows);
  // The kernel's Σ w x (1/k − g_z); of all classes together it is 0.
  const gradient = new Float64Array(k * d);
  let mean = 0;
  for (let j = 0; j < d; j++) {
    for (let h = 0; h < k - 1; h++) {
      const slope = found[1 + h * d + j];
      mean += (coefficients[h * d + j] * sums[j]) / k;
      gradient[j] -= slope;
      gradient[(h + 1) * d + j] = slope - sums[j] / k;
    }
    gradient[j] -= sums[j] / k;
  }
  return { normaliser: mean - found[0], gradient };
}

/** Σ w x of the gate's columns (d). */
function columnSums(rows: Observations): Float64Array {
  const d = rows.gate.values.length;
  const columns = places(0, d);
  return sumOver(rows, d, ({ rows, x, weights }, sums) => weightedSum(x.gate, rows, weights, 0, sums, columns));
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
