import type { FittedMixture } from "../data/fitted.ts";
import { fittedMixture } from "../data/fitted.ts";
import { observe } from "../data/observe.ts";
import { type DataSource, toTable } from "../data/source.ts";
import { type DataTable, place } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { type Observations, rowsOf } from "../models/observations.ts";
import { expectedResponse } from "../models/prediction.ts";

/** What a fitted mixture says of rows it may not have seen. */
export interface Prediction {
  readonly rows: number;
  /** Mean of a numeric response (n). */
  readonly mean?: Float64Array;
  /** Most probable label of each row (n). */
  readonly labels?: readonly string[];
  /** Probabilities of the labels, n × C row-major. */
  readonly probabilities?: Float64Array;
  /** Gate probabilities P(z | x), n × k row-major. */
  readonly gate: Float64Array;
  /**
   * Responsibilities P(z | x, y), n × k row-major; of a row without a response, or with one that the model can't have
   * (an unknown label, a count below 0), P(z | x) like `gate`. Absent where no row has one.
   */
  readonly responsibilities?: Float64Array;
}

/**
 * Predicts the response of each row, and which experts speak for it.
 *
 * The mean is Σ_z P(z | x) E[y | x, z]; the label is the one with the highest Σ_z P(z | x) p_z(c | x).
 *
 * @param data rows with the columns the model reads; the response is not needed, and may be blank in some rows
 * @throws InputError naming column and row where the data does not fit the model, and where a number overflows
 * @example
 * ```ts
 * import { datasetPath, fit, predict } from "mixlens";
 * const options = { response: "species", experts: "logistic", k: 2, ridge: 0.01, starts: 3 } as const;
 * const { labels } = predict(fit(datasetPath("iris"), options), datasetPath("iris"));
 * if (labels?.[0] !== "setosa") throw new Error("the first iris is a setosa");
 * ```
 */
export function predict(fitted: FittedMixture, data: DataSource): Prediction {
  const { mixture, theta } = fittedMixture("predict", fitted);
  // A prediction does not depend on how much its row weighs.
  const { weights: _, ...formula } = fitted.formula;
  const table = toTable(data);
  const observations = observe(table, formula, "optional");
  const { expected, gate } = expectedResponse(mixture, theta, observations);
  const responsibilities = responsibilitiesOf(fitted, observations, gate);
  for (const values of [expected, gate, responsibilities]) if (values) refuseOverflow(table, values);
  const shared = { rows: table.rows, gate, ...(responsibilities && { responsibilities }) };
  if (formula.labels === undefined) return { ...shared, mean: expected };
  const names = formula.labels;
  const labels = Array.from({ length: table.rows }, (_, i) => {
    const row = expected.subarray(i * names.length, (i + 1) * names.length);
    return names[row.indexOf(Math.max(...row))];
  });
  return { ...shared, labels, probabilities: expected };
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
  const numbers = new Map<number, number>();
  const own = Int32Array.from(known, (row) => {
    const unit = numbers.get(units[row]) ?? numbers.size;
    numbers.set(units[row], unit);
    return unit;
  });
  const rows = rowsOf(data, known);
  const found = mixture.posterior(theta, data.units ? { ...rows, units: own } : rows).responsibilities;
  const at = new Map(known.map((row, i) => [units[row], i]));
  const out = gate.slice();
  units.forEach((unit, row) => {
    const from = at.get(unit);
    if (from !== undefined) out.set(found.subarray(from * k, (from + 1) * k), row * k);
  });
  return out;
}

function refuseOverflow(table: DataTable, values: Float64Array): void {
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return;
  const got = `${values[odd]} at ${place(table, Math.floor((odd * table.rows) / values.length))}`;
  throw new InputError("predict", "parameters and data that give finite numbers", got);
}
