/**
 * Puts the softmax of some logarithms, which need not be normalised, in their place, so that they sum to 1.
 *
 * @param logs some may be −∞, and come to 0, but not all
 * @param from place of the first; the others stand `stride` apart
 * @param count number of the logarithms
 * @returns log Σ exp of them
 */
export function softmax(logs: Float64Array, from: number, stride: number, count: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let z = 0, at = from; z < count; z++, at += stride) if (logs[at] > top) top = logs[at];
  let sum = 0;
  for (let z = 0, at = from; z < count; z++, at += stride) {
    logs[at] = Math.exp(logs[at] - top);
    sum += logs[at];
  }
  for (let z = 0, at = from; z < count; z++, at += stride) logs[at] /= sum;
  return top + Math.log(sum);
}

/**
 * Puts the logarithms of their softmax in the place of some logarithms, so that the sum of their exponentials is 1.
 *
 * @param logs some may be −∞, and stay, but not all
 * @param from place of the first; the others stand `stride` apart
 * @param count number of the logarithms
 * @returns log Σ exp of what they were
 */
export function toLogProbabilities(logs: Float64Array, from: number, stride: number, count: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let z = 0, at = from; z < count; z++, at += stride) if (logs[at] > top) top = logs[at];
  let sum = 0;
  for (let z = 0, at = from; z < count; z++, at += stride) sum += Math.exp(logs[at] - top);
  const normaliser = top + Math.log(sum);
  for (let z = 0, at = from; z < count; z++, at += stride) logs[at] -= normaliser;
  return normaliser;
}
