import type { Declared } from "../errors/arguments.ts";
import { number, required } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
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
  readonly gate?: readonly { readonly offset: number; readonly size: number }[];
}

/** What step sizes have to be. */
export const STEP_SIZES: Declared<StepSizes> = { stepSize: required(number), gateStepSize: number };
/** The same of a method that has step sizes of its own. */
export const OWN_STEP_SIZES: Declared<Partial<StepSizes>> = { stepSize: number, gateStepSize: number };

/** Refuses numbers that no step can be made of; the act names the method. */
export function checkPositive(
  act: string,
  wanted: string,
  numbers: Readonly<Record<string, number | undefined>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (value > 0 && value < Number.POSITIVE_INFINITY)) continue;
    throw new InputError(act, `${wanted} above 0`, `${name} ${value}`);
  }
}

/** Refuses a number of steps that is not a whole number from 1 on. */
export function checkCount(act: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new InputError(act, `${name} to be a whole number from 1 on`, String(value));
}

/** γ of each parameter (p). */
export function stepSizesOf<Data>(model: Gated<Data>, { stepSize, gateStepSize = stepSize }: StepSizes): Float64Array {
  const sizes = new Float64Array(model.names.length).fill(stepSize);
  for (const { offset, size } of model.gate ?? []) sizes.fill(gateStepSize, offset, offset + size);
  return sizes;
}

/** What each parameter's ascent in nats is multiplied by (p): its γ, divided by the total weight of the rows. */
export function stepLengths<Data>(model: Gated<Data>, sizes: StepSizes, data: Data): Float64Array {
  const weight = model.totalWeight(data);
  return stepSizesOf(model, sizes).map((size) => size / weight);
}

/** First-order gain ⟨gradient, θ⁺ − θ⟩ of a step, in nats. */
export function firstOrderGain(gradient: Float64Array, theta: Float64Array, next: Float64Array): number {
  return gradient.reduce((sum, g, j) => sum + g * (next[j] - theta[j]), 0);
}
