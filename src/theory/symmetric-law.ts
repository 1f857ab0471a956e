/** Log-partition function of an exponential family with one parameter, and its first two derivatives. */
export interface LogPartition {
  readonly value: (eta: number) => number;
  readonly mean: (eta: number) => number;
  readonly variance: (eta: number) => number;
}

/** Law of an expert of a symmetric pair: log p(y, z | x; θ) = z a/2 + c yz b − A_x(θ) + log h(y), a = x'w, b = x'β. */
export interface SymmetricLaw {
  /** The response as the formulas take it. */
  readonly response: (value: number) => number;
  /** Scale c of the statistic. */
  readonly scale: number;
  /** The expert's part of A_x. */
  readonly logPartition: LogPartition;
  /** log h(y). */
  readonly logBase: (y: number) => number;
}

/** Log-partition of z = ±1, whose statistic is z/2: that of the gate. */
export const signPartition: LogPartition = {
  value: logTwoCosh,
  mean: (eta) => Math.tanh(eta / 2) / 2,
  variance: (eta) => 1 / (2 + 2 * Math.cosh(eta)),
};

export const symmetricLaws: Readonly<Record<"linear" | "logistic", SymmetricLaw>> = {
  linear: {
    response: (value) => value,
    scale: 1,
    logPartition: { value: (b) => (b * b) / 2, mean: (b) => b, variance: () => 1 },
    logBase: (y) => -0.5 * y * y - 0.5 * Math.log(2 * Math.PI),
  },
  logistic: {
    response: (code) => 2 * code - 1,
    scale: 0.5,
    logPartition: signPartition,
    logBase: () => 0,
  },
};

/** log(2 cosh(x/2)), for any x. */
export function logTwoCosh(x: number): number {
  return Math.abs(x) / 2 + Math.log1p(Math.exp(-Math.abs(x)));
}
