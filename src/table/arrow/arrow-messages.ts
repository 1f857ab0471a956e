import { fstatSync, readSync } from "node:fs";
import type * as Arrow from "apache-arrow";
import type * as DictionaryBatches from "apache-arrow/fb/dictionary-batch";
import type * as Fields from "apache-arrow/fb/field";
import type * as Footers from "apache-arrow/fb/footer";
import type * as Messages from "apache-arrow/fb/message";
import type * as RecordBatches from "apache-arrow/fb/record-batch";
import type * as Schemas from "apache-arrow/fb/schema";
import type * as ArrowFile from "apache-arrow/ipc/metadata/file";

/** How a file of Arrow begins and ends; a stream does neither. */
const MAGIC = "ARROW1";
const OLD_MAGIC = "FEA1";
/** What precedes the metadata of a message, since version 0.15, and what may precede its length. */
const CONTINUED = -1;
/** Kinds of messages. */
const [SCHEMA, DICTIONARY, RECORDS] = [1, 2, 3];
/** Bytes of a number in the lists of a record batch: a place and a length. */
const PAIR = 16;

type ByteBuffer = Parameters<typeof Messages.Message.getRootAsMessage>[0];

/** Refuses a file, for a reason. */
export type Refuse = (reason: string) => Error;

/** What reads messages, and refuses what the library would follow without end: it trusts every count. */
interface Reading {
  readonly load: NodeJS.Require;
  readonly descriptor: number;
  readonly size: number;
  readonly refuse: Refuse;
}

const CUT = "one that was cut short";
export const DAMAGED = "one that is damaged";

/**
 * The messages of a file as those of a stream: the columns, then what they refer to, then batch after batch, each checked to
 * be whole, and no longer in anything that it counts than in bytes.
 *
 * @remarks one message is in memory at a time
 */
export function* arrowMessages(
  load: NodeJS.Require,
  arrow: typeof Arrow,
  descriptor: number,
  refuse: Refuse,
): Generator<Uint8Array, void> {
  const { size } = fstatSync(descriptor);
  const reading = { load, descriptor, size, refuse };
  const first = bytesAt(reading, 0, MAGIC.length).toString("latin1");
  if (first.startsWith(OLD_MAGIC)) throw refuse("one of the first version of Feather");
  if (first === MAGIC) yield* ofFile(reading, arrow);
  else yield* ofStream(reading);
}

function* ofStream(reading: Reading): Generator<Uint8Array, void> {
  for (let at = 0; at < reading.size || at === 0; ) {
    const message = messageAt(reading, at, at === 0 ? [SCHEMA] : [DICTIONARY, RECORDS]);
    if (message === undefined) break;
    yield* message;
    for (const { length } of message) at += length;
  }
}

function* ofFile(reading: Reading, arrow: typeof Arrow): Generator<Uint8Array, void> {
  const { load, size, refuse } = reading;
  const end = bytesAt(reading, Math.max(0, size - 10), 10);
  const length = size < 18 ? -1 : end.readInt32LE(0);
  if (end.toString("latin1", end.length - MAGIC.length) !== MAGIC || length < 0 || length > size - 18)
    throw refuse(CUT);
  const bytes = bytesAt(reading, size - 10 - length, length);
  const { Footer: Counts }: typeof Footers = load("apache-arrow/fb/footer");
  const counts = Counts.getRootAsFooter(buffer(load, bytes));
  const [dictionaries, records] = [counts.dictionariesLength(), counts.recordBatchesLength()];
  const isCounted = [dictionaries, records, counts.customMetadataLength()].every((count) => count <= bytes.length);
  const columns = counts.schema();
  if (!isCounted || columns === null) throw refuse(DAMAGED);
  checkSchema(columns, bytes.length, refuse);
  const { Footer }: typeof ArrowFile = load("apache-arrow/ipc/metadata/file");
  const footer = Footer.decode(bytes);
  const empty = arrow.tableToIPC(new arrow.Table(footer.schema), "stream");
  // Without the message that nothing follows.
  yield empty.subarray(0, empty.length - 8);
  for (const [kind, blocks] of [
    [DICTIONARY, footer.dictionaryBatches()],
    [RECORDS, footer.recordBatches()],
  ] as const) {
    for (const { offset } of blocks) {
      const message = messageAt(reading, Number(offset), [kind]);
      if (message === undefined) throw refuse(DAMAGED);
      yield* message;
    }
  }
}

