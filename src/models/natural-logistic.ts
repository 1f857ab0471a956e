import type { NaturalExpert } from "./natural-expert.ts";

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
    natural: (logit, b, out, to) => {
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
