import { columnNames, isObject, type Kind, oneOf, typedAs } from "../errors/kinds.ts";
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
import { type FitRows, fittedParts, type Whole } from "../fit/fitted.ts";
import { quantile } from "../math/statistics.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { type Bootstrap, type BootstrapOptions, bootstrap } from "./bootstrap.ts";
import { covarianceFor, ERRORS, type ErrorOptions } from "./covariance.ts";
import { halfWidth, type Interval, LEVEL, type LevelTable, percent } from "./level.ts";
import { profileEnd } from "./profile.ts";

/** Ways to make intervals. */
const INTERVAL_METHODS = ["wald", "profile", "bootstrap"] as const;

/** How intervals are made: from standard errors, from the profile of the likelihood, or from replicates. */
export type IntervalMethod = (typeof INTERVAL_METHODS)[number];

/** Which quantiles of replicates are the ends. */
export type BootstrapInterval = "percentile" | "basic";

/** Replicates, or how they are made. */
export const replicated: Kind<Bootstrap | Omit<BootstrapOptions, "rows">> = {
  wanted: "what bootstrap found, or its options",
  accepts: (value) => isObject(value) && !Array.isArray(value) && !ArrayBuffer.isView(value),
};

/** Table of the options of intervals that are theirs alone. */
export class IntervalTable {
  readonly method: Defaulted<IntervalMethod> = defaulted(oneOf(INTERVAL_METHODS), "wald", "how intervals are made");

  readonly parameters: Optional<string | readonly string[], readonly string[]> = optional(
    { ...columnNames, wanted: "a list of names of parameters, or one" },
    "parameters that intervals are made for",
    { otherwise: "all that are fitted" },
  );

  readonly interval: Optional<BootstrapInterval> = optional(
    oneOf(["percentile", "basic"]),
    "quantiles of replicates that are the ends",
    { otherwise: "percentile" },
  );

  readonly bootstrap: Optional<Bootstrap | Omit<BootstrapOptions, "rows">> = optional(
    replicated,
    "replicates, or how they are made",
    { otherwise: "200 nonparametric ones" },
  );
}

const OPTIONS = { ...LEVEL, ...new IntervalTable(), ...ERRORS };
type Plan = PlanOf<typeof OPTIONS>;

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
 * likelihood-ratio test does not reject, found by fits with the parameter fixed, which go on from the fit; an end is infinite
 * where the likelihood falls no further, which a message says. `"bootstrap"`: of replicates as {@link bootstrap} makes them
 * the quantiles themselves (`"percentile"`), or mirrored at the estimate (`"basic"`). All are of the logarithm of a scale;
 * those of σ, shape and dispersion are their exponentials.
 *
 * @throws InputError as `covariance` and `bootstrap`; for a name that is no parameter, or one that is fixed; and where a
 *   profile is higher than the fit
 * @remarks cost: that of `covariance` or `bootstrap`; of a profile about twenty fits for each parameter, which begin near
 *   their end. Venzon and Moolgavkar 1988; Davison and Hinkley 1997, section 5.2.
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
  const { method, level } = plan;
  refuseOthers(plan);
  const { mixture } = fittedParts(ACT, fit);
  const taken = takenOf(mixture, plan.parameters);
  const { ends, messages } = makers[method](fit, taken, plan);
  const intervals = Object.fromEntries(taken.flatMap((at, i) => named(fit, at, ends[i])));
  return tabled<Intervals>({ level, method, intervals, messages }, intervalTable);
}

const ACT = "find intervals";

/** Which options are another method's alone. */
const OF_METHODS: Readonly<Record<string, IntervalMethod>> = {
  type: "wald",
  cluster: "wald",
  interval: "bootstrap",
  bootstrap: "bootstrap",
};

function refuseOthers(plan: Plan): void {
  const odd = Object.entries(OF_METHODS).find(
    ([name, method]) => plan[name as keyof Plan] !== undefined && plan.method !== method,
  );
  if (odd === undefined) return;
  const [name, method] = odd;
  throw new InputError(ACT, `${name} with the method ${quote(method)} only`, `${name} with ${quote(plan.method)}`);
}

