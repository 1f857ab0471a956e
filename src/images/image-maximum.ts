import { conjugateGradient } from "../math/conjugate-gradient.ts";
import { dot } from "../math/vector.ts";
import type { Maximum } from "../models/model.ts";

/** A concave objective about a point: its value in nats, its gradient, and products with its negated Hessian. */
export interface Expansion {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly product: (v: Float64Array) => Float64Array;
  /** P⁻¹r for a P near the Hessian. */
  readonly precondition: (r: Float64Array) => Float64Array;
}

/** A concave objective: its expansion about a point, or its value there alone. */
export interface Objective {
  readonly expand: (theta: Float64Array) => Expansion;
  readonly value: (theta: Float64Array) => number;
}

/** When a search ends. */
export interface Search {
  /** Newton steps at the most; default: until one promises nothing that single precision would show. */
  readonly newtonSteps?: number | undefined;
  /** Iterations of conjugate gradients for each, at the most. */
  readonly innerIterations: number;
  /** Error of the value by rounding, relative to itself: a fall by no more is none. */
  readonly rounding: number;
}

/** A step that promises less than so many roundings is the last. */
const LAST_STEP = 10;
const MAX_STEPS = 60;
/** Relative residuals of a direction far from the maximum, and as near to it as single precision shows. */
const LOOSEST = 0.1;
const TIGHTEST = 1e-4;
const SHORTEST = 2 ** -30;

/** Maximises a concave objective by damped Newton steps, their directions found by conjugate gradients. */
export function maximiseOnImages(
  { expand, value }: Objective,
  theta: Float64Array,
  { newtonSteps = MAX_STEPS, innerIterations, rounding }: Search,
): Maximum {
  const start = expand(theta);
  let here = start;
  let at = theta;
  for (let step = 1; step <= newtonSteps; step++) {
    const steepest = Math.sqrt(Math.max(0, dot(here.gradient, here.precondition(here.gradient))));
    const { x: direction } = conjugateGradient(here.product, here.gradient, {
      precondition: here.precondition,
      tolerance: Math.min(LOOSEST, Math.max(TIGHTEST, steepest)),
      maxIterations: innerIterations,
    });
    const promised = dot(here.gradient, direction);
    const error = rounding * Math.abs(here.value);
    const isLast = step === newtonSteps || promised <= LAST_STEP * error;
    // About the last point nothing but the value is wanted.
    let length = 1;
    let there: Expansion | undefined;
    let next = at;
    for (; length > SHORTEST; length /= 2) {
      next = at.map((value, j) => value + length * direction[j]);
      if (!isLast) there = expand(next);
      if ((there?.value ?? value(next)) >= here.value + 1e-4 * length * promised - error) break;
    }
    if (length <= SHORTEST) break;
    at = next;
    if (there === undefined) break;
    here = there;
  }
  const gain = at.reduce((sum, value, j) => sum + start.gradient[j] * (value - theta[j]), 0);
  return { theta: at, gain };
}
