import { InputError } from "../errors.ts";
import { bregmanProjection } from "../models/bregman-projection.ts";
import { type Liftable, lift } from "../models/lift.ts";
import type { Evaluation } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";

/** What projected mirror descent needs at θ for its next step. */
export interface LiftedPoint extends Evaluation {
  /** The lift of θ (n × q). */
  readonly eta: Float64Array;
}

/**
 * Projected mirror descent in the lift: θ⁺ = argmin_{η ∈ Ω} γ⟨∇L(ηᵗ), η⟩ + D_A(η, ηᵗ).
 *
 * A step of length γ in the mean parameters of each row, `∇A(η̃) = ∇A(ηᵗ) − γ∇L(ηᵗ)`, then the Bregman projection of η̃
 * onto Ω, the image of θ-space. With γ = 1 this is EM for any number of experts, found without an M-step.
 *
 * @param options.stepSize γ, above 0; default 1. Above 1 the step may leave the mean parameters, and the projection fail
 * @throws InputError when the step size is not a positive number, and for a model that {@link lift} refuses
 * @remarks cost of a step: that of Newton's method on all p parameters at once, n·p² multiplications each time. arXiv
 *   2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { em, iterate, projectedMirrorDescent, random, unitVariance } from "mixlens";
 * const rng = random(1);
 * const x = { columns: ["x"], values: [Float64Array.from({ length: 50 }, () => rng.normal())] };
 * const response = x.values[0].map((value) => (rng.uniform() < 0.5 ? 2 : -1) * value + rng.normal());
 * const data = { rows: 50, gate: x, expert: x, response };
 * const model = unitVariance({ k: 2, gateColumns: ["x"], expertColumns: ["x"] });
 * const start = Float64Array.of(0, 1, -1);
 * const stop = { tolerance: 1e-6, maxIterations: 5 };
 * const steps = [...iterate(em(), model, start, data, stop)];
 * const mirrored = [...iterate(projectedMirrorDescent(), model, start, data, stop)];
 * if (mirrored.some(({ theta }, t) => theta.some((value, j) => Math.abs(value - steps[t].theta[j]) > 1e-8))) {
 *   throw new Error("EM is projected mirror descent");
 * }
 * ```
 */
export function projectedMirrorDescent(
  options: { readonly stepSize?: number } = {},
): Algorithm<Observations, Liftable, LiftedPoint> {
  const { stepSize = 1 } = options;
  if (!(stepSize > 0 && stepSize < Number.POSITIVE_INFINITY)) {
    throw new InputError("use projected mirror descent", "a step size above 0", `stepSize ${stepSize}`);
  }
  const point = (model: Liftable, theta: Float64Array, data: Observations): LiftedPoint => {
    const { natural, loss } = lift(model);
    const eta = natural(theta, data);
    const logLikelihood = -model.totalWeight(data) * loss(eta, data);
    return { eta, logLikelihood, objective: logLikelihood };
  };
  return {
    name: "projected-mirror-descent",
    // L is 1-smooth relative to A: up to γ = 1 no step can raise it.
    monotone: stepSize <= 1,
    init: point,
    step: (model, theta, { eta }, data) => {
      const lifted = lift(model);
      const slope = lifted.lossGradient(eta, data);
      const means = lifted.means(eta).map((mean, at) => mean - stepSize * slope[at]);
      const next = bregmanProjection(lifted, means, data);
      if (next === undefined) {
        return { failure: `the mirror step of size ${stepSize} has no Bregman projection within reach` };
      }
      const gradient = lifted.pullback(eta, slope, data);
      const fall = gradient.reduce((sum, g, j) => sum + g * (theta[j] - next[j]), 0);
      const state = point(model, next, data);
      const { logLikelihood, objective } = state;
      return {
        theta: next,
        state,
        info: { logLikelihood, objective, gain: fall * model.totalWeight(data) },
      };
    },
  };
}
