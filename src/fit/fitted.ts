import { checkArgument } from "../errors/arguments.ts";
import { isObject, type Kind, objectOf, required, vector } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import { codingsInWords } from "../frame/column-types.ts";
import { completeRows, droppedInWords, type Missing } from "../frame/complete.ts";
import { aFormula, type Formula } from "../frame/formula.ts";
import { columnsNeeded, observe, observeComplete } from "../frame/observe.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { checkModel, checkPoint, checkRows } from "../models/checks.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { missingRows, rowsBeside } from "../table/missing.ts";
import type { DataSource } from "../table/source.ts";
import { type DataTable, place, takeRows } from "../table/table.ts";
import type { Origin } from "./origin.ts";
import { tableInMemory } from "./source/source.ts";

/** A mixture with its parameters: all that prediction needs, and what a model file holds. */
export interface FittedMixture<E extends ExpertKind = ExpertKind> {
  readonly formula: Formula;
  readonly mixture: Mixture<E>;
  /** Parameters (p), named by `mixture.names`. */
  readonly theta: Float64Array;
  /** Where a model that was read from a file comes from. */
  readonly origin?: Origin;
}

/** Rows as a function of a fit takes them: the fit's own unless others are given, as data or ready for arithmetic. */
export type FitRows = DataSource | Observations;

/** What is taken for them; who reads them says what is wrong. */
export const rowsOfAFit: Kind<FitRows> = { wanted: "data", accepts: () => true };

/** What is passed whole: a fit, which has its rows, or a loaded model, which has none. */
export interface Whole<E extends ExpertKind = ExpertKind> extends FittedMixture<E> {
  readonly observations?: Observations;
  readonly table?: DataTable;
}

/**
 * The model and the parameters of what a fit is taken for.
 *
 * @throws InputError naming the act where it is none
 */
export function fittedParts<Fitted extends { readonly mixture: object; readonly theta: Float64Array }>(
  act: string,
  fitted: Fitted,
): Fitted {
  checkArgument(act, "the fit", fitted, aFit);
  checkModel(act, fitted.mixture, []);
  checkPoint(act, "theta", fitted.theta, fitted.mixture);
  return fitted;
}

const anObject = required(objectOf({}, "an object"));
const aFit = objectOf({ mixture: anObject, theta: required(vector) }, "a fit, as fit and load return it");

/**
 * What a fit is taken for, with the formula that reads rows for it.
 *
 * @throws InputError naming the act where it is none
 */
export function fittedMixture<Fitted extends FittedMixture>(act: string, fitted: Fitted): Fitted {
  fittedParts(act, fitted);
  checkArgument(act, "formula", fitted.formula, aFormula);
  return fitted;
}

/**
 * The rows that are given for a fit, or its own.
 *
 * @param call how to write it with rows, such as `snr(model, rows)`
 * @throws InputError where there are neither, and for rows that the formula or the model can't read
 */
export function rowsOfFit(act: string, fitted: Whole, rows: FitRows | undefined, call: string): Observations {
  if (rows !== undefined && !isObservations(rows)) {
    return observe(tableInMemory(act, rows), fittedMixture(act, fitted).formula);
  }
  const data = rows ?? fitted.observations;
  if (data === undefined) {
    throw new InputError(act, "a fit with its rows", "a model without any", `give the data, too: ${call}`);
  }
  checkRows(act, { spec: fitted.mixture.spec }, data);
  return data;
}

/**
 * The table of the rows that are given for a fit, or of its own: the rows that are fitted, with all their columns.
 *
 * @throws InputError where there is none, as of rows that are ready for arithmetic
 */
