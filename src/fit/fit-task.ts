import { partOf } from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import { codesInWords } from "../frame/codes.ts";
import { refuseCollinear } from "../frame/collinear.ts";
import { codingsInWords } from "../frame/column-types.ts";
import { completeRows, droppedInWords } from "../frame/complete.ts";
import { type LeftOut, leftOutInWords } from "../frame/default-features.ts";
import { exposureInWords } from "../frame/exposure.ts";
import { FORMULA, type Formula } from "../frame/formula.ts";
import { columnsOfOptions, formulaFrom, readOptionsOf } from "../frame/formula-of.ts";
import { observeComplete } from "../frame/observe.ts";
import { weightsInWords } from "../frame/relative-weights.ts";
import { suspectsInWords } from "../frame/suspects.ts";
import { readsColumns, refuseOtherExperts } from "../laws/gates/registry.ts";
import { MAKE, refuseOthersOptions } from "../models/make.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { unitCount } from "../rows/units.ts";
import type { MissingRows } from "../table/missing.ts";
import type { DataTable } from "../table/table.ts";
import type { FitPlan } from "./fit-options.ts";
import { mixtureFor } from "./fitted-mixture.ts";

/** A formula, the mixture that reads it, and the rows it is fitted to. */
export interface Task {
  readonly formula: Formula;
  readonly model: Mixture;
  readonly observations: Observations;
  /** Columns that are no features because none were named. */
  readonly leftOut: readonly LeftOut[];
  /** Rows that are not fitted because a value is missing. */
  readonly dropped: MissingRows;
  /** The rows that are fitted. */
  readonly table: DataTable;
  /** Notes on the data, known before any step. */
  readonly notes: readonly string[];
}

/** Makes a task of a table and options, or refuses what no fit can be made of. */
export function taskOf(given: DataTable, plan: FitPlan): Task {
  const { k, experts, ridge, offset, startColumns = [] } = plan;
  const said = readOptionsOf(given, partOf(plan, FORMULA), startColumns);
  const { leftOut } = said;
  const { table, dropped } = completeRows(given, columnsOfOptions(given, said), plan.missing);
  if (k > table.rows) throw tooMany(k, table.rows, "rows");
  refuseOthersOptions("fit", plan);
  refuseOtherExperts("fit", plan.gate, k);
  const formula = formulaFrom(table, said, experts);
  const observations = observeComplete(table, formula, true);
  const units = unitCount(observations);
  if (k > units) throw tooMany(k, units, `groups in column ${quote(formula.group ?? "")}`);
  for (const part of k === 1 ? (["expert"] as const) : (["expert", "gate"] as const)) {
    if (observations[part].columns.length === 0) {
      const owner = part === "gate" ? "gate" : "experts";
      throw new InputError("fit", `at least one column for the ${owner}`, "none and no intercept");
    }
  }
  if (plan.zeroInflated) refuseNoZeros(observations, formula.response);
  const model = mixtureFor(formula, partOf(plan, MAKE));
  const exposure = model.law.response.isCount && offset !== undefined ? exposureInWords(observations, offset) : [];
  const isGateNamed = plan.gateFeatures !== undefined || plan.formula?.includes("|") === true;
  const asWritten = { hasGate: k > 1 && isGateNamed, hasOffset: offset === undefined };
  const notes = [
    ...droppedInWords(dropped),
    ...leftOutInWords(leftOut),
    ...codingsInWords(formula.codings ?? {}),
    ...codesInWords(table, formula, asWritten),
    ...suspectsInWords(table, formula),
    ...(isGateNamed ? [] : groupNotes(formula)),
    ...exposure,
    ...(plan.weights === undefined ? [] : weightsInWords(observations, plan.weights)),
  ];
  if (ridge === 0) {
    refuseCollinear(model, observations, "expert");
    if (k > 1 && observations.gate !== observations.expert) refuseCollinear(model, observations, "gate");
  }
  return { formula, model, observations, leftOut, dropped, table, notes };
}

function tooMany(k: number, most: number, what: string): InputError {
  return new InputError("fit", `k to be a whole number from 1 to ${most}, the number of ${what}`, String(k));
}

/** Refuses counts of which none can be an expert's that is always 0. */
function refuseNoZeros({ response, units }: Observations, name: string): void {
  const counts = new Set(units?.filter((_, row) => response[row] > 0));
  if (response.some((y, row) => y === 0 && !counts.has(units?.[row] ?? -1))) return;
  const wanted = `a ${units === undefined ? "count" : "group whose counts are all"} 0 in column ${quote(name)}`;
  throw new InputError("fit", wanted, "none", "leave zeroInflated out (--zero-inflated)");
}

/** Says which features the gate does not read, because they vary within groups. */
function groupNotes({ features, gateFeatures, gate = "softmax", group }: Formula): string[] {
  const varying = features.filter((name) => !gateFeatures.includes(name));
  if (group === undefined || !readsColumns(gate) || varying.length === 0) return [];
  const [vary, are] = varying.length === 1 ? ["varies", "is no column"] : ["vary", "are no columns"];
  return [`${listed(varying, "and")} ${vary} within groups of ${quote(group)}, and ${are} of the gate.`];
}
