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
  [Promise.resolve({ x: [1] }), "got a promise; await it"],
  [new Map([["x", [1]]]), "got a map; Object.fromEntries makes columns of it"],
  [Buffer.from("x,y\n1,2\n"), "got bytes or numbers in a row; parseCsv reads the text of a file"],
  [new Set([{ x: 1 }]), "got an iterator; make a list of its rows"],
  [[{ x: 1 }].values(), "got an iterator; make a list of its rows"],
])("%o is no data", (source, message) => {
  expect(() => toTable(source as unknown as DataSource)).toThrow(
    `Cannot read the data: expected the path of a file, a danfo frame, a list of row objects or an object of columns, ${message}`,
  );
});

test("rows of objects have a column for every name, and miss what they lack", () => {
  const rows = [{ x: 1, s: "a" }, { x: null }, { s: "b", x: Number.NaN, "odd name": true }];
  expect(toTable(rows).columns).toEqual([
    { name: "x", kind: "numeric", values: Float64Array.of(1, Number.NaN, Number.NaN) },
    { name: "s", kind: "text", values: ["a", null, "b"] },
    { name: "odd name", kind: "text", values: [null, null, "true"] },
  ]);
  const hostile = JSON.parse('[{ "__proto__": 1, "constructor": 2 }, { "toString": 3 }]');
  expect(toTable(hostile).columns.map(({ name, values }) => [name, ...values])).toEqual([
    ["__proto__", 1, Number.NaN],
    ["constructor", 2, Number.NaN],
    ["toString", Number.NaN, 3],
  ]);
});

test.each([
  [[], "at least one column, got none"],
  [[{}], "at least one column, got none"],
  [[{ x: 1 }, [2]], "an object for every row, got [2] at row 2"],
  [[{ x: 1 }, null], "an object for every row, got null at row 2"],
  [[{ x: {} }], 'numbers or text in column "x", got an object at row 1'],
])("rows %j are refused", (rows, message) => {
  expect(() => toTable(rows as unknown as DataSource)).toThrow(`Cannot read the rows: expected ${message}`);
});
