import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Arrow from "apache-arrow";
import type * as ArrowFile from "apache-arrow/ipc/metadata/file";
import { optionalPackage } from "../../errors/optional-package.ts";
import { InputError, quote } from "../../errors.ts";
import type { Batch, SourceColumn } from "../batch.ts";
import { checkFile } from "../read-bytes.ts";
import type { Part } from "../stack.ts";
import { classOf, fillColumn } from "./arrow-columns.ts";

/** How a file of Arrow begins and ends; a stream does neither. */
const MAGIC = "ARROW1";
/** Bytes of a stream that are read at a time. */
const CHUNK = 2 ** 20;
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
    checkFile(file, "an Arrow file", `name the files in it: ${quote(`${file}/*.arrow`)}`);
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
      throw error instanceof InputError ? error : refusal(act, (error as Error).message);
    }
  };
  const reader = failing(() => arrow.RecordBatchReader.from(messages(load, arrow, descriptor, subject)).open());
  const columns = reader.schema.fields.map((field): SourceColumn => {
    const is = classOf(arrow, field.type);
    const type = String(field.type);
    if (is !== "other") return { name: field.name, type, is };
    const wanted = `numbers, text, true and false or dates in column ${quote(field.name)}`;
    throw new InputError(act, wanted, `values of type ${type}`, "leave the column out where the file is written");
  });
  return { name, columns, next: batches(columns, () => failing(() => reader.next()), subject) };
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
        const wanted = column.is === "dates" ? "a date of the years 0 to 9999" : `whole numbers up to ${2 ** 53}`;
        const where = `${got} at row ${before + from + row + 1} of ${name}`;
        throw new InputError(act, `${wanted} in column ${quote(column.name)}`, where, "write the column as text");
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

/** The messages of a file as those of a stream: the columns, then what they refer to, then batch after batch. */
function* messages(
  load: NodeJS.Require,
  arrow: typeof Arrow,
  descriptor: number,
  { act }: Subject,
): Generator<Uint8Array, void> {
  const { size } = fstatSync(descriptor);
  const first = bytesAt(descriptor, 0, 8).toString("latin1", 0, MAGIC.length);
  if (first !== MAGIC) {
    if (first.startsWith("FEA1")) throw refusal(act, "one of the first version of Feather");
    for (let at = 0; at < size; at += CHUNK) yield bytesAt(descriptor, at, Math.min(CHUNK, size - at));
    return;
  }
  const end = bytesAt(descriptor, Math.max(0, size - 10), Math.min(10, size));
  const length = size < 18 ? -1 : end.readInt32LE(0);
  if (end.toString("latin1", end.length - MAGIC.length) !== MAGIC || length < 0 || length > size - 18) {
    throw refusal(act, "one that was cut short");
  }
  const { Footer }: typeof ArrowFile = load("apache-arrow/ipc/metadata/file");
  const footer = Footer.decode(bytesAt(descriptor, size - 10 - length, length));
  const empty = arrow.tableToIPC(new arrow.Table(footer.schema), "stream");
  // Without the message that nothing follows.
  yield empty.subarray(0, empty.length - 8);
  for (const { offset, metaDataLength, bodyLength } of [...footer.dictionaryBatches(), ...footer.recordBatches()])
    yield bytesAt(descriptor, Number(offset), metaDataLength + Number(bodyLength));
}

function bytesAt(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const count = readSync(descriptor, bytes, done, length - done, at + done);
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}

function refusal(act: string, reason: string): InputError {
  const isPacked = /compress/i.test(reason);
  const got = isPacked ? "a compressed one" : reason;
  const python = "in Python pyarrow.feather.write_feather(table, out, compression='uncompressed')";
  const next = `write it anew, ${python}, in R arrow::write_feather(table, out, compression = "uncompressed"), or as Parquet`;
  return new InputError(act, "an Arrow file that is whole and not compressed", got, next);
}
