import { InputError } from "../errors.ts";
import type { NaturalForm } from "../laws/natural.ts";
import { checkMixture } from "../models/checks.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { gateLogarithms, type LiftedRows } from "./lifted-probabilities.ts";
import { naturalPoint, pulledBack } from "./natural-point.ts";
import { meanOf, meansOf, PointOfLift, unitMeanOf } from "./point-of-lift.ts";

/**
 * A mixture of experts in natural parameters of its own for each row.
 *
 * A point η is n × q row-major, expert after expert: (u, v, w) of each linear expert (q = 3k), (u_1 … u_C) of each
 * logistic one (q = kC), (u, v) of each Poisson or binomial one (q = 2k),
 * (u, v, w) of each Gamma one (q = 3k). Slopes and mean parameters have that shape too, and are
 * those of the row by itself; means over the rows, E and ⟨·,·⟩, count each row by its weight. Everything is in nats per
 * row and without the ridge, which is no part of the geometry.
 */
export interface Lift {
  readonly model: Mixture;
  /** One expert in natural parameters. */
  readonly expert: NaturalForm;
  /** Natural parameters of a row (q). */
  readonly size: number;
  /** The lift of θ, a point of Ω (n × q). */
  readonly natural: (theta: Float64Array, data: Observations) => Float64Array;
  /** Log-partition A_x(η) of each row, or of each unit (U): units and trials are those of the data, where it has any. */
  readonly logPartition: (eta: Float64Array, data?: LiftedRows) => Float64Array;
  /** Mean parameters ∇A(η) (n × q). */
  readonly means: (eta: Float64Array, data?: LiftedRows) => Float64Array;
  /** L(η) = E[−log p(y | x; η)]. */
  readonly loss: (eta: Float64Array, data: Observations) => number;
  /** ∂L/∂η (n × q): the mean parameters less those of the posterior, g_z ∂B − r_z S(y). */
  readonly lossGradient: (eta: Float64Array, data: Observations) => Float64Array;
  /** ⟨a, b⟩ = E[Σ_j a_j b_j] of two arrays, n × q. */
  readonly inner: (a: Float64Array, b: Float64Array, data: Observations) => number;
  /**
   * Chain rule: the derivative by θ (p), at the θ that was lifted to η, of what has the slope ξ (n × q) there; 0 by a
   * parameter that is fixed.
   */
  readonly pullback: (eta: Float64Array, slope: Float64Array, data: Observations) => Float64Array;
  /** Bregman divergence D_A(η, φ) = E[A_x(η) − A_x(φ)] − ⟨∇A(φ), η − φ⟩. */
  readonly divergence: (eta: Float64Array, phi: Float64Array, data: Observations) => number;
  /** E KL(p(y, z | x; φ) ‖ p(y, z | x; η)), written out: gate by gate and expert by expert. */
  readonly completeDivergence: (phi: Float64Array, eta: Float64Array, data: Observations) => number;
  /** E KL(P(z | x, y; φ) ‖ P(z | x, y; η)). */
  readonly posteriorDivergence: (phi: Float64Array, eta: Float64Array, data: Observations) => number;
}

