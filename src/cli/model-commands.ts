import type { Command } from "commander";
import { whole } from "../errors/kinds.ts";
import { optional, partOf } from "../errors/options.ts";
import { WorkFailure } from "../errors.ts";
import { checkOutput } from "../files/output-place.ts";
import type { FittedMixture } from "../fit/fitted.ts";
import { load } from "../fit/model-file.ts";
import { otherRows } from "../fit/origin.ts";
import { predict } from "../fit/predict.ts";
import { PREDICT, PREDICT_FILE, type PredictFileOptions } from "../fit/predict-options.ts";
import type { Prediction } from "../fit/prediction.ts";
import { predictionRows, rowOf } from "../fit/prediction-rows.ts";
import { snr } from "../inference/snr.ts";
import { type Spectrum, spectrum } from "../inference/spectrum.ts";
import { type TopSpectrum, topSpectrum } from "../inference/top-spectrum.ts";
import { DENSE } from "../models/information.ts";
import { READ } from "../table/read-options.ts";
import { readTable } from "../table/read-table.ts";
import { csvText } from "../text/csv.ts";
import { tableText } from "../text/table.ts";
import { type ModelFlags, modelCommand, modelWithRows, sourceOf } from "./model-rows.ts";
import { addFlags } from "./options.ts";
import { print, printJson, printText } from "./output.ts";

/** `mixlens spectrum MODEL DATA`, `mixlens snr MODEL DATA` and `mixlens predict MODEL DATA` */
export function addModelCommands(program: Command): void {
  const command = (name: string, description: string): Command => modelCommand(program, name, description);
  const spectrum = command("spectrum", "eigenvalues of the missing information: how fast EM converges there");
  addFlags(spectrum, {
    top: optional(whole, "number of the largest eigenvalues that are printed", { otherwise: "all" }),
  });
  spectrum.action(runSpectrum);
  command("snr", "signal-to-noise of each pair of experts, and the rate it predicts").action(runSnr);
  const { quantiles, perExpert, out } = PREDICT_FILE;
  const predict = command("predict", "response and expert probabilities of each row");
  addFlags(predict, { quantiles, perExpert, out });
  predict.action(runPredict);
}

/** How much of the spectrum of many parameters is computed, unless --top says. */
const TOP = 6;

function runSpectrum(model: string, data: string, flags: ModelFlags & { top?: number }): void {
  const fitted = modelWithRows(model, data, flags);
  const { mixture } = fitted;
  const { json = false } = flags;
  const notes = otherRows(fitted, fitted.observations);
  if (mixture.free.length > DENSE) {
    const top = Math.min(flags.top ?? TOP, mixture.free.length);
    printTop(topSpectrum(fitted, { top }), mixture.free.length, notes, json);
  } else {
    const found = spectrum(fitted);
    printWhole(found, found.eigenvalues.slice(0, flags.top), notes, json);
  }
}

function printWhole(found: Spectrum, eigenvalues: Float64Array, messages: readonly string[], json: boolean): void {
  const { rate, gradientNorm, observedInformation, predictedIterationsPerDigit } = found;
  if (json) {
    const missingFraction = Object.fromEntries(found.names.map((name, j) => [name, found.missingFraction[j]]));
    const { worstCombination } = found;
    const numbers = { eigenvalues, rate, gradientNorm, observedInformation, missingFraction, worstCombination };
    printJson({ ...numbers, predictedIterationsPerDigit, messages });
    return;
  }
  printRate(found, eigenvalues);
  const rows = found.names.map((name, j) => [name, found.missingFraction[j]]);
  print(`\n${tableText({ columns: [{ name: "parameter" }, { name: "missing information" }], rows })}`);
  for (const message of messages) print(message);
}

