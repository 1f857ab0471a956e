import type { Observations } from "../../rows/observations.ts";
import type { SymmetricSpec } from "../../theory/symmetric.ts";

/** The complete-data law of a symmetric pair, written out row by row: what its mirror map is held against. */
export interface PairJoint {
  /** Q(θ | φ) = −E Σ_z P(z | x, y; φ) log p(y, z | x; θ), in nats per row. */
  readonly surrogate: (theta: Float64Array, phi: Float64Array) => number;
  /** E KL(p(y, z | x; φ) ‖ p(y, z | x; θ)), in nats per row. */
  readonly divergence: (phi: Float64Array, theta: Float64Array) => number;
}

/** That of unweighted rows without an offset. */
export function pairJoint(experts: SymmetricSpec["experts"], { rows, expert, response }: Observations): PairJoint {
  const d = expert.columns.length;
  const eta = (theta: Float64Array, from: number, i: number): number =>
    expert.values.reduce((sum, column, j) => sum + column[i] * theta[from + j], 0);
  const mean = (value: (i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += value(i);
    return sum / rows;
  };
  /** log p(y, z | x) of row i. */
  const logJoint = (theta: Float64Array, i: number, z: number): number => {
    const [a, b] = [eta(theta, 0, i), eta(theta, d, i)];
    const logGate = logSigmoid(z * a);
    if (experts === "logistic") return logGate + logSigmoid((2 * response[i] - 1) * z * b);
    return logGate - 0.5 * (response[i] - z * b) ** 2 - 0.5 * Math.log(2 * Math.PI);
  };
  return {
    surrogate: (theta, phi) =>
      mean((i) => {
        const plus = 1 / (1 + Math.exp(logJoint(phi, i, -1) - logJoint(phi, i, 1)));
        return -plus * logJoint(theta, i, 1) - (1 - plus) * logJoint(theta, i, -1);
      }),
    // Given z the responses are N(zb, 1) and N(zb', 1), or ±1 with log-odds zb and zb': the same divergence for both z.
    divergence: (phi, theta) =>
      mean((i) => {
        const [b, other] = [eta(phi, d, i), eta(theta, d, i)];
        const response = experts === "linear" ? (b - other) ** 2 / 2 : binary(b, other);
        return binary(eta(phi, 0, i), eta(theta, 0, i)) + response;
      }),
  };
}

function logSigmoid(t: number): number {
  return Math.min(0, t) - Math.log1p(Math.exp(-Math.abs(t)));
}

/** Divergence of two laws on ±1, given by their log-odds. */
function binary(s: number, t: number): number {
  return [1, -1].reduce((sum, sign) => {
    const [p, q] = [logSigmoid(sign * s), logSigmoid(sign * t)];
    return sum + Math.exp(p) * (p - q);
  }, 0);
}
