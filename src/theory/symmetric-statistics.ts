import type { Posterior } from "../models/model.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { signPartition } from "./symmetric-law.ts";
import { addSum, type PairParts, predict, rowPosterior } from "./symmetric-rows.ts";

/** The E-step: responsibilities n × 2, of z = +1 and z = −1. */
export function pairPosterior(pair: PairParts, theta: Float64Array, data: Observations): Posterior {
  const responsibilities = new Float64Array(2 * data.rows);
  const [logLikelihood] = sumOver(data, 1, (block, sums) => {
    predict(pair, block, theta);
    for (let i = 0; i < block.rows; i++) {
      const found = rowPosterior(pair, block, i);
      sums[0] += block.weights[i] * found.logLikelihood;
      responsibilities[2 * (block.start + i)] = found.plus;
      responsibilities[2 * (block.start + i) + 1] = found.minus;
    }
  });
  return { responsibilities, logLikelihood, objective: logLikelihood };
}

/** Sufficient statistics (Σ w z x/2, Σ w c yz x) of the complete data, expected under responsibilities (p). */
export function expectedStatistics(pair: PairParts, responsibilities: Float64Array, data: Observations): Float64Array {
  const { law, gate, expert } = pair;
  return sumOver(data, pair.p, (block, sums) => {
    const sign = (i: number): number => {
      const at = 2 * (block.start + i);
      return responsibilities[at] - responsibilities[at + 1];
    };
    addSum(pair, block, gate, (i) => sign(i) / 2, sums);
    addSum(pair, block, expert, (i) => law.scale * law.response(block.response[i]) * sign(i), sums);
  });
}

/** The mirror map, which is the log-partition A(θ) = Σ w A_x(θ), and its gradient, the mean of the statistics (p). */
export function pairMirrorMap(
  pair: PairParts,
  theta: Float64Array,
  data: Observations,
): { readonly value: number; readonly gradient: Float64Array } {
  const { gate, expert, p, a, b } = pair;
  const { logPartition } = pair.law;
  const sums = sumOver(data, p + 1, (block, partial) => {
    predict(pair, block, theta);
    for (let i = 0; i < block.rows; i++) {
      partial[p] += block.weights[i] * (signPartition.value(a[i]) + logPartition.value(b[i]));
    }
    addSum(pair, block, gate, (i) => signPartition.mean(a[i]), partial);
    addSum(pair, block, expert, (i) => logPartition.mean(b[i]), partial);
  });
  return { value: sums[p], gradient: sums.slice(0, p) };
}
