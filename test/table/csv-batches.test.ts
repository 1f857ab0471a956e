import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readCsv } from "../../src/table/csv.ts";
import { csvBatches } from "../../src/table/csv-batches.ts";
import { type DataTable, place } from "../../src/table/table.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-batches-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "rows.csv");

function pieces(size: number): DataTable[] {
  const tables: DataTable[] = [];
  csvBatches(file, {}, (table) => tables.push(table), size);
  return tables;
}

const cells = ({ columns }: DataTable, j: number): (string | number | null)[] => [...columns[j].values];

const text = fc.constantFrom("a", "b c", 'say "no"', "x,y", "two\nlines", "last \n\nline", "ä");

test("rows come in pieces as they come all at once, with their lines and numbers, whatever is in quotes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), text), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 60, max: 400 }),
      (rows, size) => {
        const cell = (value: string): string => `"${value.replaceAll('"', '""')}"`;
        writeFileSync(file, `# a comment\nx,name\n${rows.map(([x, name]) => `${x},${cell(name)}`).join("\n")}\n`);
        const whole = readCsv(file);
        const parts = pieces(size);
        expect(parts.flatMap((part) => cells(part, 0))).toEqual(cells(whole, 0));
        expect(parts.flatMap((part) => cells(part, 1))).toEqual(cells(whole, 1));
        const places = parts.flatMap((part) => Array.from({ length: part.rows }, (_, row) => place(part, row)));
        expect(places).toEqual(Array.from({ length: whole.rows }, (_, row) => place(whole, row)));
      },
    ),
    { numRuns: 200 },
  );
});

test("there is more than one piece where rows are many", () => {
  writeFileSync(file, `x,y\n${Array.from({ length: 1000 }, (_, i) => `${i},${i * i}`).join("\n")}`);
  expect(pieces(1000).length).toBeGreaterThan(5);
  expect(pieces(1000).reduce((sum, { rows }) => sum + rows, 0)).toBe(1000);
});
