import { checkArgument } from "../errors/arguments.ts";
import { oneOf } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { readsColumns } from "../laws/gates/registry.ts";
import type { Design, Observations } from "../rows/observations.ts";
import { checkTable, type DataTable, place, rowNumber } from "../table/table.ts";
import { completeRows } from "./complete.ts";
import { columnsOfTerms, type DesignColumn, designReader, INTERCEPT } from "./design.ts";
import { aFormula, type Formula } from "./formula.ts";
import { checkUnits, unitColumn } from "./groups.ts";
import { knownResponse } from "./known-response.ts";
import { codesOf, responseColumn, responseKind, weightColumn } from "./response.ts";
import { scaledColumn } from "./scale.ts";
import { trialColumn } from "./trials.ts";
import { columnsRead, variablesOf, variablesOfSides, withComputed } from "./written.ts";

/** Names of the columns of the designs that a formula reads. */
export function designColumns(formula: Formula, part: "expert" | "gate"): readonly string[] {
  return columnsFor(formula, part).map(({ name }) => name);
}

/** The same names as documents have them, in the same order. */
export function designKeys(formula: Formula, part: "expert" | "gate"): readonly string[] {
  return columnsFor(formula, part).map(({ key }) => key);
}

/** Names of the experts' columns whose coefficients they share. */
export function sharedColumns(formula: Formula): readonly string[] {
  const { shared = [], products } = formula;
  const nameOf = (variables: readonly string[]): string => [...variables].sort().join("\n");
  const terms = new Set(shared.map((term) => nameOf(term === INTERCEPT ? [] : variablesOf([term], products))));
  return columnsFor(formula, "expert").flatMap(({ name, parts }) =>
    terms.has(nameOf(parts.map(({ variable }) => variable))) ? [name] : [],
  );
}

function columnsFor(formula: Formula, part: "expert" | "gate"): readonly DesignColumn[] {
  const { features, gateFeatures, gate = "softmax", intercept, gateIntercept = intercept } = formula;
  if (part === "expert") return columnsOfTerms(features, intercept, formula);
  return columnsOfTerms(gateFeatures, gateIntercept || !readsColumns(gate), formula);
}

/**
 * A table's rows as the numbers a model reads.
 *
 * Rows with a missing value are left out where the formula says so (`missing: "drop"`).
 *
 * @param response `"optional"`, as for predicting: NaN where there is no response, or none that the formula can read; rows
 *   without a column of trials are then one trial each, with no response
 * @throws InputError naming column and row for everything a formula's columns cannot hold
 * @example
 * ```ts
 * import { datasetPath, observe, readCsv } from "mixlens";
 * const formula = { response: "petal_width", features: ["petal_length"], gateFeatures: [], intercept: true };
 * const { rows, expert, gate } = observe(readCsv(datasetPath("iris")), formula);
 * if (rows !== 150 || expert.values.length !== 2 || gate.values.length !== 1) throw new Error("one column of ones each");
 * ```
 */
export function observe(
  given: DataTable,
  formula: Formula,
  response: "required" | "optional" = "required",
): Observations {
  checkTable(given);
  checkArgument("read the table", "formula", formula, aFormula);
  checkArgument("read the table", "response", response, oneOf(["required", "optional"]));
  const isNeeded = response === "required";
  const needed = columnsNeeded(given, formula, isNeeded);
  return observeComplete(completeRows(given, needed, formula.missing).table, formula, isNeeded);
}

/**
 * A table's rows as the numbers a model reads, where none misses a value.
 *
 * @param areAll whether there are no others
 */
export function observeComplete(
  complete: DataTable,
  formula: Formula,
  isNeeded: boolean,
  areAll: boolean = true,
): Observations {
  const { weights, group, trials } = formula;
  const table = withComputed(complete, formula.computed, { name: formula.response, isNeeded });
  const columns = { expert: columnsFor(formula, "expert"), gate: columnsFor(formula, "gate") };
  const read = designReader(table, formula);
  const design = (own: readonly DesignColumn[]): Design => ({
    columns: own.map(({ name }) => name),
    values: read(own),
  });
  const expert = design(columns.expert);
  const isSame =
    columns.expert.length === columns.gate.length &&
    columns.expert.every(({ name }, j) => name === columns.gate[j].name);
  const gate = isSame ? expert : design(columns.gate);
  const weighed = weights === undefined ? undefined : { name: weights, values: weightColumn(table, weights, areAll) };
  const hasTrials = trials !== undefined && table.columns.some(({ name }) => name === trials);
  const counts = hasTrials ? trialColumn(table, trials) : undefined;
  const units = group === undefined ? undefined : unitColumn(table, group);
  if (group !== undefined && units !== undefined) checkUnits((row) => place(table, row), group, units, gate, weighed);
  return {
    rows: table.rows,
    expert,
    gate,
    response: isNeeded ? responseOf(table, formula, counts) : knownResponse(table, formula, counts),
    ...(weighed !== undefined && { weights: weighed.values }),
    ...(units !== undefined && { units }),
    ...offsetOf(table, formula),
    ...(counts !== undefined && { trials: counts }),
    ...(table.sourceRow !== undefined && {
      numbers: Int32Array.from({ length: table.rows }, (_, row) => rowNumber(table, row)),
    }),
  };
}

/** The known part of a predictor: an offset, or the logarithms of exposures, which are above 0. */
function offsetOf(table: DataTable, { offset, exposure }: Formula): { readonly offset?: Float64Array } {
  if (exposure === undefined) return offset === undefined ? {} : { offset: scaledColumn(table, offset) };
  const exposures = scaledColumn(table, exposure);
  const odd = exposures.findIndex((value) => value <= 0);
  if (odd < 0) return { offset: exposures.map(Math.log) };
  const wanted = `exposures above 0 in column ${quote(exposure)}`;
  throw new InputError(`read ${table.source}`, wanted, `${exposures[odd]} at ${place(table, odd)}`);
}

/**
 * The columns of a table that a formula reads.
 *
 * @throws InputError for one that there is not
 */
export function columnsNeeded(table: DataTable, formula: Formula, isResponseNeeded: boolean): readonly string[] {
  const { response, weights, offset, exposure, group, trials, computed } = formula;
  const hasTrials = isResponseNeeded || table.columns.some(({ name }) => name === trials);
  const ofResponse = [isResponseNeeded ? response : undefined, hasTrials ? trials : undefined];
  const others = [...ofResponse, weights, offset, exposure, group].filter((name) => name !== undefined);
  const names = [...variablesOfSides(formula), ...others].flatMap((name) => columnsRead(name, computed));
  checkColumns(table, names);
  return names;
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

function responseOf(table: DataTable, formula: Formula, trials: Float64Array | undefined): Float64Array {
  const { response, labels } = formula;
  if (labels !== undefined) return codesOf(table, response, labels);
  return responseColumn(table, response, responseKind(formula), trials);
}
