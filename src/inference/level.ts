import { type Kind, numberIn } from "../errors/kinds.ts";
import { type Defaulted, defaulted } from "../errors/options.ts";
import { normalQuantile, twoSided } from "../math/normal.ts";

const coverage: Kind<number> = numberIn("a number above 0 and below 1, such as 0.95", (at) => at > 0 && at < 1);

/** Table of the option of whatever has intervals. */
export class LevelTable {
  readonly level: Defaulted<number> = defaulted(coverage, 0.95, "coverage of intervals");
}

export const LEVEL: LevelTable = new LevelTable();

/** An interval about an estimate. */
export interface Interval {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/** An estimate with its standard error, the test that it is 0, and an interval. */
export interface Estimate extends Interval {
  readonly standardError: number;
  /** The estimate in standard errors. */
  readonly z: number;
  /** Probability of a standard normal number that is further from 0 than z. */
  readonly p: number;
}

/** Standard errors from an estimate to the ends of an interval that covers so much of the normal law. */
export function halfWidth(level: number): number {
  return normalQuantile(1 - (1 - level) / 2);
}

/** A coverage in words: `95 %`. */
export function percent(level: number): string {
  return `${Number((100 * level).toPrecision(6))} %`;
}

/** An estimate of a normal law with the standard error. */
export function estimateOf(estimate: number, standardError: number, level: number): Estimate {
  // What cannot be but 0 is 0 standard errors away from it.
  const z = estimate === 0 ? 0 : estimate / standardError;
  const half = halfWidth(level) * standardError;
  return { estimate, standardError, z, p: twoSided(z), lower: estimate - half, upper: estimate + half };
}

/** A share of `n` independent trials, each of one probability, with Wilson's interval of that. */
export function proportionOf(successes: number, n: number, level: number): Interval {
  const z = halfWidth(level);
  const estimate = successes / n;
  const centre = (estimate + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((estimate * (1 - estimate)) / n + (z / (2 * n)) ** 2)) / (1 + (z * z) / n);
  // At the ends the two are the same but for rounding.
  return { estimate, lower: Math.min(estimate, centre - half), upper: Math.max(estimate, centre + half) };
}
