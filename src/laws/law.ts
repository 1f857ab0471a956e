import type { Few } from "../compute/stretch-job.ts";
import type { Tails } from "../math/incomplete.ts";
import type { Random } from "../math/random.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Block, Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { areGrouped } from "../rows/units.ts";
import type { Effort } from "../solve/effort.ts";
import type { Contrast } from "./contrast.ts";
import { type Gate, isFlat } from "./gates/gate.ts";
import type { NaturalForm } from "./natural.ts";

/** What became of fitting all experts to responsibilities. */
export interface ExpertFit {
  /** First-order gain of the step, in nats. */
  readonly gain: number;
  /** Why an expert could not be fitted; absent when all were. */
  readonly failure?: string;
  /** That expert, from 1, where a few rows are the reason. */
  readonly expert?: number;
}

/** An M-step of the experts as sums over rows at θ, and what follows from these: it reads the rows once. */
export interface ExpertStep {
  /** Number of sums. */
  readonly length: number;
  /**
   * Adds a block's.
   *
   * @param eta predictors of the experts, with the rows' offset (k × m runs of BLOCK_ROWS)
   * @param responsibilities k runs
   */
  readonly add: (block: Block, eta: Float64Array, responsibilities: Float64Array, sums: Float64Array) => void;
  /** Σ w r of each expert (k). */
  readonly weights: (sums: Float64Array) => Float64Array;
  /**
   * The step from the sums at θ, written into it.
   *
   * @param share of Newton's step that is taken where there is no closed form
   */
  readonly step: (theta: Float64Array, sums: Float64Array, share: number) => ExpertFit;
}

/** Kinds of response that a law can have. */
export interface ResponseKind {
  /** Whether it is a label, given as the code 0 … C − 1; otherwise it is a number. */
  readonly isLabel: boolean;
  /** Whether it is a count. */
  readonly isCount: boolean;
  /** Whether it is a number of successes, of so many trials as another column says. */
  readonly hasTrials: boolean;
  /** What a number must be, in words, such as `counts, whole numbers from 0 on`. */
  readonly wanted: string;
  /** Whether it can be a number, of so many trials. */
  readonly accepts: (y: number, trials: number) => boolean;
}

/** A parameter of an expert that is the same in all its rows, and is fitted by its logarithm. */
export interface Scale {
  /** Name that it is reported by, such as `sigma`; its logarithm is the parameter `log(sigma)`. */
  readonly name: string;
  /** In words, such as `standard deviation`. */
  readonly words: string;
  /** Least value, at which the expert is another, simpler one, and which; absent: none. */
  readonly least?: { readonly value: number; readonly words: string };
  /**
   * How widely the responses are spread about their mean, by the scale's logarithm: what is small where an expert fits its
   * rows exactly. Absent where rows that fit exactly have no density without bound.
   */
  readonly spread?: { readonly words: string; readonly of: (logarithm: number) => number };
  /** Whether responses are spread more widely where the scale is larger. */
  readonly widens: boolean;
}

/** An option that not every law takes. */
export type LawOption = "sharedVariance" | "sigmaFloor" | "df" | "zeroInflated";

/** How an expert's coefficients can run off to where the likelihood has no finite maximum. */
export type Separable = "labels" | "zeros" | "trials" | "nowhere";

/** What an E-step in which a row may belong to few experts sums over rows. */
export interface FewSums {
  /** F, in nats. */
  readonly bound: number;
  /** ℓ − F, in nats; of an E-step among listed experts nothing to go by. */
  readonly gap: number;
  /** Sums of the experts' own step at θ, as the law's `step` takes them; absent: the M-step reads the rows. */
  readonly ofExperts?: Float64Array;
  /** Σ w (q_z − g_z) x of each class of the gate and, where all experts are looked at, Σ w g_z (1 − g_z) xx'; or none. */
  readonly ofGate: Float64Array;
}

/** How such an E-step chooses, and what it sums. */
export interface FewChoice extends Few {
  /** Whether experts are chosen from the rows' lists; otherwise from all. */
  readonly isListed: boolean;
  /** Whether it sums what is the gate's. */
  readonly withGate: boolean;
}

/** A law's sums over rows as compiled code computes them; each gives nothing where the plain code has to. */
export interface Kernel {
  /** The E-step: the log-likelihood, with the responsibilities left to `owner`. */
  readonly posterior: (parts: Parts, theta: Float64Array, owner: Assignment, data: Observations) => number | undefined;
  /**
   * Σ w r ∂ log p(y, z | x; θ)/∂θ over rows and experts (p), and after it the log-likelihood where the responsibilities are
   * those of θ itself; absent: never compiled.
   */
  readonly scores?: (
    parts: Parts,
    theta: Float64Array,
    data: Observations,
    assignment?: Assignment,
  ) => Float64Array | undefined;
  /**
   * All sums at θ that a step needs: the log-likelihood, those of the experts' own step, and value, gradient and negated
   * Hessian of the gate; absent: never compiled.
   */
  readonly step?: (parts: Parts, theta: Float64Array, data: Observations) => Float64Array | undefined;
  /** An E-step in which a row may belong to few experts; absent: never compiled. */
  readonly few?: (parts: Parts, theta: Float64Array, data: Observations, choice: FewChoice) => FewSums | undefined;
}

