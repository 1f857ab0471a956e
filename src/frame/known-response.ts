import { LARGEST } from "../errors/kinds.ts";
import { toNumber } from "../table/cell.ts";
import type { DataTable } from "../table/table.ts";
import type { Formula } from "./formula.ts";
import { responseKind } from "./response.ts";
import { successesOf } from "./trials.ts";

/**
 * The response of each row that has one a model can read, NaN for the others: where the column is missing or blank, or
 * holds a label or number that the model has no probability for.
 *
 * @param trials of which they are the successes, where the table has them
 */
export function knownResponse(table: DataTable, formula: Formula, trials: Float64Array | undefined): Float64Array {
  const { response, labels } = formula;
  const kind = responseKind(formula);
  const cells = table.columns.find(({ name }) => name === response)?.values;
  // Successes of an unknown number of trials say nothing.
  const isUnknown = cells === undefined || (formula.trials !== undefined && trials === undefined);
  if (isUnknown) return new Float64Array(table.rows).fill(Number.NaN);
  const codes = new Map(labels?.map((label, code) => [label, code]));
  const read = (cell: string | number): number =>
    labels === undefined ? numberOf(cell) : (codes.get(String(cell)) ?? Number.NaN);
  const given = Float64Array.from({ length: table.rows }, (_, row) => {
    const cell = cells[row];
    return cell === null ? Number.NaN : read(cell);
  });
  if (labels !== undefined) return given;
  const values = trials === undefined ? given : successesOf(given, trials);
  return values.map((value, row) => (kind.accepts(value, trials?.[row] ?? 1) ? value : Number.NaN));
}

function numberOf(cell: string | number): number {
  const value = typeof cell === "string" ? toNumber(cell) : cell;
  return Math.abs(value) <= LARGEST ? value : Number.NaN;
}
