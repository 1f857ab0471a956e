import { DataFrame, Series, tensorflow } from "danfojs-node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import { isFrame, tableFromFrame } from "../../src/table/frame.ts";
import { numericColumn } from "../../src/table/numeric.ts";

tensorflow.enableProdMode();
const cells = (frame: DataFrame | Series) => tableFromFrame(frame).columns.map(({ name, values }) => [name, ...values]);

test("a frame's numbers arrive as they are, not as float32", () => {
  const frame = new DataFrame({ x: [0.1, 1 / 3], s: ["a", "b"] });
  expect(tableFromFrame(frame)).toEqual({
    rows: 2,
    columns: [
      { name: "x", kind: "numeric", values: Float64Array.of(0.1, 1 / 3) },
      { name: "s", kind: "text", values: ["a", "b"] },
    ],
    source: "the frame",
  });
});

test("rows of arrays, rows of objects and columns give the same table", () => {
  const expected = [
    ["a", 1, 2],
    ["b", "x", "y"],
  ];
  expect(
    cells(
      new DataFrame(
        [
          [1, "x"],
          [2, "y"],
        ],
        { columns: ["a", "b"] },
      ),
    ),
  ).toEqual(expected);
  expect(
    cells(
      new DataFrame([
        { a: 1, b: "x" },
        { a: 2, b: "y" },
      ]),
    ),
  ).toEqual(expected);
  expect(cells(new DataFrame({ a: [1, 2], b: ["x", "y"] }))).toEqual(expected);
});

test("a column named like danfo's own properties is a column", () => {
  const names = ["shape", "values", "columns", "index", "dtypes", "size", "__proto__", "constructor", "🌷"];
  const frame = new DataFrame([names.map((_, index) => index)], {
    columns: names,
  });
  expect(cells(frame)).toEqual(names.map((name, index) => [name, index]));
});

test.each(["$data", "$columns"])("a column named %s, which breaks danfo, is refused", (name) => {
  const frame = new DataFrame({ [name]: [1, 2] });
  expect(() => tableFromFrame(frame)).toThrow(
    `Cannot read the frame: expected column names other than danfo's own fields, got "${name}"; rename that column`,
  );
});

test("text after the first 20 rows is text, whatever danfo's dtype", () => {
  const frame = new DataFrame({ x: [...Array(30).keys(), "abc"] });
  expect(frame.dtypes).toEqual(["int32"]);
  expect(() => numericColumn(tableFromFrame(frame), "x")).toThrow('got "abc" at row 31');
});

test("null, undefined and NaN are missing; truth values are text", () => {
  const frame = new DataFrame({
    x: [1, null, undefined, Number.NaN],
    s: ["a", null, undefined, Number.NaN],
    b: [true, false, null, true],
  });
  expect(cells(frame)).toEqual([
    ["x", 1, Number.NaN, Number.NaN, Number.NaN],
    ["s", "a", null, null, null],
    ["b", "true", "false", null, "true"],
  ]);
});

test("columns added, assigned and computed by danfo are seen", () => {
  const frame = new DataFrame({ x: [1, 2], y: [3, 4] });
  frame.addColumn("z", frame.x.add(frame.y), { inplace: true });
  frame.x = new Series([5, 6]);
  expect(cells(frame)).toEqual([
    ["x", 5, 6],
    ["y", 3, 4],
    ["z", 4, 6],
  ]);
  expect(cells(frame.head(1))).toEqual([
    ["x", 5],
    ["y", 3],
    ["z", 4],
  ]);
  expect(cells(frame.loc({ columns: ["z"] }))).toEqual([["z", 4, 6]]);
  expect(cells(new DataFrame({ x: [7] }, { config: { lowMemoryMode: true } }))).toEqual([["x", 7]]);
});

