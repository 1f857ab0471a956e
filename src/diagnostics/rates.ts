/** EM steps for each further decimal digit at a rate: ln 10 / −ln(rate), Infinity from 1 on, 0 down from 0. */
export function stepsPerDigit(rate: number): number {
  if (rate <= 0) return 0;
  return rate < 1 ? Math.LN10 / -Math.log(rate) : Number.POSITIVE_INFINITY;
}

/** Ratios of successive gains that are looked at together. */
const WINDOW = 6;
/** Second difference of logarithms of ratios that still makes no more than 1e-4 of a window's rate. */
const SMOOTH = 1e-3;
/** Gains below this, in nats, are all rounding, and may be the same again and again. */
const ROUNDING = 1e-24;

/**
 * The rate of a run near its end, as its own steps show it: the factor by which distances to the limit shrink.
 *
 * Gains ⟨∇ objective(θ_t), θ_{t+1} − θ_t⟩ shrink by the square of the rate, as what is left to gain does, and drown in
 * rounding much later than differences of the objective. Over a window of seven gains the rate is the square root of
 * their mean ratio. Early ratios still drift, slowly and smoothly; the last ones jump with rounding: the window taken is
 * the last whose ratios lie on a smooth curve, to 1e-3 in their second differences or, where none does, as near as any.
 *
 * @param steps of a run, in order, such as `iterate` yields and `fit` keeps in `trace`
 * @returns the rate; NaN for a run with fewer than seven gains above 0 in a row
 * @remarks for EM it is λ_max of {@link spectrum} at the limit. arXiv 2411.06056, Theorem B.2.
 * @example
 * ```ts
 * import { datasetPath, fit, observedRate, spectrum } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { rate } = spectrum(iris.mixture, iris.theta, iris.observations);
 * if (Math.abs(observedRate(iris.trace) - rate) > 0.01) throw new Error("EM converges as its spectrum says");
 * ```
 */
export function observedRate(steps: readonly { readonly gain: number }[]): number {
  const ratios = steps.slice(1).map(({ gain }, t) => {
    const before = steps[t].gain;
    return gain > ROUNDING && before > ROUNDING ? Math.log(gain / before) : Number.NaN;
  });
  const windows = ratios.slice(WINDOW - 1).flatMap((_, from) => {
    const seen = ratios.slice(from, from + WINDOW);
    if (seen.some(Number.isNaN)) return [];
    const bends = seen.slice(2).map((ratio, t) => Math.abs(ratio - 2 * seen[t + 1] + seen[t]));
    return [{ mean: seen.reduce((sum, ratio) => sum + ratio, 0) / WINDOW, roughness: Math.max(...bends) }];
  });
  const best = windows.reduce((least, { roughness }) => Math.min(least, roughness), Number.POSITIVE_INFINITY);
  const taken = windows.findLast(({ roughness }) => roughness <= Math.max(SMOOTH, best));
  return taken === undefined ? Number.NaN : Math.exp(taken.mean / 2);
}
