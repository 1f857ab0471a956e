import { columnNames, oneOf } from "../errors/kinds.ts";
import { nearest } from "../errors/nearest.ts";
import {
  type Defaulted,
  defaulted,
  type Optional,
  type OptionsOf,
  optional,
  type PlanOf,
  partOf,
  readOptions,
} from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import type { Whole } from "../fit/fitted.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { printed } from "../text/printed.ts";
import { tableText } from "../text/table.ts";
import { covarianceFor, ERRORS, type ErrorOptions } from "./covariance.ts";
import { halfWidth, type Interval, LEVEL, type LevelTable } from "./level.ts";
import { profileEnd } from "./profile.ts";

/** Ways to make intervals. */
export const INTERVAL_METHODS = ["wald", "profile"] as const;

/** How intervals are made: from standard errors, or from the profile of the likelihood. */
export type IntervalMethod = (typeof INTERVAL_METHODS)[number];

/** Table of the options of intervals that are theirs alone. */
export class IntervalTable {
  readonly method: Defaulted<IntervalMethod> = defaulted(oneOf(INTERVAL_METHODS), "wald", "how intervals are made");

  readonly parameters: Optional<string | readonly string[], readonly string[]> = optional(
    { ...columnNames, wanted: "a list of names of parameters, or one" },
    "parameters that intervals are made for",
    { otherwise: "all that are fitted" },
  );
}

const OPTIONS = { ...LEVEL, ...new IntervalTable(), ...ERRORS };

/** How intervals are made, and of what. */
export interface IntervalOptions extends OptionsOf<LevelTable>, OptionsOf<IntervalTable>, ErrorOptions {}

/** Intervals of a fit's parameters. */
export interface Intervals {
  readonly level: number;
  readonly method: IntervalMethod;
  /**
   * By name, of those that are fitted: `expert1.x`. After the logarithm of a scale, `expert1.log(sigma)`, stands the scale
   * itself, `expert1.sigma`.
   */
  readonly intervals: Readonly<Record<string, Interval>>;
  /** What should be known about them. */
  readonly messages: readonly string[];
}

/**
 * Intervals of a fit's parameters.
 *
 * `"wald"`: the estimate and so many standard errors of {@link covariance} on either side. `"profile"`: all values that a
 * likelihood-ratio test does not reject, found by fits with the parameter fixed; an end is infinite where the likelihood
 * falls no further, which a message says. Both for the logarithm of a scale; those of σ, shape and dispersion are its
 * exponentials.
 *
 * @throws InputError as `covariance`; for a name that is no parameter, or one that is fixed; and where a profile is higher
 *   than the fit
 * @remarks cost: that of `covariance`; of a profile about twenty fits for each parameter, which begin near their end.
 *   Venzon and Moolgavkar 1988.
 * @example
 * ```ts
 * import { confint, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { lower, upper } = confint(iris).intervals["expert1.petal_length"];
 * if (!(lower > 0 && upper < 1)) throw new Error(`${lower} to ${upper}`);
 * const profile = confint(iris, { method: "profile", parameters: "expert1.log(sigma)", level: 0.9 }).intervals;
 * if (!(profile["expert1.sigma"].lower > 0)) throw new Error("sigma is above 0");
 * ```
 */
export function confint(fit: Whole, options: IntervalOptions = {}): Intervals {
  const plan = readOptions(ACT, options, OPTIONS);
  const { method, level, type, cluster } = plan;
  if (method !== "wald" && (type ?? cluster) !== undefined) {
    const got = type === undefined ? `cluster ${quote(cluster)}` : `type ${quote(type)}`;
    throw new InputError(ACT, `no type or cluster with method ${quote(method)}`, got, 'they are for method "wald"');
  }
  const { covariance, data, free } = covarianceFor(
    ACT,
    "confint(model, { rows })",
    fit,
    partOf(plan, ERRORS) as PlanOf<typeof ERRORS>,
  );
  const taken = takenOf(fit.mixture, plan.parameters).map((at) => ({ at, error: errorAt(at) }));
  function errorAt(at: number): number {
    return covariance.standardErrors[free.indexOf(at)];
  }
  const z = halfWidth(level);
  const made =
    method === "profile"
      ? profiles(fit, data, taken, z)
      : {
          ends: taken.map(({ at, error }) => [fit.theta[at] - z * error, fit.theta[at] + z * error] as const),
          messages: [],
        };
  const intervals = taken.flatMap(({ at }, i) => named(fit, at, made.ends[i]));
  const messages = [...covariance.messages, ...made.messages];
  return printed({ level, method, intervals: Object.fromEntries(intervals), messages }, inWords);
}

const ACT = "find intervals";

/** Positions of the parameters that are asked for. */
export function takenOf({ names, free }: Mixture, wanted: readonly string[] | undefined): readonly number[] {
  if (wanted === undefined) return free;
  return wanted.map((name) => {
    const at = names.indexOf(name);
    if (at < 0) throw new InputError(ACT, `a parameter such as ${listed(nearest(name, names))}`, quote(name));
    if (free.includes(at)) return at;
    throw new InputError(ACT, "a parameter that is fitted", `${quote(name)}, which is fixed`, "leave it out");
  });
}

type Ends = readonly [lower: number, upper: number];

/** Profile intervals of some parameters. */
function profiles(
  { mixture, theta }: Whole,
  data: Observations,
  taken: readonly { readonly at: number; readonly error: number }[],
  z: number,
): { readonly ends: readonly Ends[]; readonly messages: readonly string[] } {
  const peak = { model: mixture, theta, data, objective: mixture.posterior(theta, data).objective };
  const found = taken.map(({ at, error }) =>
    ([-1, 1] as const).map((side) => profileEnd(ACT, peak, at, side, z, error)),
  );
  return {
    ends: found.map(([lower, upper]): Ends => [lower.at, upper.at]),
    messages: found.flat().flatMap(({ reason }) => reason ?? []),
  };
}

/** The interval of a parameter by its name; of a scale's logarithm that of the scale, too. */
export function named({ mixture, theta }: Whole, at: number, [lower, upper]: Ends): (readonly [string, Interval])[] {
  const name = mixture.names[at];
  const own: readonly [string, Interval] = [name, { estimate: theta[at], lower, upper }];
  const scale = scaleName(mixture, at);
  if (scale === undefined) return [own];
  return [own, [scale, { estimate: Math.exp(theta[at]), lower: Math.exp(lower), upper: Math.exp(upper) }]];
}

/** What the scale is called whose logarithm a parameter is; undefined of a coefficient. */
export function scaleName({ names, law }: Mixture, at: number): string | undefined {
  const end = `.log(${law.scale?.name})`;
  return names[at].endsWith(end) ? names[at].replace(end, `.${law.scale?.name}`) : undefined;
}

function inWords({ level, method, intervals, messages }: Intervals): string {
  const columns = [{ name: "parameter" }, { name: "estimate" }, { name: "lower" }, { name: "upper" }];
  const rows = Object.entries(intervals).map(([name, { estimate, lower, upper }]) => [name, estimate, lower, upper]);
  return [
    `${Number((100 * level).toPrecision(6))} % intervals (${method})`,
    tableText({ columns, rows }),
    ...messages,
  ].join("\n");
}
