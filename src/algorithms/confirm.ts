import { conjugateGradient } from "../math/conjugate-gradient.ts";
import { dot } from "../math/vector.ts";
import { eStep } from "../models/expectation.ts";
import type { LatentModel, Model } from "../models/model.ts";
import { hasConverged, hasStalled } from "./stop.ts";

/** A run that says to be within a tolerance may be so many times as far: its estimate is one. */
const SLACK = 2;
/** Steps of EM from which a rate can be told. */
const STEPS = 4;
/** Residual at which conjugate gradients have found a decrement, as a fraction of the first. */
const SOLVED = 1e-2;

/** What stands beside a run's own word for being at its limit. */
export interface Confirmation {
  readonly isAtLimit: boolean;
  /** First-order gain of the next step of EM, or of Newton's where there is no EM, in nats. */
  readonly gain: number;
}

/**
 * Asks, where a run seems to be at its limit, whether it is: by a measure that knows nothing of the run's own steps, which
 * may be short for another reason than a small gradient.
 *
 * Of a model with a posterior it is EM's gain from there, g'I_c⁻¹g of the gradient g and the complete information, and
 * where that is small but not nothing the distance that four steps of EM show. Of another it is Newton's, g'H⁻¹g, from
 * differences of gradients. No unit of a column matters to either.
 *
 * @param tolerance the run's, in standard errors
 * @param lost nats below which a gain is lost in rounding
 * @remarks cost: a step of EM to refuse, up to four to agree; or a gradient for each of up to p + 1 conjugate gradients.
 */
export function confirm<Data>(
  model: Model<Data>,
  theta: Float64Array,
  data: Data,
  tolerance: number,
  lost: number,
): Confirmation {
  const most = Math.max((SLACK * tolerance) ** 2, lost);
  if (!isLatent(model)) {
    const gain = newtonDecrement(model, theta, data);
    return { isAtLimit: gain <= most, gain };
  }
  const gains: number[] = [];
  for (let at = theta; gains.length < STEPS; ) {
    const expectation = eStep(model, at, data);
    const step = expectation.maximise();
    // Where there is no maximiser to go to there is no limit.
    const gain = step.failure === undefined ? Math.abs(step.gain) : Number.POSITIVE_INFINITY;
    gains.push(gain);
    if (!(gain <= most)) return { isAtLimit: false, gain: gains[0] };
    if (gain <= lost || hasConverged(gains, expectation.objective, SLACK * tolerance)) break;
    if (gains.length === STEPS) return { isAtLimit: false, gain: gains[0] };
    at = step.theta;
  }
  return { isAtLimit: true, gain: gains[0] };
}

/** Steps for which a refusal stands, as a part of those before it: a run is asked some tens of times at the most. */
const STANDS = 0.25;

/**
 * Asks {@link confirm} whenever a run seems to be at its limit, but not at every step.
 *
 * @returns takes the point, the number of steps that led to it, the last gain and the size of the objective
 */
export function confirming<Data>(
  model: Model<Data>,
  data: Data,
  { tolerance, maxIterations }: { readonly tolerance: number; readonly maxIterations: number },
): (theta: Float64Array, gains: readonly number[], size: number) => Confirmation {
  let last: Confirmation = { isAtLimit: false, gain: Number.NaN };
  let next = 0;
  return (theta, gains, size) => {
    const steps = gains.length;
    if (steps < next && steps < maxIterations) return last;
    const isLost = hasStalled(gains) || gains[steps - 1] === 0;
    last = confirm(model, theta, data, tolerance, isLost ? Number.EPSILON * size : 0);
    next = Math.ceil((1 + STANDS) * steps);
    return last;
  };
}

function isLatent<Data>(model: Model<Data>): model is LatentModel<Data> {
  return "posterior" in model && "maximise" in model;
}

/** g'H⁻¹g of the gradient g and the negated second derivative H; infinite where that is not positive. */
function newtonDecrement<Data>(model: Model<Data>, theta: Float64Array, data: Data): number {
  const { gradient } = model.gradient(theta, data);
  const size = Math.sqrt(Number.EPSILON) * (1 + Math.hypot(...theta));
  const product = (v: Float64Array): Float64Array => {
    const length = size / Math.hypot(...v);
    const there = model.gradient(
      theta.map((value, j) => value + length * v[j]),
      data,
    );
    return gradient.map((g, j) => (g - there.gradient[j]) / length);
  };
  const { x, end } = conjugateGradient(product, gradient, {
    precondition: (r) => r.slice(),
    tolerance: SOLVED,
    maxIterations: theta.length,
  });
  return end === "negative curvature" ? Number.POSITIVE_INFINITY : dot(x, gradient);
}
