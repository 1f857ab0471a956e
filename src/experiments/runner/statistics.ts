import { mean, sd } from "../../math/statistics.ts";

/** Mean and standard deviation of a sample. */
export interface Spread {
  readonly mean: number;
  readonly sd: number;
}

/** Mean and standard deviation of values. */
export function spreadOf(values: readonly number[]): Spread {
  return { mean: mean(values), sd: sd(values) };
}

/** A mean of paired differences, and how far it can be trusted. */
export interface PairedDifference {
  readonly mean: number;
  /** Its standard error; null of one difference. */
  readonly error: number | null;
}

/** The mean of differences and its standard error, sd/√n. */
export function pairedDifference(differences: readonly number[]): PairedDifference {
  const n = differences.length;
  return { mean: mean(differences), error: n > 1 ? sd(differences) / Math.sqrt(n) : null };
}

/** What paired differences say of a claim that puts them above 0. */
export type Verdict = "holds" | "the other way round" | "no difference seen" | "one instance says nothing";

/**
 * A difference is seen where its mean is more than two standard errors from 0, and at least a tenth of what is claimed:
 * one that is there but far smaller bears out nothing.
 */
export function verdictOf({ mean: centre, error }: PairedDifference, claimed: number): Verdict {
  if (error === null) return "one instance says nothing";
  if (!(Math.abs(centre) > 2 * error && Math.abs(centre) >= Math.abs(claimed) / 10)) return "no difference seen";
  return centre > 0 ? "holds" : "the other way round";
}
