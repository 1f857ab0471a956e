import { number, whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { eStep } from "../models/expectation.ts";
import type { EStep, Evaluation, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, memoryOf } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";

/** What EM with warm restarts needs at θ for its next step. */
export interface RestartedPosterior extends Evaluation {
  readonly expectation: EStep;
  /** Steps since the last restart. */
  readonly position: number;
}

/** The options of EM with warm restarts. */
export class WarmRestartsTable {
  /** Length of the first step of a period, from 1 (EM's) to below 1 + 4 (4·period)^(−1/period); default 3. */
  readonly longest: Defaulted<number> = defaulted(
    number,
    3,
    "length of the first step of a period, from 1 (EM's) to below 1 + 4 (4·period)^(−1/period)",
  );

  /** Steps from a restart to the next; default 8. */
  readonly period: Defaulted<number> = defaulted(whole, 8, "steps from a restart to the next");
}

export const WARM_RESTARTS: WarmRestartsTable = new WarmRestartsTable();

/** What EM with warm restarts may be told. */
export interface WarmRestartsOptions extends OptionsOf<WarmRestartsTable> {}

/** Rounding of the objective, relative to itself, that must not refuse a step. */
const ROUNDING = 1e-13;

/**
 * EM with warm restarts: over-relaxed steps θ⁺ = θ + γ_t (F(θ) − θ) of EM's map F, whose length falls along a cosine from
 * `longest` towards EM's own, 1, and starts anew every `period` steps: γ_t = 1 + ½(longest − 1)(1 + cos(πt/period)).
 *
 * Where such a step lowers the objective, or leads where it is not finite, EM's is taken: the objective never falls. Along
 * an eigenvector of the missing information with eigenvalue λ the distance to the limit shrinks in a period by
 * Π_t (1 − γ_t (1 − λ)). With one γ this converges for γ < 2/(1 − λ_min); a long step that overshoots where λ is small is
 * made good by the short ones after it, so that the longest may be longer: at λ = 0 the product is
 * 4·period·((longest − 1)/4)^period, which has to stay below 1. Slow problems take less than half of EM's steps; `anderson`
 * takes fewer still.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: an EM step, and a second E-step where the long step is refused. The cosine with restarts is
 *   Loshchilov and Hutter 2017's for gradient descent; as the relaxation of EM it is our definition.
 * @example
 * ```ts
 * import { datasetPath, emWithWarmRestarts, fit } from "mixlens";
 * const options = { response: "species", experts: "logistic", ridge: 0.1, starts: 1 } as const;
 * const plain = fit(datasetPath("iris"), { ...options, algorithm: "em" });
 * const quick = fit(datasetPath("iris"), { ...options, algorithm: emWithWarmRestarts() });
 * if (quick.iterations > 0.6 * plain.iterations) throw new Error(`${quick.iterations} steps, EM ${plain.iterations}`);
 * ```
 */
export function emWithWarmRestarts<Data = Observations>(
  options: WarmRestartsOptions = {},
): Algorithm<Data, LatentModel<Data>, RestartedPosterior> {
  const { longest, period } = readOptions("use EM with warm restarts", options, WARM_RESTARTS);
  const bound = 1 + 4 * (4 * period) ** (-1 / period);
  if (!(longest >= 1 && longest < bound)) {
    const wanted = `longest from 1 to below ${bound.toFixed(2)}, where a period of ${period} still converges`;
    throw new InputError("use EM with warm restarts", wanted, String(longest));
  }
  return {
    name: "warm-restarts",
    monotone: true,
    memory: memoryOf(
      { longest, period },
      ({ position }) => position,
      ({ expectation }, position) => restarted(expectation, position),
    ),
    init: (model, theta, data) => restarted(eStep(model, theta, data), 0),
    step: (model, theta, { expectation: found, objective: before, position }, data) => {
      const { theta: image, gain, failure } = found.maximise();
      if (failure !== undefined) return { failure };
      let factor = stepLength(longest, period, position);
      // A parameter that is held stays where EM puts it.
      let next: Float64Array = image.slice();
      for (const j of model.free ?? theta.keys()) next[j] = theta[j] + factor * (image[j] - theta[j]);
      next = withinBounds(model, next);
      let expectation = eStep(model, next, data);
      if (!(expectation.objective >= before - ROUNDING * Math.abs(before))) {
        factor = 1;
        next = image;
        expectation = eStep(model, next, data);
      }
      const { logLikelihood, objective } = expectation;
      const state = restarted(expectation, (position + 1) % period);
      return { theta: next, state, info: { logLikelihood, objective, gain: factor * gain, relaxation: factor } };
    },
  };
}

function restarted(expectation: EStep, position: number): RestartedPosterior {
  const { logLikelihood, objective } = expectation;
  return { expectation, position, logLikelihood, objective };
}

/** γ of a step, so many steps after a restart. */
export function stepLength(longest: number, period: number, position: number): number {
  return 1 + ((longest - 1) / 2) * (1 + Math.cos((Math.PI * position) / period));
}
