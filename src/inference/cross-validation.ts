import { sharedTasks } from "../compute/shared-tasks.ts";
import { wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError, WorkFailure } from "../errors.ts";
import { checkpointOf, type NotedIn } from "../fit/checkpoint.ts";
import { FIT } from "../fit/fit-options.ts";
import { fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { maximumFrom } from "../fit/maximum.ts";
import { undetermined } from "../frame/collinear.ts";
import { type Random, random } from "../math/random.ts";
import { checkMixture } from "../models/checks.ts";
import type { Observations } from "../rows/observations.ts";
import { unitCount } from "../rows/units.ts";
import { formatNumber } from "../text/number.ts";
import { printed } from "../text/printed.ts";
import { FAILURES, likelihoodFailure, REPLICATES, type ReplicateTable, randomStarts } from "./replicates.ts";

/** Table of the options of a cross-validation. */
export class FoldsTable {
  readonly folds: Defaulted<number> = defaulted(wholeFrom(2, 1_000_000), 10, "parts that each are left out once");

  readonly seed: Defaulted<number> = REPLICATES.seed;

  readonly starts: ReplicateTable["starts"] = REPLICATES.starts;

  readonly checkpoint: Optional<string> = FIT.checkpoint;

  readonly resume: Defaulted<boolean> = FIT.resume;
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
  /** What should be known about it. */
  readonly messages: readonly string[];
}

/**
 * Cross-validated log-likelihood of a fit: each of some parts of its units is judged by the parameters that the others give.
 *
 * Units, rows or whole groups, are dealt into parts at random, as many to each, or one more. The fits of the others begin at
 * the fit's own parameters, and at `starts` random ones. Higher is better. With a `checkpoint` the parts that are done are kept,
 * and `resume` goes on from them.
 *
 * @throws InputError for more parts than units, for a model without rows, and for a checkpoint of another cross-validation
 * @throws WorkFailure where the rest of a part cannot be fitted, or leaves a coefficient open, as that of a level that only rows of
 *   the part have
 * @remarks cost: as many fits as parts, which begin near their end. Smyth 2000.
 * @example
 * ```ts
 * import { crossValidate, datasetPath, fit } from "mixlens";
 * const [one, two] = [1, 2].map((k) => fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], k, starts: 5 }));
 * if (!(crossValidate(two, { folds: 5 }).logLikelihood > crossValidate(one, { folds: 5 }).logLikelihood)) throw new Error("two are better");
 * ```
 */
export function crossValidate(fit: Whole, options: CrossValidationOptions = {}): CrossValidation {
  return crossValidated(fit, options);
}

/** A cross-validation as {@link crossValidate} makes it, noted elsewhere than its options say. */
export function crossValidated(fit: Whole, options: CrossValidationOptions, notedIn?: NotedIn): CrossValidation {
  const plan = readOptions(ACT, options, OPTIONS);
  const { folds: count, seed, starts } = plan;
  const { mixture, theta } = fittedParts(ACT, fit);
  checkMixture(ACT, mixture);
  const data = rowsOfFit(ACT, fit, undefined, "fit(data, options)");
  const units = unitCount(data);
  if (count > units) throw new InputError(ACT, `folds to be from 2 to ${units}, the number of units`, String(count));
  const foldOf = dealt(units, count, random(seed));
  const partOf = (isOfIt: (fold: number) => boolean): Observations =>
    mixture.rowsOf(
      data,
      Array.from(foldOf.keys()).filter((unit) => isOfIt(foldOf[unit])),
    );
  const judge = (fold: number): readonly [logLikelihood: number] => {
    const rest = partOf((other) => other !== fold);
    // Each part has a stream of its own, whichever are done before.
    const begin = randomStarts(starts, mixture, rest, random(seed, fold + 1));
    const wanted = `a fit of the rows without part ${fold + 1} of ${count}`;
    const open = undetermined(mixture, rest);
    if (open !== undefined) {
      const got = `none: they leave the coefficient open of ${open}`;
      throw new WorkFailure(ACT, wanted, got, "leave the column out, or fit with a ridge");
    }
    const { best } = maximumFrom(mixture, rest, [theta, ...begin]);
    const failure = likelihoodFailure(best);
    if (best === undefined || failure > 0) {
      throw new WorkFailure(ACT, wanted, `none: ${FAILURES[failure]}`, "take fewer experts, more folds or a ridge");
    }
    return [
      mixture.posterior(
        best.theta,
        partOf((own) => own === fold),
      ).logLikelihood,
    ];
  };
  const journal = checkpointOf(ACT, notedIn ?? plan, { ...mixture.spec, theta, folds: count, seed, starts }, data);
  const folds = sharedTasks({ count, width: 1 }, 1, judge, journal);
  const logLikelihood = folds.reduce((sum, own) => sum + own, 0);
  return printed({ logLikelihood, folds, messages: journal?.notes ?? [] }, inWords);
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

function inWords({ logLikelihood, folds, messages }: CrossValidation): string {
  const words = `cross-validated log-likelihood ${formatNumber(logLikelihood)}, of ${folds.length} parts`;
  return [words, ...messages].join("\n");
}
