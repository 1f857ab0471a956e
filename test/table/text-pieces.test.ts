import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readCsv, readCsvBytes } from "../../src/table/csv.ts";
import { readColumns } from "../../src/table/csv-columns.ts";
import { layoutOf } from "../../src/table/layout.ts";
import type { DataTable } from "../../src/table/table.ts";
import { fileText, LARGE, wholeText } from "../../src/table/text-pieces.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-pieces-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "rows.csv");

const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom("", "NA", "-"),
);
const word = fc.constantFrom("a", "bc", '"x, ""y"""', '"two\nlines"', "NA", "", "é", "7");
const row = fc.tuple(number, word, fc.oneof({ weight: 9, arbitrary: number }, { weight: 1, arbitrary: word }));

test("the columns of a text in pieces of whatever size are those of the whole, and so are the lines", () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 40 }),
      fc.constantFrom("\n", "\r\n", "\n\n"),
      fc.integer({ min: 8, max: 200 }),
      fc.boolean(),
      (rows, end, piece, endsLine) => {
        const lines = ["x,word,mixed", ...rows.map((cells) => cells.join())];
        const bytes = Buffer.from(lines.join(end) + (endsLine ? end : ""));
        writeFileSync(file, bytes);
        const layout = layoutOf(bytes, "rows", ",");
        const [found, wanted] = [fileText(file, bytes.length, Math.max(piece, 14)), wholeText(bytes)].map((text) => {
          const { columns, lines } = readColumns(text, "rows", layout, false);
          const count = lines.rows;
          return {
            columns: columns
              .map((column) => column.finish())
              .map(({ name, kind, values }) => [name, kind, [...values]]),
            lines: Array.from({ length: count }, (_, i) => lines.lineOf(i)),
          };
        });
        expect(found).toEqual(wanted);
      },
    ),
    { numRuns: 300 },
  );
});

function said(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing";
}

/** Rows of more than a large file's bytes, one of which is something else. */
function large(odd?: { readonly at: number; readonly row: string }): Buffer {
  const count = Math.ceil((1.3 * LARGE) / 20);
  const rows = Array.from({ length: count }, (_, i) => `${i}.25,${i % 7},label ${i % 5}`);
  if (odd !== undefined) rows[odd.at] = odd.row;
  return Buffer.from(`x,small,label\n${rows.join("\n")}\n`);
}

function cells({ columns, rows, line }: DataTable): unknown {
  const some = Array.from({ length: 50 }, (_, i) => Math.floor((i * (rows - 1)) / 49));
  return [
    rows,
    columns.map(({ name, kind, values }) => [name, kind, some.map((i) => values[i])]),
    some.map((i) => line?.(i)),
  ];
}

test("a large file is read as its bytes are: numbers, labels, and a column that shows late that it is text", () => {
  const last = Math.ceil((1.3 * LARGE) / 20) - 1;
  for (const odd of [undefined, { at: last, row: "late,1,label 0" }, { at: last, row: '1,"1\n2",label 0' }]) {
    const bytes = large(odd);
    writeFileSync(file, bytes);
    const table = readCsv(file);
    expect(cells(table)).toEqual(cells(readCsvBytes(bytes, "rows", {})));
    expect(table.columns[0].kind).toBe(odd?.row.startsWith("late") ? "text" : "numeric");
  }
});

test("what is wrong late in a large file is said as of any other, with its line", () => {
  const at = Math.ceil((1.3 * LARGE) / 20) - 3;
  for (const row of ["1,2", '1,2,"open', "1,2,\u0000", '1,2,a"b']) {
    const bytes = large({ at, row });
    writeFileSync(file, bytes);
    const wanted = said(() => readCsvBytes(bytes, JSON.stringify(file), {}));
    expect(wanted).toMatch(/line \d+/);
    expect(said(() => readCsv(file))).toBe(wanted);
  }
});
