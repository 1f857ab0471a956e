import { readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import type { ExpertKind } from "../laws/registry.ts";
import type { Predicts } from "../laws/results.ts";
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
import { PREDICT, type PredictOptions } from "./predict-options.ts";
import { counted } from "./summary.ts";

/** What a fitted mixture says of rows it may not have seen: of numbers their mean, of labels and successes how probable. */
export type Prediction<E extends ExpertKind = ExpertKind> = E extends ExpertKind
  ? PredictedExperts &
      {
        readonly mean: PredictedMean;
        readonly labels: PredictedLabels;
        readonly successes: PredictedSuccesses;
      }[Predicts<E>]
  : never;

/** Which experts speak for rows. */
export interface PredictedExperts {
  readonly rows: number;
  /** Gate probabilities P(z | x), n × k row-major. */
  readonly gate: Float64Array;
  /**
   * Responsibilities P(z | x, y), n × k row-major; of a row without a response, or with one that the model can't have
   * (an unknown label, a count below 0), P(z | x) like `gate`. Absent where no row has one.
   */
  readonly responsibilities?: Float64Array;
}

/** Prediction of a number. */
export interface PredictedMean extends PredictedQuantiles {
  /** Mean of the response (n). */
  readonly mean: Float64Array;
  readonly probability?: undefined;
  readonly labels?: undefined;
  readonly probabilities?: undefined;
}

/** What is predicted of numbers where it is asked for. */
export interface PredictedQuantiles {
  /** Quantiles of the response, n × q row-major. */
  readonly quantiles?: Float64Array;
  /** Mean of each expert, n × k row-major. */
  readonly expertMeans?: Float64Array;
}

/** What is predicted of trials. */
export interface PredictedSuccesses extends PredictedQuantiles {
  /** Mean number of successes in the row's trials; in one where the rows have no trials (n). */
  readonly mean: Float64Array;
  /** Probability that a trial is a success (n). */
  readonly probability: Float64Array;
  readonly labels?: undefined;
  readonly probabilities?: undefined;
}

/** Prediction of a label. */
export interface PredictedLabels {
  readonly mean?: undefined;
  readonly probability?: undefined;
  readonly quantiles?: undefined;
  readonly expertMeans?: undefined;
  /** Most probable label of each row (n). */
  readonly labels: readonly string[];
  /** Probabilities of the labels, n × C row-major. */
  readonly probabilities: Float64Array;
}

/**
 * Predicts the response of each row, and which experts speak for it.
 *
 * The mean is Σ_z P(z | x) E[y | x, z]; the label is the one with the highest Σ_z P(z | x) p_z(c | x). Of trials it is the
 * mean number of successes, with the probability of one. The quantile of p is the least y with Σ_z P(z | x) P_z(Y ≤ y | x) ≥ p:
 * between those of 0.05 and 0.95 lie nine of ten responses, if the parameters are the true ones.
 *
 * @param rows rows with the columns the model reads; the response is not needed, and may be blank in some rows. Default: those
 *   of the fit
 * @param options.missing `"drop"` leaves the outputs of rows that miss a value empty, in their place: NaN, and `""` for a label;
 *   `"refuse"` names the first. Default: what the fit did
 * @param options.quantiles probabilities of quantiles that are predicted of a number, n × q
 * @param options.perExpert predicts the mean of each expert, too, n × k
 * @throws InputError naming column and row where the data does not fit the model, where a number overflows, and for quantiles
 *   of labels
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
export function predict<E extends ExpertKind>(
  fitted: Whole<E>,
  rows?: FitRows,
  options: PredictOptions = {},
): Prediction<E> {
  const { missing, quantiles, perExpert } = readOptions(ACT, options, PREDICT);
  const { mixture, theta, formula } = fittedMixture(ACT, fitted);
  const asked = quantiles !== undefined ? "quantiles" : perExpert ? "perExpert" : undefined;
  if (asked !== undefined && formula.labels !== undefined) {
    throw new InputError(
      ACT,
      `${asked} of a response of numbers`,
      "labels",
      "their probabilities are predicted without",
    );
  }
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
