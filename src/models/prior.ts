/** Precision matrices by part, as a mixture's specification has them. */
export type Priors = Readonly<Record<string, readonly number[]>>;

/** Columns that a prior is about: less their means, which the intercept takes up. */
export interface PriorOrigin {
  /** Place of the intercept among the columns. */
  readonly intercept: number;
  /** What the columns are less (d); the intercept's is 0. */
  readonly means: readonly number[];
}

/** Origins of priors by part, where they are not 0. */
export type PriorOrigins = Readonly<Record<string, PriorOrigin>>;

/** The precision matrix of a prior on the coefficients as they are, S'PS with S = I + e₀m': m that is large cancels in it. */
export function aboutZero(prior: readonly number[], { intercept, means }: PriorOrigin): readonly number[] {
  const d = means.length;
  const half = prior.map((entry, at) => entry + means[at % d] * prior[at - (at % d) + intercept]);
  return half.map((entry, at) => entry + means[Math.floor(at / d)] * half[intercept * d + (at % d)]);
}
