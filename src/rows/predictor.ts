/** One linear predictor η = x'θ: which columns it reads and where its coefficients stand in the parameter vector. */
export interface Predictor {
  readonly design: "gate" | "expert" | "constant";
  /** Position of the first coefficient in θ. */
  readonly offset: number;
  /** Number of coefficients. */
  readonly size: number;
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
