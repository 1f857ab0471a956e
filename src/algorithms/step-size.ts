import { positive, whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional } from "../errors/options.ts";
import type { Model } from "../models/model.ts";

/** Step sizes γ of a method that follows the gradient of L, the mean negative log-likelihood in nats per row. */
export interface StepSizes {
  /** γ, above 0. */
  readonly stepSize: number;
  /** γ of the gate's coefficients, above 0; default: that of the experts. */
  readonly gateStepSize?: number;
}

/** A model that may have a gate: where its coefficients stand in the parameter vector. */
export interface Gated<Data> extends Model<Data> {
  readonly gate?: readonly { readonly at: readonly number[] }[];
}

/** The step size γ of a method, with its default. */
export function stepSizeOf(value: number): Defaulted<number> {
  return defaulted(positive, value, "step size γ of a method that follows a gradient");
}

export const gateStepSize: Optional<number> = optional(positive, "step size γ of the gate's coefficients", {
  otherwise: "that of the experts",
});

/** For how long an M-step goes on that need not end at its maximum. */
export const innerSteps: Optional<number> = optional(whole, "steps of an M-step at the most", {
  otherwise: "enough to converge",
});

export function innerStepsOf(value: number): Defaulted<number> {
  return { ...innerSteps, value };
}

/** γ of each parameter (p). */
export function stepSizesOf<Data>(model: Gated<Data>, { stepSize, gateStepSize = stepSize }: StepSizes): Float64Array {
  const sizes = new Float64Array(model.names.length).fill(stepSize);
  for (const { at } of model.gate ?? []) for (const place of at) sizes[place] = gateStepSize;
  return sizes;
}

/** Step size of each parameter's ascent in nats (p): its γ, divided by the total weight of the rows. */
export function stepLengths<Data>(model: Gated<Data>, sizes: StepSizes, data: Data): Float64Array {
  const weight = model.totalWeight(data);
  return stepSizesOf(model, sizes).map((size) => size / weight);
}

/** First-order gain ⟨gradient, θ⁺ − θ⟩ of a step, in nats. */
export function firstOrderGain(gradient: Float64Array, theta: Float64Array, next: Float64Array): number {
  return gradient.reduce((sum, g, j) => sum + g * (next[j] - theta[j]), 0);
}