/** The message at a place, its metadata and its body; nothing where one says that none follows. */
function messageAt(reading: Reading, at: number, kinds: readonly number[]): readonly Uint8Array[] | undefined {
  const { size, refuse } = reading;
  const begin = bytesAt(reading, at, 8);
  if (begin.length < 4) throw refuse(CUT);
  const isContinued = begin.readInt32LE(0) === CONTINUED;
  const prefix = isContinued ? 8 : 4;
  if (begin.length < prefix) throw refuse(CUT);
  const length = begin.readInt32LE(prefix - 4);
  if (length === 0 && at > 0) return undefined;
  if (length <= 0 || at + prefix + length > size) throw refuse(CUT);
  const metadata = bytesAt(reading, at, prefix + length);
  const body = checkMessage(reading, metadata.subarray(prefix), kinds);
  const from = at + prefix + length;
  if (from + body > size) throw refuse(CUT);
  return [metadata, bytesAt(reading, from, body)];
}

/** The length of a message's body. */
function checkMessage({ load, refuse }: Reading, bytes: Uint8Array, kinds: readonly number[]): number {
  const { Message }: typeof Messages = load("apache-arrow/fb/message");
  const message = Message.getRootAsMessage(buffer(load, bytes));
  const kind: number = message.headerType();
  const body = Number(message.bodyLength());
  if (!kinds.includes(kind) || !(message.customMetadataLength() <= bytes.length) || !(body >= 0)) throw refuse(DAMAGED);
  if (kind === SCHEMA) {
    const { Schema }: typeof Schemas = load("apache-arrow/fb/schema");
    const schema: Schemas.Schema | null = message.header(new Schema());
    if (schema === null) throw refuse(DAMAGED);
    checkSchema(schema, bytes.length, refuse);
    return body;
  }
  const { RecordBatch }: typeof RecordBatches = load("apache-arrow/fb/record-batch");
  const { DictionaryBatch }: typeof DictionaryBatches = load("apache-arrow/fb/dictionary-batch");
  const rows: RecordBatches.RecordBatch | null =
    kind === RECORDS ? message.header(new RecordBatch()) : message.header(new DictionaryBatch())?.data();
  if (rows === null || rows === undefined) throw refuse(DAMAGED);
  if (rows.compression() !== null) throw refuse("a compressed one");
  const counts = [rows.nodesLength() * PAIR, rows.buffersLength() * PAIR, rows.variadicBufferCountsLength()];
  if (counts.some((count) => !(count <= bytes.length))) throw refuse(DAMAGED);
  return body;
}

/** Refuses columns in one another without end, and numbers whose first byte is the largest. */
function checkSchema(schema: Schemas.Schema, most: number, refuse: Refuse): void {
  if (schema.endianness() !== 0) throw refuse("one whose numbers begin with their largest byte");
  let left = most;
  const spend = (count: number): void => {
    left -= count;
    if (!(count >= 0 && left >= 0)) throw refuse(DAMAGED);
  };
  const check = (field: Fields.Field | null): void => {
    if (field === null) return;
    spend(1 + field.childrenLength() + field.customMetadataLength());
    for (let j = 0; j < field.childrenLength(); j++) check(field.children(j));
  };
  spend(schema.fieldsLength() + schema.customMetadataLength());
  for (let j = 0; j < schema.fieldsLength(); j++) check(schema.fields(j));
}

function buffer(load: NodeJS.Require, bytes: Uint8Array): ByteBuffer {
  const { ByteBuffer }: { ByteBuffer: new (bytes: Uint8Array) => ByteBuffer } = load("flatbuffers");
  return new ByteBuffer(bytes);
}

/** Bytes of a file from a place on, as many as there are. */
function bytesAt({ descriptor, size }: Reading, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(descriptor, bytes, done, bytes.length - done, at + done);
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}
