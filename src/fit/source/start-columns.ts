import { partOf } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import type { Formula } from "../../frame/formula.ts";
import { observeComplete } from "../../frame/observe.ts";
import { MAKE } from "../../models/make.ts";
import type { FitPlan } from "../fit-options.ts";
import { taskOf } from "../fit-task.ts";
import { mixtureFor } from "../fitted-mixture.ts";
import { fromResponsibilities } from "../maximum.ts";
import { givenResponsibilities } from "../starts/starts.ts";
import { sketchOf } from "./sketch.ts";
import { openSource, type RowSource } from "./source.ts";
import { UnitCensus } from "./unit-census.ts";

/** Parameters to start from, and the number of rows that they are of. */
export interface ColumnStart {
  readonly start: Float64Array;
  readonly rows: number;
}

/**
 * The start that responsibilities in columns lead to, of some rows of a source that are drawn at random.
 *
 * @param formula how the rows are read
 * @param seed of the rows that are drawn: that of the columns and levels
 * @throws InputError as `fit` for start columns of rows in memory
 * @remarks cost: the source is read once
 */
export function startOfColumns(
  source: RowSource,
  formula: Formula,
  names: readonly string[],
  plan: FitPlan,
  seed: number,
): ColumnStart {
  const census = plan.group === undefined ? undefined : new UnitCensus(plan.group);
  const sketch = sketchOf(openSource(source).batches, seed, census);
  const { table } = taskOf(sketch, { ...plan, missing: "drop" });
  const observations = observeComplete(table, formula, true);
  const model = mixtureFor(formula, partOf(plan, MAKE));
  const responsibilities = givenResponsibilities(table, names, plan.k, observations.units);
  const start = fromResponsibilities(model, responsibilities, observations);
  if (typeof start !== "string") return { start, rows: table.rows };
  throw new InputError("fit", "start columns that a start can be made of", start, "leave them out, or take start");
}
