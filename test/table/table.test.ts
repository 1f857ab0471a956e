import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { numericColumnNames } from "../../src/frame/default-features.ts";
import { toNumber } from "../../src/table/cell.ts";
import { tableFromColumns } from "../../src/table/columns.ts";
import { labelColumn } from "../../src/table/labels.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { column } from "../../src/table/table.ts";

test("arrays and typed arrays of numbers are numeric columns, and copied", () => {
  const values = new Float64Array([1, 2]);
  const table = tableFromColumns({
    a: values,
    b: [1n, null],
    c: new Int32Array([3, 4]),
    d: [undefined, "NA"],
  });
  values[0] = 9;
  expect(table.columns.map(({ kind, values }) => [kind, ...values])).toEqual([
    ["numeric", 1, 2],
    ["numeric", 1, Number.NaN],
    ["numeric", 3, 4],
    ["numeric", Number.NaN, Number.NaN],
  ]);
});

test("text, truth values, dates and digits given as text are text columns", () => {
  const cells = ["1", true, new Date(0), Number.NaN, null, "", 2, 2n ** 60n, new Date("x")];
  expect(tableFromColumns({ s: cells }).columns[0].values).toEqual([
    ...["1", "true", "1970-01-01T00:00:00.000Z", null, null, null, "2", "1152921504606846976", null],
  ]);
});

test("whole numbers too large to be kept exactly are rounded", () => {
  expect(tableFromColumns({ id: [2n ** 60n + 1n] }).columns[0].values).toEqual(Float64Array.of(2 ** 60));
});

test("columns with hostile names are found by their name alone", () => {
  const hostile = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "hasOwnProperty", "shape", "length", "🌷", '"', "'", "a b"),
    fc.string({ minLength: 1 }).filter((name) => name.trim() !== ""),
  );
  fc.assert(
    fc.property(fc.uniqueArray(hostile, { minLength: 1 }), (names) => {
      const table = tableFromColumns(Object.fromEntries(names.map((name, index) => [name, [index]])));
      for (const [index, name] of names.entries()) expect(numericColumn(table, name)).toEqual(Float64Array.of(index));
    }),
  );
  expect(() => column(tableFromColumns({ x: [1] }), "__proto__")).toThrow(InputError);
});

test.each([
  [{}, "at least one column, got none"],
  [{ x: [] }, "at least one row, got none"],
  [{ " ": [1] }, "a name for every column, got an empty name for column 1"],
  [{ x: [1, 2], y: [1] }, 'columns of one length ("x" has 2), got 1 in column "y"'],
  [{ x: [1, {}] }, 'numbers or text in column "x", got an object at row 2'],
  [{ x: [[1]] }, 'numbers or text in column "x", got an array at row 1'],
  [{ x: [Symbol.iterator] }, 'numbers or text in column "x", got a symbol at row 1'],
])("columns %o are refused", (columns, message) => {
  expect(() => tableFromColumns(columns)).toThrow(new InputError("read the columns", ...halves(message)));
});

test.each([
  ["abc", "a string"],
  [null, "null"],
  [new DataView(new ArrayBuffer(8)), "an object"],
  [3, "a number"],
])("%o is no column", (value, kind) => {
  const columns = { x: value } as unknown as Record<string, number[]>;
  expect(() => tableFromColumns(columns)).toThrow(`expected an array for every column, got ${kind} for "x"`);
});

test("an unknown column is answered with the nearest names", () => {
  const table = tableFromColumns({
    sepal_length: [1],
    petal_width: [1],
    species: [1],
    x: [1],
  });
  const expected = 'Cannot read the columns: expected a column such as "species", ';
  expect(() => column(table, "Speces")).toThrow(expected);
  expect(() => column(table, "Petal.Width")).toThrow('such as "petal_width", "sepal_length" or "species", got');
});

