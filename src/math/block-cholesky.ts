import { cholesky } from "./cholesky.ts";
import { solveLower, solveUpper } from "./triangular.ts";

/** A block on the diagonal of a symmetric matrix. */
export interface DiagonalBlock {
  /** Its rows and columns (d). */
  readonly at: readonly number[];
  /** Its entries (d × d), or those on the diagonal alone (d). */
  readonly entries: Float64Array;
}

/** The same, factored already: LL' (L d × d). */
export interface FactoredBlock extends Pick<DiagonalBlock, "at"> {
  readonly factor: Float64Array;
}

/** Factor of a block-diagonal matrix P = LL'. */
export interface BlockFactor {
  /** P⁻¹b. */
  readonly solve: (b: Float64Array) => Float64Array;
  /** L⁻ᵀz: of standard normal numbers z a vector whose covariance is P⁻¹. */
  readonly colour: (z: Float64Array) => Float64Array;
}

/**
 * Factors a block-diagonal matrix, to precondition with: never refuses.
 *
 * A block that is singular counts as its diagonal, a 0 there as 1, and so does every row that no block holds.
 *
 * @param blocks none is kept: those of a generator are in memory one at a time
 * @remarks cost d³/3 multiplications for a block of d rows, d² for each solution
 */
export function blockCholesky(blocks: Iterable<DiagonalBlock | FactoredBlock>): BlockFactor {
  const factors = Array.from(blocks, (block) => {
    if ("factor" in block) return block;
    const { at, entries } = block;
    const size = at.length;
    const whole = entries.length === size * size ? cholesky(entries, size) : 0;
    if (typeof whole !== "number") return { at, factor: whole };
    const stride = entries.length === size ? 1 : size + 1;
    const roots = Float64Array.from({ length: size }, (_, j) => Math.sqrt(entries[j * stride]));
    return { at, roots: roots.map((root) => (root > 0 && root < Number.POSITIVE_INFINITY ? root : 1)) };
  });
  const apply = (b: Float64Array, lower: boolean): Float64Array => {
    const x = b.slice();
    for (const own of factors) {
      const { at } = own;
      const part = new Float64Array(at.length);
      for (let j = 0; j < at.length; j++) part[j] = x[at[j]];
      if ("factor" in own) {
        if (lower) solveLower(own.factor, at.length, part);
        solveUpper(own.factor, at.length, part);
      } else for (let j = 0; j < at.length; j++) part[j] /= lower ? own.roots[j] ** 2 : own.roots[j];
      for (let j = 0; j < at.length; j++) x[at[j]] = part[j];
    }
    return x;
  };
  return { solve: (b) => apply(b, true), colour: (z) => apply(z, false) };
}
