import { partOf } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import type { Formula } from "../../frame/formula.ts";
import { observeComplete } from "../../frame/observe.ts";
import { MAKE } from "../../models/make.ts";
import type { DataTable } from "../../table/table.ts";
import type { FitPlan } from "../fit-options.ts";
import { taskOf } from "../fit-task.ts";
import { mixtureFor } from "../fitted-mixture.ts";
import { fromResponsibilities } from "../maximum.ts";
import { givenResponsibilities } from "../starts/starts.ts";

/** Parameters to start from, and the number of rows that they are of. */
export interface ColumnStart {
  readonly start: Float64Array;
  readonly rows: number;
}

/**
 * The start that responsibilities in columns lead to, of some rows of a source.
 *
 * @param sketch rows that were drawn at random
 * @param formula how they are read
 * @throws InputError as `fit` for start columns of rows in memory
 */
export function startOfColumns(
  sketch: DataTable,
  formula: Formula,
  names: readonly string[],
  plan: FitPlan,
): ColumnStart {
  const { table } = taskOf(sketch, { ...plan, missing: "drop" });
  const observations = observeComplete(table, formula, true);
  const model = mixtureFor(formula, partOf(plan, MAKE));
  const responsibilities = givenResponsibilities(table, names, plan.k, observations.units);
  const start = fromResponsibilities(model, responsibilities, observations);
  if (start instanceof Float64Array) return { start, rows: table.rows };
  throw new InputError(
    "fit",
    "start columns that a start can be made of",
    start.reason,
    "leave them out, or take start",
  );
}
