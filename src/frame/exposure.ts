import { quote } from "../errors.ts";
import type { Observations } from "../rows/observations.ts";

/**
 * An offset of 30 stands for an exposure of e³⁰, 1e13: more person-years than there have been. One that is larger, or
 * that spans more, is no logarithm.
 */
const LARGEST_LOG = 30;
/** How many nats the logarithm must explain the counts better than the offset times any factor. */
const CLEARLY = 5;

/**
 * Says of an offset of counts that it looks like an exposure itself, such as person-years, and not like its logarithm.
 *
 * It does where it is too large for a logarithm; or where it is positive, explains the counts worse than no offset at
 * all, and its logarithm explains them better than the offset times whatever factor. Offsets of logarithms have a factor
 * near 1 and pass; so do those that hardly vary, about which the counts say nothing.
 *
 * @returns a sentence; none where there is nothing to say
 */
export function exposureInWords({ response, offset, weights }: Observations, name: string): readonly string[] {
  if (offset === undefined) return [];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of offset) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const isTooLarge = most > LARGEST_LOG || most - least > LARGEST_LOG;
  if (!isTooLarge && !(least > 0 && isExplainedByLogarithm(response, offset, weights))) return [];
  const range = `it runs from ${short(least)} to ${short(most)}`;
  return [
    `The offset ${quote(name)} looks like an exposure rather than its logarithm: ${range}, and is added to the logarithm of the mean. If it is one, give it as exposure in place of offset.`,
  ];
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function isExplainedByLogarithm(counts: Float64Array, offset: Float64Array, weights?: Float64Array): boolean {
  const times = (factor: number): number => {
    return profile(
      counts,
      offset.map((value) => factor * value),
      weights,
    );
  };
  const none = times(0);
  if (times(1) >= none) return false;
  const wanted = profile(counts, offset.map(Math.log), weights) - CLEARLY;
  return wanted > none && wanted > highest(times);
}

/** Log-likelihood of counts whose log mean is the offset and the best constant, but for what all offsets share. */
function profile(counts: Float64Array, offset: Float64Array, weights?: Float64Array): number {
  const top = offset.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  let [total, along, exposure] = [0, 0, 0];
  counts.forEach((count, i) => {
    const weight = weights?.[i] ?? 1;
    total += weight * count;
    along += weight * count * offset[i];
    exposure += weight * Math.exp(offset[i] - top);
  });
  return along - total * (top + Math.log(exposure));
}

/** The maximum of a concave function on the factors from -1 to 1. */
function highest(of: (factor: number) => number): number {
  let [low, high] = [-1, 1];
  for (let step = 0; step < 25; step++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (of(a) < of(b)) low = a;
    else high = b;
  }
  return of((low + high) / 2);
}
