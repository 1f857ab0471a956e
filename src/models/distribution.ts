import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import type { Tails } from "../math/incomplete.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { blockPredictors } from "./e-step.ts";

/** The law of a row's response under a mixture, whatever its own response is. */
export interface RowDistribution {
  /** P(Y ≤ y | x) and P(Y > y | x). */
  readonly tails: (y: number) => Tails;
  /** Whether the response is a whole number, and its largest value. */
  readonly isCount: boolean;
  readonly largest: number;
}

/**
 * Visits the distribution of every row, P(Y ≤ y | x) = Σ_z P(z | x) P_z(Y ≤ y | x), which lasts until the next one.
 *
 * @returns false where the law has none: labels have no order
 */
export function eachDistribution(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  visit: (row: number, distribution: RowDistribution) => void,
): boolean {
  const { law, experts } = parts;
  const { tails } = law;
  if (tails === undefined) return false;
  const [k, m] = [experts.length, predictorCount(law)];
  const { isCount, hasTrials } = law.response;
  const predict = blockPredictors(parts, theta);
  sumOver(data, 0, (block) => {
    const { eta, logGate } = predict(block);
    for (let i = 0; i < block.rows; i++) {
      const trials = block.trials[i];
      visit(block.start + i, {
        tails: (y) => {
          let [lower, upper] = [0, 0];
          for (let z = 0; z < k; z++) {
            const share = Math.exp(logGate[z * BLOCK_ROWS + i]);
            const own = tails(y, eta, z * m * BLOCK_ROWS + i, trials);
            lower += share * own.lower;
            upper += share * own.upper;
          }
          return { lower, upper };
        },
        isCount: isCount || hasTrials,
        largest: hasTrials ? trials : Number.POSITIVE_INFINITY,
      });
    }
  });
  return true;
}

/** Halvings of an interval, and doublings that find one, at the most. */
const HALVINGS = 200;
const DOUBLINGS = 1100;

/**
 * The least y at which P(Y ≤ y) ≥ p, to the last digits.
 *
 * @param near a number to look about, such as the mean
 * @param width how far to look at first, such as the standard deviation
 */
export function quantileOf(distribution: RowDistribution, p: number, near: number, width: number): number {
  const { isCount, largest } = distribution;
  // Of a small tail the small number is compared.
  const isReached = (y: number): boolean => {
    const { lower, upper } = distribution.tails(y);
    return p < 0.5 ? lower >= p : upper <= 1 - p;
  };
  const from = isCount ? Math.floor(near) : near;
  let step = isCount ? Math.max(1, Math.round(width)) : Math.max(width, Number.EPSILON * Math.abs(near), 1e-300);
  let [low, high] = [from - step, from];
  for (let n = 0; n < DOUBLINGS && !isReached(high); n++, step *= 2) [low, high] = [high, high + step];
  for (let n = 0; n < DOUBLINGS && isReached(low); n++, step *= 2) [low, high] = [low - step, low];
  for (let n = 0; n < HALVINGS; n++) {
    const middle = isCount ? Math.floor((low + high) / 2) : low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (isReached(middle)) high = middle;
    else low = middle;
  }
  return isCount ? Math.min(high, largest) : high;
}
