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

/** A published difference beside the mean of ours, which are paired and above 0 where the claim holds. */
export interface PairedClaim {
  readonly published: number;
  readonly mean: number;
  /** Standard error of the mean; null of one difference. */
  readonly error: number | null;
  readonly verdict: Verdict;
}

/** What paired differences say of a published one: their mean with its standard error, sd/√n, and the verdict. */
export function pairedClaim(published: number, differences: readonly number[]): PairedClaim {
  const n = differences.length;
  const [centre, error] = [mean(differences), n > 1 ? sd(differences) / Math.sqrt(n) : null];
  return { published, mean: centre, error, verdict: verdictOf(centre, error, published) };
}

/** What paired differences say of a claim that puts them above 0. */
export type Verdict = "holds" | "the other way round" | "no difference seen" | "one instance says nothing";

/**
 * A difference is seen where its mean is more than two standard errors from 0, and at least a tenth of what is claimed:
 * one that is there but far smaller bears out nothing.
 */
export function verdictOf(centre: number, error: number | null, claimed: number): Verdict {
  if (error === null) return "one instance says nothing";
  if (!(Math.abs(centre) > 2 * error && Math.abs(centre) >= Math.abs(claimed) / 10)) return "no difference seen";
  return centre > 0 ? "holds" : "the other way round";
}

/** The same in the words of a table. */
export const HOW_SEEN =
  "above 0 where the claim holds; one is seen if its mean is more than two standard errors from 0 and a tenth of the published difference or more.";
