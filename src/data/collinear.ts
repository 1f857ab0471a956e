import { weightedGram } from "../compute/kernels.ts";
import { InputError, quote } from "../errors.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { type Observations, sumOver } from "../models/observations.ts";
import { listed } from "./table.ts";

/**
 * Refuses a design whose columns depend on each other: its coefficients would not be determined.
 *
 * @param part what reads the design
 * @throws InputError for fewer rows than columns, and naming the column and those it is a combination of
 */
export function refuseCollinear(data: Observations, part: "expert" | "gate"): void {
  const { columns } = data[part];
  const d = columns.length;
  const owner = part === "gate" ? "gate" : "experts";
  const rows = data.weights?.filter((weight) => weight > 0).length ?? data.rows;
  if (rows < d) {
    const got = data.weights ? `${rows} with a weight above 0` : String(rows);
    const next = "leave columns out or set a ridge above 0";
    throw new InputError("fit", `at least as many rows as the ${d} columns of the ${owner}`, got, next);
  }
  const gram = sumOver(data, d * d, (block, sums) => {
    weightedGram(block.x[part], block.x[part], block.rows, block.weights, 0, sums, 0);
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
    `columns of the ${owner} that do not determine each other`,
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
