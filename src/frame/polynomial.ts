import { InputError, quote } from "../errors.ts";
import { mean } from "../math/statistics.ts";
import { dot } from "../math/vector.ts";
import type { PolynomialBasis } from "./polynomial-moments.ts";

/**
 * Orthogonal polynomials of a column by the three-term recurrence, as R's poly() has them: of unit length over the rows they
 * were made of, and evaluated at other rows by the same recurrence.
 *
 * @returns centres α (degree) and squared lengths (degree + 2) of the recurrence; R's attribute `coefs`
 * @remarks Kennedy and Gentle, Statistical Computing, 1980, pp. 343 to 344.
 */
export function polynomialBasis(x: Float64Array, degree: number, name: string): PolynomialBasis {
  const different = new Set(x).size;
  if (different <= degree) {
    const got = `${different} in column ${quote(name)}`;
    throw new InputError("fit", `more than ${degree} different values for a polynomial of degree ${degree}`, got);
  }
  const centreOfAll = mean(x);
  // Raw powers of years would cancel: about the mean the recurrence is exact to rounding.
  const about = x.map((value) => value - centreOfAll);
  const centres: number[] = [];
  const norms = [1, x.length];
  let [before, current] = [new Float64Array(x.length), new Float64Array(x.length).fill(1)];
  for (let j = 0; j < degree; j++) {
    const size = dot(current, current);
    const centre = about.reduce((sum, value, i) => sum + value * current[i] * current[i], 0) / size;
    const ratio = size / norms[j];
    const next = current.map((value, i) => (about[i] - centre) * value - (j === 0 ? 0 : ratio) * before[i]);
    centres.push(centre + centreOfAll);
    norms.push(dot(next, next));
    [before, current] = [current, next];
  }
  return { centres, norms };
}

/** The polynomials of the degrees from 1 on at these numbers. */
export function polynomials(x: Float64Array, centres: readonly number[], norms: readonly number[]): Float64Array[] {
  let [before, current] = [new Float64Array(x.length), new Float64Array(x.length).fill(1)];
  return centres.map((centre, j) => {
    const ratio = j === 0 ? 0 : norms[j + 1] / norms[j];
    const next = current.map((value, i) => (x[i] - centre) * value - ratio * before[i]);
    [before, current] = [current, next];
    return next.map((value) => value / Math.sqrt(norms[j + 2]));
  });
}
