import { cholesky } from "../../math/cholesky.ts";
import { symmetricEigen } from "../../math/symmetric-eigen.ts";
import { solveLower } from "../../math/triangular.ts";

/**
 * The rows along the directions in which regressions on the features leave most to explain.
 *
 * With whitened features x and the residual e of least squares, E[(e² − E e²) xx'] has the eigenvectors in which the
 * residual's variance bends: for experts that differ, the span of their differences. The slope itself is the first of
 * the directions.
 *
 * @param features standardised columns (n numbers each)
 * @param responses standardised columns of the response; their matrices add up
 * @param most number of directions
 * @returns standard coordinates of the rows along `most` directions, or as many as there are
 * @remarks cost n·d² multiplications for each response. Li 1992, principal Hessian directions.
 */
export function hessianDirections(
  features: readonly Float64Array[],
  responses: readonly Float64Array[],
  most: number,
): Float64Array[] {
  const d = features.length;
  const white = whitened(features);
  if (white === undefined) return [...features.slice(0, most)];
  const rows = white[0]?.length ?? 0;
  const bends = new Float64Array(d * d);
  const slopes: Float64Array[] = [];
  for (const response of responses) {
    const slope = Float64Array.from(white, (column) => mean(column, (value, i) => value * response[i]));
    slopes.push(slope);
    const square = response.map((y, i) => (y - white.reduce((sum, column, j) => sum + slope[j] * column[i], 0)) ** 2);
    const level = mean(square, (value) => value);
    for (let a = 0; a < d; a++) {
      for (let b = 0; b <= a; b++) {
        bends[a * d + b] += mean(square, (value, i) => (value - level) * white[a][i] * white[b][i]);
      }
    }
  }
  const { values, vectors } = symmetricEigen(bends, d);
  const byStrength = Array.from(values.keys()).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const directions = [...slopes, ...byStrength.map((e) => vectors.subarray(e * d, (e + 1) * d))];
  return directions.slice(0, most).map((direction) => {
    const norm = Math.hypot(...direction) || 1;
    return Float64Array.from({ length: rows }, (_, i) =>
      white.reduce((sum, column, j) => sum + (direction[j] / norm) * column[i], 0),
    );
  });
}

/** Columns whose covariance is the identity, where that of the features is positive definite. */
function whitened(features: readonly Float64Array[]): Float64Array[] | undefined {
  const d = features.length;
  const covariance = new Float64Array(d * d);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) covariance[a * d + b] = mean(features[a], (value, i) => value * features[b][i]);
  }
  const factor = cholesky(covariance, d);
  if (typeof factor === "number") return undefined;
  const white = features.map((column) => column.slice());
  const row = new Float64Array(d);
  for (let i = 0; i < (features[0]?.length ?? 0); i++) {
    for (let j = 0; j < d; j++) row[j] = features[j][i];
    solveLower(factor, d, row);
    for (let j = 0; j < d; j++) white[j][i] = row[j];
  }
  return white;
}

function mean(column: Float64Array, value: (entry: number, row: number) => number): number {
  let sum = 0;
  for (let i = 0; i < column.length; i++) sum += value(column[i], i);
  return sum / column.length;
}