/**
 * Lifts a mixture of experts to natural parameters of each row, in which EM is mirror descent.
 *
 * θ itself is not a natural parameter of the complete data when k ≥ 2: no fixed mirror map in θ exists. For each row,
 * though, they are an exponential family in η, `log p(y, z | x) = ⟨S(y), η_z⟩ − A_x(η) + log h(y)`. With the gate's logit
 * `a_i = x'w_i` and the first predictor `b_i = x'β_i + offset`:
 * - linear: `v_i = b_i/σ_i²`, `w_i = −1/(2σ_i²)`, `u_i = a_i − b_i²/(2σ_i²) − log σ_i`, S = (1, y, y²),
 *   `A_x = lse_i(u_i − v_i²/(4w_i) − ½ log(−2w_i))`;
 * - logistic: `u_ic = a_i + b_ic − lse_c(b_i)`, S = (1{y = c})_c, `A_x = lse_ic(u_ic)`;
 * - Poisson: `v_i = b_i`, `u_i = a_i − exp b_i`, S = (1, y), `A_x = lse_i(u_i + exp v_i)`;
 * - binomial of n trials: `v_i = b_i`, `u_i = a_i − n log(1 + exp b_i)`, S = (1, y), `A_x = lse_i(u_i + n log(1 + exp v_i))`;
 * - Gamma: `v_i = −ν_i exp −b_i`, `w_i = ν_i`, `u_i = a_i − log Γ(ν_i) + ν_i(log ν_i − b_i)`, S = (1, y, log y),
 *   `A_x = lse_i(u_i + log Γ(w_i) − w_i log(−v_i))`.
 *
 * The complete data of a unit of several rows are those of its rows and one z: A_x is lse_z of the sums over its rows, each of
 * which has its share of the unit's logit.
 *
 * A tree of gates has log P(z | x) in place of the logit, less what all experts have in common: the same A_x, and another Ω. The
 * paper has flat gates; that a tree's EM is projected mirror descent as well is an extension of ours.
 *
 * Ω, the image of θ-space, is a curved set in this space; an EM step is the mirror-descent step in η followed by the
 * Bregman projection onto Ω.
 *
 * @throws InputError for experts whose law is no exponential family: negative binomial and Student-t ones
 * @remarks cost of each function: that of an E-step. arXiv 2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { mixture } from "mixlens";
 * import { lift } from "mixlens/theory";
 * const x = { columns: ["x"], values: [Float64Array.of(1, 2)] };
 * const data = { rows: 2, gate: x, expert: x, response: Float64Array.of(3, 4) };
 * const lifted = lift(mixture({ experts: "linear", k: 1, gateColumns: ["x"], expertColumns: ["x"] }));
 * // One expert, β = 2 and σ = 1: v = 2x, w = −½ and u = −v²/2 in each row.
 * if (lifted.natural(Float64Array.of(2, 0), data).join() !== "-2,2,-0.5,-8,4,-0.5") throw new Error("(u, v, w) of a row");
 * ```
 */
export function lift(model: Mixture): Lift {
  checkMixture("lift a model", model);
  const expert = model.law.natural;
  if (expert === undefined) {
    const got = `${model.spec.experts} experts, whose law is none`;
    throw new InputError("lift a model", "experts whose law is an exponential family", got);
  }
  const k = model.experts.length;
  const q = k * expert.size;
  const own = { model, expert, size: q };
  const pointOf = (eta: Float64Array, data: Observations): PointOfLift => new PointOfLift(own, eta, data);
  return {
    ...own,
    natural: (theta, data) => naturalPoint(model, expert, theta, data),
    logPartition: (eta, data = {}) => gateLogarithms(expert, k, eta, data).sums,
    means: (eta, data = {}) => meansOf(expert, k, eta, gateLogarithms(expert, k, eta, data), data),
    loss: (eta, data) => pointOf(eta, data).loss(),
    lossGradient: (eta, data) => pointOf(eta, data).lossGradient(),
    inner: (a, b, data) =>
      meanOf(data, (row) => {
        let sum = 0;
        for (let at = row * q; at < (row + 1) * q; at++) sum += a[at] * b[at];
        return sum;
      }),
    pullback: (eta, slope, data) => pulledBack(pointOf(eta, data), slope),
    divergence: (eta, phi, data) => pointOf(eta, data).divergence(pointOf(phi, data)),
    completeDivergence: (phi, eta, data) => completeDivergence(expert, k, phi, eta, data),
    posteriorDivergence: (phi, eta, data) => pointOf(phi, data).posteriorDivergence(pointOf(eta, data)),
  };
}

/** E KL(p(y, z | x; φ) ‖ p(y, z | x; η)): of the gates, and of the experts as often as the gate at φ has them. */
function completeDivergence(
  expert: NaturalForm,
  k: number,
  phi: Float64Array,
  eta: Float64Array,
  data: Observations,
): number {
  const { logs: from } = gateLogarithms(expert, k, phi, data);
  const { logs: to } = gateLogarithms(expert, k, eta, data);
  const ofGates = unitMeanOf(data, (unit) => {
    let sum = 0;
    for (let at = unit * k; at < (unit + 1) * k; at++) sum += Math.exp(from[at]) * (from[at] - to[at]);
    return sum;
  });
  const ofExperts = meanOf(data, (row) => {
    let sum = 0;
    for (let z = 0, at = (data.units?.[row] ?? row) * k; z < k; z++, at++) {
      sum += Math.exp(from[at]) * expert.divergence(phi, eta, (row * k + z) * expert.size, data.trials?.[row] ?? 1);
    }
    return sum;
  });
  return ofGates + ofExperts;
}
