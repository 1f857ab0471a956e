import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { type ColumnArrays, tableFromColumns } from "../../src/table/columns.ts";
import { parseCsv, readCsv } from "../../src/table/csv.ts";
import { CsvRecords } from "../../src/table/csv-records.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { place } from "../../src/table/table.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-csv-"));
const file = (name: string, contents: string | Uint8Array) => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};
const cells = (text: string) => parseCsv(text).columns.map(({ kind, values }) => [kind, ...values]);
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

test("columns of numbers are numeric, the others text", () => {
  expect(cells("x,y,s\n1,-.5e2,a\n+2.,0,b\n")).toEqual([
    ["numeric", 1, 2],
    ["numeric", -50, 0],
    ["text", "a", "b"],
  ]);
});

const words = ["NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "null", "NULL", "None", ".", "?"];

test.each(["", " ", ...words, '""', '" "'])("the cell <%s> is missing", (cell) => {
  for (const rows of [`${cell},${cell}\n1,a`, `1,a\n${cell},${cell}`]) {
    const missing = rows.startsWith("1") ? 1 : 0;
    const [x, s] = parseCsv(`x,s\n${rows}`).columns;
    expect([x.kind, x.values[missing], x.values[1 - missing]]).toEqual(["numeric", Number.NaN, 1]);
    expect([s.kind, s.values[missing], s.values[1 - missing]]).toEqual(["text", null, "a"]);
  }
});

const others = ["#DIV/0!", "#VALUE!", "#REF!", "\\N", "-1.#IND", "1.#QNAN", "N.A.", "missing", "Not available"];

test.each(["-", "--", "\u2013", "na", "none", "Null", "-nan", "*", ...others, ...words.map(quoted)])(
  "the cell <%s> is missing among numbers, and a text among texts",
  (cell) => {
    const label = cell.replaceAll('"', "");
    expect(cells(`x,s\n${cell},${cell}\n1,a`)).toEqual([
      ["numeric", Number.NaN, 1],
      ["text", label, "a"],
    ]);
    expect(cells(`x,s\n12,+\n${cell},${cell}\n7,+`)).toEqual([
      ["numeric", 12, Number.NaN, 7],
      ["text", "+", label, "+"],
    ]);
    expect(cells(`s\n${cell}\n${cell}`)).toEqual([["text", label, label]]);
  },
);

test("the same words are missing in plain columns", () => {
  for (const cell of [null, undefined, Number.NaN, "", ...words, ...others, "-", "none"]) {
    const { columns } = tableFromColumns({ x: [12, cell, 7], digits: ["12", cell, "7"] } as ColumnArrays);
    expect(columns.map(({ kind, values }) => [kind, ...values])).toEqual([
      ["numeric", 12, Number.NaN, 7],
      ["text", "12", null, "7"],
    ]);
  }
  expect(tableFromColumns({ s: ["-", "+"], t: ["-", "none"] }).columns.map(({ values }) => values)).toEqual([
    ["-", "+"],
    ["-", "none"],
  ]);
});

test.each(["0x1F", "0b1", "0o7", "1_000", "1e", "abc", "1,5", "--1", "1 2", "true"])("<%s> is no number", (cell) => {
  expect(cells(`x\n${quoted(cell)}`)).toEqual([["text", cell]]);
});

test("text below numbers keeps the text of the numbers", () => {
  expect(cells("id,x\n007,1\n1.0,2\nB2,3")).toEqual([
    ["text", "007", "1.0", "B2"],
    ["numeric", 1, 2, 3],
  ]);
});

test.each([
  ["a byte order mark", "\uFEFFx,s\n1,é\n"],
  ["CR LF", "x,s\r\n1,é\r\n"],
  ["CR", "x,s\r1,é\r"],
  ["mixed line ends", "x,s\r\n\n1,é\n\r\n"],
  ["no line end", "x,s\n1,é"],
  ["blank lines", "\n\nx,s\n  \n1,é\n\n"],
  ["blanks around cells", ' x , s \n 1 ,  "é" \n'],
  ["quotes", '"x","s"\n"1","é"\n'],
])("reads a file with %s", (_, text) => {
  const table = readCsv(file("good.csv", text));
  expect(table.columns).toEqual([
    { name: "x", kind: "numeric", values: new Float64Array([1]) },
    { name: "s", kind: "text", values: ["é"] },
  ]);
});

test.each([
  ["blank lines", 'x,s\n1,a\n\n\n2,"b\nc"\n3,d\n', ["row 1 (line 2)", "row 2 (line 6)", "row 3 (line 7)"]],
  [
    "CR LF in cells",
    'x,s\r\n1,"a\r\nb"\r\n2,c\r\n3,"d\r\ne"\r\n',
    ["row 1 (line 3)", "row 2 (line 4)", "row 3 (line 6)"],
  ],
])("rows know their line past %s", (_, text, places) => {
  const table = parseCsv(text);
  expect(places.map((_, row) => place(table, row))).toEqual(places);
});

test("what is written is read again, whatever the names and labels", () => {
  const name = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "shape", "toString", "🌷", 'a "b", c', "x\ny", "a;b"),
    fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.trim() !== "" && !text.includes("\0")),
  );
  const label = fc.string({ unit: "binary" }).map((text) => `s${text.replaceAll("\0", "")}`);
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const data = fc.integer({ min: 1, max: 5 }).chain((rows) =>
    fc.record({
      names: fc.uniqueArray(name, { minLength: 2, maxLength: 2 }),
      x: fc.array(number, { minLength: rows, maxLength: rows }),
      s: fc.array(label, { minLength: rows, maxLength: rows }),
    }),
  );
  fc.assert(
    fc.property(data, ({ names, x, s }) => {
      const lines = [names, ...x.map((value, row) => [Object.is(value, -0) ? "-0" : String(value), s[row]])];
      const table = parseCsv(lines.map((line) => line.map(quoted).join(",")).join("\n"));
      expect(table.columns).toEqual([
        { name: names[0], kind: "numeric", values: Float64Array.from(x) },
        { name: names[1], kind: "text", values: s },
      ]);
    }),
    { numRuns: 500 },
  );
});

