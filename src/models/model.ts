import type { Failure } from "../laws/failure.ts";
import type { BlockFactor } from "../math/block-cholesky.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Effort } from "../solve/effort.ts";

/** The value of a model's log-likelihood at a parameter vector. */
export interface Evaluation {
  /** Log-likelihood Σ w log p(y | x; θ) with every constant, in nats. */
  readonly logLikelihood: number;
  /** Objective that is maximised: the log-likelihood less the ridge penalty, in nats. */
  readonly objective: number;
}

/** What rounding does to an objective. */
export interface RoundingError {
  /** Bound of the error, about, in nats. */
  readonly nats: number;
  /** Why it is so large and what to do about it, as a clause. */
  readonly reason: string;
}

/** Result of the E-step: plain values, the caller's own. */
export interface Posterior extends Evaluation, Assignment {}

/**
 * The E-step at θ as an algorithm goes on from it: what follows from θ and the rows as they were then. There is nothing in
 * it to write to, so that a model can leave the responsibilities of many rows where its M-step reads them.
 */
export interface EStep extends Evaluation {
  /** The M-step from θ: see `maximise` of {@link LatentModel}. */
  readonly maximise: (effort?: Effort) => Maximum;
  /** Gradient of Q(· | θ) at a point (p), in nats; default: at θ itself, where it is that of the objective. */
  readonly gradient: (at?: Float64Array) => Float64Array;
  /** The responsibilities, n × k row-major, in a new array; cost: copying them, or another E-step. */
  readonly responsibilities: () => Float64Array;
}

/** Result of the M-step. */
export interface Maximum {
  /** Maximiser of the expected complete-data objective Q (p), or as near as the Newton steps went. */
  readonly theta: Float64Array;
  /** First-order gain ⟨∇Q(θ), θ⁺ − θ⟩ in nats; at a posterior of θ itself, ∇Q is the gradient of the objective. */
  readonly gain: number;
  /** Why there is no maximiser, where there is none; `theta` is then the argument unchanged. */
  readonly failure?: Failure;
}

/** Second derivatives of the complete-data and of the missing-data log-likelihood, p × p, summed over rows. */
export interface Information {
  /** I_c = −∇²Q(θ|θ), with the ridge penalty's second derivative. */
  readonly complete: Float64Array;
  /** I_m, the posterior covariance of the complete-data score: I_c − I_m = −∇² of the objective. */
  readonly missing: Float64Array;
}

/** Products with the two informations at a point, which are not formed. */
export interface InformationProducts {
  /** I_c v (p). */
  readonly complete: (v: Float64Array) => Float64Array;
  /** I_m v (p). */
  readonly missing: (v: Float64Array) => Float64Array;
  /** Factor of a matrix near I_c, to precondition with. */
  readonly preconditioner: () => BlockFactor;
}

/**
 * A parametric model: a flat parameter vector and a differentiable log-likelihood.
 *
 * Models hold no data and no state. Capabilities are function properties, not methods: TypeScript then compares their
 * parameters strictly, and an algorithm can only be run on a model that has what it needs.
 */
export interface Model<Data> {
  /** A name for each parameter (p). */
  readonly names: readonly string[];
  /** Positions of the parameters that are fitted; absent: all. Derivatives by any other are 0. */
  readonly free?: readonly number[];
  /** Least values of the parameters (p), which steps keep to; absent: none. */
  readonly least?: readonly number[];
  /** Largest error of the objective by rounding, relative to itself, where it is found in single precision. */
  readonly rounding?: number;
  /**
   * A copy of the rows that nobody else can write to, the same while they are the same: a run reads its rows once, and
   * what a model keeps of them from call to call is theirs. Absent: the rows are read as they are at each call.
   */
  readonly own?: <Rows extends Data>(data: Rows) => Rows;
  /** What rounding of the rows and their predictors does to the objective at θ: asked for where a step seems to lower it. */
  readonly roundingError?: (theta: Float64Array, data: Data) => RoundingError;
  /** Total weight of the rows: the loss L is the negative objective divided by it, in nats per row. */
  readonly totalWeight: (data: Data) => number;
  /** The objective and its gradient (p), in nats. */
  readonly gradient: (theta: Float64Array, data: Data) => Evaluation & { readonly gradient: Float64Array };
}

