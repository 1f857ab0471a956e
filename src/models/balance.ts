import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Parts } from "../laws/law.ts";
import { softmax } from "../math/softmax.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { balanced } from "../solve/balance.ts";
import { blockJoint } from "./e-step.ts";
import type { Restriction } from "./restriction.ts";

/**
 * Responsibilities whose means over all units are between `least`/k and `most`/k, for every expert: q_iz ∝ r_iz exp λ_z.
 *
 * @param least from 0 to 1
 * @param most from 1 on
 * @remarks cost: an E-step, n k numbers, and some steps of Newton's method for the λ, few where those of the last E-step are
 *   near
 */
export function balance(least: number, most: number): Restriction {
  return {
    name: "balance",
    choose: (parts, theta, rows, before) => {
      const k = parts.experts.length;
      const { joint, weights, logLikelihood } = jointOf(parts, theta, rows);
      const from = before && Float64Array.from(before.multipliers as ArrayLike<number>);
      const found = balanced({ joint, k, weights, least, most }, from);
      if (found === undefined) {
        const reason = `there are no responsibilities of which each expert has between ${least / k} and ${most / k}`;
        return {
          bound: logLikelihood,
          assignment: { responsibilities: joint },
          kept: {},
          failure: { kind: "no step", reason },
        };
      }
      const { probabilities, multipliers, dual } = found;
      const gap = Math.max(0, logLikelihood - dual);
      return { bound: dual, gap, assignment: { responsibilities: probabilities }, kept: { multipliers } };
    },
  };
}

/** J of all rows (n × k), what each weighs where a unit counts once, and the log-likelihood. */
function jointOf(
  parts: Parts,
  theta: Float64Array,
  rows: Observations,
): { readonly joint: Float64Array; readonly weights: Float64Array; readonly logLikelihood: number } {
  const k = parts.experts.length;
  const joint = new Float64Array(rows.rows * k);
  const weights = new Float64Array(rows.rows);
  const join = blockJoint(parts, theta, rows);
  const [logLikelihood] = sumOver(rows, 1, (block, sums) => {
    const found = join(block);
    weights.set(block.unitWeights.subarray(0, block.rows), block.start);
    for (let i = 0; i < block.rows; i++) {
      const to = (block.start + i) * k;
      for (let z = 0; z < k; z++) joint[to + z] = found.joint[z * BLOCK_ROWS + i];
      sums[0] += block.unitWeights[i] * softmax(found.joint, i, BLOCK_ROWS, k);
    }
  });
  return { joint, weights, logLikelihood };
}
