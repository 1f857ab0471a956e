import { cholesky, solveCholesky } from "./cholesky.ts";

/**
 * Newton's direction H⁻¹g, with the diagonal of H raised by a share of itself where H is not positive definite.
 *
 * @param slope g (p)
 * @param curvature H, symmetric (p × p)
 */
export function newtonDirection(slope: Float64Array, curvature: Float64Array): Float64Array {
  const p = slope.length;
  for (let raise = 0; raise < 1e20; raise = raise === 0 ? 1e-12 : raise * 100) {
    const raised = curvature.map((entry, at) => entry + (at % (p + 1) === 0 ? raise * (Math.abs(entry) || 1) : 0));
    const factor = cholesky(raised, p);
    if (typeof factor !== "number") return solveCholesky(factor, p, slope);
  }
  return slope;
}