export function tableOfFit(act: string, fitted: Whole, rows: FitRows | undefined): DataTable {
  if (rows === undefined && fitted.table !== undefined) return fitted.table;
  if (rows === undefined || isObservations(rows)) {
    throw new InputError(
      act,
      "rows with all their columns",
      "rows of the model's columns alone",
      "give the data as rows",
    );
  }
  const { formula } = fittedMixture(act, fitted);
  const table = tableInMemory(act, rows);
  return completeRows(table, columnsNeeded(table, formula, true), formula.missing).table;
}

/** A fit or a loaded model with rows of its own, and what there is to say of reading them. */
export interface WithRows extends Whole {
  readonly observations: Observations;
  readonly messages: readonly string[];
}

/**
 * What is passed whole, with the rows that are given for it as its own.
 *
 * @param call how to write it with rows
 * @throws as {@link rowsOfFit}
 */
export function withRows(act: string, fitted: Whole, rows: FitRows | undefined, call: string): WithRows {
  if (rows === undefined || isObservations(rows)) {
    const { messages = [] } = fitted as { readonly messages?: readonly string[] };
    return {
      ...fitted,
      observations: rowsOfFit(act, fitted, rows, call),
      messages: rows === undefined ? messages : [],
    };
  }
  const { formula, mixture, theta, origin } = fittedMixture(act, fitted);
  const given = tableInMemory(act, rows);
  const { table, dropped } = completeRows(given, columnsNeeded(given, formula, true), formula.missing);
  const messages = [...droppedInWords(dropped), ...codingsInWords(formula.codings ?? {})];
  const observations = observeComplete(table, formula, true);
  return { formula, mixture, theta, ...(origin && { origin }), table, observations, messages };
}

/** Rows that need no response. */
export interface UnseenRows {
  /** Those that can be read; absent: none can. */
  readonly observations?: Observations;
  /** The number of all rows. */
  readonly rows: number;
  /** Where those that can be read are among all, counted from 0; absent: all can. */
  readonly places?: Int32Array;
  /** What an error calls one of all rows. */
  readonly at: (row: number) => string;
}

/**
 * The rows that are given for a fit, or its own, where no response is needed.
 *
 * @param call how to write it with rows
 * @param missing what is done about missing values; absent: what the fit did
 * @throws as {@link rowsOfFit}
 */
export function unseenRows(
  act: string,
  fitted: Whole,
  rows: FitRows | undefined,
  call: string,
  missing?: Missing,
): UnseenRows {
  if (rows === undefined || isObservations(rows)) {
    const observations = rowsOfFit(act, fitted, rows, call);
    return { observations, rows: observations.rows, at: (row) => `row ${row + 1}` };
  }
  // Nothing that is said of a row depends on how much it weighs.
  const { weights: _, ...own } = fittedMixture(act, fitted).formula;
  const formula = { ...own, ...(missing && { missing }) };
  const table = tableInMemory(act, rows);
  const all = { rows: table.rows, at: (row: number) => place(table, row) };
  const dropped = missingRows(table, columnsNeeded(table, formula, false));
  if (formula.missing !== "drop" || dropped.rows.length === 0) {
    return { ...all, observations: observe(table, formula, "optional") };
  }
  const places = rowsBeside(dropped);
  if (places.length === 0) return { ...all, places };
  return { ...all, places, observations: observe(takeRows(table, places), formula, "optional") };
}

/** Values of the rows that could be read, in rows of some width, among those of all rows; NaN for the others. */
export function inPlace(values: Float64Array | undefined, width: number, unseen: UnseenRows): Float64Array {
  const { rows, places } = unseen;
  if (places === undefined && values !== undefined) return values;
  const all = new Float64Array(rows * width).fill(Number.NaN);
  places?.forEach((place, row) => {
    if (values) all.set(values.subarray(row * width, (row + 1) * width), place * width);
  });
  return all;
}

/** Whether rows are ready for arithmetic, whose gate has values; a column named gate has none. */
function isObservations(rows: unknown): rows is Observations {
  return isObject(rows) && typeof rows.rows === "number" && isObject(rows.gate) && Array.isArray(rows.gate.values);
}
