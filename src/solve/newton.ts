import { dot } from "../math/vector.ts";
import type { Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight } from "../rows/units.ts";
import type { Effort } from "./effort.ts";
import type { Expansion, Likelihood } from "./likelihood.ts";
import { matrixFreeExpansion } from "./newton-cg.ts";
import { denseExpansion } from "./newton-dense.ts";

/** A step is the last when it leaves less than the square of this, relative to the value. */
const LAST_STEP = 1e-13;
/** A step that promises less than this part of the value hardly changes the Hessian, and the next may do with it. */
const NEAR = 1e-4;
/** A Hessian is too old when more than so many steps would still be taken with it: a new one costs about as much. */
const TOO_MANY = 3;
/** A step is halved to this at the least: the first one from 0 towards a count overshoots by the count. */
const SHORTEST = 2 ** -60;
/** A step is short that moves no coordinate by more than this part of what the largest is, or of 1. */
const SHORT = 1e-8;
const MAX_STEPS = 60;
/** Long steps that gain next to nothing: with a small prior they arrive, without one they lead nowhere. */
const MOST_LONG_STEPS = 2;
/** Steps one after the other that gain less than this part of the value, or of what they promise, and promise on. */
const MOST_IDLE_STEPS = 5;
const IDLE = 1e-4;
const STEADY = 0.9;

/**
 * More coefficients than this are fitted without their Hessian. Measured, as times of the two ways: 2.8 for one predictor
 * of 400 columns, 1.4 for one of 200, 0.6 for nine of 40 (4000 rows); memory grows with the square of the coefficients.
 */
const WIDE = 400;

/** How a climb goes, beside what is climbed: 60 steps at the most, where no other number is said. */
export interface Climb extends Effort {
  /** Weight of a row: the values have a scale, and the search must not depend on it. Default 1. */
  readonly unit?: number;
  /** Least values of the coordinates; absent: none. */
  readonly least?: Float64Array;
}

/** Where a climb has ended. */
export interface Climbed {
  /** The objective there. */
  readonly value: number;
  /** First-order gain ⟨g, θ⁺ − θ⟩ with the gradient g at the start, in nats. */
  readonly gain: number;
  /** Whether no step is left that gains anything, as far as rounding lets that be seen. */
  readonly isMaximum: boolean;
}

/**
 * Climbs to a maximum by damped Newton steps.
 *
 * Where there is no finite maximiser (a class that is perfectly separated) each step gains a fixed part of what is left, and
 * the search ends, with finite coefficients, when that is nothing. It ends, too, where step after step gains next to nothing
 * and promises no less than the one before: rounding, or a Hessian that is none, leads it on.
 *
 * Near the maximum a Hessian serves for several steps: one of its own leaves the square of what is left, an earlier one,
 * brought up to date by the gradients on the way, a small part of it, and a gradient costs a fraction of a Hessian.
 *
 * @param expand the objective about `here`, as it is then; coordinates that cannot move have the gradient 0
 * @param here the start; written into
 */
export function climb(
  expand: () => Expansion,
  here: Float64Array,
  { steps = MAX_STEPS, left: mayLeave = 0, unit = 1, least }: Climb = {},
): Climbed {
  const start = here.slice();
  const initial = expand();
  let current = initial;
  let before = Number.POSITIVE_INFINITY;
  let longSteps = 0;
  let idleSteps = 0;
  let isMaximum = false;
  for (let step = 0; step < steps && Number.isFinite(current.value); step++) {
    const size = Math.max(unit, Math.abs(current.value));
    let direction = current.direction();
    let decrement = dot(current.gradient, direction);
    const nothing = (LAST_STEP * size) ** 2;
    const enough = Math.max(nothing, mayLeave * unit * (current.value - initial.value + decrement));
    let left = decrement * (current.isOld ? decrement / before : decrement);
    if (current.isOld && !(left * (decrement / before) ** TOO_MANY <= enough)) {
      current = expand();
      direction = current.direction();
      decrement = dot(current.gradient, direction);
      left = decrement ** 2;
    }
    const isSteady = decrement >= STEADY * before;
    before = decrement;
    if (left <= nothing) {
      // Where the objective is flat a step that gains nothing can still be long, and must not be taken unseen.
      const isShort = norm(direction) <= 1e-4 * (1 + norm(here));
      if (isShort) move(here, here.slice(), direction, 1, least);
      isMaximum = isShort || ++longSteps > MOST_LONG_STEPS;
      if (isMaximum) break;
    }
    const isEnough = mayLeave > 0 && left <= enough;
    const isLast = isEnough || step === steps - 1;
    const mayKeep = decrement < NEAR * size || left <= enough;
    const look = (isLast && lastOf(current)) || ((isLast || mayKeep) && current.elsewhere) || expand;
    const next = search(current, look, here, direction, least);
    const gained = next === undefined ? 0 : next.there.value - current.value;
    idleSteps = isSteady && gained <= IDLE * Math.max(decrement, size) ? idleSteps + 1 : 0;
    if (next !== undefined) current = next.there;
    if (idleSteps === MOST_IDLE_STEPS || isEnough) break;
    // What is left is less than rounding shows; where a class is all but certain, so is its curvature, and a direction of
    // rounding alone promises much.
    if (next === undefined || (next.isCut && gained <= LAST_STEP * size)) {
      isMaximum = decrement <= LAST_STEP ** 0.5 * size;
      break;
    }
  }
  const gain = dot(
    initial.gradient,
    here.map((value, j) => value - start[j]),
  );
  return { value: current.value, gain, isMaximum };
}

