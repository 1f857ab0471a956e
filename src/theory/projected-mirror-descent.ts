import type { Algorithm } from "../algorithms/algorithm.ts";
import { firstOrderGain, stepSizeOf } from "../algorithms/step-size.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Evaluation } from "../models/model.ts";
import { penaltyOf } from "../models/penalty.ts";
import type { Observations } from "../rows/observations.ts";
import { bregmanProjection } from "./bregman-projection.ts";
import { type Lift, lift } from "./lift.ts";
import { pulledBack } from "./natural-point.ts";
import { PointOfLift } from "./point-of-lift.ts";

/** What projected mirror descent needs at θ for its next step. */
export interface LiftedPoint extends Evaluation {
  /** The lift of θ (n × q). */
  readonly eta: Float64Array;
}

/** What projected mirror descent may be told. */
export interface ProjectedMirrorDescentOptions {
  /** γ, above 0; default 1. Above 1 the step may leave the mean parameters, and the projection fail. */
  readonly stepSize?: number;
}

const OPTIONS = { stepSize: stepSizeOf(1) } satisfies Declared<ProjectedMirrorDescentOptions>;

/**
 * Projected mirror descent in the lift: θ⁺ = argmin_{η ∈ Ω} γ⟨∇L(ηᵗ), η⟩ + D_A(η, ηᵗ), for every mixture.
 *
 * A step of length γ in the mean parameters of each row, `∇A(η̃) = ∇A(ηᵗ) − γ∇L(ηᵗ)`, then the Bregman projection of η̃
 * onto Ω, the image of θ-space. With γ = 1 this is EM for any number of experts, found without an M-step. A ridge makes it
 * composite mirror descent: what is minimised has γ ridge(θ)/n added. Parameters that are fixed stay where they are.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: that of Newton's method on all p parameters at once, n·p² multiplications each time. arXiv
 *   2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { em, iterate, mixture, random } from "mixlens";
 * import { projectedMirrorDescent } from "mixlens/theory";
 * const rng = random(1);
 * const x = { columns: ["x"], values: [Float64Array.from({ length: 50 }, () => rng.normal())] };
 * const response = x.values[0].map((value) => (rng.uniform() < 0.5 ? 2 : -1) * value + rng.normal());
 * const data = { rows: 50, gate: x, expert: x, response };
 * const model = mixture({ experts: "linear", k: 2, gateColumns: ["x"], expertColumns: ["x"] });
 * // The gate's w, and β and log σ of both experts.
 * const start = Float64Array.of(0, 1, 0, -1, 0);
 * const stop = { tolerance: 1e-6, maxIterations: 5 };
 * const steps = [...iterate(em(), model, start, data, stop)];
 * const mirrored = [...iterate(projectedMirrorDescent(), model, start, data, stop)];
 * if (mirrored.some(({ theta }, t) => theta.some((value, j) => Math.abs(value - steps[t].theta[j]) > 1e-8))) {
 *   throw new Error("EM is projected mirror descent");
 * }
 * ```
 */
export function projectedMirrorDescent(
  options: ProjectedMirrorDescentOptions = {},
): Algorithm<Observations, Mixture, LiftedPoint> {
  const { stepSize } = readOptions("use projected mirror descent", options, OPTIONS);
  const point = (model: Mixture, theta: Float64Array, data: Observations): LiftedPoint => {
    const { natural, loss } = lift(model);
    const eta = natural(theta, data);
    const logLikelihood = -model.totalWeight(data) * loss(eta, data);
    const objective = logLikelihood - penaltyOf(model, theta).value;
    return { eta, logLikelihood, objective };
  };
  return {
    name: "projected-mirror-descent",
    // L is 1-smooth relative to A: up to γ = 1 no step can raise it, nor its sum with a ridge.
    monotone: stepSize <= 1,
    init: point,
    step: (model, theta, { eta }, data) => {
      const lifted = lift(model);
      const here = new PointOfLift(lifted, eta, data);
      const slope = here.lossGradient();
      const next = projectedStep(lifted, here, slope, theta, stepSize);
      if (next === undefined) {
        const reason = `the mirror step of size ${stepSize} has no Bregman projection within reach`;
        return { failure: { kind: "no step", reason } };
      }
      const total = model.totalWeight(data);
      const pull = penaltyOf(model, theta).gradient;
      const downhill = pulledBack(here, slope).map((g, j) => -total * g - pull[j]);
      const state = point(model, next, data);
      const { logLikelihood, objective } = state;
      return {
        theta: next,
        state,
        info: { logLikelihood, objective, gain: firstOrderGain(downhill, theta, next) },
      };
    },
  };
}

/** θ⁺ of a step from a point, the lift of θ, where L has such a slope; nothing where there is no projection within reach. */
export function projectedStep(
  lifted: Lift,
  { means, data }: PointOfLift,
  slope: Float64Array,
  theta: Float64Array,
  stepSize: number,
): Float64Array | undefined {
  const moved = means.map((mean, at) => mean - stepSize * slope[at]);
  return bregmanProjection(lifted, moved, theta, data, stepSize);
}
