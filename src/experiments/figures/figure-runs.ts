import type { StepSizes } from "../../algorithms/step-size.ts";
import type { PairSettings } from "./symmetric-data.ts";

/** What a figure compares algorithms on. */
export interface FigureSettings extends PairSettings {
  /** How far the start is off, as a share of the norms. */
  readonly off: number;
  /** Steps of every run. */
  readonly steps: number;
  /** Gradient steps after each E-step of gradient EM. */
  readonly innerSteps: number;
  /** Step sizes tried where gate and expert have one. */
  readonly stepSizes: readonly number[];
  /** Step sizes tried where each has its own: all pairs. */
  readonly separateStepSizes: readonly number[];
}

/** The algorithms compared, by their names in the results. */
export const ALGORITHMS = {
  em: "EM",
  "mirror-descent": "mirror descent",
  "gradient-em": "gradient EM",
  "gradient-descent": "gradient descent",
  "gradient-descent-separate": "gradient descent, separate steps",
} as const;
export type AlgorithmId = keyof typeof ALGORITHMS;

/** A run of an algorithm; its iterates from the start on. */
export interface FigureRun {
  /** L in nats per row. */
  readonly loss: readonly number[];
  /** ‖β − β*‖/‖β*‖ and ‖w − w*‖/‖w*‖, modulo the model's symmetries. */
  readonly expertError: readonly number[];
  readonly gateError: readonly number[];
  /** Step sizes that the run was chosen for. */
  readonly stepSize?: number;
  readonly gateStepSize?: number;
}

/** A pair of step sizes and where its run ended; null for one that diverged. */
export interface GridCell extends Required<StepSizes> {
  readonly loss: number | null;
}

/** One drawing of the rows, and what became of each algorithm. */
export interface FigureInstance {
  /** L(θ*). */
  readonly truthLoss: number;
  /** The lowest L found: at the limit of EM from the start, from θ*, or in any of the runs. */
  readonly lowestLoss: number;
  /** λₘₐₓ of the missing information at EM's limit. */
  readonly rate: number;
  readonly runs: Readonly<Record<AlgorithmId, FigureRun>>;
  readonly grids: Readonly<Partial<Record<AlgorithmId, readonly GridCell[]>>>;
}
