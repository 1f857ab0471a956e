import type { Maximum } from "../models/model.ts";

/** Steps of an M-step unless told otherwise, and halvings of one at the most. */
const STEPS = 10;
const HALVINGS = 40;
/** Share of the first-order gain that a step has to bring (Armijo). */
const SUFFICIENT = 1e-4;

/**
 * Steps along the gradient of Q, each halved until Q rises by enough of what was promised.
 *
 * @param expected Q and its gradient at a point, in nats
 * @param rows by which the gradient is divided: the first step is one of size 1 in nats per row
 * @param steps at the most
 */
export function guardedSteps(
  expected: (at: Float64Array) => { readonly value: number; readonly gradient: Float64Array },
  theta: Float64Array,
  rows: number,
  steps: number = STEPS,
): Maximum {
  const first = expected(theta);
  let [at, here, size] = [theta, first, 1];
  for (let step = 0; step < steps; step++) {
    const { gradient, value } = here;
    const steepness = gradient.reduce((sum, slope) => sum + slope * slope, 0) / rows;
    let halvings = 0;
    for (; halvings < HALVINGS; halvings++, size /= 2) {
      const next = at.map((old, j) => old + (size * gradient[j]) / rows);
      const there = expected(next);
      if (!(there.value - value >= SUFFICIENT * size * steepness)) continue;
      [at, here] = [next, there];
      break;
    }
    if (halvings === HALVINGS) break;
    size *= 2;
  }
  return { theta: at, gain: first.gradient.reduce((sum, slope, j) => sum + slope * (at[j] - theta[j]), 0) };
}
