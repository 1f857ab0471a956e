/**
 * One expert of the lift: with its gate logit folded in, p(y, z | x) = exp(⟨S(y), η_z⟩ − A_x(η)) h(y), where
 * A_x = lse_z B(η_z).
 *
 * An expert has m natural parameters η_z in a row and reads predictors b = x'β of its own (m − 1 of them). The lift is
 * η_z = a·1_u + ψ(b), with the gate logit a, such that B(η_z) = a. Arguments named `at` and `to` say where its m numbers
 * start.
 */
export interface NaturalExpert {
  /** Natural parameters of the expert in a row (m). */
  readonly size: number;
  /** η_z of a gate logit and the expert's predictors (m − 1), the first of which has a known part `offset`. */
  readonly natural: (logit: number, b: Float64Array, offset: number, out: Float64Array, to: number) => void;
  /** B(η_z): what A_x adds up. */
  readonly logPartition: (eta: Float64Array, at: number) => number;
  /** ∂B/∂η_z (m), the expectation of S(y) under the expert. */
  readonly means: (eta: Float64Array, at: number, out: Float64Array, to: number) => void;
  /** S(y) (m). */
  readonly statistic: (y: number, out: Float64Array) => void;
  /** log h(y). */
  readonly logBase: (y: number) => number;
  /** KL(p_z(y; φ) ‖ p_z(y; η)) of the expert alone, in nats. */
  readonly divergence: (phi: Float64Array, eta: Float64Array, at: number) => number;
  /** Chain rule: a derivative by η_z as one by (a, b), m numbers. */
  readonly pullback: (eta: Float64Array, at: number, slope: Float64Array, out: Float64Array) => void;
  /** −⟨μ_z, ∂²ψ/∂b²⟩, (m − 1) × (m − 1): what the bending of Ω adds to the second derivative of a projection. */
  readonly bending: (eta: Float64Array, at: number, means: Float64Array, out: Float64Array) => void;
}

/**
 * A linear expert of unit variance: v = x'β + offset and u = a − v²/2, in the order (u, v); S = (1, y), B = u + v²/2.
 */
export const naturalLinear: NaturalExpert = {
  size: 2,
  natural: (logit, b, offset, out, to) => {
    const v = b[0] + offset;
    out[to] = logit - 0.5 * v * v;
    out[to + 1] = v;
  },
  logPartition: (eta, at) => eta[at] + 0.5 * eta[at + 1] * eta[at + 1],
  means: (eta, at, out, to) => {
    out[to] = 1;
    out[to + 1] = eta[at + 1];
  },
  statistic: (y, out) => {
    out[0] = 1;
    out[1] = y;
  },
  logBase: (y) => -0.5 * y * y - 0.5 * Math.log(2 * Math.PI),
  divergence: (phi, eta, at) => 0.5 * (phi[at + 1] - eta[at + 1]) ** 2,
  pullback: (eta, at, slope, out) => {
    out[0] = slope[at];
    out[1] = slope[at + 1] - eta[at + 1] * slope[at];
  },
  bending: (_, at, means, out) => {
    out[0] = means[at];
  },
};

/**
 * A multinomial logistic expert of C labels: u_c = a + x'β_c − lse_c(x'β), S = (1{y = c})_c, B = lse_c u.
 */
export function naturalLogistic(classes: number): NaturalExpert {
  const p = new Float64Array(classes);
  const logPartition = (eta: Float64Array, at: number): number => {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) top = Math.max(top, eta[at + c]);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(eta[at + c] - top);
    return top + Math.log(sum);
  };
  const means: NaturalExpert["means"] = (eta, at, out, to) => {
    const normaliser = logPartition(eta, at);
    for (let c = 0; c < classes; c++) out[to + c] = Math.exp(eta[at + c] - normaliser);
  };
  const sum = (values: Float64Array, at: number): number => {
    let total = 0;
    for (let c = 0; c < classes; c++) total += values[at + c];
    return total;
  };
  return {
    size: classes,
    natural: (logit, b, _, out, to) => {
      out[to] = 0;
      for (let c = 1; c < classes; c++) out[to + c] = b[c - 1];
      const shift = logit - logPartition(out, to);
      for (let c = 0; c < classes; c++) out[to + c] += shift;
    },
    logPartition,
    means,
    statistic: (y, out) => {
      for (let c = 0; c < classes; c++) out[c] = y === c ? 1 : 0;
    },
    logBase: () => 0,
    divergence: (phi, eta, at) => {
      means(phi, at, p, 0);
      const shift = logPartition(eta, at) - logPartition(phi, at);
      let total = 0;
      for (let c = 0; c < classes; c++) total += p[c] * (phi[at + c] - eta[at + c] + shift);
      return total;
    },
    pullback: (eta, at, slope, out) => {
      means(eta, at, p, 0);
      const total = sum(slope, at);
      out[0] = total;
      for (let c = 1; c < classes; c++) out[c] = slope[at + c] - p[c] * total;
    },
    bending: (eta, at, target, out) => {
      means(eta, at, p, 0);
      const total = sum(target, at);
      for (let c = 1; c < classes; c++) {
        for (let e = 1; e < classes; e++) {
          out[(c - 1) * (classes - 1) + e - 1] = total * ((c === e ? p[c] : 0) - p[c] * p[e]);
        }
      }
    },
  };
}
