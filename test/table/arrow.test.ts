import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Data,
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { Message } from "apache-arrow/fb/message";
import { Schema as ArrowSchema } from "apache-arrow/fb/schema";
import fc from "fast-check";
import { Builder, ByteBuffer } from "flatbuffers";
import { afterAll, describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { source } from "../../src/fit/source/source.ts";
import { random } from "../../src/math/random.ts";
import { fileBatches } from "../../src/table/batches.ts";
import { readTable } from "../../src/table/read-table.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-arrow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

function cells(path: string, sql?: string): Record<string, unknown[]> {
  const { columns } = readTable(path, sql === undefined ? {} : { sql });
  return Object.fromEntries(columns.map(({ name, values }) => [name, Array.from<unknown>(values)]));
}

/** A stream of one column as somebody says that it is. */
function saying(data: Data): Uint8Array {
  const schema = new Schema([new Field("x", data.type, true)]);
  const { length } = data;
  const rows = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children: [data] });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, rows)]), "stream");
}
/** The first message of a stream, of so many columns, in one order of bytes or the other. */
function counting(columns: number, order: 0 | 1 = 0): Uint8Array {
  const builder = new Builder();
  ArrowSchema.startFieldsVector(builder, 0);
  const fields = builder.endVector();
  ArrowSchema.startSchema(builder);
  ArrowSchema.addEndianness(builder, order);
  ArrowSchema.addFields(builder, fields);
  const schema = ArrowSchema.endSchema(builder);
  builder.finish(Message.createMessage(builder, 4, 1, schema, 0n, 0));
  const metadata = Buffer.from(builder.asUint8Array());
  const found = ArrowSchema.getRootAsSchema(new ByteBuffer(metadata));
  const message = Message.getRootAsMessage(new ByteBuffer(metadata)).header(found);
  // The count stands before the columns.
  const { bb, bb_pos } = message;
  metadata.writeInt32LE(columns, bb.__vector(bb_pos + bb.__offset(bb_pos, 6)) - 4);
  const begin = Buffer.alloc(8);
  begin.writeInt32LE(-1, 0);
  begin.writeInt32LE(metadata.length, 4);
  return Buffer.concat([begin, metadata]);
}
const LEVELS = vectorFromArray(["a", "b"], new Utf8());

