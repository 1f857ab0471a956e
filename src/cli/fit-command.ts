import type { Command } from "commander";
import { type Fit, fit } from "../algorithms/fit.ts";
import { gradientDescent } from "../algorithms/gradient-descent.ts";
import { modelToJson } from "../data/fitted-mixture.ts";
import { criteria } from "../diagnostics/criteria.ts";
import { spectrum } from "../diagnostics/spectrum.ts";
import { coefficientTable } from "../display/coefficient-table.ts";
import { tableText } from "../display/table.ts";
import { InputError } from "../errors.ts";
import { type Coefficients, coefficients } from "../models/coefficients.ts";
import { names, number, oneOf } from "./options.ts";
import { checkOutput, log, print, printJson, writeOutput } from "./output.ts";
import { fitProgress } from "./progress.ts";

interface FitFlags {
  response: string;
  features?: string[];
  gateFeatures?: string[];
  experts: "linear" | "logistic";
  k: number;
  starts: number;
  seed: number;
  algorithm: "em" | "gradient-descent";
  stepSize?: number;
  maxIterations: number;
  tolerance: number;
  ridge: number;
  weights?: string;
  offset?: string;
  intercept: boolean;
  sharedVariance?: boolean;
  startColumns?: string[];
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
    .option("--experts <kind>", "linear or logistic", oneOf("experts", ["linear", "logistic"]), "linear")
    .option("--k <number>", "number of experts", number("k"), 2)
    .option("--starts <number>", "random starts, of which the best is kept", number("starts"), 20)
    .option("--seed <number>", "seed of the starts", number("seed"), 1)
    .option("--algorithm <name>", "em or gradient-descent", oneOf("algorithm", ["em", "gradient-descent"]), "em")
    .option("--step-size <number>", "step of gradient descent (default: 0.1)", number("step-size"))
    .option("--max-iterations <number>", "steps of a start at the most", number("max-iterations"), 10_000)
    .option("--tolerance <number>", "distance to the limit, in standard errors", number("tolerance"), 1e-10)
    .option("--ridge <number>", "precision of a Gaussian prior on the coefficients", number("ridge"), 0)
    .option("--weights <column>", "column of row weights")
    .option("--offset <column>", "column added to the linear experts' predictor")
    .option("--no-intercept", "leave the intercepts out")
    .option("--shared-variance", "one variance for all linear experts")
    .option("--start-columns <columns>", "responsibilities to start from, one column for each expert", names)
    .option("--model-out <file>", "write the fitted model to a file")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(data: string, flags: FitFlags): Promise<void> {
  const { algorithm, stepSize, modelOut, json, ...options } = flags;
  if (algorithm === "em" && stepSize !== undefined) {
    throw new InputError("fit", "--step-size with --algorithm gradient-descent only", `${stepSize} with em`);
  }
  if (modelOut !== undefined) checkOutput(modelOut);
  const began = performance.now();
  const progress = fitProgress(options.startColumns ? 1 : options.starts);
  let found: Fit;
  try {
    found = fit(data, {
      ...options,
      ...(progress.onStep && { onStep: progress.onStep }),
      ...(algorithm === "gradient-descent" && { algorithm: gradientDescent({ stepSize: stepSize ?? 0.1 }) }),
    });
  } finally {
    progress.end();
  }
  const report = describe(found, (performance.now() - began) / 1000);
  if (modelOut !== undefined) await writeOutput(modelOut, modelToJson(found));
  for (const message of report.messages) log(message);
  if (json) printJson(report);
  else print(inWords(found, report));
}

interface FitReport extends Coefficients {
  readonly rows: number;
  readonly parameters: number;
  readonly logLikelihood: number;
  readonly aic: number;
  readonly bic: number;
  readonly icl: number;
  readonly iterations: number;
  readonly result: string;
  readonly seconds: number;
  readonly messages: readonly string[];
  readonly standardErrors: Coefficients | null;
  readonly starts: readonly { logLikelihood: number; iterations: number; result: string }[];
  readonly trace: readonly number[];
}

function describe(found: Fit, seconds: number): FitReport {
  const { mixture, theta, observations, responsibilities, logLikelihood } = found;
  const [rows, parameters] = [observations.rows, theta.length];
  const messages = found.message === "" ? [] : [found.message];
  const { gate, experts } = coefficients(mixture, theta);
  const weights = expertWeights(found);
  return {
    rows,
    parameters,
    logLikelihood,
    ...criteria({ logLikelihood, parameters, rows, responsibilities, weights: observations.weights }),
    iterations: found.iterations,
    result: found.result,
    seconds,
    experts: experts.map((expert, z) => ({ weight: weights[z], ...expert })),
    gate,
    standardErrors: standardErrors(found, messages),
    messages,
    starts: found.starts.map(({ logLikelihood, iterations, result }) => ({ logLikelihood, iterations, result })),
    trace: found.trace.map((step) => step.logLikelihood),
  };
}

/** Share of the rows that each expert answers for. */
function expertWeights({ mixture, observations: { rows, weights }, responsibilities }: Fit): number[] {
  const { k } = mixture.spec;
  const shares = new Array<number>(k).fill(0);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = weights?.[i] ?? 1;
    total += weight;
    for (let z = 0; z < k; z++) shares[z] += weight * responsibilities[i * k + z];
  }
  return shares.map((share) => share / total);
}

/** Standard errors by name, or null and a message that says why there are none. */
function standardErrors({ mixture, theta, observations }: Fit, messages: string[]): Coefficients | null {
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

function inWords(found: Fit, report: FitReport): string {
  const { mixture } = found;
  const agree = report.starts.filter(
    ({ result, logLikelihood }) => result === "converged" && Math.abs(logLikelihood - report.logLikelihood) < 1e-6,
  ).length;
  return [
    `${mixture.spec.k} ${mixture.spec.experts} experts, ${report.rows} rows, ${report.parameters} parameters`,
    `log-likelihood ${report.logLikelihood.toFixed(4)}, AIC ${report.aic.toFixed(2)}, BIC ${report.bic.toFixed(2)}, ICL ${report.icl.toFixed(2)}`,
    `${report.result} after ${report.iterations} step${report.iterations === 1 ? "" : "s"}; ${agree} of ${report.starts.length} starts ended there`,
    "",
    tableText(coefficientTable(report, report.standardErrors ?? undefined)),
  ].join("\n");
}
