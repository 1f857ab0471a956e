/** Steps at the most; some ten are the rule. */
const MOST = 100;

/**
 * A root of a function between two points at which it has different signs.
 *
 * @param low point, and the function's value there
 * @param high another, where the sign is the other
 * @param tolerance of the root, and of the function's value at it
 * @remarks regula falsi with Illinois' rule: a function that is nearly linear takes a few evaluations
 */
export function rootBetween(
  f: (x: number) => number,
  low: readonly [x: number, value: number],
  high: readonly [x: number, value: number],
  tolerance: number,
): number {
  let [[a, fa], [b, fb]] = [low, high];
  for (let step = 0; step < MOST && Math.abs(b - a) > tolerance * Math.max(1, Math.abs(b)); step++) {
    if (Math.abs(fb) <= tolerance) return b;
    const x = b - (fb * (b - a)) / (fb - fa);
    const value = f(x);
    // A point on the same side as the last one: the other's value counts half, or it would never move.
    if (Math.sign(value) === Math.sign(fb)) fa /= 2;
    else [a, fa] = [b, fb];
    [b, fb] = [x, value];
  }
  return b;
}