// Three rows in two record batches, of every type that a table takes, as pyarrow 26 writes them without compression; and a
// column that it has compressed.
const PYARROW = Buffer.from(
  "QVJST1cxAAD/////IAIAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAQAAADg/v//BAAAAAkAAADMAQAAhAEAAFQBAAAoAQAA4AAAAKgAAAB8AAAA" +
    "UAAAAAQAAABo/v//AAABChAAAAAcAAAABAAAAAAAAAABAAAAegAAAAgADAAGAAgACAAAAAAAAQAEAAAADAAAAEV1cm9wZS9QYXJpcwAAAACw/v//" +
    "AAABChAAAAAUAAAABAAAAAAAAAABAAAAdAAAAKL+//8AAAIA2P7//wAAAQgQAAAAFAAAAAQAAAAAAAAAAQAAAGQAAADK/v//AAAAAAD///8AAAEG" +
    "EAAAABQAAAAEAAAAAAAAAAEAAABiAAAAiP///xAAGAAIAAYABwAMABAAFAAQAAAAAAABBRQAAAA0AAAAHAAAAAQAAAAAAAAAAQAAAGYAAAAIAAgA" +
    "AAAEAAgAAAAEAAAAfP///wAAAAEgAAAA3P///3j///8AAAEFEAAAABgAAAAEAAAAAAAAAAEAAABzAAAABAAEAAQAAACg////AAABAhAAAAAYAAAA" +
    "BAAAAAAAAAABAAAAdQAGAAgABAAGAAAACAAAAMz///8AAAECEAAAABwAAAAEAAAAAAAAAAEAAABuAAAACAAMAAgABwAIAAAAAAAAAUAAAAAQABQA" +
    "CAAGAAcADAAAABAAEAAAAAAAAQMQAAAAGAAAAAQAAAAAAAAAAQAAAHgABgAIAAYABgAAAAAAAgD/////qAAAABQAAAAAAAAADAAUAAYABQAIAAwA" +
    "DAAAAAACBAAUAAAAIAAAAAAAAAAIAAoAAAAEAAgAAAAQAAAAAAAKABgADAAEAAgACgAAAEwAAAAQAAAAAgAAAAAAAAAAAAAAAwAAAAAAAAAAAAAA" +
    "AAAAAAAAAAAAAAAAAAAAAAwAAAAAAAAAEAAAAAAAAAAKAAAAAAAAAAAAAAABAAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAFAAAACgAAAAAAAABub3J0" +
    "aHNvdXRoAAAAAAAA/////xgCAAAUAAAAAAAAAAwAFgAGAAUACAAMAAwAAAAAAwQAGAAAAMAAAAAAAAAAAAAKABgADAAEAAgACgAAAEwBAAAQAAAA" +
    "AgAAAAAAAAAAAAAAEwAAAAAAAAAAAAAAAQAAAAAAAAAIAAAAAAAAABgAAAAAAAAAIAAAAAAAAAAAAAAAAAAAACAAAAAAAAAAGAAAAAAAAAA4AAAA" +
    "AAAAAAAAAAAAAAAAOAAAAAAAAAADAAAAAAAAAEAAAAAAAAAAAQAAAAAAAABIAAAAAAAAAAwAAAAAAAAAWAAAAAAAAAAEAAAAAAAAAGAAAAAAAAAA" +
    "AAAAAAAAAABgAAAAAAAAAAwAAAAAAAAAcAAAAAAAAAABAAAAAAAAAHgAAAAAAAAAAQAAAAAAAACAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAAAMAAAA" +
    "AAAAAJAAAAAAAAAAAAAAAAAAAACQAAAAAAAAABgAAAAAAAAAqAAAAAAAAAAAAAAAAAAAAKgAAAAAAAAAGAAAAAAAAAAAAAAACQAAAAIAAAAAAAAA" +
    "AQAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAQAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAABAAAA" +
    "AAAAAAIAAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAUAAAAAAAAAAAAAAAAA+D8AAAAAAAAAAAAAAAAAAADA" +
    "AQAAAAAAAAAAAAAAAAAgAAAAAAAAAAAA/wABAAAAAAAFAAAAAAAAAAAAAAABAAAAAQAAAAAAAABhYixjAAAAAAAAAAABAAAAAAAAAAAAAAAFAAAA" +
    "AAAAAAEAAAAAAAAA/////5FHAAAAAAAAAAAAAP//////////QEKfoqufBQAAAAAAAAAAAAAAAAAAAAAAABw+jnABAAAAAAAAAAAAAP////8YAgAA" +
    "FAAAAAAAAAAMABYABgAFAAgADAAMAAAAAAMEABgAAABwAAAAAAAAAAAACgAYAAwABAAIAAoAAABMAQAAEAAAAAEAAAAAAAAAAAAAABMAAAAAAAAA" +
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAgAAAAAAAAAAQAAAAAAAAAQAAAAAAAAAAgAAAAAAAAAGAAAAAAAAAAAAAAAAAAAABgAAAAAAAAA" +
    "AQAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAIAAAAAAAAACgAAAAAAAAAAwAAAAAAAAAwAAAAAAAAAAAAAAAAAAAAMAAAAAAAAAAEAAAA" +
    "AAAAADgAAAAAAAAAAAAAAAAAAAA4AAAAAAAAAAEAAAAAAAAAQAAAAAAAAAABAAAAAAAAAEgAAAAAAAAABAAAAAAAAABQAAAAAAAAAAEAAAAAAAAA" +
    "WAAAAAAAAAAIAAAAAAAAAGAAAAAAAAAAAQAAAAAAAABoAAAAAAAAAAgAAAAAAAAAAAAAAAkAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAABAAAA" +
    "AAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAA" +
    "AQAAAAAAAAABAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAAAAAAAAAAwAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAADAAAAYixjAAAAAAAAAAAA" +
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/////wAAAAAQAAAADAAUAAYACAAMABAA" +
    "DAAAAAAABABkAAAAQAAAAAQAAAACAAAAAAMAAAAAAAAgAgAAAAAAAMAAAAAAAAAA4AUAAAAAAAAgAgAAAAAAAHAAAAAAAAAAAAAAAAEAAAAwAgAA" +
    "AAAAALAAAAAAAAAAIAAAAAAAAAAAAAAA4P7//wQAAAAJAAAAzAEAAIQBAABUAQAAKAEAAOAAAACoAAAAfAAAAFAAAAAEAAAAaP7//wAAAQoQAAAA" +
    "HAAAAAQAAAAAAAAAAQAAAHoAAAAIAAwABgAIAAgAAAAAAAEABAAAAAwAAABFdXJvcGUvUGFyaXMAAAAAsP7//wAAAQoQAAAAFAAAAAQAAAAAAAAA" +
    "AQAAAHQAAACi/v//AAACANj+//8AAAEIEAAAABQAAAAEAAAAAAAAAAEAAABkAAAAyv7//wAAAAAA////AAABBhAAAAAUAAAABAAAAAAAAAABAAAA" +
    "YgAAAIj///8QABgACAAGAAcADAAQABQAEAAAAAAAAQUUAAAANAAAABwAAAAEAAAAAAAAAAEAAABmAAAACAAIAAAABAAIAAAABAAAAHz///8AAAAB" +
    "IAAAANz///94////AAABBRAAAAAYAAAABAAAAAAAAAABAAAAcwAAAAQABAAEAAAAoP///wAAAQIQAAAAGAAAAAQAAAAAAAAAAQAAAHUABgAIAAQA" +
    "BgAAAAgAAADM////AAABAhAAAAAcAAAABAAAAAAAAAABAAAAbgAAAAgADAAIAAcACAAAAAAAAAFAAAAAEAAUAAgABgAHAAwAAAAQABAAAAAAAAED" +
    "EAAAABgAAAAEAAAAAAAAAAEAAAB4AAYACAAGAAYAAAAAAAIAgAIAAEFSUk9XMQ==",
  "base64",
);
const COMPRESSED = Buffer.from(
  "QVJST1cxAAD/////cAAAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAwAAAAIAAgAAAAEAAgAAAAEAAAAAQAAABQAAAAQABQACAAGAAcADAAAABAA" +
    "EAAAAAAAAQMQAAAAGAAAAAQAAAAAAAAAAQAAAHgABgAIAAYABgAAAAAAAgD/////oAAAABQAAAAAAAAADAAYAAYABQAIAAwADAAAAAADBAAcAAAA" +
    "QAAAAAAAAAAAAAAADAAeABAABAAIAAwADAAAAFAAAAAkAAAAGAAAAAMAAAAAAAAAAAAAAAAABgAIAAcABgAAAAAAAAECAAAAAAAAAAAAAAASAAAA" +
    "AAAAABgAAAAAAAAAIQAAAAAAAAAAAAAAAQAAAAMAAAAAAAAAAQAAAAAAAAABAAAAAAAAACi1L/0gAQkAAAUAAAAAAAAYAAAAAAAAACi1L/0gGIUA" +
    "AFAAAAAAAAD4PwDAAQAyOAIAAAAAAAAA/////wAAAAAQAAAADAAUAAYACAAMABAADAAAAAAABAA0AAAAJAAAAAQAAAABAAAAgAAAAAAAAACoAAAA" +
    "AAAAAEAAAAAAAAAAAAAAAAgACAAAAAQACAAAAAQAAAABAAAAFAAAABAAFAAIAAYABwAMAAAAEAAQAAAAAAABAxAAAAAYAAAABAAAAAAAAAABAAAA" +
    "eAAGAAgABgAGAAAAAAACAJgAAABBUlJPVzE=",
  "base64",
);

