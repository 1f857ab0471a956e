/** Where a run stands, as seen from its last steps. */
export interface Outlook {
  /** Estimated distance to the limit, in standard errors: √(2 × nats still to be gained); NaN while unknown. */
  readonly distance: number;
  /** Estimated factor by which a step shrinks the distance; NaN while unknown. */
  readonly rate: number;
}

/**
 * Estimates how far the limit is, from the first-order gains of the steps so far (Aitken's extrapolation).
 *
 * Near its limit a linearly convergent method with rate ρ has gains D_t that shrink by ρ², and what is left to gain after
 * a step is ρ²D_t / (2(1 − ρ)): a small step alone proves nothing, a slow method makes small steps far from its limit.
 * The gains, unlike differences of log-likelihoods, do not drown in rounding.
 *
 * @param gains ⟨∇ objective(θ_t), θ_{t+1} − θ_t⟩ in nats, oldest first
 */
export function outlook(gains: readonly number[]): Outlook {
  // The slowest of the last ratios: one lucky step must not end a run.
  let ratio = Number.NaN;
  for (let t = Math.max(1, gains.length - 3); t < gains.length; t++) {
    if (gains.length > 3) ratio = Math.max(Number.isNaN(ratio) ? 0 : ratio, gains[t] / gains[t - 1]);
  }
  if (!(ratio > 0 && ratio < 1))
    return {
      distance: Number.NaN,
      rate: ratio > 0 ? Math.sqrt(ratio) : Number.NaN,
    };
  const rate = Math.sqrt(ratio);
  return {
    distance: Math.sqrt((ratio * (gains.at(-1) as number)) / (1 - rate)),
    rate,
  };
}

/** Steps without a new least gain after which a run whose gains are lost in rounding is at its limit. */
const STALLED = 20;

/**
 * Whether a run has reached its limit to `tolerance` standard errors, or as near as double precision goes.
 *
 * @param gains first-order gains in nats, oldest first
 * @param objective present value of the objective, in nats
 */
export function atLimit(gains: readonly number[], objective: number, tolerance: number): boolean {
  const last = gains.at(-1);
  if (last === undefined) return false;
  if (outlook(gains).distance <= tolerance) return true;
  // A step this short is rounding, unless the method is slower than 1 − 1e-6.
  if (Math.sqrt(Math.max(last, 0)) <= tolerance / 1000) return true;
  if (last > Number.EPSILON * Math.abs(objective)) return false;
  const recent = gains.slice(-STALLED);
  return gains.length > STALLED && Math.min(...recent) >= Math.min(...gains.slice(0, -STALLED));
}
