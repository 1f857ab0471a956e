import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { blockPosterior } from "./e-step.ts";
import type { RoundingError } from "./model.ts";

/** Roundings of a row's log-likelihood, each by half of the last digit, that a bound allows for. */
const ROUNDINGS = 8;

/**
 * What rounding does to a mixture's objective at θ.
 *
 * Predictors and responses have a relative error of a rounding; in a row's log-likelihood it counts by the scores, however
 * small the residual that is left of two large numbers. To first order.
 *
 * @remarks cost: that of a gradient, by the plain code
 */
export function mixtureRounding(parts: Parts, theta: Float64Array, data: Observations): RoundingError {
  const { law, gateLaw, gate, experts } = parts;
  const m = predictorCount(law);
  const evaluate = blockPosterior(parts, theta, data);
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const gateScores = new Float64Array(gate.length * BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const magnitude = new Float64Array(BLOCK_ROWS);
  const [sum] = sumOver(data, 1, (block, sums) => {
    const { rows, weights, unitWeights, response, offset } = block;
    const { eta, logGate, responsibilities: r, logLikelihood } = evaluate(block);
    for (let i = 0; i < rows; i++) sums[0] += unitWeights[i] * (1 + Math.abs(logLikelihood[i]));
    gateLaw.probabilities(logGate, rows, probabilities);
    gateLaw.scores(probabilities, r, rows, gateScores);
    gate.forEach((predictor, h) => {
      sizes(block, predictor, theta, magnitude);
      for (let i = 0; i < rows; i++) {
        sums[0] += unitWeights[i] * Math.abs(gateScores[h * BLOCK_ROWS + i]) * magnitude[i];
      }
    });
    experts.forEach((predictors, z) => {
      law.scores(block, eta, z * m * BLOCK_ROWS, score, 0);
      predictors.forEach((predictor, h) => {
        sizes(block, predictor, theta, magnitude);
        for (let i = 0; i < rows; i++) {
          const size = magnitude[i] + (h === 0 ? Math.abs(offset[i]) + Math.abs(response[i]) : 0);
          sums[0] += weights[i] * r[z * BLOCK_ROWS + i] * Math.abs(score[h * BLOCK_ROWS + i]) * size;
        }
      });
    });
  });
  const nats = ROUNDINGS * (Number.EPSILON / 2) * sum;
  const reason = law.roundingReason?.(parts, theta, data) ?? largeTerms(nats);
  return { nats, reason };
}

/** Σ_j |x_j θ_j| of a block's rows. */
function sizes({ rows, x }: Block, { design, at }: Predictor, theta: Float64Array, out: Float64Array) {
  out.fill(0);
  const { values, start } = x[design];
  for (let j = 0; j < at.length; j++) {
    for (let i = 0; i < rows; i++) out[i] += Math.abs(values[j][start + i] * theta[at[j]]);
  }
}

function largeTerms(nats: number): string {
  const known = `the objective is a sum of terms so large that rounding hides up to ${nats.toPrecision(2)} nats of it`;
  return `${known}; bring weights, offsets and columns nearer to 1`;
}
