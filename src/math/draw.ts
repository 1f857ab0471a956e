import type { Random } from "./random.ts";
import { logFactorial } from "./special.ts";

/**
 * One of C categories, drawn from their log-probabilities, given up to a constant.
 *
 * @param logit log-probability of the category c
 * @returns number of the category, from 0
 * @remarks Gumbel's trick: the largest of the perturbed logits is a draw from their softmax. C uniform numbers.
 */
export function drawCategory(random: Random, categories: number, logit: (category: number) => number): number {
  let drawn = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < categories; c++) {
    const perturbed = logit(c) - Math.log(-Math.log(random.uniform()));
    if (perturbed > largest) [drawn, largest] = [c, perturbed];
  }
  return drawn;
}

/**
 * A Poisson count.
 *
 * @param mean from 0 on; the count of one above 2⁵³, which whole numbers end at, is NaN
 * @remarks small means: arrivals until time is up; from 10 on Hörmann's transformed rejection, PTRS (1993), about 2.3
 *   uniform numbers whatever the mean.
 */
export function drawPoisson(random: Random, mean: number): number {
  if (!(mean <= Number.MAX_SAFE_INTEGER)) return Number.NaN;
  return mean < 10 ? arrivals(random, mean) : transformedRejection(random, mean);
}

function arrivals(random: Random, mean: number): number {
  const end = Math.exp(-mean);
  let count = 0;
  for (let left = random.uniform(); left > end; left *= random.uniform()) count++;
  return count;
}

function transformedRejection(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const logInverseAlpha = Math.log(1.1239 + 1.1328 / (b - 3.4));
  const sure = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.uniform();
    const edge = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= sure) return count;
    if (count < 0 || (edge < 0.013 && v > edge)) continue;
    const logRatio = count * Math.log(mean) - mean - logFactorial(count);
    if (Math.log(v) + logInverseAlpha - Math.log(a / (edge * edge) + b) <= logRatio) return count;
  }
}

/**
 * A number from the Gamma distribution of scale 1.
 *
 * @param shape above 0
 * @remarks Marsaglia and Tsang's rejection (2000), about one normal and one uniform number; below a shape of 1 the number
 *   of the shape above it, times a power of a uniform one.
 */
export function drawGamma(random: Random, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Fewer trials than this are drawn one by one. */
const FEW_TRIALS = 40;

/**
 * The number of successes in n trials.
 *
 * @param trials a whole number from 0 on
 * @param probability of a success
 * @remarks Relles (1972): the middle of the trials' n uniform numbers is a draw from a Beta law, and says of all on one side
 *   of it whether they are successes. About log₂ n such halvings.
 */
export function drawBinomial(random: Random, trials: number, probability: number): number {
  let [left, p, successes] = [trials, probability, 0];
  while (left >= FEW_TRIALS && p > 0 && p < 1) {
    const rank = 1 + Math.floor(left / 2);
    const [below, above] = [drawGamma(random, rank), drawGamma(random, left + 1 - rank)];
    const middle = below / (below + above);
    if (middle <= p) {
      successes += rank;
      left -= rank;
      p = (p - middle) / (1 - middle);
    } else {
      left = rank - 1;
      p /= middle;
    }
  }
  if (!(p > 0)) return successes;
  if (p >= 1) return successes + left;
  for (; left > 0; left--) if (random.uniform() < p) successes++;
  return successes;
}

/** So many different numbers among 0 … n − 1, in the order in which they were drawn. */
export function someOf(count: number, n: number, random: Random): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.integer(n));
  return Array.from(drawn);
}

/** The numbers 0 … n − 1 in an order that is drawn (Fisher and Yates). */
export function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