test.each([
  [
    [1, null, Number.NaN],
    'a value in every row of column "x", got a missing value in 2 of 3 rows, the first at row 2; fill',
  ],
  [[1, null], 'a value in every row of column "x", got a missing value in 1 of 2 rows, at row 2; fill it in, or drop'],
  [["1", null], 'a value in every row of column "x", got a missing value in 1 of 2 rows, at row 2'],
  [[1, 2, Number.NEGATIVE_INFINITY], 'a finite number in column "x", got -Infinity at row 3'],
  [["1", "inf"], 'a finite number in column "x", got Infinity at row 2'],
  [["1", "1,5"], 'a finite number in column "x", got "1,5" at row 2; write decimals with a point'],
  [[0, true], 'a finite number in column "x", got "true" at row 2'],
])("%o is refused as numbers", (x, message) => {
  expect(() => numericColumn(tableFromColumns({ x }), "x")).toThrow(`Cannot read the columns: expected ${message}`);
});

test("digits given as text can be used as numbers", () => {
  expect(numericColumn(tableFromColumns({ x: ["1", " 2.5 "] }), "x")).toEqual(Float64Array.of(1, 2.5));
});

test("toNumber reads decimal numbers and infinities, and nothing else", () => {
  const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
  const infinite = /^\s*[+-]?inf(inity)?\s*$/i;
  const text = fc.array(fc.constantFrom(..."0127.+-eExXbo in_,f"), { maxLength: 6 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(text, fc.double().map(String), fc.string()), (cell) => {
      expect(Number.isNaN(toNumber(cell))).toBe(!decimal.test(cell) && !infinite.test(cell));
      if (decimal.test(cell)) expect(toNumber(cell)).toBe(Number(cell));
    }),
    { numRuns: 5000 },
  );
});

test("features by default are the numeric columns", () => {
  const table = tableFromColumns({
    x1: [1, 2],
    digits: ["1", "2"],
    species: ["a", "2"],
    y: [3, 4],
    x2: [5, null],
  });
  expect(numericColumnNames(table, ["y"])).toEqual(["x1", "x2"]);
});

test("a column of numbers spoilt by some text is not left out in silence", () => {
  const table = tableFromColumns({ x: [1, 2, "few"], y: [1, 2, 3] });
  expect(() => numericColumnNames(table)).toThrow('a finite number in column "x", got "few" at row 3');
  expect(numericColumnNames(table, ["x"])).toEqual(["y"]);
});

test("labels come in natural order whatever the order of the rows", () => {
  const words = fc.array(fc.constantFrom("class 10", "class 2", "A", "a", "B", "\u00e9", "e\u0301", "__proto__"), {
    minLength: 1,
  });
  fc.assert(
    fc.property(words, (s) => {
      const { labels, codes } = labelColumn(tableFromColumns({ s }), "s");
      expect(Array.from(codes, (code) => labels[code])).toEqual(s);
      expect(labelColumn(tableFromColumns({ s: s.toReversed() }), "s").labels).toEqual(labels);
      expect(new Set(labels).size).toBe(labels.length);
    }),
  );
  const names = tableFromColumns({
    s: ["class 10", "class 2", "b", "a"],
    n: [10, 9, -1, 10],
  });
  expect(labelColumn(names, "s").labels).toEqual(["a", "b", "class 2", "class 10"]);
  expect(labelColumn(names, "n")).toEqual({
    labels: ["-1", "9", "10"],
    codes: Int32Array.of(2, 1, 0, 2),
  });
});

test.each([
  [["a", null], 'a value in every row of column "s", got a missing value in 1 of 2 rows, at row 2; fill it in'],
  [
    [1, 2.5],
    'text or whole numbers as labels in column "s", got 2.5 at row 2; round it, or write words for its values',
  ],
  [
    [1, Number.POSITIVE_INFINITY],
    'text or whole numbers as labels in column "s", got Infinity at row 2; round it, or write words for its values',
  ],
])("%o is refused as labels", (s, message) => {
  expect(() => labelColumn(tableFromColumns({ s }), "s")).toThrow(`Cannot read the columns: expected ${message}`);
});

function halves(message: string): [string, string] {
  const [expected, got] = message.split(", got ");
  return [expected, got];
}
