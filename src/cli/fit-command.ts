import type { Command } from "commander";
import { type Fit, fit } from "../algorithms/fit.ts";
import { ALGORITHM_NAMES, type AlgorithmName } from "../algorithms/named.ts";
import type { Search } from "../algorithms/search.ts";
import { START_SCHEMES, type StartScheme } from "../algorithms/starts.ts";
import type { LeftOut } from "../data/default-features.ts";
import { save } from "../data/model-file.ts";
import { checkOutput } from "../data/output-place.ts";
import { spectrum } from "../diagnostics/spectrum.ts";
import { coefficientTable } from "../display/coefficient-table.ts";
import { InputError, quote } from "../errors.ts";
import { EXPERT_KINDS, type ExpertKind, GATE_KINDS, type GateKind } from "../laws/registry.ts";
import { type Coefficients, coefficients } from "../models/coefficients.ts";
import { DENSE } from "../models/information.ts";
import { unitCount } from "../models/units.ts";
import { tableText } from "../text/table.ts";
import { algorithmOf } from "./algorithms.ts";
import { coefficientJson } from "./coefficient-json.ts";
import { either, names, number, oneOf } from "./options.ts";
import { log, print, printJson } from "./output.ts";
import { fitProgress } from "./progress.ts";

interface FitFlags {
  response: string;
  features?: string[];
  gateFeatures?: string[];
  experts: ExpertKind;
  k: number;
  starts?: number;
  startScheme?: StartScheme;
  seed: number;
  algorithm?: AlgorithmName;
  stepSize?: number;
  gateStepSize?: number;
  innerSteps?: number;
  batchRows?: number;
  maxIterations: number;
  tolerance?: number;
  ridge: number;
  sigmaFloor: number;
  weights?: string;
  offset?: string;
  group?: string;
  gate?: GateKind;
  intercept: boolean;
  sharedVariance?: boolean;
  startColumns?: string[];
  fix?: Record<string, number>;
  modelOut?: string;
  json?: boolean;
}

