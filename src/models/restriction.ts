import type { Failure } from "../laws/failure.ts";
import type { Parts } from "../laws/law.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import type { Effort } from "../solve/effort.ts";
import type { GateSlopes } from "./gate-slopes.ts";
import type { EStep, LatentModel, Maximum } from "./model.ts";

/**
 * An E-step that may not choose any responsibilities, but some: of those it takes the q that are nearest to the posterior,
 * which are those of the largest F = Σ w E_q[log p(y, z | x) − log q] = ℓ − Σ w KL(q‖posterior).
 *
 * An M-step raises F for any q, and an E-step that may still choose the last q does not lower it: EM goes on as it is.
 */
export interface Restriction {
  /** Its name. */
  readonly name: string;
  /**
   * The E-step at θ.
   *
   * @param before what that of the last θ kept, where there is one; with `isAgain` what this one kept, which gives the same bits
   */
  readonly choose: (parts: Parts, theta: Float64Array, rows: Observations, before?: Kept, isAgain?: boolean) => Choice;
}

/** What an E-step hands to the next one of its kind, as plain values. */
export type Kept = Readonly<Record<string, ArrayLike<number> | number>>;

/** Responsibilities as they were chosen. */
export interface Choice {
  /** F, in nats. */
  readonly bound: number;
  /** ℓ − F, in nats, where it is known. */
  readonly gap?: number;
  readonly assignment: Assignment;
  /** Slopes of a gate that takes but a step in each M-step, so that F may fall; absent: it is maximised. */
  readonly slopes?: GateSlopes;
  readonly kept: Kept;
  /** Why there are none to choose, where there are none; all else is then nothing to go by. */
  readonly failure?: Failure;
}

/** An E-step under a restriction: its log-likelihood is the lower bound F, its objective F less the penalties. */
export interface RestrictedEStep extends Omit<EStep, "gradient">, Pick<Choice, "gap" | "kept"> {
  /** Gradient of F less the penalties at θ (p), in nats. */
  readonly gradient: () => Float64Array;
  /**
   * The M-step from θ.
   *
   * @param share of a step of the gate that is taken where it takes but one, above 0
   */
  readonly maximise: (effort?: Effort, share?: number) => Maximum;
  /** Whether the gate's step may be too long: F then falls, and a share of it is to be taken. */
  readonly mayFall: boolean;
}

/** A latent model whose E-step can be restricted. */
export interface RestrictedModel<Data> extends LatentModel<Data> {
  readonly eStepWithin: (
    restriction: Restriction,
    theta: Float64Array,
    data: Data,
    before?: Kept,
    isAgain?: boolean,
  ) => RestrictedEStep;
}
