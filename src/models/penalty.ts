import type { Parts } from "../laws/law.ts";
import { coefficientsOf, type Predictor } from "../rows/predictor.ts";
import { couplingsOf } from "../solve/coupling.ts";

/** Visits the entries of the whole penalty's second derivative: for the gate and for each expert. */
export function eachCoupling(
  { law, gateLaw, gate, experts }: Parts,
  visit: (row: number, column: number, weight: number) => void,
): void {
  couplingsOf(gate, gateLaw.penalty, visit);
  for (const predictors of experts) couplingsOf(predictors, law.penalty, visit);
}

/**
 * The penalty in nats, and its gradient (p).
 *
 * @remarks cost d² for each predictor that has a prior, and m² d for the m predictors of a part
 */
export function penaltyOf(
  { law, gateLaw, gate, experts }: Parts,
  theta: Float64Array,
): { readonly value: number; readonly gradient: Float64Array } {
  const gradient = new Float64Array(theta.length);
  addForces(gate, gateLaw.penalty, theta, gradient);
  for (const predictors of experts) addForces(predictors, law.penalty, theta, gradient);
  return {
    value: 0.5 * gradient.reduce((sum, pull, j) => sum + pull * theta[j], 0),
    gradient,
  };
}

/** Adds Σ_j K_hj (ρI + P)θ_j to the gradient by each predictor h of a part. */
function addForces(
  predictors: readonly Predictor[],
  coupling: readonly number[],
  theta: Float64Array,
  gradient: Float64Array,
): void {
  const m = predictors.length;
  const coefficients = predictors.map((predictor) => coefficientsOf([predictor], theta));
  predictors.forEach(({ ridge = 0, prior, at }, h) => {
    if (ridge === 0 && prior === undefined) return;
    const d = at.length;
    const sum = new Float64Array(d);
    for (let j = 0; j < m; j++) {
      const weight = coupling[h * m + j];
      if (weight !== 0) for (let a = 0; a < d; a++) sum[a] += weight * coefficients[j][a];
    }
    for (let a = 0; a < d; a++) {
      let force = ridge * sum[a];
      for (let b = 0; prior && b < d; b++) force += prior[a * d + b] * sum[b];
      gradient[at[a]] += force;
    }
  });
}