test("a Series is a table of one column", () => {
  expect(cells(new DataFrame({ y: [1, 2] }).y)).toEqual([["y", 1, 2]]);
  expect(cells(new Series(["a"]))).toEqual([["0", "a"]]);
  // danfo lets the name stand alone, though its types don't.
  expect(cells(new Series([1], { columns: "y" as unknown as string[] }))).toEqual([["y", 1]]);
});

test.each([
  [new DataFrame([]), "at least one column, got none"],
  [new DataFrame([], { columns: ["x"] }), "at least one row, got none"],
  [new DataFrame([[1, 2], [3]]), "2 cells in every row, got 1 in row 2"],
  [new DataFrame({ x: [1], "": [2] }), "a name for every column, got an empty name for column 2"],
])("frame %# is refused", (frame, message) => {
  expect(() => tableFromFrame(frame)).toThrow(InputError);
  expect(() => tableFromFrame(frame)).toThrow(`Cannot read the frame: expected ${message}`);
});

test("only frames are frames", () => {
  expect(isFrame(new DataFrame({ x: [1] }))).toBe(true);
  expect(isFrame(new Series([1]))).toBe(true);
  for (const other of [null, undefined, "a.csv", { x: [1] }, [1]]) expect(isFrame(other)).toBe(false);
});

test("any frame gives back its rows", () => {
  const row = fc.tuple(
    fc.double({ noNaN: true }),
    fc.string().map((text) => `s${text}`),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const [x, s] = tableFromFrame(new DataFrame(rows, { columns: ["x", "s"] })).columns;
      expect(rows.map((_, index) => [x.values[index], s.values[index]])).toEqual(rows);
    }),
  );
});

test("100,000 rows by 10 columns arrive whole", () => {
  const rows = Array.from({ length: 1e5 }, (_, i) => Array.from({ length: 10 }, (_, j) => i / (j + 1)));
  const table = tableFromFrame(new DataFrame(rows));
  expect(table.rows).toBe(1e5);
  table.columns.forEach(({ values }, j) => {
    expect(values[99_999]).toBe(99_999 / (j + 1));
  });
});

test("truth values, dates, strings and numbers of a frame keep what they are, under whatever names", () => {
  const n = 24;
  const rows = Array.from({ length: n }, (_, i) => i);
  const frame = new DataFrame({
    "is open?": rows.map((i) => (i === 3 ? null : i % 3 === 0)),
    day: rows.map((i) => new Date(Date.UTC(2024, 0, 1 + ((7 * i) % 31)))),
    "2nd": rows.map((i) => (i === 5 ? "NA" : "abc"[i % 3 === 0 ? 0 : 1 + (i % 2)])),
    "log(x)": rows.map((i) => (i === 7 ? "NA" : Math.sin(i))),
    codes: rows.map((i) => `0${i}`),
    y: rows.map((i) => i + Math.cos(9 * i)),
  });
  const table = tableFromFrame(frame);
  expect(table.columns.map(({ kind, values }) => [kind, values[1]])).toEqual([
    ["text", "false"],
    ["text", "2024-01-08T00:00:00.000Z"],
    ["text", "c"],
    ["numeric", Math.sin(1)],
    ["text", "01"],
    ["numeric", 1 + Math.cos(9)],
  ]);
  const features = ["is open?", "day", "2nd", "log(x)"];
  const found = fit(frame, { response: "y", features, k: 1, missing: "drop", ridge: 0.01 });
  expect([...found.dropped.rows]).toEqual([3, 5, 7]);
  expect(found.mixture.names.slice(0, 6)).toEqual([
    "expert1.(intercept)",
    "expert1.is open?",
    "expert1.day",
    "expert1.2ndb",
    "expert1.2ndc",
    "expert1.log(x)",
  ]);
  const again = fit(new DataFrame(frame.values as number[][], { columns: frame.columns }), {
    response: "y",
    features,
    k: 1,
    missing: "drop",
    ridge: 0.01,
  });
  expect(again.logLikelihood).toBe(found.logLikelihood);
});
