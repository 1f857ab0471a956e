import { BLOCK_ROWS, sumOverBlocks } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import { InputError, quote } from "../errors.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import type { Design } from "../models/observations.ts";
import { listed } from "./table.ts";

const ones = new Float64Array(BLOCK_ROWS).fill(1);

/**
 * Refuses a design whose columns depend on each other: its coefficients would not be determined.
 *
 * @param part what reads the design, for the error: `experts` or `gate`
 * @throws InputError naming the column and those it is a combination of
 */
export function refuseCollinear({ columns, values }: Design, part: string): void {
  const d = columns.length;
  const gram = sumOverBlocks(values[0].length, d * d, (start, end, sums) => {
    weightedGram({ values, start }, { values, start }, end - start, ones, 0, sums, 0);
  });
  const dependent = cholesky(gram, d);
  if (typeof dependent !== "number") return;
  const others = partners(gram, d, dependent).map((j) => columns[j]);
  const got =
    others.length === 0
      ? `${quote(columns[dependent])}, which is 0 in every row`
      : others.length === 1 && others[0] === "(intercept)"
        ? `${quote(columns[dependent])}, which is the same in every row like the intercept`
        : `${quote(columns[dependent])}, a combination of ${listed(others).replace(" or ", " and ")}`;
  throw new InputError(
    "fit",
    `columns of the ${part} that do not determine each other`,
    got,
    "leave it out or set a ridge above 0",
  );
}

/** The earlier columns that the dependent one is a combination of. */
function partners(gram: Float64Array, d: number, dependent: number): number[] {
  const p = dependent;
  const leading = new Float64Array(p * p);
  for (let a = 0; a < p; a++) leading.set(gram.subarray(a * d, a * d + a + 1), a * p);
  const factor = cholesky(leading, p) as Float64Array;
  const combination = solveCholesky(factor, p, gram.subarray(p * d, p * d + p));
  // A coefficient counts by what its column contributes, not by the column's unit.
  const size = (j: number): number => Math.abs(combination[j]) * Math.sqrt(gram[j * d + j]);
  const largest = Math.max(...Array.from(combination, (_, j) => size(j)));
  return Array.from(combination.keys()).filter((j) => size(j) > 1e-6 * largest);
}
