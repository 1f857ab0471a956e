import { Binary, Field, Int64, makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from "apache-arrow";

/** Blocks of bytes with their numbers, as a stream of Arrow. */
export function arrowOfBlocks(numbers: readonly number[], blocks: readonly Uint8Array[]): Uint8Array {
  const offsets = new Int32Array(blocks.length + 1);
  for (const [at, block] of blocks.entries()) offsets[at + 1] = offsets[at] + block.length;
  const bytes = new Uint8Array(offsets[blocks.length]);
  for (const [at, block] of blocks.entries()) bytes.set(block, offsets[at]);
  const fields = [new Field("number", new Int64(), true), new Field("tiles", new Binary(), true)];
  const { length } = blocks;
  const children = [
    makeData({ type: new Int64(), length, nullCount: 0, data: BigInt64Array.from(numbers, BigInt) }),
    makeData({ type: new Binary(), length, nullCount: 0, data: bytes, valueOffsets: offsets }),
  ];
  const schema = new Schema(fields);
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  return tableToIPC(new Table([new RecordBatch(schema, data)]), "stream");
}
