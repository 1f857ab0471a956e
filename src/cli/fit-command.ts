import type { Command } from "commander";
import type { AlgorithmName } from "../algorithms/named.ts";
import { partOf } from "../errors/options.ts";
import { attempt } from "../errors.ts";
import type { Search } from "../fit/evidence.ts";
import { fit } from "../fit/fit.ts";
import { FIT, type FitOptions } from "../fit/fit-options.ts";
import type { Fit } from "../fit/fit-result.ts";
import { deadInWords } from "../fit/load.ts";
import { checkModelOutput, save } from "../fit/model-file.ts";
import { SOURCE, source } from "../fit/source/source.ts";
import { expertsInWords } from "../fit/summary.ts";
import type { LeftOut } from "../frame/default-features.ts";
import { spectrum } from "../inference/spectrum.ts";
import { branchesInWords, coefficientTable } from "../models/coefficient-table.ts";
import { coefficients } from "../models/coefficients.ts";
import { DENSE } from "../models/information.ts";
import type { Coefficients } from "../models/named-parameters.ts";
import { unitCount } from "../rows/units.ts";
import type { MissingRows } from "../table/missing.ts";
import { READ } from "../table/read-options.ts";
import { tableText } from "../text/table.ts";
import { addAlgorithmFlags, algorithmOf } from "./algorithms.ts";
import { coefficientJson } from "./coefficient-json.ts";
import { addFlags, DATA } from "./options.ts";
import { log, print, printJson } from "./output.ts";
import { fitProgress } from "./progress.ts";

/** What the flags say: options of the fit and of its algorithm, and what is done with it. */
type Flags = Omit<FitOptions, "algorithm" | "fixed" | "activeExperts"> & {
  readonly algorithm?: AlgorithmName;
  readonly fix?: FitOptions["fixed"];
  readonly active?: FitOptions["activeExperts"];
  readonly cache?: string;
  readonly modelOut?: string;
  readonly json?: boolean;
};

