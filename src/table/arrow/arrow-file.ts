import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Arrow from "apache-arrow";
import { optionalPackage } from "../../errors/optional-package.ts";
import { InputError, quote } from "../../errors.ts";
import type { Batch, SourceColumn } from "../batch.ts";
import { checkFile } from "../read-bytes.ts";
import type { Part } from "../stack.ts";
import { isWhole } from "./arrow-check.ts";
import { classOf, fillColumn } from "./arrow-columns.ts";
import { arrowMessages, DAMAGED } from "./arrow-messages.ts";

/** Rows of a batch, at the most: those of a record batch may be many. */
const ROWS = 32_768;

/**
 * The rows of a file of Arrow, or of a stream of its messages, record batch by record batch.
 *
 * @throws InputError for a file that is none or is compressed, and for columns that are neither numbers nor text
 * @remarks one record batch is in memory at a time
 */
export function* arrowParts(names: readonly string[], source: string): Generator<Part, void> {
  for (const file of names) {
    checkFile(file, "an Arrow file");
    const act = `read ${source}`;
    const load = createRequire(optionalPackage(act, "apache-arrow"));
    const arrow: typeof Arrow = load("apache-arrow");
    const descriptor = openSync(file, "r");
    try {
      yield partOf(load, arrow, descriptor, { act, name: JSON.stringify(file) });
    } finally {
      closeSync(descriptor);
    }
  }
}

/** What is read, for the sentence that says what is wrong with it. */
interface Subject {
  readonly act: string;
  readonly name: string;
}

function partOf(load: NodeJS.Require, arrow: typeof Arrow, descriptor: number, subject: Subject): Part {
  const { act, name } = subject;
  const failing = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      // The library's own words are those of its program.
      throw error instanceof InputError ? error : refusal(act, DAMAGED);
    }
  };
  const parts = arrowMessages(load, arrow, descriptor, (reason) => refusal(act, reason));
  const reader = failing(() => arrow.RecordBatchReader.from(parts).open());
  const known = new WeakSet<object>();
  const next = (): IteratorResult<Arrow.RecordBatch> => {
    const found = failing(() => reader.next());
    if (!found.done && !failing(() => isWhole(arrow, found.value, known))) throw refusal(act, DAMAGED);
    return found;
  };
  const columns = failing(() => reader.schema.fields.map((field) => columnOf(arrow, field, act)));
  return { name, columns, next: batches(columns, next, subject) };
}

function columnOf(arrow: typeof Arrow, field: Arrow.Field, act: string): SourceColumn {
  const is = classOf(arrow, field.type);
  const type = String(field.type);
  // A name that is left out, whatever the library's type says, is none.
  const name = (field.name as string | null) ?? "";
  if (is !== "other") return { name, type, is };
  const wanted = `numbers, text, true and false or dates in column ${quote(name)}`;
  throw new InputError(act, wanted, `values of type ${type}`, "leave the column out where the file is written");
}

/** Gives the rows of record batches, some at a time. */
function batches(
  columns: readonly SourceColumn[],
  read: () => IteratorResult<Arrow.RecordBatch>,
  { act, name }: Subject,
): () => Batch | undefined {
  let batch: Arrow.RecordBatch | undefined;
  let [from, before] = [0, 0];
  const fill = (own: Arrow.RecordBatch): Batch => {
    const rows = Math.min(ROWS, own.numRows - from);
    const filled = columns.map((column, j) =>
      fillColumn(own.getChildAt(j) as Arrow.Vector, column, from, rows, (row, got) => {
        const wanted = `a date of the years 0 to 9999 in column ${quote(column.name)}`;
        const where = `${got} at row ${before + from + row + 1} of ${name}`;
        throw new InputError(act, wanted, where, "write the column as text");
      }),
    );
    from += rows;
    return { rows, columns: filled };
  };
  return () => {
    while (batch === undefined || from === batch.numRows) {
      before += batch?.numRows ?? 0;
      const next = read();
      if (next.done) return undefined;
      [batch, from] = [next.value, 0];
    }
    return fill(batch);
  };
}

function refusal(act: string, got: string): InputError {
  const python = "in Python pyarrow.feather.write_feather(table, out, compression='uncompressed')";
  const next = `write it anew, ${python}, in R arrow::write_feather(table, out, compression = "uncompressed"), or as Parquet`;
  return new InputError(act, "an Arrow file that is whole and not compressed", got, next);
}
