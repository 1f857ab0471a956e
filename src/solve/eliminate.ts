/**
 * Takes coordinates out of the system `A δ = b`, in place: its solution is 0 there, and elsewhere that of the rest.
 *
 * @param fixed the coordinates
 * @param a symmetric matrix, p × p
 * @param b right side (p)
 */
export function eliminate(fixed: readonly number[], a: Float64Array, b: Float64Array): void {
  const p = b.length;
  for (const j of fixed) {
    for (let i = 0; i < p; i++) a[i * p + j] = a[j * p + i] = 0;
    a[j * p + j] = 1;
    b[j] = 0;
  }
}