/** A look at where the last step ends, of which nobody asks for more than the value; absent: an expansion costs little more. */
function lastOf(current: Expansion): (() => Expansion) | undefined {
  const { heightElsewhere } = current;
  return heightElsewhere && (() => ({ ...current, value: heightElsewhere() }));
}

/**
 * Takes a step of a direction, halved until it gains enough, and says whether it was; nothing, and no step, where it does not.
 *
 * Where next to nothing curves, as far from counts or labels, a direction is as long as the curvature is small: a step is
 * halved until it is short, too.
 */
function search(
  { value, gradient }: Expansion,
  expand: () => Expansion,
  here: Float64Array,
  direction: Float64Array,
  bounds: Float64Array | undefined,
): { readonly there: Expansion; readonly isCut: boolean } | undefined {
  const from = here.slice();
  // Rounding of the value's n terms must not reject a step that is right.
  const slack = 1e-13 * Math.abs(value);
  const reach = largest(direction) / (1 + largest(from));
  const least = Number.isFinite(reach) ? Math.min(SHORTEST, SHORT / reach) : SHORTEST;
  for (let length = 1; length > least; length /= 2) {
    move(here, from, direction, length, bounds);
    const there = expand();
    const promised = here.reduce((sum, at, j) => sum + gradient[j] * (at - from[j]), 0);
    if (there.value >= value + 1e-4 * promised - slack) return { there, isCut: length < 1 };
  }
  here.set(from);
  return undefined;
}

/** Moves along a direction, and no coordinate below its least value. */
function move(
  here: Float64Array,
  from: Float64Array,
  direction: Float64Array,
  length: number,
  least: Float64Array | undefined,
): void {
  for (let j = 0; j < here.length; j++) {
    const there = from[j] + length * direction[j];
    here[j] = least === undefined ? there : Math.max(there, Math.min(from[j], least[j]));
  }
}

/**
 * Maximises a generalised linear model's weighted log-likelihood, writing into `theta`.
 *
 * @param predictors the m predictors, all of one design and one after the other in `theta`
 * @param effort by default enough to converge
 * @param expansion finds value, gradient and direction at a point; by default with a matrix up to 400 coefficients
 * @returns the first-order gain ⟨g, θ⁺ − θ⟩ with the gradient g at the start, in nats
 * @remarks cost of a step: n·(m d)²/2 multiplications, or 2n·m d for each iteration of conjugate gradients
 */
export function maximiseByNewton(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  theta: Float64Array,
  data: Observations,
  effort?: Effort,
  expansion: typeof denseExpansion = isWide(predictors) ? matrixFreeExpansion : denseExpansion,
): number {
  const [first] = predictors;
  const here = theta.subarray(first.at[0], first.at[0] + first.at.length * predictors.length);
  const expand = expansion(likelihood, predictors, data);
  const unit = totalWeight({ rows: data.rows, weights: data.weights }) / data.rows;
  return climb(() => expand(theta), here, { ...effort, unit }).gain;
}

/** Whether a softmax with these predictors is fitted without its Hessian. */
export function isWide(predictors: readonly Predictor[]): boolean {
  return predictors.length * predictors[0].at.length > WIDE;
}

function largest(a: Float64Array): number {
  return a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}
