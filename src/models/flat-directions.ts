import { cholesky } from "../math/cholesky.ts";
import { generalisedEigen } from "../math/generalised-eigen.ts";
import type { Predictor } from "../rows/predictor.ts";

/** Curvature of a likelihood in the coefficients of a part's predictors, which stand one after the other (q = m·d). */
export interface PartCurvature {
  readonly heads: readonly Predictor[];
  /** How the predictors are coupled, K (m × m). */
  readonly coupling: readonly number[];
  /** Weight of the part's rows. */
  readonly weight: number;
  /** Their Gram matrix G (d × d). */
  readonly gram: Float64Array;
  /** Their complete information C (q × q). */
  readonly curvature: Float64Array;
  /** The coefficients themselves (q). */
  readonly own: Float64Array;
}

/**
 * Directions along which coefficients may be running off: their projections on the eigenvectors of C against K ⊗ G whose
 * eigenvalues are below each of some bounds, of the coefficients that are not fixed.
 *
 * @param bounds ascending
 * @returns directions (q each) along which the predictors move by about 1: v'(K ⊗ G)v is the weight of the rows; bounds
 *   that add no eigenvector have none
 * @remarks cost about 5q³ multiplications
 */
export function* flatDirections(
  { heads, coupling, weight, gram, curvature, own }: PartCurvature,
  bounds: readonly number[],
): Generator<Float64Array, void, void> {
  const d = heads[0].at.length;
  const m = heads.length;
  const free = heads.flatMap(({ fixed = [] }, h) =>
    Array.from({ length: d }, (_, j) => h * d + j).filter((at) => !fixed.includes(at - h * d)),
  );
  const q = free.length;
  const among = (entry: (row: number, column: number) => number): Float64Array =>
    Float64Array.from({ length: q * q }, (_, at) => entry(free[Math.floor(at / q)], free[at % q]));
  const reference = among((row, column) => {
    return coupling[Math.floor(row / d) * m + Math.floor(column / d)] * gram[(row % d) * d + (column % d)];
  });
  const factor = cholesky(reference, q);
  if (typeof factor === "number") return;
  const { values, vectors } = generalisedEigen(
    among((row, column) => curvature[row * m * d + column]),
    factor,
    q,
  );
  let taken = q;
  const direction = new Float64Array(m * d);
  for (const bound of bounds) {
    const before = taken;
    // Descending: the flattest come last.
    while (taken > 0 && values[taken - 1] <= bound) {
      taken--;
      const vector = vectors.subarray(taken * q, (taken + 1) * q);
      // Eigenvectors are of unit length in the metric K ⊗ G.
      let part = 0;
      for (let i = 0; i < q; i++) for (let j = 0; j < q; j++) part += vector[i] * reference[i * q + j] * own[free[j]];
      for (let i = 0; i < q; i++) direction[free[i]] += part * vector[i];
    }
    if (taken === before) continue;
    const length = norm(direction, free, reference);
    if (length > 0) yield direction.map((value) => (value * Math.sqrt(weight)) / length);
  }
}

function norm(direction: Float64Array, free: readonly number[], metric: Float64Array): number {
  const q = free.length;
  let square = 0;
  for (let i = 0; i < q; i++) {
    for (let j = 0; j < q; j++) square += direction[free[i]] * metric[i * q + j] * direction[free[j]];
  }
  return Math.sqrt(square);
}
