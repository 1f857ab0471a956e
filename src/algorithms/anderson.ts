import { whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import { dot } from "../math/vector.ts";
import { eStep } from "../models/expectation.ts";
import type { EStep, Evaluation, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import type { Effort } from "../solve/effort.ts";
import { type Algorithm, memoryOf } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";
import { firstOrderGain, innerSteps } from "./step-size.ts";

/** State of the acceleration at θ: the E-step, and the last evaluations of EM's map. */
export interface AcceleratedPosterior extends Evaluation {
  readonly expectation: EStep;
  /** Newest first; empty at the start and after a step that was refused. */
  readonly history: readonly MapEvaluation[];
}

/** One evaluation of EM's map F. */
interface MapEvaluation {
  /** F(θ) (p). */
  readonly image: Float64Array;
  /** F(θ) − θ (p). */
  readonly residual: Float64Array;
  /** ∇ of the objective at θ (p), in nats. Near the limit it is I_c times the residual. */
  readonly gradient: Float64Array;
}

/** The options of Anderson's acceleration. */
export class AndersonTable {
  /** Evaluations of EM's map that are looked back on; default 8. */
  readonly memory: Defaulted<number> = defaulted(whole, 8, "evaluations of EM's map that are looked back on");

  /** Steps of an M-step at the most; default: enough to converge. Where they are few, EM's map is that of generalised EM. */
  readonly innerSteps: Optional<number> = innerSteps;
}

export const ANDERSON: AndersonTable = new AndersonTable();

/** What Anderson's acceleration may be told. */
export interface AndersonOptions extends OptionsOf<AndersonTable> {}

/** Rounding of the objective, relative to itself, that must not refuse a step. */
const ROUNDING = 1e-13;
/** A difference of residuals of which less than this part is new says nothing. */
const DEPENDENT = 1e-12;

/**
 * EM with Anderson's acceleration: θ⁺ = F(θ) − Σ_i γ_i ΔF_i, with EM's map F and the γ that leave least of the residual,
 * ‖f − Σ_i γ_i Δf_i‖, where f = F(θ) − θ and Δ are differences between the last evaluations.
 *
 * Lengths are measured by the complete information, so that units of columns don't matter. Where the extrapolation lowers
 * the objective, or is not finite, the step is EM's and the memory starts anew: the objective never falls. Slow problems
 * gain most: where EM takes hundreds of steps, this takes tens. Far from a limit it may end in another one than EM.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: an EM step and a gradient, and a second E-step where the extrapolation is refused. Walker and
 *   Ni 2011; with restarts and a monotone guard, Henderson and Varadhan 2019.
 * @example
 * ```ts
 * import { anderson, datasetPath, fit } from "mixlens";
 * const options = { response: "species", experts: "logistic", ridge: 0.1, starts: 1 } as const;
 * const plain = fit(datasetPath("iris"), { ...options, algorithm: "em" });
 * const quick = fit(datasetPath("iris"), { ...options, algorithm: anderson() });
 * if (quick.iterations > plain.iterations / 2) throw new Error(`${quick.iterations} steps, EM ${plain.iterations}`);
 * ```
 */
export function anderson<Data = Observations>(
  options: AndersonOptions = {},
): Algorithm<Data, LatentModel<Data>, AcceleratedPosterior> {
  const { memory, innerSteps: steps } = readOptions("use Anderson's acceleration", options, ANDERSON);
  return extrapolating(memory, { steps });
}

/** The same of M-steps that go as far as an effort says. */
export function extrapolating<Data>(
  memory: number,
  effort: Effort,
): Algorithm<Data, LatentModel<Data>, AcceleratedPosterior> {
  return {
    name: "anderson",
    monotone: true,
    memory: memoryOf(
      { memory, ...effort },
      ({ history }) => history,
      ({ expectation }, history) => accelerated(expectation, history),
    ),
    init: (model, theta, data) => accelerated(eStep(model, theta, data), []),
    step: (model, theta, { expectation: found, objective: before, history: past }, data) => {
      const { theta: image, failure } = found.maximise(effort);
      if (failure !== undefined) return { failure };
      const gradient = found.gradient();
      let history = [{ image, residual: less(image, 1, theta), gradient }, ...past].slice(0, memory + 1);
      let next = withinBounds(model, extrapolate(history));
      let expectation = eStep(model, next, data);
      if (!(expectation.objective >= before - (model.rounding ?? ROUNDING) * Math.abs(before))) {
        history = [];
        next = image;
        expectation = eStep(model, next, data);
      }
      const { logLikelihood, objective } = expectation;
      const isAccelerated = history.length > 1;
      const info = { logLikelihood, objective, gain: firstOrderGain(gradient, theta, next), isAccelerated };
      return { theta: next, state: accelerated(expectation, history), info };
    },
  };
}

/** The state at the end of an E-step. */
export function accelerated(expectation: EStep, history: readonly MapEvaluation[]): AcceleratedPosterior {
  const { logLikelihood, objective } = expectation;
  return { expectation, history, logLikelihood, objective };
}

/** F(θ) less the part of its residual that the differences to earlier evaluations explain, by Gram and Schmidt. */
function extrapolate(history: readonly MapEvaluation[]): Float64Array {
  let { image, residual } = history[0];
  const basis: MapEvaluation[] = [];
  for (let i = 1; i < history.length; i++) {
    const [newer, older] = [history[i - 1], history[i]];
    let difference: MapEvaluation = {
      image: less(newer.image, 1, older.image),
      residual: less(newer.residual, 1, older.residual),
      gradient: less(newer.gradient, 1, older.gradient),
    };
    const size = dot(difference.gradient, difference.residual);
    for (const unit of basis) difference = without(difference, unit);
    const square = dot(difference.gradient, difference.residual);
    if (!(square > DEPENDENT * Math.abs(size))) break;
    const unit = scaled(difference, 1 / Math.sqrt(square));
    basis.push(unit);
    const part = dot(unit.gradient, residual);
    residual = less(residual, part, unit.residual);
    image = less(image, part, unit.image);
  }
  return image;
}

/** The difference less its projection on a unit difference: ⟨a, b⟩ = a's gradient times b's residual. */
function without({ image, residual, gradient }: MapEvaluation, unit: MapEvaluation): MapEvaluation {
  const part = dot(unit.gradient, residual);
  return {
    image: less(image, part, unit.image),
    residual: less(residual, part, unit.residual),
    gradient: less(gradient, part, unit.gradient),
  };
}

function scaled({ image, residual, gradient }: MapEvaluation, factor: number): MapEvaluation {
  const times = (a: Float64Array): Float64Array => a.map((value) => value * factor);
  return { image: times(image), residual: times(residual), gradient: times(gradient) };
}

function less(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  return a.map((value, j) => value - factor * b[j]);
}
