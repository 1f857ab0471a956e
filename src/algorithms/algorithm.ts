import { callable, type Kind, objectOf, required, text, truth } from "../errors/kinds.ts";
import type { Failure } from "../laws/failure.ts";
import type { Evaluation, Model } from "../models/model.ts";

/** A step's numbers, for plots and for the stopping rule. */
export interface StepInfo extends Evaluation {
  /** First-order gain of the step, ⟨∇ objective(θ), θ⁺ − θ⟩, in nats. */
  readonly gain: number;
  /** How often the step evaluated the map or the gradient it is made of; absent: once. */
  readonly evaluations?: number;
  /** How many times as long the step is as that of the method it varies, where it changes from step to step; absent: 1. */
  readonly relaxation?: number;
  /** Whether it goes beyond the method's own step, by what was learnt before: its gain shows no rate of the method. */
  readonly isAccelerated?: boolean;
  /** Whether the log-likelihood is its lower bound F, of an E-step that is restricted; absent: it is itself. */
  readonly isBound?: boolean;
  /** Log-likelihood less that bound, in nats, where it is known. */
  readonly gap?: number;
}

/** Result of a step, or why there was none. */
export type StepResult<State> =
  | {
      readonly theta: Float64Array;
      readonly state: State;
      readonly info: StepInfo;
    }
  | { readonly failure: Failure };

/**
 * An iterative method, as two pure functions. The state is what the next step needs and belongs to θ.
 *
 * `M` is the least the method asks of a model: one that asks for a posterior does not compile on a model without.
 */
export interface Algorithm<Data, M extends Model<Data>, State extends Evaluation> {
  readonly name: string;
  /** Whether a step can never lower the objective: a decrease is then a failure, not a step. */
  readonly monotone: boolean;
  /**
   * Whether a step is EM's own, whose gains tell the distance to the limit; absent: before a run of it counts as converged,
   * EM is asked what it would gain.
   */
  readonly isEm?: boolean;
  readonly init: (model: M, theta: Float64Array, data: Data) => State;
  readonly step: (model: M, theta: Float64Array, state: State, data: Data) => StepResult<State>;
  /** How a run of it goes on in another process; absent: it can't. */
  readonly memory?: AlgorithmMemory<State>;
}

/** What the state of an algorithm holds beside what `init` finds at θ. */
export interface AlgorithmMemory<State> {
  /** What the algorithm was told, as plain values: a run goes on only where it was told the same. */
  readonly told: object;
  /** What is to be kept of a state, as plain values: numbers, typed arrays, lists and objects of them. */
  readonly of: (state: State) => unknown;
  /** The state again: of what `init` finds at the same θ, and what was kept. */
  back(fresh: State, kept: unknown): State;
}

/** The memory of an algorithm whose state keeps this. */
export function memoryOf<State, Kept>(
  told: object,
  of: (state: State) => Kept,
  back: (fresh: State, kept: Kept) => State,
): AlgorithmMemory<State> {
  return { told, of, back: (fresh, kept) => back(fresh, kept as Kept) };
}

/** The memory of an algorithm whose state is what `init` finds at θ. */
export function noMemory<State>(told: object): AlgorithmMemory<State> {
  return { told, of: () => null, back: (fresh) => fresh };
}

/** What is taken for one. */
// biome-ignore lint/suspicious/noExplicitAny: of any model.
export const anAlgorithm: Kind<Algorithm<any, any, any>> = objectOf(
  { name: required(text), monotone: required(truth), init: required(callable), step: required(callable) },
  "an algorithm such as anderson()",
);
