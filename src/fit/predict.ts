import { type PlanOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { eachDistribution, quantileOf } from "../models/distribution.ts";
import type { Mixture } from "../models/mixture.ts";
import { expectedResponse, expertExpectations } from "../models/prediction.ts";
import { type Observations, rowsOf } from "../rows/observations.ts";
import { unitNumbers } from "../rows/units.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import {
  type FitRows,
  type FittedMixture,
  fittedMixture,
  inPlace,
  type UnseenRows,
  unseenRows,
  type Whole,
} from "./fitted.ts";
import { PREDICT_FILE, type PredictFileOptions, type PredictOptions, type PredictTable } from "./predict-options.ts";
import type { PredictedQuantiles, Prediction } from "./prediction.ts";
import { type PredictionFile, writePredictions } from "./source/prediction-file.ts";
import { isSource, type RowSource } from "./source/source.ts";
import { counted } from "./summary.ts";

/**
 * Predicts the response of each row, and which experts speak for it.
 *
 * The mean is Σ_z P(z | x) E[y | x, z]; the label is the one with the highest Σ_z P(z | x) p_z(c | x). Of trials it is the
 * mean number of successes, with the probability of one. The quantile of p is the least y with Σ_z P(z | x) P_z(Y ≤ y | x) ≥ p:
 * between those of 0.05 and 0.95 lie nine of ten responses, if the parameters are the true ones.
 *
 * With `out` they are written to a file, whole or not at all: CSV, or Parquet where it ends so, a line for each row in its
 * order, with the same numbers. Rows of a `source` pass by, and are never in memory all at once. Then the promise is of what was written; a
 * file has responsibilities wherever there is a column of the response.
 *
 * @param rows rows with the columns the model reads; the response is not needed, and may be blank in some rows. Default: those
 *   of the fit
 * @param options.out file that is written instead
 * @param options.missing `"drop"` leaves the outputs of rows that miss a value empty, in their place: NaN, and `""` for a label;
 *   `"refuse"` names the first. Default: what the fit did
 * @param options.quantiles probabilities of quantiles that are predicted of a number, n × q
 * @param options.perExpert predicts the mean of each expert, too, n × k
 * @throws InputError naming column and row where the data does not fit the model, where a number overflows, for quantiles
 *   of labels, and for groups of a source whose response is known, for their rows may be far apart
 * @throws WorkFailure where the file can't be written after all
 * @remarks cost: an E-step without responses, and for each quantile about 60 distribution functions of each expert and row
 * @example
 * ```ts
 * import { datasetPath, fit, predict } from "mixlens";
 * const options = { response: "species", experts: "logistic", k: 2, ridge: 0.01, starts: 3 } as const;
 * const iris = fit(datasetPath("iris"), options);
 * const [one] = predict(iris, { sepal_length: [5], sepal_width: [3.4], petal_length: [1.5], petal_width: [0.2] }).labels;
 * if (predict(iris).labels[0] !== "setosa" || one !== "setosa") throw new Error("the first iris is a setosa");
 * const petals = fit(datasetPath("iris"), { response: "petal_width", features: "petal_length", starts: 3 });
 * const { mean, quantiles = [] } = predict(petals, { petal_length: [5] }, { quantiles: [0.05, 0.95] });
 * const [low, high] = quantiles;
 * if (!(low < mean[0] && mean[0] < high)) throw new Error("the mean lies between");
 * ```
 */
export function predict(
  fitted: Whole,
  rows: FitRows | RowSource | undefined,
  options: PredictFileOptions & { readonly out: string },
): Promise<PredictionFile>;
export function predict<E extends ExpertKind>(
  fitted: Whole<E>,
  rows?: FitRows,
  options?: PredictOptions,
): Prediction<E>;
export function predict(
  fitted: Whole,
  rows?: FitRows | RowSource,
  options: PredictFileOptions = {},
): Prediction | Promise<PredictionFile> {
  const { out, ...plan } = readOptions(ACT, options, PREDICT_FILE);
  const { formula } = fittedMixture(ACT, fitted);
  const asked = plan.quantiles !== undefined ? "quantiles" : plan.perExpert ? "perExpert" : undefined;
  if (asked !== undefined && formula.labels !== undefined) {
    throw new InputError(
      ACT,
      `${asked} of a response of numbers`,
      "labels",
      "their probabilities are predicted without",
    );
  }
  if (out !== undefined) {
    return writePredictions(out, fitted, rows, plan.quantiles, (some) => predicted(fitted, some, plan));
  }
  if (isSource(rows)) {
    const next = 'name one: predict(fit, source(…), { out: "predicted.parquet" })';
    throw new InputError(ACT, "a file for the predictions of a source", "none", next);
  }
  return predicted(fitted, rows, plan);
}