/** Without the whole matrices there are no missing fractions, and why is said. */
function printTop(found: TopSpectrum, parameters: number, notes: readonly string[], json: boolean): void {
  const { eigenvalues, rate, gradientNorm, observedInformation, predictedIterationsPerDigit } = found;
  const messages = [
    ...notes,
    `There are no missing fractions and no worst combination: above ${DENSE} parameters, and there are ${parameters}, only the largest eigenvalues are computed.`,
    ...(found.converged ? [] : ["The eigenvalues did not converge: each is a lower bound."]),
  ];
  if (json) {
    const numbers = { eigenvalues, rate, gradientNorm, observedInformation };
    printJson({ ...numbers, missingFraction: null, worstCombination: null, predictedIterationsPerDigit, messages });
    return;
  }
  printRate(found, eigenvalues);
  print(`\n${messages.join("\n")}`);
}

type Rate = Pick<Spectrum, "rate" | "predictedIterationsPerDigit" | "observedInformation" | "gradientNorm">;

function printRate(found: Rate, eigenvalues: Float64Array): void {
  print(
    `predicted rate of EM ${found.rate.toFixed(6)}, ${found.predictedIterationsPerDigit.toFixed(1)} steps for each digit`,
  );
  print(
    `observed information ${found.observedInformation}, gradient ${found.gradientNorm.toExponential(1)} nats per row`,
  );
  print(`eigenvalues ${Array.from(eigenvalues, (value) => value.toFixed(6).replace(/^-(?=[0.]+$)/, "")).join(" ")}`);
}

function runSnr(model: string, data: string, flags: ModelFlags): void {
  const fitted = modelWithRows(model, data, flags);
  const pairs = snr(fitted);
  const messages = otherRows(fitted, fitted.observations);
  const predictedRate = Math.max(0, ...pairs.map((pair) => pair.predictedRate));
  if (flags.json) {
    printJson({ pairs, predictedRate, messages });
    return;
  }
  const columns = ["experts", "signal-to-noise", "gate", "angle", "predicted rate"].map((name) => ({ name }));
  const rows = pairs.map((pair) => [pair.experts.join(" and "), pair.snr, pair.gate, pair.angle, pair.predictedRate]);
  print(tableText({ columns, rows }));
  for (const message of messages) print(message);
}

async function runPredict(model: string, data: string, flags: ModelFlags & PredictFileOptions): Promise<void> {
  const { out, json = false } = flags;
  if (out !== undefined) checkOutput(out, { reads: [model, data] });
  const fitted = load(model);
  if (out !== undefined) {
    const rows = sourceOf(data, partOf(flags, READ));
    const write = (to: string) => predict(fitted, rows, { ...partOf(flags, PREDICT), out: to });
    await write(out).catch(async (error: unknown) => {
      // What has no place in the file is not lost; where it has none there, either, it is the file that is spoken of.
      if (!json && error instanceof WorkFailure) await write("/dev/stdout").catch(() => {});
      throw error;
    });
  }
  if (out !== undefined && !json) return;
  const found = predict(fitted, readTable(data, partOf(flags, READ)), partOf(flags, PREDICT));
  if (json) printJson(predictionJson(fitted, found, flags.quantiles));
  else printText(csvText(predictionRows(fitted, found, flags.quantiles)));
}

function predictionJson(
  { formula, mixture }: FittedMixture,
  found: Prediction,
  quantiles: readonly number[] = [],
): unknown {
  const { k } = mixture.spec;
  const matrix = (values: Float64Array, d: number): number[][] =>
    Array.from({ length: found.rows }, (_, i) => rowOf(values, d, i));
  return {
    rows: found.rows,
    ...(found.mean && { mean: found.mean }),
    ...(found.probability && { probability: found.probability }),
    ...(found.quantiles && {
      quantiles: { probabilities: quantiles, values: matrix(found.quantiles, quantiles.length) },
    }),
    ...(found.expertMeans && { expertMeans: matrix(found.expertMeans, k) }),
    ...(found.probabilities && {
      labels: found.labels.map((label) => (label === "" ? null : label)),
      classes: formula.labels,
      probabilities: matrix(found.probabilities, formula.labels?.length ?? 0),
    }),
    gate: matrix(found.gate, k),
    ...(found.responsibilities && { responsibilities: matrix(found.responsibilities, k) }),
  };
}