test("permuted rows and columns give the permuted table", () => {
  const row = fc.tuple(fc.integer(), fc.constantFrom("a", "b", "NA", "7"), fc.constantFrom("1", "", "x"));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
      const table = parseCsv(["i,s,t", ...rows.map((cells) => cells.join())].join("\n"));
      const turned = parseCsv(["t,s,i", ...rows.map((cells) => cells.toReversed().join()).reverse()].join("\n"));
      expect(
        turned.columns.map((column) => ({
          ...column,
          values: column.values.toReversed(),
        })),
      ).toEqual(table.columns.toReversed());
    }),
  );
});

test.each([
  ["empty.csv", "", "a header and rows, got an empty file"],
  ["blank.csv", "\n \n", "a header and rows, got blank lines only"],
  ["header.csv", "x,y\n", "at least one row, got none"],
  ["ragged.csv", "x,y\n1,2\n\n1,2,3\n", "2 cells in every row, as in the header, got 3 on line 4"],
  ["ragged-crlf.csv", 'x,y\r\n1,"a\r\nb"\r\n2\r\n', "2 cells in every row, as in the header, got 1 on line 4"],
  [
    "short.csv",
    "x,y\n1\n",
    "2 cells in every row, as in the header, got 1 on line 2; write a comma for every cell of it, also a blank one",
  ],
  [
    "long.csv",
    "x,y\n1,2\n1,2,3\n",
    "2 cells in every row, as in the header, got 3 on line 3; put a cell that holds a comma in quotes",
  ],
  [
    "title.csv",
    "Table 1\nx,y,z\n1,2,3\n",
    "1 cell in every row, as in the header, got 3 on line 2; put a cell that holds a comma in quotes, or take out lines above the header, such as a title",
  ],
  ["twice.csv", "x,y,x\n1,2,3\n", 'a different name for every column, got "x" for columns 1 and 3'],
  ["unnamed.csv", "x,,y\n1,2,3\n", "a name for every column, got an empty name for column 2"],
  ["open.csv", 'x,y\n1,a\n2,"b\n3,c\n', "a closing quote for every opening one, got one in the row from line 3"],
  ["inside.csv", 'x,y\n1,a "b" c\n', "quotes around whole cells only, got one inside a cell on line 2"],
  ["after.csv", 'x,y\n1,"a"b\n', "a comma or the end of the line after a closing quote, got something else on line 2"],
  ["latin1.csv", Buffer.from("x,s\n1,a\n2,\xe9\n", "latin1"), "text in UTF-8, got bytes that are none on line 3"],
  [
    "utf16-bare.csv",
    Buffer.from("x,s\n1,a\n", "utf16le"),
    "text in UTF-8, got bytes that are none on line 1 (text in UTF-16 without a byte order mark)",
  ],
  [
    "utf16-big.csv",
    Buffer.from("x,s\n1,a\n", "utf16le").swap16(),
    "text in UTF-8, got bytes that are none on line 1 (text in UTF-16 without a byte order mark)",
  ],
  ["binary.csv", Buffer.from("x,s\n1,a\n\0\0\0"), "text in UTF-8, got bytes that are none on line 3 (a binary file)"],
  [
    "late.csv",
    `x\n${"1\n".repeat(50_000)}\0\n`,
    "text in UTF-8, got bytes that are none on line 50002 (a binary file)",
  ],
  [
    "book.xlsx",
    Buffer.from("PK\x03\x04\x14\0\x06\0"),
    "text in UTF-8, got bytes that are none on line 1 (a ZIP archive, such as an Excel workbook); save the sheet",
  ],
  [
    "open-crlf.csv",
    'x,y\r\n1,2\r\n\r\n3,"b\r\n4,c\r\n5,d\r\n',
    "a closing quote for every opening one, got one in the row from line 4",
  ],
  ["inside-crlf.csv", 'x,y\r\n"a\r\n\r\nb",c"\r\n', "quotes around whole cells only, got one inside a cell on line 4"],
  [
    "after-crlf.csv",
    'x,y\r\n"a\r\nb"c,d\r\n',
    "a comma or the end of the line after a closing quote, got something else on line 3",
  ],
  ["commas.csv", `${",".repeat(1_000_000)}\n`, "at most 1000000 columns, got more on line 1"],
])("%s is refused", (name, contents, message) => {
  const path = file(name, contents);
  expect(() => readCsv(path)).toThrow(InputError);
  expect(() => readCsv(path)).toThrow(`Cannot read ${JSON.stringify(path)}: expected ${message}`);
});

