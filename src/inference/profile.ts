import { InputError, quote } from "../errors.ts";
import { maximumFrom } from "../fit/maximum.ts";
import { rootBetween } from "../math/root.ts";
import { type Mixture, mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { formatNumber } from "../text/number.ts";

/** Where the profile is searched for an end: so many doublings of the standard error away. */
const DOUBLINGS = 12;
/** Accuracy of an end, in standard errors. */
const ACCURACY = 1e-9;
/** Nats above the fit that say that it is no maximum. */
const ABOVE = 1e-6;

/** What a profile is of: a fit's maximum. */
export interface Peak {
  readonly model: Mixture;
  readonly theta: Float64Array;
  readonly data: Observations;
  readonly objective: number;
}

/** An end of an interval; infinite where the likelihood stays within bounds however far away. */
export interface End {
  readonly at: number;
  /** Why it is none; absent where there is one. */
  readonly reason?: string;
}

/**
 * The value of one parameter, on one side of its estimate, at which twice the log-likelihood that the other parameters
 * can still reach has fallen by z².
 *
 * @param side 1 above the estimate, -1 below it
 * @param scale a standard error: the length of the first step
 * @throws InputError where the likelihood is higher beside the fit
 * @remarks cost: about ten fits that begin near their end. The root is that of z ± √(2 Δℓ), which is nearly linear:
 *   bracketed by doubling steps, then by Illinois' regula falsi.
 */
export function profileEnd(act: string, peak: Peak, parameter: number, side: 1 | -1, z: number, scale: number): End {
  const { theta, model, objective } = peak;
  const [name, estimate] = [model.names[parameter], theta[parameter]];
  let near = theta;
  /** Root of twice the fall at a distance in standard errors, less z; or why there is none. */
  const excess = (distance: number): number | string => {
    const value = estimate + side * distance * scale;
    const found = profileAt(peak, parameter, value, near);
    if (typeof found === "string") return found;
    const fall = objective - found.objective;
    if (fall < -ABOVE) {
      const got = `${formatNumber(-fall)} nats more where ${quote(name)} is ${formatNumber(value)}`;
      throw new InputError(act, "a fit at its highest maximum", got, "fit with more starts");
    }
    const above = Math.sqrt(2 * Math.max(0, fall)) - z;
    if (above < 0) near = found.theta;
    return above;
  };
  let low: readonly [number, number] = [0, -z];
  for (let doubling = 0, distance = z; ; doubling++, distance *= 2) {
    const above = excess(distance);
    const isFailure = typeof above === "string";
    if (isFailure || (above < 0 && doubling === DOUBLINGS)) {
      const reached = estimate + side * scale * (isFailure ? low[0] : distance);
      return ended(name, side, reached, isFailure ? above : "the likelihood falls no further");
    }
    if (above < 0) {
      low = [distance, above];
      continue;
    }
    const at = rootBetween((x) => defined(act, name, excess(x)), low, [distance, above], ACCURACY);
    return { at: estimate + side * scale * at };
  }
}

/** Refuses to go on between two points that were reached where one was not. */
function defined(act: string, name: string, value: number | string): number {
  if (typeof value === "number") return value;
  throw new InputError(act, `a profile of ${quote(name)} without gaps`, value, 'take method "wald" or "bootstrap"');
}

function ended(name: string, side: 1 | -1, reached: number, reason: string): End {
  const words = side === 1 ? "upper" : "lower";
  const said = `${name} has no ${words} end that was found: beyond ${formatNumber(reached)} ${reason}.`;
  return { at: side * Number.POSITIVE_INFINITY, reason: said };
}

/** The highest objective with one parameter at a value, from parameters nearby; or why there is none. */
function profileAt(
  { model, data }: Peak,
  parameter: number,
  value: number,
  near: Float64Array,
): { readonly objective: number; readonly theta: Float64Array } | string {
  const { spec, names, free, least } = model;
  if (value < (least?.[parameter] ?? Number.NEGATIVE_INFINITY)) return "it is less than its least value";
  const start = near.with(parameter, value);
  if (free.length === 1) return { objective: model.posterior(start, data).objective, theta: start };
  const held = mixture({ ...spec, fixed: { ...spec.fixed, [names[parameter]]: value } });
  const { best, reports } = maximumFrom(held, data, [start]);
  if (best === undefined || best.report.result !== "converged") {
    const [{ message }] = reports;
    return `the fit fails: ${message.replace(/\.$/, "")}`;
  }
  if (best.separated.length > 0) return "the other parameters have no finite maximum";
  return { objective: best.report.objective, theta: best.theta };
}