/** `mixlens fit DATA --response y` */
export function addFit(program: Command): void {
  program
    .command("fit")
    .description("fit a mixture of experts to a CSV file")
    .argument("<data>", "CSV file with a header row")
    .requiredOption("--response <column>", "column of the response")
    .option("--features <columns>", "columns of the experts (default: every numeric column with no other part)", names)
    .option("--gate-features <columns>", "columns of the gate (default: those of the experts)", names)
    .option("--gate <kind>", `${either(GATE_KINDS)} (default: softmax)`, oneOf("gate", GATE_KINDS))
    .option("--experts <kind>", either(EXPERT_KINDS), oneOf("experts", EXPERT_KINDS), "linear")
    .option("--k <number>", "number of experts", number("k"), 2)
    .option(
      "--starts <number>",
      "random starts, of which the best is kept (default: 20, up to 40 while a new maximum is likely)",
      number("starts"),
    )
    .option(
      "--start-scheme <name>",
      `${either(START_SCHEMES)} (default: in turn)`,
      oneOf("start-scheme", START_SCHEMES),
    )
    .option("--seed <number>", "seed of the starts and of mini-batches", number("seed"), 1)
    .option(
      "--algorithm <name>",
      `${either(ALGORITHM_NAMES)} (default: em, accelerated after 200 steps)`,
      oneOf("algorithm", ALGORITHM_NAMES),
    )
    .option(
      "--step-size <number>",
      "step of a gradient method (default: 0.1; adam 0.01, mini-batch-em 0.02)",
      number("step-size"),
    )
    .option("--gate-step-size <number>", "step of the gate (default: that of the experts)", number("gate-step-size"))
    .option("--inner-steps <number>", "steps after each E-step (default: 1)", number("inner-steps"))
    .option("--batch-rows <number>", "rows of a mini-batch at the most (default: 128)", number("batch-rows"))
    .option("--max-iterations <number>", "steps of a start at the most", number("max-iterations"), 10_000)
    .option("--tolerance <number>", "distance to the limit, in standard errors (default: 1e-8)", number("tolerance"))
    .option(
      "--ridge <number>",
      "precision of a Gaussian prior on the coefficients, intercepts included; half of it on log-odds of two",
      number("ridge"),
      0,
    )
    .option("--sigma-floor <number>", "least standard deviation of a linear expert", number("sigma-floor"), 0)
    .option("--weights <column>", "column of row weights")
    .option("--offset <column>", "column added to the predictor of the mean, or to the log-odds of two labels")
    .option("--group <column>", "column of groups: all rows of one are of one expert")
    .option("--no-intercept", "leave the intercepts out")
    .option("--shared-variance", "one variance for all linear experts")
    .option("--start-columns <columns>", "responsibilities to start from, one column for each expert", names)
    .option("--fix <parameter=value>", "hold a parameter, such as expert1.x=0; may be repeated", fixedParameter)
    .option("--model-out <file>", "write the fitted model to a file")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(data: string, flags: FitFlags): Promise<void> {
  const { algorithm: name, stepSize, gateStepSize, innerSteps, batchRows, fix, modelOut, json, ...options } = flags;
  const algorithm = algorithmOf(name, { stepSize, gateStepSize, innerSteps, batchRows }, options.seed);
  if (modelOut !== undefined) checkOutput(modelOut);
  const began = performance.now();
  const progress = fitProgress();
  let found: Fit;
  try {
    found = fit(data, {
      ...options,
      ...(fix && { fixed: fix }),
      ...(progress.onStep && { onStep: progress.onStep }),
      ...(algorithm && { algorithm }),
    });
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

/** Adds one `--fix parameter=value` to those before it. */
function fixedParameter(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  // A column's name may hold an equals sign, a number never does.
  const at = text.lastIndexOf("=");
  if (at < 0) throw new InputError("run mixlens", "--fix parameter=value", quote(text));
  return { ...before, [text.slice(0, at)]: number("fix")(text.slice(at + 1)) };
}

/** What of a fit the document has, but for its coefficients. */
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
  readonly starts: readonly { logLikelihood: number; iterations: number; result: string; settled: boolean }[];
  readonly search: Search;
  readonly trace: readonly number[];
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
    starts: found.starts.map(({ logLikelihood, iterations, result, settled }) => {
      return { logLikelihood, iterations, result, settled };
    }),
    search: found.search,
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
  try {
    const found = spectrum(mixture, theta, observations);
    if (found.observedInformation === "positive definite") {
      return coefficients(mixture, found.standardErrors, (error, at) => error * Math.exp(theta[at]));
    }
    messages.push("There are no standard errors: the observed information is not positive definite at the estimates.");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    messages.push(`There are no standard errors: ${error.message}.`);
  }
  return null;
}

/** The report with its coefficients, by name and in order. */
function jsonOf(found: Fit, report: FitReport, errors: Coefficients | null): unknown {
  const { experts, gate } = coefficientJson(found.coefficients);
  const weighted = experts.map((expert, z) => ({ weight: found.shares[z], ...expert }));
  return { ...report, experts: weighted, gate, standardErrors: errors && coefficientJson(errors) };
}

function rowsInWords({ rows, groups }: FitReport): string {
  return groups === rows ? `${rows} rows` : `${rows} rows in ${groups} groups`;
}

function inWords(found: Fit, report: FitReport, errors: Coefficients | null): string {
  const { mixture } = found;
  return [
    `${mixture.spec.k} ${mixture.spec.experts} experts, ${rowsInWords(report)}, ${report.parameters} parameters`,
    `log-likelihood ${report.logLikelihood.toFixed(4)}, AIC ${report.aic.toFixed(2)}, BIC ${report.bic.toFixed(2)}, ICL ${report.icl.toFixed(2)}`,
    `${report.result} after ${report.iterations} step${report.iterations === 1 ? "" : "s"}`,
    ...(report.starts.length === 1 ? [] : [report.search.summary]),
    "",
    tableText(coefficientTable(found.coefficients, errors ?? undefined)),
  ].join("\n");
}
