import { oneOf, wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import { WorkFailure } from "../errors.ts";
import { checkpointOf } from "../fit/checkpoint.ts";
import { FIT } from "../fit/fit-options.ts";
import { type FitRows, fittedParts, rowsOfAFit, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { countsInWords } from "../frame/relative-weights.ts";
import { checkMixture } from "../models/checks.ts";
import { printed } from "../text/printed.ts";
import { tableText } from "../text/table.ts";
import { BOOTSTRAP_TYPES, type BootstrapType } from "./bootstrap-type.ts";
import { FAILURES, REPLICATES, type ReplicateTable, replicates } from "./replicates.ts";

const ACT = "bootstrap";

/** Table of the options of a bootstrap that are its own. */
export class BootstrapTable {
  readonly replicates: Defaulted<number> = defaulted(wholeFrom(2, 1_000_000), 200, "number of replicates");

  readonly type: Defaulted<BootstrapType> = defaulted(oneOf(BOOTSTRAP_TYPES), "nonparametric", "how rows are drawn");

  readonly checkpoint: Optional<string> = FIT.checkpoint;

  readonly resume: Defaulted<boolean> = FIT.resume;
}

const OPTIONS = { ...new BootstrapTable(), ...REPLICATES };

/** How a bootstrap draws and fits its replicates. */
export interface BootstrapOptions extends OptionsOf<BootstrapTable>, OptionsOf<ReplicateTable> {
  /** The rows that a loaded model was fitted to; default: those of the fit. */
  readonly rows?: FitRows;
}

/** Fits of replicates of a fit's rows. */
export interface Bootstrap {
  readonly type: BootstrapType;
  /** Number of replicates that were fitted; `failures` has the others. */
  readonly replicates: number;
  /** Names of the parameters that are fitted (q). */
  readonly names: readonly string[];
  /** Their estimates in each replicate that was fitted (replicates × q row-major). */
  readonly estimates: Float64Array;
  /** Log-likelihood of each replicate at its own estimates. */
  readonly logLikelihood: Float64Array;
  /** Covariance matrix of the estimates, q × q row-major. */
  readonly matrix: Float64Array;
  /** Square roots of its diagonal (q). */
  readonly standardErrors: Float64Array;
  /** Means of the estimates less those of the fit (q). */
  readonly bias: Float64Array;
  /** Replicates that came to nothing, by the reason. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  /** What should be known about it. */
  readonly messages: readonly string[];
}

/**
 * Bootstrap of a fit: its parameters in replicates of its rows, each fitted from the fit's own parameters.
 *
 * `"nonparametric"` replicates draw the fit's units (rows, or whole groups) with replacement, with their weights;
 * `"parametric"` ones keep the columns and draw responses from the fit. The experts of each are put in the order in which they
 * share the fit's rows with its own. What did not converge, or to no interior maximum, is left out, counted and said.
 * The same seed gives the same bits for any number of workers, and the first replicates of more are those of fewer. With a
 * `checkpoint` those that are done are kept, and `resume` goes on from them, with other workers or to more replicates, too.
 *
 * Replicates of a source are the same, one after the other and each on all cores: rows stay where they are, and have the number of
 * times that they are drawn as weights; random starts are run on 20,000 of them, and the best goes on to all.
 *
 * @throws InputError for a model without rows, and for a checkpoint of another bootstrap
 * @throws WorkFailure where fewer than two replicates come to anything
 * @remarks cost: a fit from one start, and `starts` more, for each replicate; of a source 8 bytes of the disk for each row. Efron 1979; McLachlan 1987; labels, Grün and
 *   Leisch 2004.
 * @example
 * ```ts
 * import { bootstrap, confint, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const found = bootstrap(iris, { replicates: 20, type: "parametric", workers: 1 });
 * if (!(found.standardErrors[0] > 0)) throw new Error("a standard error for each parameter");
 * const { lower, upper } = confint(iris, { method: "bootstrap", bootstrap: found }).intervals["expert1.petal_length"];
 * if (!(lower < upper)) throw new Error("an interval");
 * ```
 */
export function bootstrap(fit: Whole, options: BootstrapOptions = {}): Bootstrap {
  const plan = readOptions(ACT, options, { ...OPTIONS, rows: rowsOfAFit });
  const { mixture, theta } = fittedParts(ACT, fit);
  checkMixture(ACT, mixture);
  const data = rowsOfFit(ACT, fit, plan.rows, "bootstrap(model, { rows })");
  const { type, seed, starts, tolerance, replicates: count } = plan;
  const isSource = data.stretches !== undefined;
  // All cores are at work on each replicate of a source.
  const workers = isSource ? 1 : plan.workers;
  const { spec } = mixture;
  const journal = checkpointOf(ACT, plan, { ...spec, theta, type, seed, starts, tolerance }, data);
  const all = replicates({ type, spec, theta, data, seed, starts, tolerance }, count, workers, journal);
  const kept = all.filter(([failure]) => failure === 0);
  const failures = FAILURES.map((reason, at) => ({ reason, count: all.filter(([own]) => own === at).length }))
    .slice(1)
    .filter(({ count: times }) => times > 0);
  if (kept.length < 2) {
    const [{ reason }] = failures.toSorted((a, b) => b.count - a.count);
    throw new WorkFailure(
      ACT,
      "two replicates or more that can be fitted",
      `${kept.length}: of most ${reason}`,
      spec.k === 1 ? "leave columns out, or fit with a ridge" : "fit fewer experts, or with a ridge",
    );
  }
  const { free, names } = mixture;
  const q = free.length;
  const estimates = Float64Array.from(
    { length: kept.length * q },
    (_, at) => kept[Math.floor(at / q)][2 + free[at % q]],
  );
  const centre = free.map((at) => theta[at]);
  return printed<Bootstrap>(
    {
      type,
      replicates: kept.length,
      names: free.map((at) => names[at]),
      estimates,
      logLikelihood: Float64Array.from(kept, ([, logLikelihood]) => logLikelihood),
      ...moments(estimates, kept.length, centre),
      failures,
      messages: [
        ...(journal?.notes ?? []),
        ...(type === "nonparametric" ? countsInWords(data) : []),
        ...failures.map((failure) => `Left out ${failure.count} of ${count} replicates: ${failure.reason}.`),
      ],
    },
    inWords,
  );
}

/** Covariance matrix, standard errors and bias of estimates (count × q). */
function moments(
  estimates: Float64Array,
  count: number,
  centre: readonly number[],
): Pick<Bootstrap, "matrix" | "standardErrors" | "bias"> {
  const q = centre.length;
  const means = Float64Array.from({ length: q }, (_, j) => {
    let sum = 0;
    for (let r = 0; r < count; r++) sum += estimates[r * q + j];
    return sum / count;
  });
  const matrix = Float64Array.from({ length: q * q }, (_, at) => {
    const [j, i] = [Math.floor(at / q), at % q];
    let sum = 0;
    for (let r = 0; r < count; r++) sum += (estimates[r * q + j] - means[j]) * (estimates[r * q + i] - means[i]);
    return sum / (count - 1);
  });
  return {
    matrix,
    standardErrors: Float64Array.from({ length: q }, (_, j) => Math.sqrt(matrix[j * q + j])),
    bias: means.map((mean, j) => mean - centre[j]),
  };
}

function inWords({ type, replicates: count, names, standardErrors, bias, messages }: Bootstrap): string {
  const columns = [{ name: "parameter" }, { name: "standard error" }, { name: "bias" }];
  const rows = names.map((name, j) => [name, standardErrors[j], bias[j]]);
  return [`${count} ${type} replicates`, tableText({ columns, rows }), ...messages].join("\n");
}