function predicted<E extends ExpertKind>(
  fitted: Whole<E>,
  rows: FitRows | undefined,
  { missing, quantiles, perExpert }: PlanOf<PredictTable>,
): Prediction<E> {
  const { mixture, theta, formula } = fitted;
  const unseen = unseenRows(ACT, fitted, rows, "predict(model, rows)", missing);
  const { observations } = unseen;
  const found = observations && expectedResponse(mixture, theta, observations);
  const known = found && responsibilitiesOf(fitted, observations, found.gate);
  const { k } = mixture.spec;
  const names = formula.labels;
  const expected = inPlace(found?.expected, names?.length ?? 1, unseen);
  const gate = inPlace(found?.gate, k, unseen);
  const responsibilities = known && inPlace(known, k, unseen);
  for (const values of [found?.expected, found?.gate, known]) if (values) refuseOverflow(values, unseen);
  const shared = { rows: unseen.rows, gate, ...(responsibilities && { responsibilities }) };
  const told = (prediction: Prediction): Prediction<E> =>
    tabled(prediction, predictionTable, { columns: SHOWN_COLUMNS }) as Prediction<E>;
  if (names === undefined) {
    const more = observations === undefined ? undefined : numbersOf(mixture, theta, observations, quantiles, perExpert);
    return told({
      ...{ ...shared, mean: expected, ...ofTrials(mixture, unseen, expected) },
      ...(quantiles && { quantiles: inPlace(more?.quantiles, quantiles.length, unseen) }),
      ...(perExpert && { expertMeans: inPlace(more?.expertMeans, k, unseen) }),
    });
  }
  const labels = Array.from({ length: unseen.rows }, (_, i) => {
    const row = expected.subarray(i * names.length, (i + 1) * names.length);
    return names[row.indexOf(Math.max(...row))] ?? "";
  });
  return told({ ...shared, labels, probabilities: expected });
}

const ACT = "predict";

/** Quantiles of the response, and the means of the experts, where they are asked for. */
function numbersOf(
  mixture: Mixture,
  theta: Float64Array,
  data: Observations,
  quantiles: readonly number[] = [],
  perExpert = false,
): PredictedQuantiles {
  const { k } = mixture.spec;
  const expertMeans = perExpert || quantiles.length > 0 ? expertExpectations(mixture, theta, data) : new Float64Array();
  const found = new Float64Array(data.rows * quantiles.length);
  if (quantiles.length > 0) {
    eachDistribution(mixture, theta, data, (row, distribution) => {
      const means = expertMeans.subarray(row * k, (row + 1) * k);
      const [low, high] = [Math.min(...means), Math.max(...means)];
      quantiles.forEach((p, at) => {
        found[row * quantiles.length + at] = quantileOf(distribution, p, (low + high) / 2, high - low);
      });
    });
  }
  return { quantiles: found, expertMeans };
}

/** The probability of a success, where the response is a number of them. */
function ofTrials({ law }: Mixture, unseen: UnseenRows, mean: Float64Array): { readonly probability?: Float64Array } {
  if (!law.response.hasTrials) return {};
  const trials = unseen.observations?.trials && inPlace(unseen.observations.trials, 1, unseen);
  return { probability: mean.map((value, i) => value / (trials?.[i] ?? 1)) };
}

/** Rows and columns that are printed. */
export const SHOWN = 10;
const SHOWN_COLUMNS = 12;

function predictionTable(prediction: Prediction): Table {
  const { rows, gate, responsibilities, mean, probability, labels, probabilities } = prediction;
  const k = gate.length / rows;
  const of = (values: Float64Array, row: number): number[] => {
    const width = values.length / rows;
    return Array.from(values.subarray(row * width, (row + 1) * width));
  };
  const experts = (name: string): { readonly name: string }[] =>
    Array.from({ length: k }, (_, z) => ({ name: `${name} ${z + 1}` }));
  return {
    columns: [
      { name: "row", align: "right" },
      { name: labels === undefined ? "mean" : "label" },
      ...(labels === undefined && probability === undefined ? [] : [{ name: "probability" }]),
      ...experts("gate"),
      ...(responsibilities === undefined ? [] : experts("responsibility")),
    ],
    rows: Array.from({ length: Math.min(rows, SHOWN) }, (_, i) => [
      String(i + 1),
      ...(labels === undefined ? [mean[i]] : [labels[i], Math.max(...of(probabilities, i))]),
      ...(probability === undefined ? [] : [probability[i]]),
      ...of(gate, i),
      ...(responsibilities === undefined ? [] : of(responsibilities, i)),
    ]),
    ...(rows > SHOWN && { note: `… ${counted(rows - SHOWN, "more row")}` }),
  };
}

/** P(z | what is known of the row); nothing where no response is known. */
function responsibilitiesOf(
  { mixture, theta }: FittedMixture,
  data: Observations,
  gate: Float64Array,
): Float64Array | undefined {
  const known = Array.from(data.response.keys()).filter((row) => !Number.isNaN(data.response[row]));
  if (known.length === 0) return undefined;
  const { k } = mixture.spec;
  const { units = Int32Array.from(data.response.keys()) } = data;
  const rows = rowsOf(data, known);
  const grouped = data.units ? { ...rows, units: unitNumbers(known.map((row) => units[row])) } : rows;
  const found = mixture.posterior(theta, grouped).responsibilities;
  const at = new Map(known.map((row, i) => [units[row], i]));
  const out = gate.slice();
  units.forEach((unit, row) => {
    const from = at.get(unit);
    if (from !== undefined) out.set(found.subarray(from * k, (from + 1) * k), row * k);
  });
  return out;
}

function refuseOverflow(values: Float64Array, { observations, places, at }: UnseenRows): void {
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0 || observations === undefined) return;
  const row = Math.floor((odd * observations.rows) / values.length);
  const got = `${values[odd]} at ${at(places?.[row] ?? row)}`;
  throw new InputError(ACT, "parameters and data that give finite numbers", got);
}
