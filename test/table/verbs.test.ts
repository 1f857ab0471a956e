import { inspect } from "node:util";
import { DataFrame, tensorflow } from "danfojs-node";
import { expect, test } from "vitest";
import { mimeBundle } from "../../src/display/mime.ts";
import { fit } from "../../src/fit/fit.ts";
import { parseCsv } from "../../src/table/csv.ts";
import { describe as describeData } from "../../src/table/describe.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import type { DataSource } from "../../src/table/source.ts";
import { place } from "../../src/table/table.ts";
import { dropMissing, filter, head, selectColumns } from "../../src/table/verbs.ts";

tensorflow.enableProdMode();
const text = "x,s\n1,a\nNA,b\n3,\n\n6,b\n";
const table = parseCsv(text);
const cells = (data: DataSource) => head(data, 99).columns.map(({ name, values }) => [name, ...values]);

test("head takes the first rows of whatever is data, and no more than there are", () => {
  expect(cells(head(table, 1))).toEqual([
    ["x", 1],
    ["s", "a"],
  ]);
  expect(head(table).rows).toBe(4);
  for (const data of [{ x: [1, 2] }, [{ x: 1 }, { x: 2 }], new DataFrame({ x: [1, 2] })]) {
    expect(cells(head(data, 1))).toEqual([["x", 1]]);
  }
  expect(() => head(table, 0)).toThrow("Cannot take the first rows: expected n to be a whole number from 1 on, got 0");
});

test("filter keeps the rows that pass, and they know where they were", () => {
  const kept = filter(table, ({ x }) => Number(x) > 1);
  expect(cells(kept)).toEqual([
    ["x", 3, 6],
    ["s", null, "b"],
  ]);
  expect([place(kept, 0), place(kept, 1)]).toEqual(["row 3 (line 4)", "row 4 (line 6)"]);
  expect(
    place(
      filter(kept, ({ s }) => s === "b"),
      0,
    ),
  ).toBe("row 4 (line 6)");
  expect(() => filter(table, ({ x }) => x === 7)).toThrow("expected a row that passes the test, got none of 4");
  const odd = filter({ __proto__x: [1, 2], "a b": [3, 4] }, (row) => row["a b"] === 4);
  expect(cells(odd)).toEqual([
    ["__proto__x", 2],
    ["a b", 4],
  ]);
});

test("dropMissing drops rows, filter and dropMissing leave the table as it was, and errors name the source's rows", () => {
  expect(cells(dropMissing(table))).toEqual([
    ["x", 1, 6],
    ["s", "a", "b"],
  ]);
  expect(cells(dropMissing(table, "x"))[0]).toEqual(["x", 1, 3, 6]);
  expect(cells(table)[0]).toEqual(["x", 1, Number.NaN, 3, 6]);
  expect(() => dropMissing(table, ["z"])).toThrow('a column such as "x" or "s", got "z"');
  expect(() => dropMissing({ x: [null, 1], y: [1, null] })).toThrow("got none: ");
  expect(() => numericColumn(dropMissing(table, "s"), "x")).toThrow("in 1 of 3 rows, at row 2 (line 3)");
  expect(fit(dropMissing({ x: [1, null, 2, 4], y: [1, 2, 3, 3] }), { response: "y", k: 1 }).observations.rows).toBe(3);
});

test("selectColumns takes columns in the order asked for", () => {
  expect(cells(selectColumns(table, ["s", "x"])).map(([name]) => name)).toEqual(["s", "x"]);
  expect(cells(selectColumns(table, "x")).length).toBe(1);
  expect(() => selectColumns(table, ["x", "x"])).toThrow('each name once, got "x" twice');
  expect(() => selectColumns(table, [])).toThrow("at least one name, got none");
});

test("describe says what is in each column", () => {
  const { columns, rows, caption } = describeData(table);
  expect(columns.map(({ name }) => name).slice(0, 4)).toEqual(["column", "type", "missing", "distinct"]);
  expect(rows).toEqual([
    ["x", "numeric", 1, 3, 10 / 3, expect.closeTo(2.5166, 4), 1, 3, 6, null],
    ["s", "text", 1, 2, null, null, null, null, null, "b (2)"],
  ]);
  expect(caption).toBe("4 rows of the CSV text");
  expect(describeData({ e: [null, Number.NaN] }).rows).toEqual([
    ["e", "numeric", 2, 0, null, null, null, null, null, null],
  ]);
});

test("a table shows as one, with types and missing values, in a notebook and on the console", async () => {
  const { "text/html": html, "text/plain": plain } = await mimeBundle(table);
  expect(plain.split("\n")).toEqual([
    "row  x (numeric, 1 missing)  s (text, 1 missing)",
    "  1                       1  a",
    "  2                       –  b",
    "  3                       3  –",
    "  4                       6  b",
    "4 rows × 2 columns",
  ]);
  expect(html).toContain("<table");
  expect(inspect(table)).toBe(plain);
  expect(inspect(describeData(table))).toContain("most frequent");
  const long = { x: Array.from({ length: 30 }, (_, i) => i) };
  expect(inspect(filter(long, ({ x }) => Number(x) > 3))).toMatch(/\n {1}14 .*\n26 rows × 1 column\n… 16 more rows$/s);
  // A table by hand shows, too.
  const byHand = { rows: 1, source: "me", columns: [{ name: "x", kind: "numeric", values: Float64Array.of(1) }] };
  expect((await mimeBundle(byHand))["text/plain"]).toContain("1 row × 1 column");
});
