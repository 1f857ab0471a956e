import type { Random } from "../math/random.ts";
import type { Assignment } from "../models/model.ts";
import type { Block, Observations } from "../models/observations.ts";
import type { NaturalForm } from "./natural.ts";

/** One linear predictor η = x'θ: which columns it reads and where its coefficients stand in the parameter vector. */
export interface Predictor {
  readonly design: "gate" | "expert" | "constant";
  /** Position of the first coefficient in θ. */
  readonly offset: number;
  /** Number of coefficients. */
  readonly size: number;
  /** Which of them, from 0, an M-step leaves as they are; absent: none. */
  readonly held?: readonly number[];
  /** Precision ρ of a Gaussian prior on each coefficient; absent: 0. */
  readonly ridge?: number;
  /** Precision P of a Gaussian prior on all of them, beside the ridge (d × d); absent: none. */
  readonly prior?: Float64Array;
  /** Least value of a coefficient; absent: none. */
  readonly least?: number;
}

/** The kinds of experts. */
export const EXPERT_KINDS = ["linear", "logistic", "poisson"] as const;
export type ExpertKind = (typeof EXPERT_KINDS)[number];

/** What became of fitting all experts to responsibilities. */
export interface ExpertFit {
  /** First-order gain of the step, in nats. */
  readonly gain: number;
  /** Why an expert could not be fitted; absent when all were. */
  readonly failure?: string;
  /** That expert, from 1, where a few rows are the reason. */
  readonly expert?: number;
}

/**
 * The law of an expert's response given its linear predictors η_1 … η_m, the first with the row's offset.
 *
 * Per-row quantities are arrays of m (or m × m) runs of `BLOCK_ROWS` numbers; arguments named `at` say where the first
 * run starts. Everything that differs from one kind of expert to another is here and nowhere else.
 */
export interface Law {
  readonly name: ExpertKind;
  /** The predictors of one expert: what to call each (empty for the mean's own), and the design it reads. */
  readonly predictors: readonly {
    readonly name: string;
    readonly design: "expert" | "constant";
  }[];
  /** How a penalty couples the predictors: ½ρ Σ_hj K_hj ⟨θ_h, θ_j⟩ (m × m). */
  readonly penalty: Float64Array;
  /** One expert in natural parameters of each row: what the lift of a mixture is made of. */
  readonly natural: NaturalForm;
  /** log p(y | η) of each row, to `out` from `to` on. */
  readonly logDensity: (block: Block, eta: Float64Array, at: number, out: Float64Array, to: number) => void;
  /** Scores ∂ log p/∂η_h of each row (m runs). */
  readonly scores: (block: Block, eta: Float64Array, at: number, out: Float64Array, to: number) => void;
  /** Curvatures −∂² log p/∂η_h∂η_j of each row (m × m runs). */
  readonly curvature: (block: Block, eta: Float64Array, at: number, out: Float64Array) => void;
  /** How many numbers describe the expected response: 1 for a mean, C for the probabilities of labels. */
  readonly expectations: number;
  /** Expected response of each row (`expectations` runs). */
  readonly expectation: (block: Block, eta: Float64Array, at: number, out: Float64Array) => void;
  /** A response of one row, drawn given its predictors at `at`, `at + BLOCK_ROWS`, …. */
  readonly draw: (eta: Float64Array, at: number, random: Random) => number;
  /**
   * The experts' M-step: fits every expert to its responsibilities, writing into `theta`; where that takes Newton's
   * method, with `newtonSteps` at the most.
   */
  readonly maximise: (
    experts: readonly (readonly Predictor[])[],
    theta: Float64Array,
    assignment: Assignment,
    data: Observations,
    newtonSteps?: number,
  ) => ExpertFit;
}

/** The parts a mixture is composed of: a gate, and k experts of one law. */
export interface Parts {
  readonly law: Law;
  /** Predictors of the gate, for the experts 2 … k. */
  readonly gate: readonly Predictor[];
  /** Predictors of each expert. */
  readonly experts: readonly (readonly Predictor[])[];
}
