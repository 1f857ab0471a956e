/**
 * One expert of the lift: with its gate logit folded in, p(y, z | x) = exp(⟨S(y), η_z⟩ − A_x(η)) h(y), where
 * A_x = lse_z B(η_z).
 *
 * An expert has m natural parameters η_z in a row and reads predictors b = x'β of its own (m − 1 of them). The lift is
 * η_z = a·1_u + ψ(b), with the gate logit a, such that B(η_z) = a. Arguments named `at` and `to` say where its m numbers
 * start; `trials` is the row's number of them, 1 where the response is none of successes.
 */
export interface NaturalForm {
  /** Natural parameters of the expert in a row (m). */
  readonly size: number;
  /** η_z of a gate logit and the expert's predictors (m − 1), an offset of the row in the first of them. */
  readonly natural: (logit: number, b: Float64Array, out: Float64Array, to: number, trials: number) => void;
  /** B(η_z): what A_x adds up. */
  readonly logPartition: (eta: Float64Array, at: number, trials: number) => number;
  /** ∂B/∂η_z (m), the expectation of S(y) under the expert. */
  readonly means: (eta: Float64Array, at: number, out: Float64Array, to: number, trials: number) => void;
  /** S(y) (m). */
  readonly statistic: (y: number, out: Float64Array) => void;
  /** log h(y). */
  readonly logBase: (y: number, trials: number) => number;
  /** KL(p_z(y; φ) ‖ p_z(y; η)) of the expert alone, in nats. */
  readonly divergence: (phi: Float64Array, eta: Float64Array, at: number, trials: number) => number;
  /** Chain rule: a derivative by η_z as one by (a, b), m numbers. */
  readonly pullback: (eta: Float64Array, at: number, slope: Float64Array, out: Float64Array, trials: number) => void;
  /** −⟨μ_z, ∂²ψ/∂b²⟩, (m − 1) × (m − 1): what the bending of Ω adds to the second derivative of a projection. */
  readonly bending: (eta: Float64Array, at: number, means: Float64Array, out: Float64Array, trials: number) => void;
}