/** A model with a latent variable: EM applies. */
export interface LatentModel<Data> extends Model<Data> {
  /** The E-step. */
  readonly posterior: (theta: Float64Array, data: Data) => Posterior;
  /**
   * The E-step in the form that algorithms take; they ask for it in place of `posterior`, `maximise` and
   * `completeGradient` at one θ. Absent: made of those.
   */
  readonly eStep?: (theta: Float64Array, data: Data) => EStep;
  /**
   * The M-step, from `theta` and an assignment that need not be its posterior. Parts that have no closed form take damped
   * Newton steps, with an `effort` so many that Q rises, but not all the way.
   */
  readonly maximise: (theta: Float64Array, assignment: Assignment, data: Data, effort?: Effort) => Maximum;
  /** Gradient of Q(· | responsibilities) at θ (p), in nats; at θ's own posterior it is that of the objective. */
  readonly completeGradient: (theta: Float64Array, responsibilities: Float64Array, data: Data) => Float64Array;
}

/** A model of which a step of EM needs nothing of the rows but sums at θ: it reads them once, wherever they are. */
export interface OnePassModel<Data> extends Model<Data> {
  /** The sums at θ, in one pass. */
  readonly stepSums: (theta: Float64Array, data: Data) => Evaluation & { readonly sums: Float64Array };
  /**
   * The step from θ that the sums there lead to: an M-step where it has a closed form, else a step of Newton's method, or
   * this share of it, above 0. A function of its arguments alone.
   */
  readonly stepFrom: (theta: Float64Array, sums: Float64Array, share?: number) => Maximum;
}

/** A latent model whose rows can be taken some at a time. */
export interface BatchedModel<Data> extends LatentModel<Data> {
  /** Number of units, each of which has one latent variable; absent: each row is one. */
  readonly unitCount?: (data: Data) => number;
  /** Some of the units, in this order, with all their rows; a unit may come twice. */
  readonly rowsOf: (data: Data, index: ArrayLike<number>) => Data;
}

/** A latent model of so few parameters that its informations can be formed. */
export interface InformedModel<Data> extends LatentModel<Data> {
  /** Complete and missing information. */
  readonly information: (theta: Float64Array, data: Data) => Information;
  /** The model in centred columns, where some are so far from 0 that informations would be rounding; absent: never. */
  readonly centred?: (data: Data) => Centred<Data> | undefined;
}

/** A model in other coordinates, θ = Bφ, in which its informations are better conditioned. */
export interface Centred<Data> {
  readonly model: InformedModel<Data>;
  readonly data: Data;
  /** φ (p). */
  readonly inside: (theta: Float64Array) => Float64Array;
  /** θ (p): of parameters, and of directions, too. */
  readonly outside: (phi: Float64Array) => Float64Array;
  /** Row j of B (p). */
  readonly row: (j: number) => Float64Array;
  /** A gradient by φ as one by θ (p). */
  readonly gradient: (gradient: Float64Array) => Float64Array;
}

/** A latent model of so many parameters that its informations are better not formed. */
export interface MatrixFreeModel<Data> extends LatentModel<Data> {
  /** The informations at θ, as products with vectors (p). */
  readonly informationProducts: (theta: Float64Array, data: Data) => InformationProducts;
}

/**
 * A latent model whose complete data are an exponential family in θ itself: mirror descent applies, and EM is it.
 *
 * The mirror map is the log-partition A(θ) = Σ w A_x(θ). Its second derivative is the complete information, which does
 * not depend on the responses.
 */
export interface FlatModel<Data> extends InformedModel<Data> {
  /** A(θ) and its gradient (p), in nats, summed over rows. */
  readonly mirrorMap: (theta: Float64Array, data: Data) => { readonly value: number; readonly gradient: Float64Array };
}
