import type { InformedModel } from "./model.ts";

/** Both informations about the q parameters that are fitted, q × q each. */
export interface FreeInformation {
  /** Positions of the parameters. */
  readonly free: readonly number[];
  readonly complete: Float64Array;
  readonly missing: Float64Array;
}

/**
 * Rows that tell less of some combination of the parameters than this part of what complete data would tell nothing of it, to
 * the precision that estimates have: its eigenvalue of the missing information is above 1 − FLAT.
 */
export const FLAT = 1e-8;

/**
 * The informations at θ without the rows and columns of fixed parameters, which are 0.
 *
 * @param free positions of the parameters to be told of; default: of all that are fitted
 */
export function freeInformation<Data>(
  model: InformedModel<Data>,
  theta: Float64Array,
  data: Data,
  free: readonly number[] = model.free ?? Array.from(theta.keys()),
): FreeInformation {
  const p = theta.length;
  const q = free.length;
  const information = model.information(theta, data);
  const among = (matrix: Float64Array): Float64Array => {
    const out = new Float64Array(q * q);
    for (let i = 0, at = 0; i < q; i++) for (let j = 0; j < q; j++, at++) out[at] = matrix[free[i] * p + free[j]];
    return out;
  };
  return { free, complete: among(information.complete), missing: among(information.missing) };
}
