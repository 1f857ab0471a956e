import type { NaturalExpert } from "./natural-expert.ts";

/**
 * A linear expert, y ~ N(μ, σ²) with μ = x'β + offset: v = μ/σ², w = −1/(2σ²) and u = a − μ²/(2σ²) − log σ, in the order
 * (u, v, w); S = (1, y, y²), B = u − v²/(4w) − ½ log(−2w).
 *
 * A variance that is held moves neither v nor w apart from μ: that is the family of known variance, unchanged.
 */
export const naturalLinear: NaturalExpert = {
  size: 3,
  natural: (logit, [mean, logSigma], out, to) => {
    const precision = Math.exp(-2 * logSigma);
    out[to] = logit - 0.5 * mean * mean * precision - logSigma;
    out[to + 1] = mean * precision;
    out[to + 2] = -0.5 * precision;
  },
  logPartition: (eta, at) => {
    const [v, precision] = [eta[at + 1], -2 * eta[at + 2]];
    return eta[at] + (0.5 * v * v) / precision - 0.5 * Math.log(precision);
  },
  means: (eta, at, out, to) => {
    const variance = -0.5 / eta[at + 2];
    const mean = eta[at + 1] * variance;
    out[to] = 1;
    out[to + 1] = mean;
    out[to + 2] = mean * mean + variance;
  },
  statistic: (y, out) => {
    out[0] = 1;
    out[1] = y;
    out[2] = y * y;
  },
  logBase: () => -0.5 * Math.log(2 * Math.PI),
  divergence: (phi, eta, at) => {
    const [before, after] = [-0.5 / phi[at + 2], -0.5 / eta[at + 2]];
    const change = phi[at + 1] * before - eta[at + 1] * after;
    const excess = (before - after) / after;
    return 0.5 * (excess - Math.log1p(excess) + (change * change) / after);
  },
  pullback: (eta, at, slope, out) => {
    const precision = -2 * eta[at + 2];
    const mean = eta[at + 1] / precision;
    const [u, v, w] = [slope[at], slope[at + 1], slope[at + 2]];
    out[0] = u;
    out[1] = precision * (v - mean * u);
    out[2] = precision * (w - 2 * mean * v + mean * mean * u) - u;
  },
  bending: (eta, at, means, out) => {
    const precision = -2 * eta[at + 2];
    const mean = eta[at + 1] / precision;
    const [u, v, w] = [means[at], means[at + 1], means[at + 2]];
    out[0] = precision * u;
    out[1] = out[2] = 2 * precision * (v - mean * u);
    out[3] = 2 * precision * (w - 2 * mean * v + mean * mean * u);
  },
};
