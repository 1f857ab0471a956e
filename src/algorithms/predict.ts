import type { FittedMixture } from "../data/fitted-mixture.ts";
import { observe } from "../data/observe.ts";
import { type DataSource, toTable } from "../data/source.ts";
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
  /** Responsibilities P(z | x, y), n × k row-major, where the data has the response. */
  readonly responsibilities?: Float64Array;
}

/**
 * Predicts the response of each row, and which experts speak for it.
 *
 * The mean is Σ_z P(z | x) x'β_z; the label is the one with the highest Σ_z P(z | x) p_z(c | x).
 *
 * @param data rows with the columns the model reads; the response may be missing
 * @throws InputError naming column and row where the data does not fit the model
 * @example
 * ```ts
 * import { datasetPath, fit, predict } from "mixlens";
 * const options = { response: "species", experts: "logistic", k: 2, ridge: 0.01, starts: 3 } as const;
 * const { labels } = predict(fit(datasetPath("iris"), options), datasetPath("iris"));
 * if (labels?.[0] !== "setosa") throw new Error("the first iris is a setosa");
 * ```
 */
export function predict(fitted: FittedMixture, data: DataSource): Prediction {
  const { formula, mixture, theta } = fitted;
  const table = toTable(data);
  const known = table.columns.some(({ name }) => name === formula.response);
  const observations = observe(table, formula, known ? "required" : "optional");
  const { expected, gate } = expectedResponse(mixture, theta, observations);
  const shared = {
    rows: table.rows,
    gate,
    ...(known && { responsibilities: mixture.posterior(theta, observations).responsibilities }),
  };
  if (formula.labels === undefined) return { ...shared, mean: expected };
  const names = formula.labels;
  const labels = Array.from({ length: table.rows }, (_, i) => {
    const row = expected.subarray(i * names.length, (i + 1) * names.length);
    return names[row.indexOf(Math.max(...row))];
  });
  return { ...shared, labels, probabilities: expected };
}
