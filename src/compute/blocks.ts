/** Rows handled at a time: small enough that a block's scratch arrays stay in the first cache. */
export const BLOCK_ROWS = 256;

/**
 * Sums over all rows, block by block.
 *
 * Everything EM needs is such a sum: normal equations, gradients, Hessians, informations. Each block fills partial sums
 * of its own, and the partial sums are added in the order of the blocks, so that the result does not depend on who
 * computed which block.
 *
 * @param rows number of rows n
 * @param length number of sums
 * @param add adds the rows [start, end) to `sums`
 */
export function sumOverBlocks(
  rows: number,
  length: number,
  add: (start: number, end: number, sums: Float64Array) => void,
): Float64Array {
  const total = new Float64Array(length);
  const partial = new Float64Array(length);
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    partial.fill(0);
    add(start, Math.min(start + BLOCK_ROWS, rows), partial);
    for (let j = 0; j < length; j++) total[j] += partial[j];
  }
  return total;
}
