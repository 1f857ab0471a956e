/** Rows handled at a time: small enough that a block's scratch arrays stay in the first cache. */
export const BLOCK_ROWS = 256;

/**
 * Rows of a stretch: sums over many rows are those of stretches of so many, numbered from the first row on.
 *
 * Wherever rows come from (memory, a file, other machines), and whoever sums a stretch, its sums are the same bits: so are
 * all of them together. A multiple of {@link BLOCK_ROWS}, and of the rows of a kernel's tile.
 */
export const STRETCH_ROWS = 40_960;

/**
 * Adds up the sums of stretches, in their order, and carries along what each addition rounds away: of a thousand million
 * rows the error is that of one addition.
 */
export class StretchSums {
  #sums: Float64Array | undefined;
  #lost: Float64Array | undefined;

  constructor(private readonly length: number) {}

  /** Adds the sums of the next stretch, which are nobody else's from then on. */
  add(values: Float64Array): void {
    const sums = this.#sums;
    if (sums === undefined) {
      this.#sums = values;
      return;
    }
    this.#lost ??= new Float64Array(this.length);
    const lost = this.#lost;
    for (let j = 0; j < values.length; j++) {
      const [sum, value] = [sums[j], values[j]];
      const next = sum + value;
      sums[j] = next;
      // What is no number has lost nothing that could be given back.
      if (Number.isFinite(next)) lost[j] += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    }
  }

  /** The sums of all stretches so far, to be changed by none while more may be added. */
  total(): Float64Array {
    const lost = this.#lost;
    if (lost === undefined) return this.#sums ?? new Float64Array(this.length);
    return this.#sums!.map((sum, j) => sum + lost[j]);
  }
}

/**
 * Sums over all rows, block by block.
 *
 * Everything EM needs is such a sum: normal equations, gradients, Hessians, informations. Each block fills partial sums
 * of its own, and the partial sums are added in the order of the blocks, stretch by stretch, so that the result does not
 * depend on who computed which block.
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
  const total = new StretchSums(length);
  const partial = new Float64Array(length);
  for (let first = 0; first < rows; first += STRETCH_ROWS) {
    const last = Math.min(first + STRETCH_ROWS, rows);
    const sums = new Float64Array(length);
    for (let start = first; start < last; start += BLOCK_ROWS) {
      partial.fill(0);
      add(start, Math.min(start + BLOCK_ROWS, last), partial);
      for (let j = 0; j < length; j++) sums[j] += partial[j];
    }
    total.add(sums);
  }
  return total.total();
}
