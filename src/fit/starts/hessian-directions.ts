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
    const slope = Float64Array.from(white, (column) => meanProduct(column, response));
    slopes.push(slope);
    const excess = combined(white, slope, rows).map((fitted, i) => (response[i] - fitted) ** 2);
    const level = excess.reduce((sum, square) => sum + square, 0) / rows;
    for (let i = 0; i < rows; i++) excess[i] -= level;
    for (let a = 0; a < d; a++) {
      const bent = white[a].map((value, i) => excess[i] * value);
      for (let b = 0; b <= a; b++) bends[a * d + b] += meanProduct(bent, white[b]);
    }
  }
  const { values, vectors } = symmetricEigen(bends, d);
  const byStrength = Array.from(values.keys()).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const directions = [...slopes, ...byStrength.map((e) => vectors.subarray(e * d, (e + 1) * d))];
  return directions.slice(0, most).map((direction) => {
    const norm = Math.hypot(...direction) || 1;
    return combined(
      white,
      direction.map((entry) => entry / norm),
      rows,
    );
  });
}

/** Columns whose covariance is the identity, where that of the features is positive definite. */
function whitened(features: readonly Float64Array[]): Float64Array[] | undefined {
  const d = features.length;
  const covariance = new Float64Array(d * d);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) covariance[a * d + b] = meanProduct(features[a], features[b]);
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

/** Σ_j c_j x_j, in each row. */
function combined(columns: readonly Float64Array[], coefficients: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(rows);
  columns.forEach((column, j) => {
    const coefficient = coefficients[j];
    for (let i = 0; i < rows; i++) out[i] += coefficient * column[i];
  });
  return out;
}

function meanProduct(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum / x.length;
}
