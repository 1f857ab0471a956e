import { addMultiple, dot } from "./vector.ts";

/** When to stop, and what to precondition with. */
export interface ConjugateGradientOptions {
  /** P⁻¹r for a positive definite P near A. */
  readonly precondition: (r: Float64Array) => Float64Array;
  /** Residual to stop at, √(r'P⁻¹r), as a fraction of that of b. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** An approximate solution of A x = b, and how good it is. */
export interface LinearSolution {
  readonly x: Float64Array;
  /** √(r'P⁻¹r) of the residual r = b − Ax, as a fraction of that of b. */
  readonly residual: number;
  /** Products with A. */
  readonly iterations: number;
  /** Why it ended; of negative curvature is also a direction in which A is 0. */
  readonly end: "converged" | "negative curvature" | "max-iterations";
}

/**
 * Solves A x = b for a symmetric positive definite A by preconditioned conjugate gradients.
 *
 * Every iterate minimises ½x'Ax − b'x over a larger space than the one before, so that cut short it is still a direction
 * along which that falls.
 *
 * @param apply the product A v
 * @remarks cost of an iteration: one product, one solution with P. The residual is that of the recursion. Golub and Van
 *   Loan, Matrix Computations, 11.5.
 */
export function conjugateGradient(
  apply: (v: Float64Array) => Float64Array,
  b: Float64Array,
  { precondition, tolerance, maxIterations }: ConjugateGradientOptions,
): LinearSolution {
  const x = new Float64Array(b.length);
  const r = b.slice();
  let z = precondition(r);
  let size = dot(r, z);
  const first = size;
  const direction = z.slice();
  for (let iterations = 0; ; iterations++) {
    const end = (end: LinearSolution["end"]): LinearSolution => {
      return { x, residual: first > 0 ? Math.sqrt(size / first) : 0, iterations, end };
    };
    if (!(size > tolerance * tolerance * first)) return end("converged");
    if (iterations === maxIterations) return end("max-iterations");
    const image = apply(direction);
    const curvature = dot(direction, image);
    if (!(curvature > 0)) return end("negative curvature");
    addMultiple(x, size / curvature, direction);
    addMultiple(r, -size / curvature, image);
    z = precondition(r);
    const next = dot(r, z);
    for (let j = 0; j < z.length; j++) direction[j] = z[j] + (next / size) * direction[j];
    size = next;
  }
}
