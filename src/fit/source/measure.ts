import type { Coding } from "../../frame/column-types.ts";
import type { Formula } from "../../frame/formula.ts";
import { PolynomialMoments } from "../../frame/polynomial-moments.ts";
import { scaledColumn } from "../../frame/scale.ts";
import { columnsRead } from "../../frame/written.ts";
import type { TableBatches } from "../../table/batches.ts";
import type { DataTable } from "../../table/table.ts";
import { eachComplete } from "./complete-rows.ts";

/**
 * A formula whose polynomials are those of all complete rows of a source, in place of those of a sketch.
 *
 * @remarks cost: the source is read once, where there are polynomials
 */
export function measured(batches: TableBatches, sketch: DataTable, formula: Formula): Formula {
  const { codings = {}, computed } = formula;
  const moments = Object.entries(codings).flatMap(([variable, coding]) => {
    if (coding.type !== "polynomial") return [];
    return [{ variable, column: columnsRead(variable, computed)[0], sums: new PolynomialMoments(coding) }];
  });
  if (moments.length === 0) return formula;
  eachComplete(batches, sketch, formula, (table) => {
    for (const { column, sums } of moments) sums.add(scaledColumn(table, column));
  });
  const own = moments.map(({ variable, sums }): [string, Coding] => [
    variable,
    { type: "polynomial", ...sums.basis() },
  ]);
  return { ...formula, codings: { ...codings, ...Object.fromEntries(own) } };
}
