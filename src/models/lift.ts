import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { InputError } from "../errors.ts";
import type { NaturalForm } from "../laws/natural.ts";
import { checkMixture } from "./checks.ts";
import type { Mixture } from "./mixture.ts";
import { type Observations, sumOver } from "./observations.ts";

/**
 * A mixture of experts in natural parameters of its own for each row.
 *
 * A point η is n × q row-major, expert after expert: (u, v, w) of each linear expert (q = 3k), (u_1 … u_C) of each
 * logistic one (q = kC), (u, v) of each Poisson one (q = 2k), (u, v, w) of each Gamma one (q = 3k). Slopes and mean parameters have that shape too, and are
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
  /** Log-partition A_x(η) of each row (n). */
  readonly logPartition: (eta: Float64Array) => Float64Array;
  /** Mean parameters ∇A(η) (n × q). */
  readonly means: (eta: Float64Array) => Float64Array;
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
 * - Gamma: `v_i = −ν_i exp −b_i`, `w_i = ν_i`, `u_i = a_i − log Γ(ν_i) + ν_i(log ν_i − b_i)`, S = (1, y, log y),
 *   `A_x = lse_i(u_i + log Γ(w_i) − w_i log(−v_i))`.
 *
 * Ω, the image of θ-space, is a curved set in this space; an EM step is the mirror-descent step in η followed by the
 * Bregman projection onto Ω.
 *
 * @throws InputError for experts whose law is no exponential family: negative binomial ones
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
    const got = `${model.spec.experts} experts, whose sufficient statistics depend on a parameter`;
    throw new InputError("lift a model", "experts whose law is an exponential family", got);
  }
  const k = model.experts.length;
  const m = expert.size;
  const q = k * m;
  const statistic = new Float64Array(m);
  const first = new Float64Array(k);
  const second = new Float64Array(k);

  /** log g_z of a row, to `out`; returns A_x. */
  const logGate = (eta: Float64Array, row: number, out: Float64Array): number => {
    for (let z = 0; z < k; z++) out[z] = expert.logPartition(eta, row * q + z * m);
    return normalise(out);
  };
  /** log r_z of a row, to `out`; returns lse_z ⟨S(y), η_z⟩. Leaves S(y) in `statistic`. */
  const logPosterior = (eta: Float64Array, row: number, y: number, out: Float64Array): number => {
    expert.statistic(y, statistic);
    for (let z = 0; z < k; z++) {
      out[z] = 0;
      for (let j = 0; j < m; j++) out[z] += statistic[j] * eta[row * q + z * m + j];
    }
    return normalise(out);
  };

  const lifted: Lift = {
    model,
    expert,
    size: q,

    natural: (theta, data) => {
      const eta = new Float64Array(data.rows * q);
      const logit = new Float64Array(BLOCK_ROWS);
      const predictors = new Float64Array((m - 1) * BLOCK_ROWS);
      const b = new Float64Array(m - 1);
      sumOver(data, 0, ({ start, rows, x, offset }) => {
        model.experts.forEach((heads, z) => {
          if (z > 0) linearPredictor(x.gate, rows, theta, model.gate[z - 1].offset, logit, 0);
          heads.forEach((head, h) => {
            linearPredictor(x[head.design], rows, theta, head.offset, predictors, h * BLOCK_ROWS);
          });
          for (let i = 0; i < rows; i++) {
            for (let h = 0; h < b.length; h++) b[h] = predictors[h * BLOCK_ROWS + i];
            b[0] += offset[i];
            expert.natural(z > 0 ? logit[i] : 0, b, eta, (start + i) * q + z * m);
          }
        });
      });
      return eta;
    },

    logPartition: (eta) => Float64Array.from({ length: eta.length / q }, (_, row) => logGate(eta, row, first)),

    means: (eta) => {
      const out = new Float64Array(eta.length);
      for (let row = 0; row * q < eta.length; row++) {
        logGate(eta, row, first);
        for (let z = 0; z < k; z++) {
          const at = row * q + z * m;
          expert.means(eta, at, out, at);
          for (let j = 0; j < m; j++) out[at + j] *= Math.exp(first[z]);
        }
      }
      return out;
    },

    loss: (eta, data) =>
      meanOf(data, (row) => {
        const y = data.response[row];
        return logGate(eta, row, first) - logPosterior(eta, row, y, second) - expert.logBase(y);
      }),

    lossGradient: (eta, data) => {
      const slope = lifted.means(eta);
      for (let row = 0; row < data.rows; row++) {
        logPosterior(eta, row, data.response[row], first);
        for (let z = 0; z < k; z++) {
          for (let j = 0; j < m; j++) slope[row * q + z * m + j] -= Math.exp(first[z]) * statistic[j];
        }
      }
      return slope;
    },

    inner: (a, b, data) =>
      meanOf(data, (row) => {
        let sum = 0;
        for (let at = row * q; at < (row + 1) * q; at++) sum += a[at] * b[at];
        return sum;
      }),

    pullback: (eta, slope, data) => {
      const runs = new Float64Array(m * BLOCK_ROWS);
      const pulled = new Float64Array(m);
      const sums = sumOver(data, model.names.length, ({ start, rows, x, weights }, partial) => {
        model.experts.forEach((heads, z) => {
          for (let i = 0; i < rows; i++) {
            expert.pullback(eta, (start + i) * q + z * m, slope, pulled);
            for (let j = 0; j < m; j++) runs[j * BLOCK_ROWS + i] = weights[i] * pulled[j];
          }
          if (z > 0) weightedSum(x.gate, rows, runs, 0, partial, model.gate[z - 1].offset);
          heads.forEach((head, h) => {
            weightedSum(x[head.design], rows, runs, (h + 1) * BLOCK_ROWS, partial, head.offset);
          });
        });
      });
      const total = model.totalWeight(data);
      const pulledBack = new Float64Array(sums.length);
      for (const j of model.free) pulledBack[j] = sums[j] / total;
      return pulledBack;
    },

    divergence: (eta, phi, data) => {
      const [a, b] = [lifted.logPartition(eta), lifted.logPartition(phi)];
      const change = eta.map((value, at) => value - phi[at]);
      return meanOf(data, (row) => a[row] - b[row]) - lifted.inner(lifted.means(phi), change, data);
    },

    completeDivergence: (phi, eta, data) =>
      meanOf(data, (row) => {
        logGate(phi, row, first);
        logGate(eta, row, second);
        let sum = 0;
        for (let z = 0; z < k; z++) {
          sum += Math.exp(first[z]) * (first[z] - second[z] + expert.divergence(phi, eta, row * q + z * m));
        }
        return sum;
      }),

    posteriorDivergence: (phi, eta, data) =>
      meanOf(data, (row) => {
        logPosterior(phi, row, data.response[row], first);
        logPosterior(eta, row, data.response[row], second);
        let sum = 0;
        for (let z = 0; z < k; z++) {
          // p log(p/q) − p + q sums to the same as p log(p/q), and is never negative: nothing cancels.
          const p = Math.exp(first[z]);
          sum += p * (first[z] - second[z]) - p + Math.exp(second[z]);
        }
        return sum;
      }),
  };
  return lifted;
}

/** E over the rows, by weight. */
export function meanOf({ rows, weights }: Observations, value: (row: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights?.[row] ?? 1;
    sum += weight * value(row);
    total += weight;
  }
  return sum / total;
}

/** Makes log-probabilities of logits, in place, and returns the log of their sum. */
function normalise(logits: Float64Array): number {
  const top = Math.max(...logits);
  const sum = top + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - top), 0));
  for (let z = 0; z < logits.length; z++) logits[z] -= sum;
  return sum;
}
