import { isOfGate } from "../laws/gates/nodes.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Grams, Separation } from "../models/separation.ts";

// The small priors that parts have which are separated.

/** Powers of this are the priors' precisions. */
const SMALLER = 100;
/** What is less is rounding beside a row's own curvature: the cost is then what it is, and is stated. */
const LEAST_PRECISION = 1e-12;

/** Which parts have a prior, which are to have none, and the precision of the priors for each row. */
export interface Taming {
  readonly parts: readonly string[];
  readonly spared: readonly string[];
  readonly precision: number;
}

/** No part has a prior. */
export const UNTAMED: Taming = { parts: [], spared: [], precision: Number.POSITIVE_INFINITY };

/** Whether a part has a prior, or is to have none. */
export function hasPart({ parts, spared }: Taming, part: string): boolean {
  return parts.includes(part) || spared.includes(part);
}

/** The same with priors on parts that were found to be separated, too. */
export function more({ parts, spared, precision }: Taming, found: readonly Separation[]): Taming {
  const smallest = Math.min(precision, ...found.map((separation) => separation.precision));
  return {
    parts: [...parts, ...found.map(({ part }) => part)],
    spared,
    precision: Math.max(LEAST_PRECISION, powerBelow(smallest)),
  };
}

/** The largest power of a hundred that is no larger, exact to the last bit. */
function powerBelow(value: number): number {
  return Number(`1e${2 * Math.floor(Math.log10(value) / 2)}`);
}

/**
 * The same, or with fewer priors where a part turned out not to be separated, or smaller ones where they cost too much.
 *
 * The penalty itself is a bound on the cost: as the precision ρ falls the penalty grows by log²(1/ρ) only, and what the
 * log-likelihood can still gain is its integral over smaller ρ, less itself.
 */
export function revised(taming: Taming, separated: readonly Separation[], isCostly: boolean): Taming {
  const parts = separated.map(({ part }) => part);
  const spared = taming.parts.filter((part) => !parts.includes(part));
  if (spared.length > 0) return { parts, spared: [...taming.spared, ...spared], precision: taming.precision };
  const { precision } = taming;
  return isCostly && precision > LEAST_PRECISION ? { ...taming, precision: powerBelow(precision / SMALLER) } : taming;
}

/** The mixture with a prior of precision ρ Σ w xx' on the coefficients of each part. */
export function tamed(model: Mixture, { parts, precision }: Taming, grams: Grams): Mixture {
  const priors = parts.map((part) => {
    const gram = grams(isOfGate(part) ? "gate" : "expert");
    return [part, { precision: Array.from(gram, (entry) => precision * entry) }];
  });
  return model.withPriors(Object.fromEntries(priors));
}