/** Writes log p (a run), scores (m runs, from `to` on) and curvatures (m × m runs) of a block's rows. */
export type Expand = (
  block: Block,
  eta: Float64Array,
  at: number,
  density: Float64Array,
  scores: Float64Array,
  to: number,
  curvature: Float64Array,
) => void;

/**
 * The law of an expert's response given its linear predictors η_1 … η_m, the first with the row's offset.
 *
 * Per-row quantities are arrays of m (or m × m) runs of `BLOCK_ROWS` numbers; arguments named `at` say where the first
 * run starts. Everything that differs from one kind of expert to another is here and nowhere else.
 */
export interface Law {
  /** What its experts are called: in options, on the command line and in model files. */
  readonly name: string;
  /** How the response is read and checked. */
  readonly response: ResponseKind;
  /** Names of the predictors of the response's columns: empty for that of a mean, a label for each log-odds. */
  readonly predictors: readonly string[];
  /** A last predictor, the logarithm of a scale; undefined: none. */
  readonly scale: Scale | undefined;
  /** Which of the options that not every law takes it does; absent: none. */
  readonly takes?: readonly LawOption[];
  /** How a penalty couples the predictors: ½ρ Σ_hj K_hj ⟨θ_h, θ_j⟩ (m × m). */
  readonly penalty: readonly number[];
  /** Whether only the difference of response and offset counts. */
  readonly isLocation: boolean;
  readonly separable: Separable;
  /** One expert in natural parameters of each row, of which the lift of a mixture is made; undefined: it has none. */
  readonly natural: NaturalForm | undefined;
  readonly kernel: Kernel | undefined;
  /** log p(y | η) of each row, to `out` from `to` on. */
  readonly logDensity: (block: Block, eta: Float64Array, at: number, out: Float64Array, to: number) => void;
  /** Scores ∂ log p/∂η_h of each row (m runs). */
  readonly scores: (block: Block, eta: Float64Array, at: number, out: Float64Array, to: number) => void;
  /** Curvatures −∂² log p/∂η_h∂η_j of each row (m × m runs). */
  readonly curvature: (block: Block, eta: Float64Array, at: number, out: Float64Array) => void;
  /** log p, scores and curvatures of each row at once, as they share what is dear in them; absent: each by itself. */
  readonly expand?: Expand;
  /** How many numbers describe the expected response: 1 for a mean, C for the probabilities of labels. */
  readonly expectations: number;
  /** Expected response of each row (`expectations` runs). */
  readonly expectation: (block: Block, eta: Float64Array, at: number, out: Float64Array) => void;
  /**
   * P(Y ≤ y) and P(Y > y) of one row of so many trials, given its predictors at `at`, `at + BLOCK_ROWS`, …; undefined: labels
   * have no order.
   */
  readonly tails: ((y: number, eta: Float64Array, at: number, trials: number) => Tails) | undefined;
  /** A response of one row of so many trials, drawn given its predictors at `at`, `at + BLOCK_ROWS`, …. */
  readonly draw: (eta: Float64Array, at: number, random: Random, trials: number) => number;
  /** The response of a row, less its offset, as numbers between which distances make sense: starts group rows by them. */
  readonly startColumns: readonly ((y: number, offset: number, trials: number) => number)[];
  /** How far two experts differ in each row, for signal-to-noise; of rows of so many trials, where they have any. */
  readonly contrast: (
    first: readonly Float64Array[],
    second: readonly Float64Array[],
    trials: Float64Array | undefined,
  ) => Contrast;
  /** Why rounding hides what a step gains, and what to do about it, where the law can say; undefined: the size of terms. */
  readonly roundingReason: ((parts: Parts, theta: Float64Array, data: Observations) => string) | undefined;
  /**
   * The experts' M-step: fits every expert to its responsibilities, writing into `theta`; where that takes Newton's
   * method, it goes as far as `effort` says.
   */
  readonly maximise: (
    experts: readonly (readonly Predictor[])[],
    theta: Float64Array,
    assignment: Assignment,
    data: Observations,
    effort?: Effort,
  ) => ExpertFit;
  /** The experts' M-step from sums at θ alone, of these columns; absent: one step of Newton's method. */
  readonly step?: (experts: readonly (readonly Predictor[])[], columns: readonly string[]) => ExpertStep;
}

/** Number of a law's predictors, m. */
export function predictorCount({ predictors, scale }: Pick<Law, "predictors" | "scale">): number {
  return predictors.length + (scale === undefined ? 0 : 1);
}

/** The parts a mixture is composed of: a gate, which is the law of z, and k experts of one law. */
export interface Parts {
  readonly law: Law;
  readonly gateLaw: Gate;
  /** Predictors of the gate. */
  readonly gate: readonly Predictor[];
  /** Predictors of each expert. */
  readonly experts: readonly (readonly Predictor[])[];
}

/** What the law's kernel computes of such a mixture: nothing of groups, and of a tree of gates the E-step. */
export function kernelOf({ law, gateLaw }: Parts, data: Observations): Kernel | undefined {
  if (areGrouped(data) || gateLaw.branching === undefined || law.kernel === undefined) return undefined;
  return isFlat(gateLaw) ? law.kernel : { posterior: law.kernel.posterior };
}
