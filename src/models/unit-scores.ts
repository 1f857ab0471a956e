import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { firstRows, unitCount } from "../rows/units.ts";
import { blockPosterior } from "./e-step.ts";

/**
 * Scores of the units, ∂ log p(y_u | x_u; θ)/∂θ times the unit's weight (U × p): summed over units they are the gradient of
 * the log-likelihood.
 *
 * @remarks cost U·p numbers, and about n·p multiplications for each expert
 */
export function unitScores(parts: Parts, p: number, theta: Float64Array, data: Observations): Float64Array {
  const { law, gateLaw, gate, experts } = parts;
  const m = predictorCount(law);
  const evaluate = blockPosterior(parts, theta, data);
  const first = data.units && firstRows(data.units);
  const unitOf = (row: number): number => data.units?.[row] ?? row;
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const gateScores = new Float64Array(gate.length * BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const scores = new Float64Array(unitCount(data) * p);
  /** Adds the rows' parts of the score in a predictor's coefficients. */
  const add = ({ start, rows, x }: Block, { design, at }: Predictor, of: (i: number) => number): void => {
    const { values, start: from } = x[design];
    for (let i = 0; i < rows; i++) {
      const [c, unit] = [of(i), unitOf(start + i)];
      const row = design === "constant" ? 0 : from + i;
      for (let j = 0; j < at.length; j++) scores[unit * p + at[j]] += c * values[j][row];
    }
  };
  sumOver(data, 0, (block) => {
    const { eta, logGate, responsibilities: r } = evaluate(block);
    const { rows, start, weights } = block;
    gateLaw.probabilities(logGate, rows, probabilities);
    gateLaw.scores(probabilities, r, rows, gateScores);
    // The gate reads each unit once.
    const isFirst = (i: number): boolean => first === undefined || first[unitOf(start + i)] === start + i;
    gate.forEach((predictor, h) => {
      add(block, predictor, (i) => (isFirst(i) ? weights[i] * gateScores[h * BLOCK_ROWS + i] : 0));
    });
    experts.forEach((predictors, z) => {
      law.scores(block, eta, z * m * BLOCK_ROWS, score, 0);
      predictors.forEach((predictor, h) => {
        add(block, predictor, (i) => weights[i] * r[z * BLOCK_ROWS + i] * score[h * BLOCK_ROWS + i]);
      });
    });
  });
  return scores;
}
