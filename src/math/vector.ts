/** The inner product Σ a_j b_j. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

/** Adds a multiple, a += c b, in place. */
export function addMultiple(a: Float64Array, c: number, b: Float64Array): void {
  for (let j = 0; j < a.length; j++) a[j] += c * b[j];
}
