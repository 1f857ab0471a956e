import { checkArgument } from "../errors/arguments.ts";
import { listOf, number, objectOf, required } from "../errors/kinds.ts";
/** EM steps for each further decimal digit at a rate: ln 10 / −ln(rate), Infinity from 1 on, 0 down from 0. */
export function stepsPerDigit(rate: number): number {
  if (rate <= 0) return 0;
  return rate < 1 ? Math.LN10 / -Math.log(rate) : Number.POSITIVE_INFINITY;
}

/** Ratios of successive gains that are looked at together; of a run too fast for so many, fewer. */
const WINDOWS = [6, 3];
/** Second difference of logarithms of ratios that still makes no more than 1e-4 of a window's rate. */
const SMOOTH = 1e-3;
/** How far apart the logarithms of the ratios of gains may be that shrink geometrically. */
const STEADY = 5e-3;
/** Gains below this, in nats, are all rounding, and may be the same again and again. */
const ROUNDING = 1e-24;

/**
 * The rate of a run near its end, as its own steps show it: the factor by which distances to the limit shrink.
 *
 * Gains ⟨∇ objective(θ_t), θ_{t+1} − θ_t⟩ shrink by the square of the rate, as what is left to gain does, and drown in
 * rounding much later than differences of the objective. Over a window of seven gains the rate is the square root of
 * their mean ratio. Early ratios still drift, slowly and smoothly; the last ones jump with rounding: the window taken is
 * the last whose ratios lie on a smooth curve, to 1e-3 in their second differences. A fast run may be over before any
 * seven gains do: then four are enough. Ratios that still drift there, by more than 0.5 % over the window, are those of a
 * transient, and not the rate, unless later ones keep within that, as those found in single precision do: a tighter
 * tolerance may show it, and {@link spectrum} knows it without any steps.
 *
 * @param steps of a run, in order, such as `iterate` yields and `fit` keeps in `trace`
 * @returns the rate; NaN for a run that ends before its rate shows: without four gains above 0 in a row, in a transient, or
 *   with steps that are accelerated
 * @remarks for EM it is λₘₐₓ of {@link spectrum} at the limit; where the next eigenvalue is near, one between the two. arXiv
 *   2411.06056, Theorem B.2.
 * @example
 * ```ts
 * import { datasetPath, fit, observedRate, spectrum } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { rate } = spectrum(iris.mixture, iris.theta, iris.observations);
 * if (Math.abs(observedRate(iris.trace) - rate) > 0.01) throw new Error("EM converges as its spectrum says");
 * ```
 */
export function observedRate(steps: readonly { readonly gain: number; readonly isAccelerated?: boolean }[]): number {
  const gains = listOf(objectOf({ gain: required(number) }, "a step"), "a list of steps, each with its gain");
  checkArgument("observe a rate", "steps", steps, gains);
  if (steps.some(({ isAccelerated }) => isAccelerated)) return Number.NaN;
  const ratios = steps.slice(1).map(({ gain }, t) => {
    const before = steps[t].gain;
    return gain > ROUNDING && before > ROUNDING ? Math.log(gain / before) : Number.NaN;
  });
  const [taken] = WINDOWS.flatMap((size) => {
    const windows = ratios.slice(size - 1).map((_, from) => ratios.slice(from, from + size));
    const smooth = windows.findLastIndex(isSmooth);
    // Where the last smooth ones still drift, later ones may be steady, if not smooth: in single precision.
    const later = smooth >= 0 && isSteady(windows[smooth]) ? undefined : windows.slice(smooth + 1).findLast(isSteady);
    return later !== undefined ? [later] : smooth >= 0 ? [windows[smooth]] : [];
  });
  if (taken === undefined || !isSteady(taken)) return Number.NaN;
  return Math.exp(taken.reduce((sum, ratio) => sum + ratio, 0) / taken.length / 2);
}

function isSteady(ratios: readonly number[]): boolean {
  return Math.max(...ratios) - Math.min(...ratios) <= STEADY;
}

function isSmooth(ratios: readonly number[]): boolean {
  return ratios.slice(2).every((ratio, t) => Math.abs(ratio - 2 * ratios[t + 1] + ratios[t]) <= SMOOTH);
}
