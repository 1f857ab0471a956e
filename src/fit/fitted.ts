import { checkArgument } from "../errors/arguments.ts";
import { isObject, type Kind, objectOf, required, vector } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import { aFormula, type Formula } from "../frame/formula.ts";
import { observe } from "../frame/observe.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { checkModel, checkPoint, checkRows } from "../models/checks.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { type DataSource, toTable } from "../table/source.ts";
import { place } from "../table/table.ts";

/** A mixture with its parameters: all that prediction needs, and what a model file holds. */
export interface FittedMixture<E extends ExpertKind = ExpertKind> {
  readonly formula: Formula;
  readonly mixture: Mixture<E>;
  /** Parameters (p), named by `mixture.names`. */
  readonly theta: Float64Array;
}

/** Rows as a function of a fit takes them: the fit's own unless others are given, as data or ready for arithmetic. */
export type FitRows = DataSource | Observations;

/** What is taken for them; who reads them says what is wrong. */
export const rowsOfAFit: Kind<FitRows> = { wanted: "data", accepts: () => true };

/** What is passed whole: a fit, which has its rows, or a loaded model, which has none. */
export interface Whole<E extends ExpertKind = ExpertKind> extends FittedMixture<E> {
  readonly observations?: Observations;
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
 * @throws InputError where there are neither, and for rows that the formula can't read
 */
export function rowsOfFit(act: string, fitted: Whole, rows: FitRows | undefined, call: string): Observations {
  if (isObservations(rows)) return rows;
  if (rows !== undefined) return observe(toTable(rows), fittedMixture(act, fitted).formula);
  if (fitted.observations !== undefined) return fitted.observations;
  throw new InputError(act, "a fit with its rows", "a model without any", `give the data, too: ${call}`);
}

/**
 * The rows that are given for a fit, or its own, where no response is needed; and what an error calls one of them.
 *
 * @param call how to write it with rows
 * @throws as {@link rowsOfFit}
 */
export function unseenRows(
  act: string,
  fitted: Whole,
  rows: FitRows | undefined,
  call: string,
): { readonly observations: Observations; readonly at: (row: number) => string } {
  if (rows === undefined || isObservations(rows)) {
    const observations = rowsOfFit(act, fitted, rows, call);
    checkRows(act, { spec: fitted.mixture.spec }, observations);
    return { observations, at: (row) => `row ${row + 1}` };
  }
  // Nothing that is said of a row depends on how much it weighs.
  const { weights: _, ...formula } = fittedMixture(act, fitted).formula;
  const table = toTable(rows);
  return { observations: observe(table, formula, "optional"), at: (row) => place(table, row) };
}

/** Whether rows are ready for arithmetic, whose gate has values; a column named gate has none. */
function isObservations(rows: unknown): rows is Observations {
  return isObject(rows) && typeof rows.rows === "number" && isObject(rows.gate) && Array.isArray(rows.gate.values);
}