test("a file of CR alone has rows", () => {
  const { columns } = readCsv(fileURLToPath(new URL("../cases/reliability/cr-only.csv", import.meta.url)));
  expect(columns).toEqual([{ name: "x", kind: "text", values: ["1;5", "2;6"] }]);
  expect(cells('x,y\r1,"a\rb"\r\r2,c')).toEqual([
    ["numeric", 1, 2],
    ["text", "a\rb", "c"],
  ]);
});

// What CSV is, cell by cell, with where each row ends: the slow way, one letter at a time.
const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const blanks = fc.constantFrom("", "", " ", "\t ");
const written = fc
  .array(fc.constantFrom("a", "é", "1", ",", '"', "\r", "\n", "\r\n", " ", ";"), { maxLength: 5 })
  .map((letters) => letters.join(""))
  .chain((text) =>
    fc.tuple(fc.boolean(), blanks, blanks).map(([isQuoted, before, after]) => {
      const isPlain = !isQuoted && !/[",\r\n]/.test(text);
      return { text: isPlain ? text.trim() : text, raw: `${before}${isPlain ? text : quoted(text)}${after}` };
    }),
  );
const linesOf = (text: string): number => text.split(/\r\n|\r|\n/).length - 1;
const csvText = fc.integer({ min: 2, max: 4 }).chain((width) =>
  fc.record({
    end: lineEnd,
    rows: fc.array(
      fc.record({
        row: fc.array(written, { minLength: width, maxLength: width }),
        blankLines: fc.array(blanks, { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    isEnded: fc.boolean(),
    mark: fc.constantFrom("", "\uFEFF"),
    width: fc.constant(width),
  }),
);

test("cells are what was written, and rows end on the lines they end on, whatever quotes and line ends hold", () => {
  fc.assert(
    fc.property(csvText, ({ end, rows, isEnded, mark, width }) => {
      const header = Array.from({ length: width }, (_, j) => `c${j}`).join();
      let text = header + end;
      const ends: number[] = [];
      for (const [i, { row, blankLines }] of rows.entries()) {
        text += blankLines.map((blank) => blank + end).join("") + row.map(({ raw }) => raw).join();
        ends.push(linesOf(text) + 1);
        if (i < rows.length - 1 || isEnded) text += end;
      }
      const records = new CsvRecords(Buffer.from(mark + text), "the text");
      expect(records.next()?.join()).toBe(header);
      expect(rows.map(() => [records.next(), records.last])).toEqual(
        rows.map(({ row }, i) => [row.map((cell) => cell.text), ends[i]]),
      );
      expect(records.next()).toBe(undefined);
      // A row too many is told by its line, and a quote that stays open by the line its row begins on.
      const start = linesOf(text) + 1;
      const more = isEnded ? "" : end;
      const line = isEnded ? start : start + 1;
      expect(() => parseCsv(`${mark}${text}${more}1,2,3,4,5${end}`)).toThrow(`got 5 on line ${line}`);
      expect(() => parseCsv(`${mark}${text}${more}a,"${end}b${end}`)).toThrow(
        `the row from line ${line} that stays open`,
      );
    }),
    { numRuns: 1000 },
  );
});

test("very many columns of text with line ends take no more than their cells", () => {
  const width = 20_000;
  const names = Array.from({ length: width }, (_, j) => `"x${j}"`).join();
  const row = Array.from({ length: width }, () => '"a\nb"').join();
  const before = process.memoryUsage().arrayBuffers;
  const table = parseCsv([names, row, row].join("\n"));
  expect([table.rows, table.columns.length, table.columns[width - 1].values]).toEqual([2, width, ["a\nb", "a\nb"]]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
});

test("zeros without end, and a file of holes, are refused at the first of them", () => {
  const line = "expected text in UTF-8, got bytes that are none on line 1 (a binary file); save it as CSV in UTF-8";
  const sparse = file("holes.csv", "");
  truncateSync(sparse, 2 ** 31);
  const before = process.memoryUsage().arrayBuffers;
  expect(() => readCsv(sparse)).toThrow(`Cannot read ${JSON.stringify(sparse)}: ${line}`);
  expect(() => readCsv("/dev/zero")).toThrow(`Cannot read "/dev/zero": ${line}`);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  const large = file("large.csv", "x,y\n".repeat(20_000));
  truncateSync(large, 2 ** 31);
  expect(() => readCsv(large)).toThrow(/expected a CSV file, got a file of 2 GiB or more; split it/);
});

test("a FIFO and an open descriptor are read to their end", () => {
  const fifo = join(folder, "fifo");
  expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
  const rows = "1,a\n".repeat(40_000);
  file("rows.csv", `x,s\n${rows}`);
  spawn("sh", ["-c", 'cat "$0" > "$1"', join(folder, "rows.csv"), fifo]);
  expect(readCsv(fifo).rows).toBe(40_000);
  expect(readCsv(`/dev/fd/${openSync(join(folder, "rows.csv"), "r")}`).rows).toBe(40_000);
  expect(() => readCsv("/dev/fd/987654")).toThrow("expected a CSV file, got no open descriptor");
});

test("a missing file, a folder and a file as folder are refused", () => {
  expect(() => readCsv(join(folder, "none.csv"))).toThrow("expected a CSV file, got no such file");
  expect(() => readCsv(folder)).toThrow("expected a CSV file, got a folder");
  expect(() => readCsv(join(file("a.csv", "x\n1"), "b.csv"))).toThrow("expected a CSV file, got no such file");
});

test("no bytes make anything but a table or an InputError", () => {
  const byte = fc.oneof(fc.constantFrom(...Buffer.from(',"\n\r1a; ')), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
      const path = file("any.csv", Uint8Array.from(bytes));
      try {
        expect(readCsv(path).rows).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("text among numbers is named by row, line and column when they are used as numbers", () => {
  const table = parseCsv("x1,x2\n1,1\n\n2,1\nabc,1\n", '"a.csv"');
  expect(() => numericColumn(table, "x1")).toThrow(
    'Cannot read "a.csv": expected a finite number in column "x1", got "abc" at row 3 (line 5)',
  );
});
