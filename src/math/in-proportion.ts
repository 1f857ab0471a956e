/** Some of many rows, and what each of them counts for. */
export interface Drawn {
  /** The rows, ascending. */
  readonly index: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Some of many rows, such that sums over them, weighed anew, stand for the weighted sums over all.
 *
 * Every so much of the weights' running sum takes the row it falls on, which then counts for that much: heavy rows are
 * taken more often. A row that weighs more is there in any case, as it is.
 *
 * @param given weights of the rows, from 0 on
 * @param count how many to take, about; all that weigh anything where there are no more
 * @remarks systematic sampling with probabilities in proportion to size, from the middle of the first interval: nothing
 *   about it is random, and sums are right as far as the order of the rows has nothing to do with them. Madow 1949.
 */
export function inProportion(given: Float64Array, count: number): Drawn {
  // The interval shortens as the heavy rows are taken out, until no more are heavy.
  let interval = Number.POSITIVE_INFINITY;
  for (let heavy = -1, before = -2; heavy !== before; ) {
    before = heavy;
    heavy = 0;
    let light = 0;
    for (const weight of given) {
      if (weight >= interval) heavy++;
      else light += weight;
    }
    interval = light / Math.max(1, count - heavy);
  }
  const index: number[] = [];
  const weights: number[] = [];
  let passed = interval / 2;
  given.forEach((weight, i) => {
    if (weight < interval) {
      passed += weight;
      if (passed < interval) return;
      passed -= interval;
    }
    if (weight === 0) return;
    index.push(i);
    weights.push(Math.max(weight, interval));
  });
  return { index, weights };
}
