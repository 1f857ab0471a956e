import { dot } from "../math/vector.ts";
import type { Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight } from "../rows/units.ts";
import type { Likelihood } from "./likelihood.ts";
import { matrixFreeExpansion } from "./newton-cg.ts";
import { denseExpansion } from "./newton-dense.ts";

/** A step is the last when it leaves less than the square of this, relative to the value. */
const LAST_STEP = 1e-13;
/** A step that promises less than this part of the value hardly changes the Hessian, and the next may do with it. */
const NEAR = 1e-4;
/** A Hessian is too old when more than so many steps would still be taken with it: a new one costs about as much. */
const TOO_MANY = 3;
/** How often a step is halved at the most: the first one from 0 towards a count overshoots by the count. */
const SHORTEST = 2 ** -60;
const MAX_STEPS = 60;
/** Long steps that gain next to nothing: with a small prior they arrive, without one they lead nowhere. */
const MOST_LONG_STEPS = 2;

/**
 * More coefficients than this are fitted without their Hessian. Measured, as times of the two ways: 2.8 for one predictor
 * of 400 columns, 1.4 for one of 200, 0.6 for nine of 40 (4000 rows); memory grows with the square of the coefficients.
 */
const WIDE = 400;

/**
 * Maximises a generalised linear model's weighted log-likelihood by damped Newton steps, writing into `theta`.
 *
 * Where the likelihood has no finite maximiser (a class that is perfectly separated) each step gains a fixed part of
 * what is left, and the search ends, with finite coefficients, when that is nothing.
 *
 * Near the maximum a Hessian serves for several steps: one of its own leaves the square of what is left, an earlier one,
 * brought up to date by the gradients on the way, a small part of it, and a gradient costs a fraction of a Hessian.
 *
 * @param predictors the m predictors, all of one design and one after the other in `theta`
 * @param steps at the most; by default enough to converge
 * @param expansion finds value, gradient and direction at a point; by default with a matrix up to 400 coefficients
 * @returns the first-order gain ⟨g, θ⁺ − θ⟩ with the gradient g at the start, in nats
 * @remarks cost of a step: n·(m d)²/2 multiplications, or 2n·m d for each iteration of conjugate gradients
 */
export function maximiseByNewton(
  likelihood: Likelihood,
  predictors: readonly Predictor[],
  theta: Float64Array,
  data: Observations,
  steps: number = MAX_STEPS,
  expansion: typeof denseExpansion = isWide(predictors) ? matrixFreeExpansion : denseExpansion,
): number {
  const [first] = predictors;
  const p = first.size * predictors.length;
  const here = theta.subarray(first.offset, first.offset + p);
  const start = here.slice();
  const expand = expansion(likelihood, predictors, data);
  // Weights have a scale, and the search must not depend on it.
  const unit = totalWeight({ rows: data.rows, weights: data.weights }) / data.rows;
  const initial = expand(theta);
  let current = initial;
  let before = Number.POSITIVE_INFINITY;
  let longSteps = 0;
  for (let step = 0; step < steps; step++) {
    const size = Math.max(unit, Math.abs(current.value));
    const least = (LAST_STEP * size) ** 2;
    let direction = current.direction();
    let decrement = dot(current.gradient, direction);
    let left = decrement * (current.isOld ? decrement / before : decrement);
    if (current.isOld && !(left * (decrement / before) ** TOO_MANY <= least)) {
      current = expand(theta);
      direction = current.direction();
      decrement = dot(current.gradient, direction);
      left = decrement ** 2;
    }
    before = decrement;
    if (left <= least) {
      // Where the likelihood is flat a step that gains nothing can still be long, and must not be taken unseen.
      const isShort = norm(direction) <= 1e-4 * (1 + norm(here));
      if (isShort) for (let j = 0; j < p; j++) here[j] += direction[j];
      if (isShort || ++longSteps > MOST_LONG_STEPS) break;
    }
    const from = here.slice();
    // Rounding of the value's n terms must not reject a step that is right.
    const slack = 1e-13 * Math.abs(current.value);
    const expandThere = (decrement < NEAR * size && current.elsewhere) || expand;
    let length = 1;
    let next = current;
    for (; length > SHORTEST; length /= 2) {
      for (let j = 0; j < p; j++) here[j] = from[j] + length * direction[j];
      next = expandThere(theta);
      if (next.value >= current.value + 1e-4 * length * decrement - slack) break;
    }
    if (length <= SHORTEST) {
      here.set(from);
      break;
    }
    current = next;
  }
  return dot(
    initial.gradient,
    here.map((value, j) => value - start[j]),
  );
}

/** Whether a softmax with these predictors is fitted without its Hessian. */
export function isWide(predictors: readonly Predictor[]): boolean {
  return predictors.length * predictors[0].size > WIDE;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}
