import { random } from "../../math/random.ts";
import { symmetricEigenvalues } from "../../math/symmetric-eigen.ts";
import { type BenchRow, type BenchSize, timed } from "./bench-rows.ts";

/** A symmetric matrix of normal numbers, p × p. */
export function randomSymmetric(p: number): Float64Array {
  const rng = random(1);
  const matrix = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) matrix[i * p + j] = matrix[j * p + i] = rng.normal();
  }
  return matrix;
}

/** Times all eigenvalues of a symmetric matrix, as the missing-information problem leaves one: plain code of one thread. */
export function benchEigenvalues(size: BenchSize, runs: number, now: () => number): BenchRow {
  const matrix = randomSymmetric(size.n);
  let largest = 0;
  const once = (): void => {
    [largest] = symmetricEigenvalues(matrix, size.n);
  };
  return { name: "eigenvalues", ...size, ...timed(once, runs, now), engine: "reference", largest };
}
