import { checkArgument } from "../errors/arguments.ts";
import { byName } from "../errors/kinds.ts";
import { nearest } from "../errors/nearest.ts";
import { partOf, readOptions } from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import type { Whole } from "../fit/fitted.ts";
import { printed } from "../text/printed.ts";
import { tableText } from "../text/table.ts";
import { covarianceFor, ERRORS, type ErrorOptions } from "./covariance.ts";
import { type Estimate, estimateOf, LEVEL } from "./level.ts";

/** How a contrast is estimated: its level, default 0.95, and how standard errors are found. */
export interface ContrastOptions extends ErrorOptions {
  readonly level?: number;
}

const OPTIONS = { ...LEVEL, ...ERRORS };
const ACT = "estimate a contrast";

/**
 * A weighted sum of a fit's parameters, with its standard error, the test that it is 0 and an interval.
 *
 * @param weights by the names of the parameters, such as `{ "expert1.x": 1, "expert2.x": -1 }`; a fixed parameter adds to the
 *   sum and not to its error
 * @throws InputError as `covariance`; for a name that is no parameter; and where nothing that is fitted has a weight
 * @remarks cost that of `covariance`
 * @example
 * ```ts
 * import { contrast, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { estimate, p } = contrast(iris, { "expert1.petal_length": 1, "expert2.petal_length": -1 });
 * const [one, two] = iris.coefficients.experts.map(({ coefficients }) => coefficients.petal_length);
 * if (Math.abs(estimate - (one - two)) > 1e-12 || !(p > 0)) throw new Error("the slopes' difference");
 * ```
 */
export function contrast(
  fit: Whole,
  weights: Readonly<Record<string, number>>,
  options: ContrastOptions = {},
): Estimate {
  const plan = readOptions(ACT, options, OPTIONS);
  checkArgument(ACT, "weights", weights, byName);
  const { covariance, free } = covarianceFor(ACT, "contrast(model, weights, { rows })", fit, partOf(plan, ERRORS));
  const { names } = fit.mixture;
  const sums = new Float64Array(names.length);
  for (const [name, weight] of Object.entries(weights)) {
    const at = names.indexOf(name);
    if (at < 0) throw new InputError(ACT, `a parameter such as ${listed(nearest(name, names))}`, quote(name));
    if (!Number.isFinite(weight)) throw new InputError(ACT, `a finite weight of ${quote(name)}`, String(weight));
    sums[at] = weight;
  }
  const q = free.length;
  const variance = free.reduce((sum, at, j) => {
    return sum + free.reduce((part, to, i) => part + sums[at] * covariance.matrix[j * q + i] * sums[to], 0);
  }, 0);
  if (!(variance > 0)) {
    throw new InputError(
      ACT,
      "a weight other than 0 of a parameter that is fitted",
      "none",
      "name one that is not fixed",
    );
  }
  const value = sums.reduce((sum, weight, at) => sum + weight * fit.theta[at], 0);
  return printed(estimateOf(value, Math.sqrt(variance), plan.level), inWords);
}

/** An estimate in words. */
export function inWords({ estimate, standardError, z, p, lower, upper }: Estimate): string {
  const names = ["estimate", "standard error", "z", "p", "lower", "upper"];
  return tableText({
    columns: names.map((name) => ({ name })),
    rows: [[estimate, standardError, z, p, lower, upper]],
  });
}
