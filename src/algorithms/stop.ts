/** Estimates of a run from its last steps. */
export interface DistanceEstimate {
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
 * Where ρ is known, the last gain is enough, once gains shrink. EM's gain along an eigenvector of the missing information
 * with eigenvalue λ is 1 − λ times the distance there squared, and ρ is the largest λ: near the limit the distance is then
 * never underestimated, and exact once the slowest direction is all that is left.
 *
 * @param gains ⟨∇ objective(θ_t), θ_{t+1} − θ_t⟩ in nats, oldest first
 * @param known ρ of the method at the limit, from 0 to below 1; default: from the last gains
 */
export function estimateDistance(gains: readonly number[], known?: number): DistanceEstimate {
  if (known !== undefined) return { distance: distanceAt(gains, known), rate: known };
  const last = gains.slice(-4);
  // Far from the limit a step can gain nothing to first order, and no ratio means anything.
  if (last.length < 4 || last.some((gain) => !(gain > 0))) return { distance: Number.NaN, rate: Number.NaN };
  // The slowest of the last ratios: one lucky step must not end a run.
  const ratio = Math.max(last[1] / last[0], last[2] / last[1], last[3] / last[2]);
  const rate = Math.sqrt(ratio);
  return { distance: ratio < 1 ? Math.sqrt((ratio * last[3]) / (1 - rate)) : Number.NaN, rate };
}

/** Distance left at a known rate; NaN while gains grow, as they do far from the limit only. */
function distanceAt(gains: readonly number[], rate: number): number {
  const [before, last] = gains.slice(-2).map(Math.abs);
  return last <= before ? rate * Math.sqrt(last / (1 - rate)) : Number.NaN;
}

/** Steps without a new least gain after which a run whose gains are lost in rounding is at its limit. */
const STALLED = 20;

/**
 * Whether a run has reached its limit to `tolerance` standard errors, or as near as double precision goes.
 *
 * @param gains first-order gains in nats, oldest first
 * @param size of the sums that the objective is made of, in nats: a gain that rounds away from it is lost
 * @param rate the method's, where it is known
 */
export function hasConverged(gains: readonly number[], size: number, tolerance: number, rate?: number): boolean {
  if (gains.length === 0) return false;
  if (estimateDistance(gains, rate).distance <= tolerance) return true;
  const last = Math.abs(gains[gains.length - 1]);
  // A step this short is rounding, unless the method is slower than 1 − 1e-6.
  if (rate === undefined && Math.sqrt(last) <= tolerance / 1000) return true;
  return last <= Number.EPSILON * Math.abs(size) && hasStalled(gains);
}

/** Whether the last steps have no new least gain. */
export function hasStalled(gains: readonly number[]): boolean {
  if (gains.length <= STALLED) return false;
  return least(gains.slice(-STALLED)) >= least(gains.slice(0, -STALLED));
}

/** Smallest size of a gain; a long run has more gains than a call takes arguments. */
function least(gains: readonly number[]): number {
  return gains.reduce((size, gain) => Math.min(size, Math.abs(gain)), Number.POSITIVE_INFINITY);
}
