import { checkOptions } from "../errors/arguments.ts";
import { listOf, number } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import type { Slope } from "./gradient-descent.ts";
import { checkPositive, firstOrderGain, type Gated, OWN_STEP_SIZES, type StepSizes, stepSizesOf } from "./step-size.ts";

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

/** How much of the two running means a step keeps. */
const BETAS: readonly [number, number] = [0.9, 0.999];
/** ε, in nats per row: the slope that a step takes for none. */
const EPSILON = 1e-8;

/**
 * Adam on L, the mean negative log-likelihood: θ⁺ = θ − γ m̂/(√v̂ + ε), with m̂ and v̂ the running means of ∇L and of its
 * squares, corrected for their start at 0.
 *
 * A step moves each parameter by about γ whatever its slope. The objective may fall on the way, and steps along a
 * momentum say less of the distance to the limit than EM's: give it a number of iterations.
 *
 * @param options.stepSize γ, above 0; default 0.01
 * @param options.gateStepSize γ of the gate's coefficients, above 0; default: that of the experts
 * @param options.betas how much of the two means is kept, from 0 to below 1; default 0.9 and 0.999
 * @param options.epsilon ε in nats per row, above 0; default 1e-8
 * @throws InputError when an option is none of these
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
export function adam<Data = Observations>(
  options: Partial<StepSizes> & { readonly betas?: readonly [number, number]; readonly epsilon?: number } = {},
): Algorithm<Data, Gated<Data>, Moments> {
  const pair = listOf(number, "two numbers");
  checkOptions("use Adam", options, { ...OWN_STEP_SIZES, betas: pair, epsilon: number });
  const { stepSize = 0.01, gateStepSize = stepSize, betas = BETAS, epsilon = EPSILON } = options;
  checkPositive("use Adam", "a step size", { stepSize, gateStepSize });
  checkPositive("use Adam", "a number", { epsilon });
  const odd = betas.find((beta) => !(beta >= 0 && beta < 1));
  if (odd !== undefined) throw new InputError("use Adam", "betas from 0 to below 1", String(odd));
  return {
    name: "adam",
    monotone: false,
    init: (model, theta, data) => ({ ...model.gradient(theta, data), ...noMoments(theta.length) }),
    step: (model, theta, state, data) => {
      const { gradient } = state;
      const weight = model.totalWeight(data);
      const sizes = stepSizesOf(model, { stepSize, gateStepSize });
      const { theta: next, ...moments } = adamStep(theta, state, gradient, -1 / weight, sizes, betas, epsilon);
      const slope = model.gradient(next, data);
      const { logLikelihood, objective } = slope;
      const gain = firstOrderGain(gradient, theta, next);
      return { theta: next, state: { ...slope, ...moments }, info: { logLikelihood, objective, gain } };
    },
  };
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
  betas: readonly [number, number] = BETAS,
  epsilon: number = EPSILON,
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
