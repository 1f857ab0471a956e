import type { Assignment } from "../../rows/assignment.ts";
import type { Observations } from "../../rows/observations.ts";
import type { Predictor } from "../../rows/predictor.ts";
import type { Effort } from "../../solve/effort.ts";
import type { GateNode } from "./nodes.ts";

/**
 * The law of z, the expert a unit belongs to, given the gate's linear predictors η_1 … η_m: P(z) ∝ exp a_z(η).
 *
 * What a law is for the response this is for the experts: all in which one kind of gate differs from another. Per-row
 * quantities are runs of `BLOCK_ROWS` numbers; r stands for k runs of responsibilities, g for the gate's own probabilities.
 */
export interface Gate {
  /**
   * The choices that it makes, the first among all experts. They say what its coefficients are called, which orders of the
   * experts are the same model (those of the branches of a node), and what becomes of the coefficients then.
   */
  readonly nodes: readonly GateNode[];
  /** How a penalty couples the predictors (m × m). */
  readonly penalty: readonly number[];
  /** Numbers of branches level by level, by which kernels of the experts' laws compute it along with them; absent: they cannot. */
  readonly branching?: readonly number[];
  /** The logits a_z of each row, all less anything that they have in common (k runs). */
  readonly logits: (eta: Float64Array, rows: number, out: Float64Array) => void;
  /** Number of its own probabilities in each row. */
  readonly runs: number;
  /** Its own probabilities of each row, from those of the experts (k runs of logarithms). */
  readonly probabilities: (logGate: Float64Array, rows: number, out: Float64Array) => void;
  /** The predictors that an expert's logit reads, in ascending order. */
  readonly read: (z: number) => readonly number[];
  /** ∂a_z/∂η_h of each row, for the predictors that a_z reads (a run each). */
  readonly slopes: (z: number, g: Float64Array, rows: number, out: Float64Array) => void;
  /** Scores Σ_z (r_z − g_z) ∂a_z/∂η_h of each row (m runs). */
  readonly scores: (g: Float64Array, r: Float64Array, rows: number, out: Float64Array) => void;
  /** Curvature −Σ_z r_z ∂² log P(z)/∂η_h∂η_j of each row (a run). */
  readonly curvature: (g: Float64Array, r: Float64Array, h: number, j: number, rows: number, out: Float64Array) => void;
  /** The curvatures times a vector u of each row (m runs, as u has). */
  readonly curved: (g: Float64Array, r: Float64Array, u: Float64Array, rows: number, out: Float64Array) => void;
  /**
   * The gate's M-step: fits its coefficients to responsibilities, each row a unit of its own, writing into θ.
   *
   * @param effort default: until converged
   * @returns the first-order gain, in nats
   */
  readonly maximise: (
    gate: readonly Predictor[],
    theta: Float64Array,
    assignment: Assignment,
    data: Observations,
    effort?: Effort,
  ) => number;
}

/** Whether a gate is one choice among the experts. */
export function isFlat({ branching = [] }: Gate): boolean {
  return branching.length === 1;
}
