import { LARGEST } from "../errors/kinds.ts";
import type { ResponseKind } from "../laws/law.ts";
import { toNumber } from "../table/cell.ts";
import type { DataTable } from "../table/table.ts";
import type { Formula } from "./formula.ts";
import { responseKind } from "./response.ts";

/**
 * The response of each row that has one a model can read, NaN for the others: where the column is missing or blank, or
 * holds a label or number that the model has no probability for.
 */
export function knownResponse(table: DataTable, formula: Formula): Float64Array {
  const { response, labels } = formula;
  const kind = responseKind(formula);
  const cells = table.columns.find(({ name }) => name === response)?.values;
  const out = new Float64Array(table.rows).fill(Number.NaN);
  if (cells === undefined) return out;
  const codes = new Map(labels?.map((label, code) => [label, code]));
  for (const [row, cell] of cells.entries()) {
    if (cell === null) continue;
    const value = labels === undefined ? numberOf(cell, kind) : codes.get(String(cell));
    if (value !== undefined) out[row] = value;
  }
  return out;
}

function numberOf(cell: string | number, { accepts }: ResponseKind): number | undefined {
  const value = typeof cell === "string" ? toNumber(cell) : cell;
  if (!(Math.abs(value) <= LARGEST)) return undefined;
  return accepts(value) ? value : undefined;
}
