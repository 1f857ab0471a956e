import { wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError, WorkFailure } from "../errors.ts";
import { fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { maximumFrom } from "../fit/maximum.ts";
import { type Random, random } from "../math/random.ts";
import { checkMixture } from "../models/checks.ts";
import { unitCount } from "../rows/units.ts";
import { formatNumber } from "../text/number.ts";
import { printed } from "../text/printed.ts";
import { FAILURES, likelihoodFailure, REPLICATES, type ReplicateTable, randomStarts } from "./replicates.ts";

/** Table of the options of a cross-validation. */
export class FoldsTable {
  readonly folds: Defaulted<number> = defaulted(wholeFrom(2, 1_000_000), 10, "parts that each are left out once");

  readonly seed: Defaulted<number> = REPLICATES.seed;

  readonly starts: ReplicateTable["starts"] = REPLICATES.starts;
}

const OPTIONS: FoldsTable = new FoldsTable();

/** How a cross-validation is made. */
export interface CrossValidationOptions extends OptionsOf<FoldsTable> {}

/** Log-likelihood of rows that were not fitted. */
export interface CrossValidation {
  /** Sum over all units, each by the parameters that the other parts gave, in nats. */
  readonly logLikelihood: number;
  /** The same of each part. */
  readonly folds: Float64Array;
}

/**
 * Cross-validated log-likelihood of a fit: each of some parts of its units is judged by the parameters that the others give.
 *
 * Units, rows or whole groups, are dealt into parts at random, as many to each, or one more. The fits of the others begin at
 * the fit's own parameters, and at `starts` random ones. Higher is better.
 *
 * @throws InputError for more parts than units, and for a model without rows
 * @throws WorkFailure where the rest of a part cannot be fitted
 * @remarks cost: as many fits as parts, which begin near their end. Smyth 2000.
 * @example
 * ```ts
 * import { crossValidate, datasetPath, fit } from "mixlens";
 * const [one, two] = [1, 2].map((k) => fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], k, starts: 5 }));
 * if (!(crossValidate(two, { folds: 5 }).logLikelihood > crossValidate(one, { folds: 5 }).logLikelihood)) throw new Error("two are better");
 * ```
 */
export function crossValidate(fit: Whole, options: CrossValidationOptions = {}): CrossValidation {
  const { folds: count, seed, starts } = readOptions(ACT, options, OPTIONS);
  const { mixture, theta } = fittedParts(ACT, fit);
  checkMixture(ACT, mixture);
  const data = rowsOfFit(ACT, fit, undefined, "fit(data, options)");
  const units = unitCount(data);
  if (count > units) throw new InputError(ACT, `folds to be from 2 to ${units}, the number of units`, String(count));
  const rng = random(seed);
  const foldOf = dealt(units, count, rng);
  const all = Array.from(foldOf.keys());
  const folds = Float64Array.from({ length: count }, (_, fold) => {
    const rest = mixture.rowsOf(
      data,
      all.filter((unit) => foldOf[unit] !== fold),
    );
    const { best } = maximumFrom(mixture, rest, [theta, ...randomStarts(starts, mixture, rest, rng)]);
    const failure = likelihoodFailure(best);
    if (best === undefined || failure > 0) {
      const wanted = `a fit of the rows without part ${fold + 1} of ${count}`;
      throw new WorkFailure(ACT, wanted, `none: ${FAILURES[failure]}`, "take fewer experts, more folds or a ridge");
    }
    const own = mixture.rowsOf(
      data,
      all.filter((unit) => foldOf[unit] === fold),
    );
    return mixture.posterior(best.theta, own).logLikelihood;
  });
  const logLikelihood = folds.reduce((sum, own) => sum + own, 0);
  return printed({ logLikelihood, folds }, inWords);
}

const ACT = "cross-validate";

/** The part of each unit: parts of one size, or one more, at random. */
function dealt(units: number, count: number, rng: Random): Int32Array {
  const order = Int32Array.from({ length: units }, (_, at) => at);
  for (let left = units; left > 1; left--) {
    const at = rng.integer(left);
    [order[at], order[left - 1]] = [order[left - 1], order[at]];
  }
  const foldOf = new Int32Array(units);
  order.forEach((unit, at) => {
    foldOf[unit] = at % count;
  });
  return foldOf;
}

function inWords({ logLikelihood, folds }: CrossValidation): string {
  return `cross-validated log-likelihood ${formatNumber(logLikelihood)}, of ${folds.length} parts`;
}
