/** A Gaussian prior on the coefficients of a part: it takes ½ β'Pβ off the log-likelihood. */
export interface Prior {
  /** P (d × d, row-major), symmetric. */
  readonly precision: readonly number[];
  /** What the columns are less whose coefficients these are; absent: they are as they are. */
  readonly origin?: PriorOrigin;
}

/** Means that columns are less, which the intercept takes up. Written into a precision matrix they would cancel. */
export interface PriorOrigin {
  /** Place of the intercept among the columns. */
  readonly intercept: number;
  /** What the columns are less (d); the intercept's is 0. */
  readonly means: readonly number[];
}

/** Priors by part, as a mixture's specification has them. */
export type Priors = Readonly<Record<string, Prior>>;

/** The precision matrix on the coefficients as they are, S'PS with S = I + e₀m': m that is large cancels in it. */
export function aboutZero({ precision, origin }: Prior): readonly number[] {
  if (origin === undefined) return precision;
  const { intercept, means } = origin;
  const d = means.length;
  const half = precision.map((entry, at) => entry + means[at % d] * precision[at - (at % d) + intercept]);
  return half.map((entry, at) => entry + means[Math.floor(at / d)] * half[intercept * d + (at % d)]);
}
