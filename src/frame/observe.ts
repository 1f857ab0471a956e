import { checkArgument } from "../errors/arguments.ts";
import { oneOf } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { readsColumns } from "../laws/gates/registry.ts";
import type { Design, Observations } from "../rows/observations.ts";
import { checkTable, type DataTable, rowNumber } from "../table/table.ts";
import { type Complete, completeRows } from "./complete.ts";
import { aFormula, codesOf, type Formula, responseColumn, responseKind, weightColumn } from "./formula.ts";
import { checkUnits, unitColumn } from "./groups.ts";
import { knownResponse } from "./known-response.ts";
import { scaledColumn } from "./scale.ts";

/** The name of the column of ones. */
export const INTERCEPT = "(intercept)";

/** Names of the columns of the designs that a formula reads. */
export function designColumns(
  {
    features,
    gateFeatures,
    gate = "softmax",
    intercept,
  }: Pick<Formula, "features" | "gateFeatures" | "gate" | "intercept">,
  part: "expert" | "gate",
): readonly string[] {
  const own = part === "gate" ? gateFeatures : features;
  return intercept || (part === "gate" && !readsColumns(gate)) ? [INTERCEPT, ...own] : own;
}

/**
 * A table's rows as the numbers a model reads.
 *
 * Rows with a missing value are left out where the formula says so (`missing: "drop"`).
 *
 * @param response `"optional"`, as for predicting: NaN where there is no response, or none that the formula can read
 * @throws InputError naming column and row for everything a formula's columns cannot hold
 * @example
 * ```ts
 * import { datasetPath, observe, readCsv } from "mixlens";
 * const formula = { response: "petal_width", features: ["petal_length"], gateFeatures: [], intercept: true };
 * const { rows, expert, gate } = observe(readCsv(datasetPath("iris")), formula);
 * if (rows !== 150 || expert.values.length !== 2 || gate.values.length !== 1) throw new Error("one column of ones each");
 * ```
 */
export function observe(table: DataTable, formula: Formula, response: Response = "required"): Observations {
  checkTable(table);
  checkArgument("read the table", "formula", formula, aFormula);
  checkArgument("read the table", "response", response, oneOf(["required", "optional"]));
  const { missing } = formula;
  return observed(completeRows(table, columnsRead(table, formula, response), missing), formula, response);
}

/** Whether each row needs a response. */
type Response = "required" | "optional";

/**
 * The columns of a table that a formula reads.
 *
 * @throws InputError for one that there is not
 */
export function columnsRead(table: DataTable, formula: Formula, response: Response): readonly string[] {
  const { features, gateFeatures, weights, offset, group } = formula;
  const own = response === "required" ? formula.response : undefined;
  const names = [own, ...features, ...gateFeatures, weights, offset, group].filter((name) => name !== undefined);
  checkColumns(table, names);
  return names;
}

/** The numbers of rows that a formula can read. */
export function observed({ table, dropped }: Complete, formula: Formula, response: Response): Observations {
  const { features, gateFeatures, weights, offset, group } = formula;
  const columns = { expert: designColumns(formula, "expert"), gate: designColumns(formula, "gate") };
  const expert = design(table, features, columns.expert);
  const same =
    columns.expert.length === columns.gate.length && columns.expert.every((name, j) => name === columns.gate[j]);
  const gate = same ? expert : design(table, gateFeatures, columns.gate);
  const weighed = weights === undefined ? undefined : { name: weights, values: weightColumn(table, weights) };
  const units = group === undefined ? undefined : unitColumn(table, group);
  if (group !== undefined && units !== undefined) checkUnits(table, group, units, gate, weighed);
  return {
    rows: table.rows,
    expert,
    gate,
    response: response === "required" ? responseOf(table, formula) : knownResponse(table, formula),
    ...(weighed !== undefined && { weights: weighed.values }),
    ...(units !== undefined && { units }),
    ...(offset !== undefined && { offset: scaledColumn(table, offset) }),
    ...(dropped.rows.length > 0 && {
      numbers: Int32Array.from({ length: table.rows }, (_, row) => rowNumber(table, row)),
    }),
  };
}

/** Refuses a table without a column that a model, which may have been fitted to another table, reads. */
function checkColumns(table: DataTable, needed: readonly string[]): void {
  const found = table.columns.map(({ name }) => name);
  const known = new Set(found);
  const missing = needed.find((name) => !known.has(name));
  if (missing === undefined) return;
  const more = found.length > 5 ? ` and ${found.length - 5} more` : "";
  const got = `only ${found.slice(0, 5).map(quote).join(", ")}${more}`;
  throw new InputError(`read ${table.source}`, `the column ${quote(missing)} that the model reads`, got);
}

function responseOf(table: DataTable, formula: Formula): Float64Array {
  const { response, labels } = formula;
  if (labels !== undefined) return codesOf(table, response, labels);
  return responseColumn(table, response, responseKind(formula));
}

/** The columns of a design: its features and, where it has one name more, the column of ones before them. */
function design(table: DataTable, features: readonly string[], columns: readonly string[]): Design {
  const values = features.map((name) => scaledColumn(table, name));
  if (columns.length > features.length) values.unshift(new Float64Array(table.rows).fill(1));
  return { columns, values };
}
