import type { Predictor } from "./family.ts";
import { maximiseGate } from "./gate.ts";
import type { Liftable } from "./lift.ts";
import type { Likelihood } from "./likelihood.ts";
import { type MixtureSpec, mixture } from "./mixture.ts";
import { maximiseByNewton } from "./newton.ts";

/**
 * A mixture of k linear experts whose variances are known to be 1, `p_z(y|x) = N(y; x'β_z + offset, 1)`.
 *
 * The parameter vector is that of {@link mixture} without the log σ: the gate's coefficients, then each expert's β.
 *
 * @remarks cost of an EM step: that of a mixture. arXiv 2411.06056.
 * @example
 * ```ts
 * import { unitVariance } from "mixlens";
 * const model = unitVariance({ k: 2, gateColumns: ["x"], expertColumns: ["x", "v"] });
 * if (model.names.join() !== "gate2.x,expert1.x,expert1.v,expert2.x,expert2.v") throw new Error(model.names.join());
 * ```
 */
export function unitVariance(spec: Pick<MixtureSpec, "k" | "gateColumns" | "expertColumns">): Liftable {
  const { k, gateColumns, expertColumns } = spec;
  const free = mixture({ experts: "linear", k, gateColumns, expertColumns });
  const p = free.names.length;
  const logSigmas = free.experts.map(([, logSigma]) => logSigma.offset);
  const kept = free.names.map((_, j) => j).filter((j) => !logSigmas.includes(j));
  const restrict = (full: Float64Array): Float64Array => Float64Array.from(kept, (j) => full[j]);
  const extend = (theta: Float64Array): Float64Array => {
    const full = new Float64Array(p);
    kept.forEach((j, at) => {
      full[j] = theta[at];
    });
    return full;
  };
  const square = (matrix: Float64Array): Float64Array =>
    Float64Array.from(kept.flatMap((i) => kept.map((j) => matrix[i * p + j])));
  // The gate comes first and stays where it is.
  const experts: Predictor[][] = free.experts.map(([mean]) => [{ ...mean, offset: kept.indexOf(mean.offset) }]);

  return {
    spec: free.spec,
    names: kept.map((j) => free.names[j]),
    gate: free.gate,
    experts,
    totalWeight: free.totalWeight,
    posterior: (theta, data) => free.posterior(extend(theta), data),
    gradient: (theta, data) => {
      const found = free.gradient(extend(theta), data);
      return { ...found, gradient: restrict(found.gradient) };
    },
    completeGradient: (theta, responsibilities, data) =>
      restrict(free.completeGradient(extend(theta), responsibilities, data)),
    information: (theta, data) => {
      const { complete, missing } = free.information(extend(theta), data);
      return { complete: square(complete), missing: square(missing) };
    },
    // Not that of the free mixture: an expert that fits its rows exactly is no failure when its variance is known.
    maximise: (theta, responsibilities, data, newtonSteps) => {
      const next = theta.slice();
      let gain = maximiseGate(free.gate, next, responsibilities, data, 0, newtonSteps);
      experts.forEach((mean, z) => {
        const leastSquares = squaredResiduals((row) => responsibilities[row * k + z]);
        gain += maximiseByNewton(leastSquares, mean, next, data);
      });
      return { theta: next, gain };
    },
  };
}

/** −½ Σ w r (y − x'β)²: a quadratic, of which one Newton step is the maximum. */
function squaredResiduals(responsibility: (row: number) => number): Likelihood {
  return {
    penalty: Float64Array.of(0),
    evaluate: ({ start, rows, response, weights }, eta, score, curvature) => {
      let value = 0;
      for (let i = 0; i < rows; i++) {
        const weight = weights[i] * responsibility(start + i);
        const residual = response[i] - eta[i];
        curvature[i] = weight;
        score[i] = weight * residual;
        value -= 0.5 * weight * residual * residual;
      }
      return value;
    },
  };
}
