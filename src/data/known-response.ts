import { LARGEST } from "../errors/kinds.ts";
import { toNumber } from "./cell.ts";
import type { Formula } from "./formula.ts";
import type { DataTable } from "./table.ts";

/**
 * The response of each row that has one a model can read, NaN for the others: where the column is missing or blank, or
 * holds a label or number that the model has no probability for.
 */
export function knownResponse(table: DataTable, { response, labels, counts = false }: Formula): Float64Array {
  const cells = table.columns.find(({ name }) => name === response)?.values;
  const out = new Float64Array(table.rows).fill(Number.NaN);
  if (cells === undefined) return out;
  const codes = new Map(labels?.map((label, code) => [label, code]));
  for (const [row, cell] of cells.entries()) {
    if (cell === null) continue;
    const value = labels === undefined ? numberOf(cell, counts) : codes.get(String(cell));
    if (value !== undefined) out[row] = value;
  }
  return out;
}

function numberOf(cell: string | number, counts: boolean): number | undefined {
  const value = typeof cell === "string" ? toNumber(cell) : cell;
  if (!(Math.abs(value) <= LARGEST)) return undefined;
  return counts && !(Number.isSafeInteger(value) && value >= 0) ? undefined : value;
}
