import type { FittedMixture } from "./fitted.ts";
import type { Prediction } from "./prediction.ts";

/** The names of what is predicted of a row, in a line, and below it a line for each row; what is not predicted is blank. */
export function predictionRows(
  { formula, mixture }: FittedMixture,
  found: Prediction,
  quantiles: readonly number[] = [],
): (string | number)[][] {
  const { k } = mixture.spec;
  const numbered = (name: string): string[] => Array.from({ length: k }, (_, z) => `${name}${z + 1}`);
  const classes = formula.labels ?? [];
  const header = [
    ...(found.mean ? ["mean"] : ["label", ...classes.map((label) => `probability.${label}`)]),
    ...(found.probability ? ["probability"] : []),
    ...quantiles.map((p) => `quantile.${p}`),
    ...(found.expertMeans ? numbered("mean") : []),
    ...numbered("gate"),
    ...(found.responsibilities ? numbered("responsibility") : []),
  ];
  const body = Array.from({ length: found.rows }, (_, i) => [
    ...(found.mean ? [found.mean[i]] : []),
    ...(found.probability ? [found.probability[i]] : []),
    ...(found.quantiles ? rowOf(found.quantiles, quantiles.length, i) : []),
    ...(found.expertMeans ? rowOf(found.expertMeans, k, i) : []),
    ...(found.labels && found.probabilities ? [found.labels[i], ...rowOf(found.probabilities, classes.length, i)] : []),
    ...rowOf(found.gate, k, i),
    ...(found.responsibilities ? rowOf(found.responsibilities, k, i) : []),
  ]);
  return [header, ...body.map((cells) => cells.map((cell) => (Number.isNaN(cell) ? "" : cell)))];
}

/** Row i of a row-major n × d matrix. */
export function rowOf(values: Float64Array, d: number, i: number): number[] {
  return Array.from(values.subarray(i * d, (i + 1) * d));
}