/** Positions of the parameters that are asked for. */
function takenOf({ names, free }: Mixture, wanted: readonly string[] | undefined): readonly number[] {
  if (wanted === undefined) return free;
  return wanted.map((name) => {
    const at = names.indexOf(name);
    if (at < 0) throw new InputError(ACT, `a parameter such as ${listed(nearest(name, names))}`, quote(name));
    if (free.includes(at)) return at;
    throw new InputError(ACT, "a parameter that is fitted", `${quote(name)}, which is fixed`, "leave it out");
  });
}

type Ends = readonly [lower: number, upper: number];
type Maker = (
  fit: Whole,
  taken: readonly number[],
  plan: Plan,
) => { readonly ends: readonly Ends[]; readonly messages: readonly string[] };

const makers: Readonly<Record<IntervalMethod, Maker>> = {
  wald: (fit, taken, plan) => {
    const { covariance, free } = covarianceFor(ACT, CALL, fit, partOf(plan, ERRORS));
    const z = halfWidth(plan.level);
    const ends = taken.map((at): Ends => {
      const half = z * covariance.standardErrors[free.indexOf(at)];
      return [fit.theta[at] - half, fit.theta[at] + half];
    });
    return { ends, messages: covariance.messages };
  },

  profile: (fit, taken, plan) => {
    const { covariance, data, free } = covarianceFor(ACT, CALL, fit, partOf(plan, ERRORS));
    const { mixture, theta } = fit;
    const peak = { model: mixture, theta, data, objective: mixture.posterior(theta, data).objective };
    const z = halfWidth(plan.level);
    const found = taken.map((at) => {
      const error = covariance.standardErrors[free.indexOf(at)];
      return ([-1, 1] as const).map((side) => profileEnd(ACT, peak, at, side, z, error));
    });
    return {
      ends: found.map(([lower, upper]): Ends => [lower.at, upper.at]),
      messages: [...covariance.messages, ...found.flat().flatMap(({ reason }) => reason ?? [])],
    };
  },

  bootstrap: (fit, taken, { level, interval = "percentile", bootstrap: given = {}, rows }) => {
    const found = bootstrapOf(fit, given, rows);
    const { names, theta } = { names: fit.mixture.names, theta: fit.theta };
    const q = found.names.length;
    const tail = (1 - level) / 2;
    const ends = taken.map((at): Ends => {
      const j = found.names.indexOf(names[at]);
      if (j < 0) throw new InputError(ACT, "replicates of this fit", `others, without ${quote(names[at])}`);
      const own = Float64Array.from({ length: found.estimates.length / q }, (_, r) => found.estimates[r * q + j]);
      const [low, high] = [quantile(own, tail), quantile(own, 1 - tail)];
      return interval === "basic" ? [2 * theta[at] - high, 2 * theta[at] - low] : [low, high];
    });
    return { ends, messages: found.messages };
  },
};

const CALL = "confint(model, { rows })";

/** The replicates that are given, or those that are made as the options say. */
export function bootstrapOf(
  fit: Whole,
  given: Bootstrap | Omit<BootstrapOptions, "rows">,
  rows: FitRows | undefined,
): Bootstrap {
  return isFound(given) ? given : bootstrap(fit, { ...given, ...(rows && { rows }) });
}

/** Whether these are replicates, and not how they are made. */
function isFound(given: object): given is Bootstrap {
  const { estimates, names, messages } = given as Partial<Bootstrap>;
  return typedAs(estimates, "Float64Array") && Array.isArray(names) && names.length > 0 && Array.isArray(messages);
}

/** The interval of a parameter by its name; of a scale's logarithm that of the scale, too. */
function named({ mixture, theta }: Whole, at: number, [lower, upper]: Ends): (readonly [string, Interval])[] {
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

function intervalTable({ level, method, intervals, messages }: Intervals): Table {
  return {
    columns: [{ name: "parameter" }, { name: "estimate" }, { name: "lower" }, { name: "upper" }],
    rows: Object.entries(intervals).map(([name, { estimate, lower, upper }]) => [name, estimate, lower, upper]),
    caption: `${percent(level)} intervals (${method})`,
    ...(messages.length > 0 && { note: messages.join(" ") }),
  };
}
