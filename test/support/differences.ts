/** Central differences of a vector function, with Richardson's extrapolation: row i holds ∂f_i/∂θ (q × p). */
export function jacobian(
  f: (theta: Float64Array) => Float64Array,
  theta: Float64Array,
  step: number = 1e-3,
): Float64Array[] {
  const columns = Array.from(theta, (_, j) => {
    const at = (h: number): Float64Array => f(theta.map((value, i) => (i === j ? value + h : value)));
    const slope = (h: number): Float64Array => {
      const [up, down] = [at(h), at(-h)];
      return up.map((value, i) => (value - down[i]) / (2 * h));
    };
    const [coarse, fine] = [slope(step), slope(step / 2)];
    return fine.map((value, i) => (4 * value - coarse[i]) / 3);
  });
  return Array.from(columns[0], (_, i) => Float64Array.from(columns, (column) => column[i]));
}

/** Largest absolute difference of two sequences. */
export function deviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let j = 0; j < a.length; j++) worst = Math.max(worst, Math.abs(a[j] - b[j]));
  return worst;
}
