import { type Kind, positive } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, type AlgorithmMemory, memoryOf } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";
import type { Slope } from "./gradient-descent.ts";
import { firstOrderGain, type Gated, gateStepSize, stepSizeOf, stepSizesOf } from "./step-size.ts";

/** What Adam remembers of the slopes so far. */
export interface RunningMeans {
  /** Steps taken. */
  readonly steps: number;
  /** Running mean of ∇L (p), in nats per row, not yet corrected for its start at 0. */
  readonly first: Float64Array;
  /** Running mean of its squares (p). */
  readonly second: Float64Array;
}

/** What Adam needs at θ for its next step. */
export interface Moments extends Slope, RunningMeans {}

/** Two numbers from 0 to below 1. */
const shares: Kind<readonly [number, number]> = {
  wanted: "two numbers from 0 to below 1",
  accepts: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((beta) => typeof beta === "number" && beta >= 0 && beta < 1),
};

/** The options of Adam. */
export class AdamTable {
  /** Step size γ of a method that follows a gradient; default 0.01. */
  readonly stepSize: Defaulted<number> = stepSizeOf(0.01);

  /** Step size γ of the gate's coefficients; default: that of the experts. */
  readonly gateStepSize: Optional<number> = gateStepSize;

  /** Parts of the two running means that a step keeps; default 0.9 and 0.999. */
  readonly betas: Defaulted<readonly [number, number]> = defaulted(
    shares,
    [0.9, 0.999],
    "parts of the two running means that a step keeps",
  );

  /** Slope that a step takes for none, ε, in nats per row; default 1e-8. */
  readonly epsilon: Defaulted<number> = defaulted(
    positive,
    1e-8,
    "slope that a step takes for none, ε, in nats per row",
  );
}

export const ADAM: AdamTable = new AdamTable();

/** What Adam may be told. */
export interface AdamOptions extends OptionsOf<AdamTable> {}

/**
 * Adam on L, the mean negative log-likelihood: θ⁺ = θ − γ m̂/(√v̂ + ε), with m̂ and v̂ the running means of ∇L and of its
 * squares, corrected for their start at 0.
 *
 * A step moves each parameter by about γ whatever its slope. The objective may fall on the way, and steps along a
 * momentum say less of the distance to the limit than EM's: give it a number of iterations.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: a gradient. Kingma and Ba 2015, Algorithm 1.
 * @example
 * ```ts
 * import { adam, fit } from "mixlens";
 * const data = { x: [0, 1, 2, 3, 4, 5], y: [1.2, 2.8, 5.1, 7.2, 8.7, 11] };
 * const best = fit(data, { response: "y", k: 1 });
 * const start = best.theta.map((value) => value + 0.1);
 * const found = fit(data, { response: "y", k: 1, start, algorithm: adam(), maxIterations: 2000 });
 * if (best.objective - found.objective > 1e-3) throw new Error("it comes as near as its step size allows");
 * ```
 */
export function adam<Data = Observations>(options: AdamOptions = {}): Algorithm<Data, Gated<Data>, Moments> {
  const plan = readOptions("use Adam", options, ADAM);
  const { betas, epsilon } = plan;
  return {
    name: "adam",
    monotone: false,
    memory: momentMemory(plan),
    init: (model, theta, data) => ({ ...model.gradient(theta, data), ...noMoments(theta.length) }),
    step: (model, theta, state, data) => {
      const { gradient } = state;
      const weight = model.totalWeight(data);
      const sizes = stepSizesOf(model, plan);
      const { theta: stepped, ...moments } = adamStep(theta, state, gradient, -1 / weight, sizes, betas, epsilon);
      const next = withinBounds(model, stepped);
      const slope = model.gradient(next, data);
      const { logLikelihood, objective } = slope;
      const gain = firstOrderGain(gradient, theta, next);
      return { theta: next, state: { ...slope, ...moments }, info: { logLikelihood, objective, gain } };
    },
  };
}

/** The memory of what has Adam's moments. */
export function momentMemory(told: object): AlgorithmMemory<Moments> {
  return memoryOf(
    told,
    ({ steps, first, second }): RunningMeans => ({ steps, first, second }),
    (fresh, means) => ({ ...fresh, ...means }),
  );
}

/** The running means before the first step. */
export function noMoments(p: number): RunningMeans {
  return { steps: 0, first: new Float64Array(p), second: new Float64Array(p) };
}

/**
 * One step along a slope of L: the running means with it, and where they lead.
 *
 * @param gradient of the objective or of Q (p), in nats
 * @param scale what makes it the slope of L in nats per row: −1 over the total weight
 * @param sizes γ of each parameter (p)
 */
export function adamStep(
  theta: Float64Array,
  before: RunningMeans,
  gradient: Float64Array,
  scale: number,
  sizes: Float64Array,
  betas: readonly [number, number] = ADAM.betas.value,
  epsilon: number = ADAM.epsilon.value,
): RunningMeans & { readonly theta: Float64Array } {
  const steps = before.steps + 1;
  const [left, right] = betas.map((beta) => 1 / (1 - beta ** steps));
  // For mini-batches this loop is a good part of the work: nothing in it is looked up twice.
  const [keptFirst, keptSecond] = betas;
  const [newFirst, newSecond] = betas.map((beta) => 1 - beta);
  const { first: oldFirst, second: oldSecond } = before;
  const first = new Float64Array(theta.length);
  const second = new Float64Array(theta.length);
  const next = new Float64Array(theta.length);
  for (let j = 0; j < theta.length; j++) {
    const slope = scale * gradient[j];
    const mean = keptFirst * oldFirst[j] + newFirst * slope;
    const square = keptSecond * oldSecond[j] + newSecond * (slope * slope);
    first[j] = mean;
    second[j] = square;
    next[j] = theta[j] - (sizes[j] * mean * left) / (Math.sqrt(square * right) + epsilon);
  }
  return { theta: next, steps, first, second };
}
