import { appendFileSync, closeSync, openSync, rmSync } from "node:fs";
import { InputError, quote } from "../../errors.ts";
import { draftOf } from "../../files/draft.ts";
import { checkEnding } from "../../files/ending.ts";
import { checkOutput } from "../../files/output-place.ts";
import { writeWhole } from "../../files/write-file.ts";
import { columnsNeeded } from "../../frame/observe.ts";
import { columnsRead } from "../../frame/written.ts";
import type { Column } from "../../table/column.ts";
import { checkDuckDb, csvToParquet } from "../../table/duckdb/parquet-file.ts";
import { kindNamed } from "../../table/file-kind.ts";
import { type DataTable, takeRows } from "../../table/table.ts";
import { csvText } from "../../text/csv.ts";
import { printed } from "../../text/printed.ts";
import type { FitRows, Whole } from "../fitted.ts";
import type { Prediction } from "../prediction.ts";
import { predictionRows } from "../prediction-rows.ts";
import { counted } from "../summary.ts";
import { alike } from "./alike.ts";
import { isSource, openSource, pathOf, type RowSource } from "./source.ts";

/** Predictions that were written to a file. */
export interface PredictionFile {
  readonly out: string;
  readonly rows: number;
  /** Names of its columns. */
  readonly columns: readonly string[];
}

/** Predicts some rows after others. */
type Predict = (rows: FitRows | undefined) => Prediction;

/**
 * Writes the predictions of rows to a file, whole or not at all; those of a source as its rows come.
 *
 * @throws InputError as `predict`, for a file that can't be written, and for that of the rows
 */
export async function writePredictions(
  out: string,
  fitted: Whole,
  rows: FitRows | RowSource | undefined,
  quantiles: readonly number[] | undefined,
  predict: Predict,
): Promise<PredictionFile> {
  const path = pathOf(rows);
  checkOutput(out, { reads: path === undefined ? [] : [path] });
  const act = `write ${quote(out)}`;
  checkEnding(out, "a CSV or Parquet file", [".csv", ".parquet", ".parq", ".pq"], 2);
  const isParquet = kindNamed(out) === "a Parquet file";
  const each = partsOf(fitted, rows);
  let written: Written = { rows: 0, columns: [] };
  const writeCsv = (path: string): void => {
    written = writeParts(path, each, (found) => predictionRows(fitted, found, quantiles), predict);
  };
  if (!isParquet) await writeWhole(out, writeCsv);
  else {
    checkDuckDb(act);
    await writeWhole(out, (draft) => {
      const csv = draftOf(draft);
      try {
        writeCsv(csv);
        csvToParquet(
          act,
          csv,
          written.columns.map((name) => ({ name, kind: name === "label" ? "text" : "numeric" })),
          draft,
        );
      } finally {
        rmSync(csv, { force: true });
      }
    });
  }
  return printed({ out, ...written }, ({ rows }) => `predictions of ${counted(rows, "row")} in ${quote(out)}`);
}

interface Written {
  readonly rows: number;
  readonly columns: readonly string[];
}

/** Visits rows some at a time; `hasResponse` tells whether they have a column of the response. */
type Each = (visit: (rows: FitRows | undefined, hasResponse: boolean) => void) => void;

function partsOf({ formula }: Whole, rows: FitRows | RowSource | undefined): Each {
  if (!isSource(rows)) return (visit) => visit(rows, false);
  const { batches } = openSource(rows);
  const kinds = new Map<string, Column["kind"]>();
  const { weights: _, ...unweighted } = formula;
  const ofResponse = columnsRead(formula.response, formula.computed);
  return (visit) =>
    batches.each((given) => {
      const names = given.columns.map(({ name }) => name);
      const hasResponse = ofResponse.every((name) => names.includes(name));
      if (hasResponse) refuseGroups(formula, given);
      const table = alike(given, kinds, [...columnsNeeded(given, unweighted, false), ...ofResponse]);
      for (const some of slices(table)) visit(some, hasResponse);
    });
}

/** Rows whose lines are in memory at a time: many more small objects than the rows had numbers. */
const AT_ONCE = 2048;

/** A table some rows at a time. */
function* slices(table: DataTable): Generator<DataTable, void> {
  for (let from = 0; from < table.rows; from += AT_ONCE) {
    yield takeRows(
      table,
      Int32Array.from({ length: Math.min(AT_ONCE, table.rows - from) }, (_, i) => from + i),
    );
  }
}

/** Refuses groups where a row's expert is read off the responses of others. */
function refuseGroups({ group, response }: Whole["formula"], { source }: DataTable): void {
  if (group === undefined) return;
  const got = `the response ${quote(response)} of groups by ${quote(group)}`;
  const next = `rename ${quote(response)} in the rows, or give them in memory, without source(…)`;
  throw new InputError(`predict the rows of ${source}`, "rows without a response", got, next);
}

/** Writes what is predicted of rows, part by part: a line of names, and one for each row. */
function writeParts(
  path: string,
  each: Each,
  linesOf: (found: Prediction) => (string | number)[][],
  predict: Predict,
): Written {
  const file = openSync(path, "w");
  let rows = 0;
  let columns: readonly string[] = [];
  try {
    each((some, hasResponse) => {
      const found = predict(some);
      const known = found.responsibilities ?? (hasResponse ? found.gate : undefined);
      const [names, ...lines] = linesOf({ ...found, ...(known && { responsibilities: known }) });
      appendFileSync(file, csvText(columns.length === 0 ? [names, ...lines] : lines));
      columns = names.map(String);
      rows += found.rows;
    });
  } finally {
    closeSync(file);
  }
  return { rows, columns };
}
