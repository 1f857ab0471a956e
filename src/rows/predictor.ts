/** One linear predictor η = x'θ: which columns it reads and where its coefficients stand in the parameter vector. */
export interface Predictor {
  readonly design: "gate" | "expert" | "constant";
  /** Position in θ of each column's coefficient (d): of two predictors that share a coefficient the same. */
  readonly at: readonly number[];
  /** Which of them, from 0, an M-step leaves as they are; absent: none. */
  readonly fixed?: readonly number[];
  /** Precision ρ of a Gaussian prior on each coefficient; absent: 0. */
  readonly ridge?: number;
  /** Precision P of a Gaussian prior on all of them, beside the ridge (d × d); absent: none. */
  readonly prior?: readonly number[];
  /** What is added to it in every row, of an expert that is always 0; absent: nothing. */
  readonly known?: number;
  /** Least value of a coefficient; absent: none. */
  readonly least?: number;
}

/** So many positions one after the other, from the first on. */
export function places(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, j) => first + j);
}

/** The coefficients of some predictors, one after the other, in an array of their own. */
export function coefficientsOf(predictors: readonly Predictor[], theta: Float64Array): Float64Array {
  const out = new Float64Array(predictors.reduce((sum, { at }) => sum + at.length, 0));
  let to = 0;
  for (const { at } of predictors) for (const place of at) out[to++] = theta[place];
  return out;
}
