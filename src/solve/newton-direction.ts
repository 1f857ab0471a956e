import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { symmetricEigen } from "../math/symmetric-eigen.ts";
import { dot } from "../math/vector.ts";

/** Shares of itself by which a diagonal is raised where only rounding keeps a matrix from being positive definite. */
const ROUNDING = [0, 1e-12, 1e-10, 1e-8];
/** Least size of a curvature, beside the largest of a matrix with a diagonal of ones. */
const FLATTEST = 1e-8;

/**
 * Newton's direction H⁻¹g, and |H|⁻¹g where H is not positive definite: along each eigenvector of the scaled matrix a
 * step uphill as long as Newton's would be, whichever way the function bends there.
 *
 * @param slope g (p)
 * @param curvature H, symmetric (p × p)
 * @returns p; a direction of ascent wherever g ≠ 0
 * @remarks cost p³/6 multiplications, about 5p³ where H is not positive definite. Greenstadt, Mathematics of Computation 21
 *   (1967).
 */
export function newtonDirection(slope: Float64Array, curvature: Float64Array): Float64Array {
  const p = slope.length;
  for (const raise of ROUNDING) {
    const factor = cholesky(raise === 0 ? curvature : raised(curvature, p, raise), p);
    if (typeof factor !== "number") return solveCholesky(factor, p, slope);
  }
  return absoluteDirection(slope, curvature);
}

/** A p × p matrix with a diagonal that is larger by a share of itself. */
function raised(matrix: Float64Array, p: number, share: number): Float64Array {
  const out = matrix.slice();
  for (let at = 0; at < out.length; at += p + 1) out[at] += share * Math.abs(out[at]);
  return out;
}

/** |D^−½HD^−½|⁻¹ between the scales D of the diagonal, so that the columns' units do not matter. */
function absoluteDirection(slope: Float64Array, curvature: Float64Array): Float64Array {
  const p = slope.length;
  const scale = Float64Array.from(slope, (_, j) => 1 / Math.sqrt(Math.abs(curvature[j * (p + 1)]) || 1));
  const even = curvature.map((entry, at) => entry * scale[Math.floor(at / p)] * scale[at % p]);
  if (!even.every(Number.isFinite)) return slope.slice();
  const { values, vectors } = symmetricEigen(even, p);
  const least = FLATTEST * values.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  const uphill = slope.map((g, j) => g * scale[j]);
  const direction = new Float64Array(p);
  values.forEach((value, e) => {
    const vector = vectors.subarray(e * p, (e + 1) * p);
    const length = dot(vector, uphill) / Math.max(Math.abs(value), least);
    for (let j = 0; j < p; j++) direction[j] += length * vector[j];
  });
  return direction.map((value, j) => value * scale[j]);
}
