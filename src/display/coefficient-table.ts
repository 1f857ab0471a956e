import type { ByColumn, Coefficients } from "../models/coefficients.ts";
import type { Cell, Table } from "./table.ts";

/**
 * The coefficients of a mixture as a table: one row for each column of gate and experts, with standard errors if given.
 *
 * @param shares share of the rows that each expert answers for (k), the last row of each if given
 * @example
 * ```ts
 * import { coefficients, coefficientTable, fit } from "mixlens";
 * const line = fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 });
 * const table = coefficientTable(coefficients(line.mixture, line.theta));
 * if (table.rows.length !== 3) throw new Error("intercept, slope and sigma");
 * ```
 */
export function coefficientTable(coefficients: Coefficients, errors?: Coefficients, shares?: readonly number[]): Table {
  const rows: Cell[][] = [];
  const add = (owner: string, values: ByColumn, spread: ByColumn | undefined): void => {
    for (const [name, value] of Object.entries(values)) {
      rows.push([owner, name, value, ...(errors === undefined ? [] : [spread?.[name]])]);
    }
  };
  coefficients.gate.slice(1).forEach((values, at) => {
    add(`gate ${at + 2}`, values, errors?.gate[at + 1]);
  });
  coefficients.experts.forEach((expert, z) => {
    const spread = errors?.experts[z];
    for (const [label, values] of byLabel(expert.coefficients)) {
      add(`expert ${z + 1}${label && `, ${label}`}`, values, new Map(byLabel(spread?.coefficients ?? {})).get(label));
    }
    if (expert.sigma !== undefined)
      add(`expert ${z + 1}`, { sigma: expert.sigma }, { sigma: spread?.sigma ?? Number.NaN });
    if (shares !== undefined) add(`expert ${z + 1}`, { weight: shares[z] }, undefined);
  });
  const columns = [{ name: "part" }, { name: "column" }, { name: "coefficient" }];
  return { columns: errors === undefined ? columns : [...columns, { name: "standard error" }], rows };
}

/** The coefficients of an expert by label, without the reference label; of a linear one under no label. */
function byLabel(values: ByColumn | Readonly<Record<string, ByColumn>>): [string, ByColumn][] {
  const entries = Object.entries(values);
  const labelled = entries.filter((entry): entry is [string, ByColumn] => typeof entry[1] === "object");
  return labelled.length > 0 ? labelled.slice(1) : [["", values as ByColumn]];
}
