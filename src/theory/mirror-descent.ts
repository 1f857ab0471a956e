import type { Algorithm } from "../algorithms/algorithm.ts";
import type { Slope } from "../algorithms/gradient-descent.ts";
import { firstOrderGain, stepSizeOf } from "../algorithms/step-size.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { dot } from "../math/vector.ts";
import { checkModel } from "../models/checks.ts";
import type { FlatModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";

/** What mirror descent may be told. */
export interface MirrorDescentOptions {
  /** γ, above 0; default 1. */
  readonly stepSize?: number;
}

const OPTIONS = { stepSize: stepSizeOf(1) } satisfies Declared<MirrorDescentOptions>;

/**
 * Mirror descent, θ⁺ = argmin_θ' γ⟨∇L(θ), θ'⟩ + D_A(θ', θ): a step of length γ in the dual, ∇A(θ⁺) = ∇A(θ) − γ∇L(θ).
 *
 * With γ = 1 this is EM, found without a responsibility or an M-step: the dual point is mapped back by Newton's method
 * on A alone.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: a gradient, and a gradient and Hessian of A for each of the Newton steps. arXiv 2411.06056,
 *   Theorem 5.1.
 * @example
 * ```ts
 * import { em, iterate, random } from "mixlens";
 * import { mirrorDescent, symmetricPair } from "mixlens/theory";
 * const rng = random(1);
 * const x = { columns: ["x"], values: [Float64Array.from({ length: 50 }, () => rng.normal())] };
 * const response = x.values[0].map((value) => (rng.uniform() < 0.7 ? 2 : -2) * value + rng.normal());
 * const data = { rows: 50, gate: x, expert: x, response };
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x"] });
 * const stop = { tolerance: 1e-6, maxIterations: 5 };
 * const start = Float64Array.of(0.5, 1);
 * const steps = [...iterate(em(), model, start, data, stop)];
 * const mirrored = [...iterate(mirrorDescent(), model, start, data, stop)];
 * if (mirrored.some(({ theta }, t) => theta.some((value, j) => Math.abs(value - steps[t].theta[j]) > 1e-8))) {
 *   throw new Error("EM on a symmetric pair is mirror descent");
 * }
 * ```
 */
export function mirrorDescent<Data = Observations>(
  options: MirrorDescentOptions = {},
): Algorithm<Data, FlatModel<Data>, Slope> {
  const { stepSize } = readOptions("use mirror descent", options, OPTIONS);
  return {
    name: "mirror-descent",
    // L is 1-smooth relative to A: up to γ = 1 no step can raise it.
    monotone: stepSize <= 1,
    init: (model, theta, data) => {
      checkModel("use mirror descent", model, ["mirrorMap", "information"]);
      return model.gradient(theta, data);
    },
    step: (model, theta, { gradient }, data) => {
      const dual = model.mirrorMap(theta, data).gradient.map((value, j) => value + stepSize * gradient[j]);
      const next = fromDual(model, dual, theta, data);
      if (next === undefined) {
        return { failure: { kind: "no step", reason: "the mirror map has no point with this gradient" } };
      }
      const state = model.gradient(next, data);
      const gain = firstOrderGain(gradient, theta, next);
      const { logLikelihood, objective } = state;
      return { theta: next, state, info: { logLikelihood, objective, gain } };
    },
  };
}

/** Newton decrement, in nats, at which the dual point is reached. */
const REACHED = 1e-24;

/** The θ with ∇A(θ) = dual: minimises A(θ) − ⟨dual, θ⟩ from `start` by damped Newton steps. */
function fromDual<Data>(
  model: FlatModel<Data>,
  dual: Float64Array,
  start: Float64Array,
  data: Data,
): Float64Array | undefined {
  const p = dual.length;
  const potential = (theta: Float64Array): { value: number; gradient: Float64Array } => {
    const { value, gradient } = model.mirrorMap(theta, data);
    return {
      value: value - dot(theta, dual),
      gradient: gradient.map((g, j) => dual[j] - g),
    };
  };
  let theta = start;
  let here = potential(theta);
  for (let step = 0; step < 100; step++) {
    const factor = cholesky(model.information(theta, data).complete, p);
    if (typeof factor === "number") return undefined;
    const direction = solveCholesky(factor, p, here.gradient);
    const decrement = dot(direction, here.gradient);
    if (!(decrement > REACHED)) return theta;
    const slack = 1e-14 * (1 + Math.abs(here.value));
    let length = 1;
    let next = theta;
    let there = here;
    for (; length > 1e-9; length /= 2) {
      next = theta.map((value, j) => value + length * direction[j]);
      there = potential(next);
      if (there.value <= here.value - 1e-4 * length * decrement + slack) break;
    }
    if (length <= 1e-9) return theta;
    [theta, here] = [next, there];
  }
  return theta;
}
