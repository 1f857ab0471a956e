import { BLOCK_ROWS } from "../compute/blocks.ts";
import { eachPair } from "../laws/gates/nodes.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { areGrouped } from "../rows/units.ts";
import { addGram } from "../solve/gram.ts";
import { blockScores, headsOf } from "./complete-scores.ts";
import { blockPosterior } from "./e-step.ts";
import type { Information } from "./model.ts";
import { eachCoupling } from "./penalty.ts";
import { unitMissing } from "./unit-missing.ts";

/** Up to so many parameters the whole informations are formed and taken apart in a few seconds. */
export const DENSE = 600;

/**
 * Complete and missing information of a mixture of experts.
 *
 * Both are sums of weighted Gram matrices of pairs of predictors, Σ_i c_i x_i z_i'. The weights c of I_c are the
 * complete-data curvatures; those of I_m are the posterior covariances of the scores: expert z's score counts only when
 * the row is z's, so the covariance of the scores of z and z' is r_z(δ_zz' − r_z') u u'. Of a unit
 * of several rows it is that of the sums of its rows' scores.
 *
 * @returns p × p each, in nats, summed over rows
 * @remarks cost n·p²/2 multiplications each. arXiv 2411.06056, Theorem B.2.
 */
export function mixtureInformation(parts: Parts, p: number, theta: Float64Array, data: Observations): Information {
  const { law, gateLaw, gate, experts } = parts;
  const m = predictorCount(law);
  const evaluate = blockPosterior(parts, theta, data);
  const heads = headsOf(parts);
  const scoresOf = blockScores(parts);
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const isGrouped = areGrouped(data);

  const sums = sumOver(data, 2 * p * p, (block, partial) => {
    const { rows, weights, unitWeights } = block;
    const { eta, logGate, responsibilities: r } = evaluate(block);
    const complete = partial.subarray(0, p * p);
    const missing = partial.subarray(p * p);

    gateLaw.probabilities(logGate, rows, probabilities);
    eachPair(gateLaw.nodes, (h, j) => {
      gateLaw.curvature(probabilities, r, h, j, rows, weight);
      for (let i = 0; i < rows; i++) weight[i] *= unitWeights[i];
      addGram(block, gate[h], gate[j], weight, 0, complete, p, h !== j);
    });
    experts.forEach((predictors, z) => {
      law.curvature(block, eta, z * m * BLOCK_ROWS, curvature);
      for (let h = 0; h < m; h++) {
        for (let j = 0; j <= h; j++) {
          const run = (h * m + j) * BLOCK_ROWS;
          for (let i = 0; i < rows; i++) weight[i] = weights[i] * r[z * BLOCK_ROWS + i] * curvature[run + i];
          addGram(block, predictors[h], predictors[j], weight, 0, complete, p, h !== j);
        }
      }
    });
    if (isGrouped) return;
    const scores = scoresOf(block, eta, probabilities);
    heads.forEach((row, h) => {
      for (const column of heads.slice(0, h + 1)) {
        const [a, b] = [row.expert * BLOCK_ROWS, column.expert * BLOCK_ROWS];
        for (let i = 0; i < rows; i++) {
          const covariance = weights[i] * r[a + i] * ((a === b ? 1 : 0) - r[b + i]);
          weight[i] = covariance * scores[row.run + i] * scores[column.run + i];
        }
        // Two experts that share a parameter are different predictors at one place: both parts add up.
        addGram(block, row.predictor, column.predictor, weight, 0, missing, p, row !== column);
      }
    });
  });
  const complete = sums.slice(0, p * p);
  eachCoupling(parts, (row, column, weight) => {
    complete[row * p + column] += weight;
  });
  const missing = isGrouped ? unitMissing(parts, p, theta, data) : sums.slice(p * p);
  return { complete, missing };
}
