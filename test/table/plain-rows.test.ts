import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { setEngine } from "../../src/compute/engine.ts";
import { END, PlainCells } from "../../src/compute/plain-cells.ts";
import { tallyOf } from "../../src/table/coded-text.ts";
import { parseCsv } from "../../src/table/csv.ts";
import { labelColumn } from "../../src/table/labels.ts";
import { missingRows } from "../../src/table/missing.ts";
import { type DataTable, place, takeRows } from "../../src/table/table.ts";

afterEach(() => setEngine("relaxed"));

/** What comes of a text: all there is to a table, or why there is none. */
function outcome(text: string, engine: "relaxed" | "reference") {
  setEngine(engine);
  try {
    const { columns, rows, rowNames, ...table }: DataTable = parseCsv(text);
    const places = Array.from({ length: rows }, (_, row) => place({ columns, rows, ...table }, row));
    return { columns: [...columns, ...(rowNames ? [rowNames] : [])].map((each) => ({ ...each })), places };
  } catch (error) {
    return (error as Error).message;
  }
}

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`));
const sign = fc.constantFrom("", "-", "+");
const exponent = fc
  .tuple(fc.constantFrom("e", "E"), sign, fc.integer({ min: 0, max: 330 }))
  .map((parts) => parts.join(""));
const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => {
  const number = new Float64Array(BigUint64Array.of(value).buffer)[0];
  return Number.isNaN(number) ? "NaN" : String(number).replace("Infinity", "inf");
});
const decimal = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: -10, max: 10, noNaN: true }).map(String),
  fc
    .tuple(sign, digits(22), fc.constantFrom("", "."), fc.oneof(fc.constant(""), digits(22)))
    .map((parts) => parts.join("")),
  fc.tuple(sign, fc.constant("."), digits(40), fc.oneof(fc.constant(""), exponent)).map((parts) => parts.join("")),
  fc.tuple(sign, fc.constant("0.000000"), digits(20)).map((parts) => parts.join("")),
  fc.tuple(digits(19), exponent).map((parts) => parts.join("")),
  // Halfway between two numbers, and next to it.
  fc
    .tuple(fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n }), fc.constantFrom("", ".5", ".4999999", ".50000001"))
    .map((parts) => parts.join("")),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }).map(String),
  fc.integer({ min: 0, max: 2 ** 20 }).map((many) => String(many * 5e-324)),
  bits,
);
const numberOf = (text: string) => (text.endsWith("inf") ? Number(text.replace("inf", "Infinity")) : Number(text));

describe("numbers", () => {
  test("are those of Number to the bit, whatever their digits and powers: 1e5 of them", () => {
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1000, maxLength: 1000 }), (texts) => {
        const [column] = parseCsv(`x,z\n${texts.map((text) => `${text},1`).join("\n")}`).columns;
        const odd = texts.findIndex((text, row) => !Object.is(column.values[row], numberOf(text)));
        expect(odd < 0 ? "" : `${texts[odd]} read as ${column.values[odd]}`).toBe("");
      }),
      { numRuns: 100 },
    );
  });

  test("are numbers that are too small for any but 0, too", () => {
    expect(parseCsv("x,y\n1e-324,1\n-9e-999,2\n").columns[0].values).toEqual(Float64Array.of(0, -0));
  });

  test("of up to 17 digits are found without the text of any, but for those that are halfway", () => {
    const texts = [
      "0.1",
      "-2.7749468423937507",
      "1e-7",
      "123456789012345678",
      "5e21",
      "0.000012345678901234567",
      "+.5",
      "7.",
    ];
    const text = Buffer.from(texts.map((each) => `${each},1\n`).join(""));
    const cells = PlainCells.of(text, 44, 2)!;
    cells.kinds.fill(0);
    expect(cells.read(0)).toMatchObject({ rows: texts.length, next: text.length, why: END });
    expect([...cells.numbers.subarray(0, texts.length)]).toEqual(texts.map(Number));
    // One that is halfway to 54 bits, and has more digits than one division settles, is left to whoever has its text.
    const tie = PlainCells.of(Buffer.from("9007199254740993e1,1\n9007199254740993.00000,1\n"), 44, 2)!;
    tie.kinds.fill(0);
    expect(tie.read(0).rows).toBe(1);
    expect([tie.numbers[0], parseCsv("x\n9007199254740993.00000").columns[0].values[0]]).toEqual([
      Number("9007199254740993e1"),
      2 ** 53,
    ]);
  });
});

const cell = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("1", "-2.5", "3e2", "0", " 4", "5\t", '"6"', "7.0", "1.204", "0,5", "12%") },
  {
    weight: 4,
    arbitrary: fc.constantFrom("a", "b", '"a"', " b ", "é", '"x,y"', '"x;y"', "naïve text of more letters"),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom("", "NA", '"NA"', '""', "na", "-", " ", "\u00a0", "?", "inf", "-Infinity", "0x1F"),
  },
  { weight: 1, arbitrary: fc.constantFrom('"x\ny"', '"q""q"', 'a"b', '"open', '"a"b', ' "a" ') },
);
const lineEnd = fc.constantFrom("\n", "\r\n", "\r", "\n\n");
const text = fc
  .record({ width: fc.integer({ min: 1, max: 4 }), separator: fc.constantFrom(",", ";", "\t", "|") })
  .chain(({ width, separator }) => {
    const columnOf = fc.oneof(
      cell.map((one) => fc.constant(one)),
      fc.constant(cell),
    );
    const row = fc.tuple(...Array.from({ length: width }, () => cell)).map((cells) => cells.join(separator));
    const odd = fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(separator));
    const alike = columnOf
      .chain((each) => fc.array(each, { minLength: width, maxLength: width }))
      .map((cells) => cells.join(separator));
    const header = Array.from({ length: width }, (_, j) => `c${j}`).join(separator);
    return fc
      .array(
        fc.tuple(
          fc.oneof({ weight: 10, arbitrary: row }, { weight: 10, arbitrary: alike }, { weight: 1, arbitrary: odd }),
          lineEnd,
        ),
        { maxLength: 12 },
      )
      .map((rows) => `${header}\n${rows.map((parts) => parts.join("")).join("")}`);
  });

describe("a text gives the same table, lines and errors whether its plain rows are read many at a time or not", () => {
  test("of whatever cells", () => {
    fc.assert(
      fc.property(text, (csv) => {
        expect(outcome(csv, "relaxed")).toEqual(outcome(csv, "reference"));
      }),
      { numRuns: 3000 },
    );
  });

  const wide = (rows: number, of: (row: number) => string) =>
    Array.from({ length: rows }, (_, row) => of(row)).join("\n");
  test.each([
    ["of many windows", `x,s\n${wide(30_000, (row) => `${row / 7},level ${row % 13}`)}`],
    [
      "with a row longer than a window",
      `x,s\n1,a\n2,${"b".repeat(300_000)}\n3,c\n${wide(20_000, (row) => `${row},d`)}`,
    ],
    ["with more labels than are coded", `x,s,t\n${wide(20_000, (row) => `${row},name ${row},${row % 6000}t`)}`],
    ["with another label in each row", `s,x\n${wide(9000, (row) => `"name, ${row}",${row}`)}`],
    ["with row names in quotes", `"x","s"\n${wide(20_000, (row) => `"${row + 1}",${row}.5,"a"`)}`],
    ["with CR LF across windows", `x,s\r\n${wide(40_000, (row) => `${row},${"ab".slice(row % 2)}\r`)}`],
    [
      "with blank lines and rows of odd cells",
      `x,s\n${wide(20_000, (row) => (row % 97 ? `${row},a` : `\n${row},"b\nc"`))}`,
    ],
    ["with numbers that end as text", `x,s\n${wide(20_000, (row) => (row < 19_990 ? `${row},1` : `x${row},2`))}`],
    ["with points that may be of thousands", `x;s\n${wide(20_000, (row) => `1.${100 + (row % 900)};0,5`)}`],
    ["with one column and blank lines", `s\n${wide(20_000, (row) => ["a", "b", "", " "][row % 4])}`],
    ["with a separator too many", `x,s\n${wide(20_000, (row) => `${row},a,`)}`],
    ["with a cell too few at the end", `x,s\n${wide(20_000, (row) => `${row},a`)}\n7\n`],
  ])("%s", (_, csv) => {
    expect(outcome(csv, "relaxed")).toEqual(outcome(csv, "reference"));
  });
});

describe("a column of text that is kept by codes", () => {
  const csv = "s,x\nb,1\na,2\n,3\nb,4\nc,5\n";

  test("has each label once, and the rows that are taken have theirs", () => {
    const table = parseCsv(csv);
    const [s] = table.columns;
    if (s.kind !== "text") throw new Error("text");
    expect(tallyOf(s)).toEqual({
      levels: ["b", "a", "c"],
      codes: Int32Array.of(0, 1, -1, 0, 2),
      counts: Int32Array.of(2, 1, 1),
    });
    expect(missingRows(table, ["s"]).rows).toEqual(Int32Array.of(2));
    const [taken] = takeRows(table, Int32Array.of(4, 1)).columns;
    expect(labelColumn(takeRows(table, Int32Array.of(4, 1)), "s")).toEqual({
      labels: ["a", "c"],
      codes: Int32Array.of(1, 0),
    });
    expect(taken).toEqual({ name: "s", kind: "text", values: ["c", "a"] });
  });

  test("is what somebody has written to it", () => {
    const table = parseCsv(csv);
    const values = table.columns[0].values as (string | null)[];
    expect(table.columns[0].values).toBe(values);
    values[2] = "z";
    expect(labelColumn(table, "s").labels).toEqual(["a", "b", "c", "z"]);
    const whole = parseCsv(csv);
    (whole.columns[0] as { values: readonly string[] }).values = ["k", "k", "l", "l", "l"];
    expect(labelColumn(whole, "s").codes).toEqual(Int32Array.of(0, 0, 1, 1, 1));
    expect(JSON.parse(JSON.stringify(parseCsv(csv).columns[0])).values).toEqual(["b", "a", null, "b", "c"]);
  });
});
