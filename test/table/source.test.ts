import { DataFrame, tensorflow } from "danfojs-node";
import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { readCsv } from "../../src/table/csv.ts";
import { type DataSource, toTable } from "../../src/table/source.ts";

tensorflow.enableProdMode();

test("a path, a frame, columns and a table are tables", () => {
  const path = datasetPath("iris");
  const table = readCsv(path);
  const columns = Object.fromEntries(table.columns.map(({ name, values }) => [name, Array.from<unknown>(values)]));
  expect(toTable(table)).toBe(table);
  expect(toTable(path).source).toBe(JSON.stringify(path));
  for (const source of [path, new DataFrame(columns), columns]) expect(toTable(source).columns).toEqual(table.columns);
});

test("columns may be named rows and columns", () => {
  expect(toTable({ rows: [1], columns: [2] }).columns.map(({ name }) => name)).toEqual(["rows", "columns"]);
});

test.each([
  [undefined, "got undefined"],
  [null, "got null"],
  [7, "got 7"],
  [[{ x: 1 }], "got an array; for rows of objects write { x: rows.map((row) => row.x) }"],
])("%o is no data", (source, message) => {
  expect(() => toTable(source as unknown as DataSource)).toThrow(
    `Cannot read the data: expected the path of a CSV file, a danfo frame or an object of columns, ${message}`,
  );
});