describe("an Arrow file", () => {
  const written = file("python.feather", PYARROW);
  const wanted = {
    x: [1.5, Number.NaN, -2],
    n: [1, 2 ** 53, Number.NaN],
    u: [255, 0, 1],
    s: ["a", null, "b,c"],
    f: ["north", "south", "north"],
    b: ["true", null, "false"],
    d: ["1969-12-31", "2020-02-29", null],
    t: ["1969-12-31 23:59:59.999999", "2020-02-29 00:00:00.123456", null],
    z: ["1970-01-01 00:00:00Z", "2020-02-29 00:00:00Z", null],
  };

  test("that pyarrow wrote has its numbers, texts, days and points in time, whatever it is called, and under a query", () => {
    expect(cells(written)).toEqual(wanted);
    expect(cells(file("called.bin", PYARROW))).toEqual(wanted);
    expect(cells(written, "select x + 1 as x, s from data where f = 'north'")).toEqual({
      x: [2.5, -1],
      s: ["a", "b,c"],
    });
    expect(cells(join(folder, "python*.feather"))).toEqual(wanted);
  });

  test("or a stream of Arrow gives back what was written, and both the same", () => {
    const column = fc.array(fc.option(fc.double({ noDefaultInfinity: true, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(column, fc.constantFrom("file", "stream" as const), (values, kind) => {
        const texts = values.map((value) => (value === null ? null : `t${value}`));
        const written = tableFromArrays({ x: values, s: texts });
        const path = file("trip.arrow", tableToIPC(written, kind as "file"));
        const { columns } = readTable(path);
        const x = columns.find(({ name }) => name === "x")!.values;
        const isSame = values.every((value, i) =>
          value === null ? x[i] === null || Number.isNaN(x[i]) : x[i] === value,
        );
        const s = columns.find(({ name }) => name === "s")!.values;
        const isAll = texts.every(
          (text, i) => text === s[i] || (text === null && (s[i] === null || Number.isNaN(s[i]))),
        );
        return isSame && isAll;
      }),
      { numRuns: 60 },
    );
  });

  test("comes some rows at a time, and its fit is that of the rows in memory", () => {
    const rng = random(1);
    const rows = 70_000;
    const x = Float64Array.from({ length: rows }, () => rng.normal());
    const y = x.map((value) => 1 + 2 * value + rng.normal());
    const g = Array.from(x, (_, i) => (i % 3 === 0 ? "p" : "q"));
    const path = file(
      "many.arrow",
      tableToIPC(new Table({ x: vectorFromArray(x), y: vectorFromArray(y), g: vectorFromArray(g) }), "file"),
    );
    const sizes: number[] = [];
    fileBatches(path, {}).each((table) => sizes.push(table.rows));
    expect(sizes).toEqual([32_768, 32_768, 4464]);
    const options = { formula: "y ~ x + g", k: 1 } as const;
    const [ours, theirs] = [fit(source(path), options), fit({ x, y, g }, options)];
    expect(Math.abs(ours.logLikelihood / theirs.logLikelihood - 1)).toBeLessThan(1e-12);
    expect(fit(path, options).theta).toEqual(theirs.theta);
  });

  const refused = (path: string): string => {
    try {
      readTable(path);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  test.each([
    [
      "compressed",
      COMPRESSED,
      "whole and not compressed, got a compressed one; write it anew, in Python pyarrow.feather.",
    ],
    ["cut", PYARROW.subarray(0, 2000), "got one that was cut short; write it anew"],
    ["cut in its first bytes", PYARROW.subarray(0, 7), "got one that was cut short"],
    ["old", Buffer.from("FEA1 and more"), "got one of the first version of Feather"],
    ["no stream", Buffer.from("nothing of the kind"), "expected an Arrow file that is whole"],
    ["cut stream", tableToIPC(tableFromArrays({ x: new Float64Array(1000) }), "stream").subarray(0, 3000), "is whole"],
    [
      "codes of no level",
      saying(
        makeData({
          type: new Dictionary(new Utf8(), new Int32()),
          length: 3,
          nullCount: 0,
          data: Int32Array.of(0, 1, 7),
          dictionary: LEVELS,
        }),
      ),
      "got one that is damaged",
    ],
    [
      "rows without values",
      saying(makeData({ type: new Float64(), length: 2 ** 30, nullCount: 0, data: Float64Array.of(1, 2) })),
      "got one that is damaged",
    ],
    ["rows of nothing", saying(makeData({ type: new Null(), length: 2 ** 30 })), "got one that is damaged"],
    [
      "ends beyond the text",
      saying(
        makeData({
          type: new Utf8(),
          length: 2,
          nullCount: 0,
          valueOffsets: Int32Array.of(0, 900, 2),
          data: Buffer.from("ab"),
        }),
      ),
      "got one that is damaged",
    ],
    ["more columns than bytes", counting(2 ** 30), "got one that is damaged"],
    ["numbers the other way around", counting(0, 1), "got one whose numbers begin with their largest byte"],
    [
      "lists",
      tableToIPC(new Table({ x: vectorFromArray([[1], [2]]) }), "file"),
      'dates in column "x", got values of type List<Float64>; leave the column out',
    ],
  ])("that is none, or has what no table has, is refused: %s", (name, bytes, message) => {
    const said = refused(file(`${name}.arrow`, bytes));
    expect(said).toContain(message);
    expect(said).toMatch(/^Cannot read ".*": expected /);
  });

  test("with options of CSV files, and a query of it as a source, are refused", () => {
    expect(() => readTable(written, { separator: ";" })).toThrow("separator for a CSV file, got it for an Arrow file");
    expect(() => fit(source(written, { sql: "select * from data" }), { response: "x", k: 1 })).toThrow(
      "a query of Parquet or JSON files, as a source, got one of an Arrow file",
    );
    expect(readFileSync(written).equals(PYARROW)).toBe(true);
  });
});
