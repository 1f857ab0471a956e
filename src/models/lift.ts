import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { InputError, quote } from "../errors.ts";
import type { Parts } from "./family.ts";
import type { MixtureSpec } from "./mixture.ts";
import type { LatentModel } from "./model.ts";
import { type NaturalExpert, naturalLinear, naturalLogistic } from "./natural-expert.ts";
import { type Observations, sumOver } from "./observations.ts";

/** A mixture of experts that can be lifted: logistic experts, or linear ones of unit variance; without a ridge, all free. */
export interface Liftable extends LatentModel<Observations>, Pick<Parts, "gate" | "experts"> {
  readonly spec: Pick<MixtureSpec, "experts" | "labels" | "ridge" | "fixed">;
}

/**
 * A mixture of experts in natural parameters of its own for each row.
 *
 * A point η is n × q row-major, expert after expert: (u, v) of each linear expert (q = 2k), (u_1 … u_C) of each logistic
 * one (q = kC). Slopes and mean parameters have that shape too, and are those of the row by itself; means over the rows,
 * E and ⟨·,·⟩, count each row by its weight. Everything is in nats per row.
 */
export interface Lift {
  readonly model: Liftable;
  readonly expert: NaturalExpert;
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
  /** Chain rule: the derivative by θ (p), at the θ that was lifted to η, of what has the slope ξ (n × q) there. */
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
 * though, they are an exponential family in η, `log p(y, z | x) = ⟨S(y), η_z⟩ − A_x(η) + log h(y)`:
 * - linear, unit variance: `v_i = x'β_i`, `u_i = x'w_i − v_i²/2`, `A_x = lse_i(u_i + v_i²/2)`;
 * - logistic: `u_ic = x'w_i + x'β_ic − lse_c(x'β_i)`, `A_x = lse_ic(u_ic)`.
 *
 * Ω, the image of θ-space, is a curved set in this space; an EM step is the mirror-descent step in η followed by the
 * Bregman projection onto Ω.
 *
 * @throws InputError for linear experts with free variances, other kinds of experts, a ridge, and fixed parameters
 * @remarks cost of each function: that of an E-step. arXiv 2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { lift, unitVariance } from "mixlens";
 * const x = { columns: ["x"], values: [Float64Array.of(1, 2)] };
 * const data = { rows: 2, gate: x, expert: x, response: Float64Array.of(3, 4) };
 * const lifted = lift(unitVariance({ k: 1, gateColumns: ["x"], expertColumns: ["x"] }));
 * // One expert, β = 2: v = 2x and u = −v²/2 in each row.
 * if (lifted.natural(Float64Array.of(2), data).join() !== "-2,2,-8,4") throw new Error("(u, v) of each row");
 * ```
 */
export function lift(model: Liftable): Lift {
  const expert = naturalExpert(model);
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
            expert.natural(z > 0 ? logit[i] : 0, b, offset[i], eta, (start + i) * q + z * m);
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
      return sums.map((sum) => sum / total);
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
        for (let z = 0; z < k; z++) sum += Math.exp(first[z]) * (first[z] - second[z]);
        return sum;
      }),
  };
  return lifted;
}

function naturalExpert({ spec, experts }: Liftable): NaturalExpert {
  const act = "lift a mixture";
  if (spec.ridge) throw new InputError(act, "no ridge", `ridge ${spec.ridge}`);
  const [fixed] = Object.keys(spec.fixed ?? {});
  if (fixed !== undefined) throw new InputError(act, "all parameters free", `${quote(fixed)} fixed`);
  if (spec.experts === "logistic") return naturalLogistic(experts[0].length + 1);
  if (spec.experts !== "linear") throw new InputError(act, "linear or logistic experts", `${spec.experts} experts`);
  if (experts.some((heads) => heads.length > 1)) {
    throw new InputError(act, "linear experts of variance 1", "free variances", "make the model with unitVariance");
  }
  return naturalLinear;
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