/** `mixlens fit DATA --response y` */
export function addFit(program: Command): void {
  const command = program
    .command("fit")
    .description("fit a mixture of experts to the rows of a file")
    .argument("<data>", DATA);
  addFlags(command, FIT);
  addFlags(command, { cache: SOURCE.cache });
  addAlgorithmFlags(command);
  command
    .option("--model-out <file>", "write the fitted model to a file")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(data: string, flags: Flags): Promise<void> {
  const { modelOut, json } = flags;
  const algorithm = algorithmOf(flags.algorithm, flags);
  if (modelOut !== undefined) checkModelOutput(modelOut, [data]);
  const began = performance.now();
  const progress = fitProgress();
  let found: Fit;
  try {
    found = fitted(
      data,
      flags,
      { ...(algorithm && { algorithm }), ...(progress.onStep && { onStep: progress.onStep }) },
      progress,
    );
  } finally {
    progress.end();
  }
  const seconds = (performance.now() - began) / 1000;
  const messages = [...found.messages];
  const errors = standardErrors(found, messages);
  const report = describe(found, seconds, messages);
  for (const message of report.messages) log(message);
  if (json) printJson(jsonOf(found, report, errors));
  else print(inWords(found, report, errors));
  // Last: what is printed is not lost with a disk that is full.
  if (modelOut !== undefined) await save(found, modelOut);
}

/** The fit of the rows of a file: with a cache as a source, which need not fit into memory. */
function fitted(
  data: string,
  { cache, fix, active, ...flags }: Flags,
  more: Pick<FitOptions, "algorithm" | "onStep">,
  { onProgress }: ReturnType<typeof fitProgress>,
): Fit {
  const options = {
    ...partOf(flags, FIT),
    ...(fix && { fixed: fix }),
    ...(active && { activeExperts: active }),
    ...more,
  };
  if (cache === undefined && options.engine === undefined) return fit(data, options);
  const rows = source(data, { ...partOf(flags, READ), ...(cache && { cache }), ...(onProgress && { onProgress }) });
  return fit(rows, Object.fromEntries(Object.entries(options).filter(([name]) => !(name in READ))));
}

/** Parts of a fit that are in its JSON document, but for the coefficients. */
interface FitReport {
  readonly rows: number;
  /** Number of groups; of rows, where they have none. */
  readonly groups: number;
  readonly parameters: number;
  readonly logLikelihood: number;
  readonly aic: number;
  readonly bic: number;
  readonly icl: number;
  readonly iclSoft: number;
  readonly iterations: number;
  readonly result: string;
  readonly seconds: number;
  readonly messages: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Number of rows left out for missing values, and in which columns they miss them. */
  readonly dropped: number;
  readonly missing: MissingRows["columns"];
  readonly starts: readonly { logLikelihood: number; iterations: number; result: string; settled: boolean }[];
  readonly search: Search;
  readonly trace: readonly number[];
  readonly loadEntropy: number;
  readonly deadExperts: number;
}

function describe(found: Fit, seconds: number, messages: readonly string[]): FitReport {
  return {
    rows: found.observations.rows,
    groups: unitCount(found.observations),
    parameters: found.mixture.free.length,
    logLikelihood: found.logLikelihood,
    ...found.criteria,
    iterations: found.iterations,
    result: found.result,
    seconds,
    messages,
    leftOut: found.leftOut,
    dropped: found.dropped.count,
    missing: found.dropped.columns,
    starts: found.starts.map(({ logLikelihood, iterations, result, settled }) => {
      return { logLikelihood, iterations, result, settled };
    }),
    search: found.search,
    loadEntropy: found.loadEntropy,
    deadExperts: found.deadExperts,
    trace: found.trace.map((step) => step.logLikelihood),
  };
}

/** Standard errors by name, or null and a message that says why there are none. */
function standardErrors({ mixture, theta, observations }: Fit, messages: string[]): Coefficients | null {
  if (mixture.free.length > DENSE) {
    messages.push(
      `There are no standard errors: they take a matrix of all ${mixture.free.length} parameters, and ${DENSE} are the most that is made of.`,
    );
    return null;
  }
  const tried = attempt(() => spectrum(mixture, theta, observations));
  if ("refusal" in tried) {
    messages.push(`There are no standard errors: ${tried.refusal.message}.`);
    return null;
  }
  if (tried.found.observedInformation === "positive definite") {
    return coefficients(mixture, tried.found.standardErrors, (error, at) => error * Math.exp(theta[at]));
  }
  messages.push("There are no standard errors: the observed information is not positive definite at the estimates.");
  return null;
}

/** The report with its coefficients, by name and in order. */
function jsonOf(found: Fit, report: FitReport, errors: Coefficients | null): unknown {
  const { experts, gate } = coefficientJson(found.coefficients, found.formula);
  const weighted = experts.map((expert, z) => ({ weight: found.shares[z], ...expert }));
  return {
    ...report,
    experts: weighted,
    gate,
    contrasts: found.coefficients.contrasts,
    standardErrors: errors && coefficientJson(errors, found.formula),
  };
}

function rowsInWords({ rows, groups, dropped }: FitReport): string {
  const used = dropped === 0 ? `${rows} rows` : `${rows} of ${rows + dropped} rows`;
  return groups === rows ? used : `${used} in ${groups} groups`;
}

function inWords(found: Fit, report: FitReport, errors: Coefficients | null): string {
  return [
    `${expertsInWords(found.mixture)}, ${rowsInWords(report)}, ${report.parameters} parameters`,
    `log-likelihood ${report.logLikelihood.toFixed(4)}, AIC ${report.aic.toFixed(2)}, BIC ${report.bic.toFixed(2)}, ICL ${report.icl.toFixed(2)}`,
    `${report.result} after ${report.iterations} step${report.iterations === 1 ? "" : "s"}`,
    ...(report.starts.length === 1 ? [] : [report.search.summary]),
    ...deadInWords(found),
    "",
    tableText(coefficientTable(found.coefficients, errors ?? undefined)),
    ...branchesInWords(found.coefficients),
  ].join("\n");
}
