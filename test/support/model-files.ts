import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FittedMixture } from "../../src/fit/fitted.ts";
import { load, modelText } from "../../src/fit/model-file.ts";
import { tableFromColumns } from "../../src/table/columns.ts";
import type { DataTable } from "../../src/table/table.ts";
import { type Table, twoLines } from "../cli/scratch.ts";

/** Rows of two lines. */
export const columns: Table = twoLines(40, 5);
export const table: DataTable = tableFromColumns(columns);
export const features: readonly string[] = ["x1", "x2"];

/** Texts of model files. */
export const linear: string = modelText(fit(table, { response: "y", features, starts: 2 }));
export const logistic: string = modelText(
  fit(table, { response: "label", features, experts: "logistic", ridge: 0.1, starts: 2 }),
);

export const counts: DataTable = tableFromColumns({
  ...columns,
  y: columns.y.map((value) => Math.round(Math.exp(Number(value) / 2))),
});
export const poisson: string = modelText(fit(counts, { response: "y", features, experts: "poisson", starts: 2 }));

/** Reads a model from this text; the error's line where there is one. */
export function readIn(folder: string, text: string): FittedMixture | string {
  const file = join(folder, "changed.json");
  writeFileSync(file, text);
  try {
    return load(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^Cannot [^\n]+: expected [^\n]+, got [^\n]+$/);
    return error.message.replace(/^Cannot read the model "[^"]*(…"|"): /, "");
  }
}
