import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import type { NaturalForm } from "../laws/natural.ts";
import type { Mixture } from "../models/mixture.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { unitWeights } from "../rows/units.ts";
import { gateRuns } from "./lifted-probabilities.ts";
import type { PointOfLift } from "./point-of-lift.ts";

/** η at θ: of every row (k × m numbers in a row) the gate's logits and the experts' parameters. */
export function naturalPoint(
  model: Mixture,
  expert: NaturalForm,
  theta: Float64Array,
  data: Observations,
): Float64Array {
  const { gate, gateLaw, experts } = model;
  const [k, m] = [experts.length, expert.size];
  const eta = new Float64Array(data.rows * k * m);
  const gateEta = new Float64Array(gate.length * BLOCK_ROWS);
  const logits = new Float64Array(k * BLOCK_ROWS);
  const predictors = new Float64Array((m - 1) * BLOCK_ROWS);
  const b = new Float64Array(m - 1);
  // Of a unit's gate logit each of its rows has a share: together they have all of it.
  const shares = data.units && unitWeights({ rows: data.rows, units: data.units });
  sumOver(data, 0, ({ start, rows, x, offset, trials }) => {
    gate.forEach((head, h) => {
      linearPredictor(x.gate, rows, theta, head.at, gateEta, h * BLOCK_ROWS);
    });
    gateLaw.logits(gateEta, rows, logits);
    experts.forEach((heads, z) => {
      heads.forEach((head, h) => {
        linearPredictor(x[head.design], rows, theta, head.at, predictors, h * BLOCK_ROWS);
      });
      for (let i = 0; i < rows; i++) {
        for (let h = 0; h < b.length; h++) b[h] = predictors[h * BLOCK_ROWS + i];
        b[0] += offset[i] + (heads[0].known ?? 0);
        const logit = logits[z * BLOCK_ROWS + i] * (shares?.[start + i] ?? 1);
        expert.natural(logit, b, eta, ((start + i) * k + z) * m, trials[i]);
      }
    });
  });
  return eta;
}

/** Gradient by θ of what has the gradient `slope` by η, less what is fixed, over the total weight (p). */
export function pulledBack({ lift, eta, data, gate: { logs } }: PointOfLift, slope: Float64Array): Float64Array {
  const { model, expert } = lift;
  const { gate, gateLaw, experts } = model;
  const [k, m] = [experts.length, expert.size];
  const logGateOf = gateRuns(logs, k, data.units);
  const runs = new Float64Array(m * BLOCK_ROWS);
  const pulled = new Float64Array(m);
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const logitRun = new Float64Array(BLOCK_ROWS);
  const slopes = new Float64Array(gate.length * BLOCK_ROWS);
  const sums = sumOver(data, model.names.length, ({ start, rows, x, weights, unitWeights: own, trials }, partial) => {
    gateLaw.probabilities(logGateOf(start, rows), rows, probabilities);
    experts.forEach((heads, z) => {
      for (let i = 0; i < rows; i++) {
        expert.pullback(eta, ((start + i) * k + z) * m, slope, pulled, trials[i]);
        for (let j = 0; j < m; j++) runs[j * BLOCK_ROWS + i] = weights[i] * pulled[j];
        logitRun[i] = own[i] * pulled[0];
      }
      gateLaw.slopes(z, probabilities, rows, slopes);
      gateLaw.read(z).forEach((h, at) => {
        const run = slopes.subarray(at * BLOCK_ROWS);
        for (let i = 0; i < rows; i++) run[i] *= logitRun[i];
        weightedSum(x.gate, rows, run, 0, partial, gate[h].at);
      });
      heads.forEach((head, h) => {
        weightedSum(x[head.design], rows, runs, (h + 1) * BLOCK_ROWS, partial, head.at);
      });
    });
  });
  const total = model.totalWeight(data);
  const out = new Float64Array(sums.length);
  for (const j of model.free) out[j] = sums[j] / total;
  return out;
}
