import type { Design, Observations } from "../models/observations.ts";
import { codesOf, type Formula, weightColumn } from "./formula.ts";
import { numericColumn } from "./numeric.ts";
import type { DataTable } from "./table.ts";

/** The name of the column of ones. */
export const INTERCEPT = "(intercept)";

/** Names of the columns of a design that reads these features. */
export function designColumns(features: readonly string[], intercept: boolean): readonly string[] {
  return intercept ? [INTERCEPT, ...features] : features;
}

/**
 * A table's rows as the numbers a model reads.
 *
 * @param response what to do without a response, as when predicting: `"optional"` gives NaN in its place
 * @throws InputError naming column and row for everything a formula's columns cannot hold
 */
export function observe(
  table: DataTable,
  formula: Formula,
  response: "required" | "optional" = "required",
): Observations {
  const expert = design(table, formula.features, formula.intercept);
  const same = formula.features.join("\n") === formula.gateFeatures.join("\n");
  const present = response === "required" || table.columns.some(({ name }) => name === formula.response);
  return {
    rows: table.rows,
    expert,
    gate: same ? expert : design(table, formula.gateFeatures, formula.intercept),
    response: present ? responseOf(table, formula) : new Float64Array(table.rows).fill(Number.NaN),
    ...(formula.weights !== undefined && {
      weights: weightColumn(table, formula.weights),
    }),
    ...(formula.offset !== undefined && {
      offset: numericColumn(table, formula.offset),
    }),
  };
}

function responseOf(table: DataTable, { response, labels }: Formula): Float64Array {
  return labels === undefined ? numericColumn(table, response) : codesOf(table, response, labels);
}

function design(table: DataTable, features: readonly string[], intercept: boolean): Design {
  const values = features.map((name) => numericColumn(table, name));
  if (intercept) values.unshift(new Float64Array(table.rows).fill(1));
  return { columns: designColumns(features, intercept), values };
}
