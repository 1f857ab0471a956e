import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCsv, readCsv } from "../../src/data/csv.ts";
import { numericColumn } from "../../src/data/numeric.ts";
import { place } from "../../src/data/table.ts";
import { InputError } from "../../src/errors.ts";

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

test.each(["", " ", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", '""', '" "'])(
  "the cell <%s> is missing",
  (cell) => {
    expect(cells(`x,s\n${cell},${cell}\n1,a`)).toEqual([
      ["numeric", Number.NaN, 1],
      ["text", null, "a"],
    ]);
  },
);

test.each(["0x1F", "0b1", "0o7", "1_000", "1e", "abc", "1,5", "--1", "1 2", "None", "true"])(
  "<%s> is no number",
  (cell) => {
    expect(cells(`x\n${quoted(cell)}`)).toEqual([["text", cell]]);
  },
);

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
  ["short.csv", "x,y\n1\n", "2 cells in every row, as in the header, got 1 on line 2"],
  ["twice.csv", "x,y,x\n1,2,3\n", 'a different name for every column, got "x" for columns 1 and 3'],
  ["unnamed.csv", "x,,y\n1,2,3\n", "a name for every column, got an empty name for column 2"],
  ["open.csv", 'x,y\n1,a\n2,"b\n3,c\n', "a closing quote for every opening one, got one in the row from line 3"],
  ["inside.csv", 'x,y\n1,a "b" c\n', "quotes around whole cells only, got one inside a cell on line 2"],
  ["after.csv", 'x,y\n1,"a"b\n', "a comma or the end of the line after a closing quote, got something else on line 2"],
  ["semicolon.csv", "x;y\n1,5;2\n", 'cells separated by commas, got semicolons in the header "x;y"'],
  ["tab.csv", '"x"\t"y"\n1\t2\n', "cells separated by commas, got tabs in the header"],
  ["latin1.csv", Buffer.from("x,s\n1,a\n2,\xe9\n", "latin1"), "text in UTF-8, got bytes that are none on line 3"],
  ["utf16.csv", Buffer.from("\uFEFFx,s\n1,a\n", "utf16le"), "text in UTF-8, got bytes that are none on line 1"],
  ["binary.csv", Buffer.from("x,s\n1,a\n\0\0\0"), "text in UTF-8, got bytes that are none on line 3"],
])("%s is refused", (name, contents, message) => {
  const path = file(name, contents);
  expect(() => readCsv(path)).toThrow(InputError);
  expect(() => readCsv(path)).toThrow(`Cannot read ${JSON.stringify(path)}: expected ${message}`);
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
