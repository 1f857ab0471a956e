import { setThreads } from "../../compute/engine.ts";
import { own } from "../../compute/own.ts";
import { spectrum } from "../../inference/spectrum.ts";
import { random } from "../../math/random.ts";
import { symmetricEigen, symmetricEigenvalues } from "../../math/symmetric-eigen.ts";
import { type BenchProblem, type BenchRow, type BenchSize, timed } from "./bench-rows.ts";

/** Multiplications, about, that small matrices go through before they are timed. */
const PRODUCTS_BEFORE = 3e7;

/** A symmetric matrix of normal numbers, p × p. */
export function randomSymmetric(p: number): Float64Array {
  const rng = random(1);
  const matrix = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) matrix[i * p + j] = matrix[j * p + i] = rng.normal();
  }
  return matrix;
}

/** Times all eigenvalues of a symmetric matrix, as the missing-information problem leaves one, with their vectors or without. */
export function benchEigen(
  name: "eigenvalues" | "eigenvectors",
  size: BenchSize,
  runs: number,
  now: () => number,
): BenchRow {
  const matrix = randomSymmetric(size.n);
  let largest = 0;
  const once = (): void => {
    [largest] = name === "eigenvalues" ? symmetricEigenvalues(matrix, size.n) : symmetricEigen(matrix, size.n).values;
  };
  return {
    name,
    ...size,
    ...timed(once, runs, now, Math.ceil(PRODUCTS_BEFORE / size.n ** 3)),
    engine: "reference",
    largest,
  };
}

/** Times the missing-information spectrum where rows were drawn: both informations, and their eigenproblem with vectors. */
export function benchSpectrum(problem: BenchProblem, size: BenchSize, runs: number, now: () => number): BenchRow {
  const { model, truth } = problem;
  const data = own(problem.data);
  setThreads(size.threads);
  let largest = 0;
  const once = (): void => {
    largest = spectrum(model, truth, data).rate;
  };
  return { name: "spectrum", ...size, ...timed(once, runs, now), largest };
}
