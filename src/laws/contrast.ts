/** How far two experts' responses lie apart in each row. */
export interface Contrast {
  /** Half the difference, in each row (n); of several labels for each pair of them. */
  readonly halves: readonly Float64Array[];
  /** Standard deviation of the responses, on the same scale. */
  readonly noise: number;
  /** The symmetric pair that has about this rate; undefined: none is known. */
  readonly pair: "linear" | "logistic" | undefined;
}

/** Half the difference of what two experts are on a scale of one's choice, in each row. */
export function halfDifference(
  first: Float64Array,
  second: Float64Array,
  scale: (value: number) => number = (value) => value,
): Float64Array {
  return first.map((value, i) => 0.5 * (scale(value) - scale(second[i])));
}

/** Root mean square of two standard deviations. */
export function pooled(first: number, second: number): number {
  return Math.sqrt((first * first + second * second) / 2);
}
