import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { InputError, quote } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import { leftOutInWords, leftOutOf, numericColumnNames } from "../../src/frame/default-features.ts";
import { type ColumnArrays, tableFromColumns } from "../../src/table/columns.ts";
import { parseCsv, readCsv } from "../../src/table/csv.ts";
import { numericColumn } from "../../src/table/numeric.ts";

const file = (name: string) => fileURLToPath(new URL(`../cases/models/${name}.csv`, import.meta.url));
const quoted = (cells: readonly string[]) => `x,y\n${cells.map((cell, i) => `"${cell}",${i}`).join("\n")}\n`;

describe("numbers in other notations", () => {
  test.each([
    ["1,204", "write numbers without thousands separators: 1204"],
    ["-12,345,678", "write numbers without thousands separators: -12345678"],
    ["1,204.5", "write numbers without thousands separators: 1204.5"],
    ["12,34,567", "write numbers without thousands separators: 1234567"],
    ["1.204,5", "write numbers without thousands separators: 1204.5"],
    ["1.204.500", "write numbers without thousands separators: 1204500"],
    ["1 204", "write numbers without thousands separators: 1204"],
    ["1\u00a0204,25", "write numbers without thousands separators: 1204.25"],
    ["1'204", "write numbers without thousands separators: 1204"],
    ["1_204", "write numbers without thousands separators: 1204"],
    ["3,14", 'write decimals with a point, or set decimal to "," (--decimal ,)'],
    ["0,125", 'write decimals with a point, or set decimal to "," (--decimal ,)'],
    ["12.3%", "write percentages as fractions: 0.123"],
    ["-1.204,5 %", "write percentages as fractions: -12.045"],
    ["\u22121.5", "write a minus sign as a hyphen: -1.5"],
    ["$1,204.50", "write amounts without a currency sign: 1204.50"],
    ["-\u20ac12", "write amounts without a currency sign: -12"],
    ["$-12", "write amounts without a currency sign: -12"],
    ["1 204,5 \u20ac", "write amounts without a currency sign: 1204.5"],
  ])("%s is refused, with advice that works", (cell, advice) => {
    const table = parseCsv(quoted(["744", cell]), "x.csv");
    expect(() => numericColumn(table, "x")).toThrow(
      new InputError("read x.csv", 'a finite number in column "x"', `${quote(cell)} at row 2 (line 3)`, advice),
    );
    const [, plain] = /: (.*)$/.exec(advice) ?? [undefined, cell.replace(",", ".")];
    expect(numericColumn(parseCsv(quoted(["744", plain])), "x")[1]).toBeCloseTo(Number(plain), 12);
  });

  test("a comma is decimal where another cell of the column shows it", () => {
    expect(() => numericColumn(parseCsv(quoted(["1,204", "3,14"])), "x")).toThrow("write decimals with a point");
  });

  test.each(["1,20,4", "a,204", "12 kg", "1, 204", "%", "1 2", "2020-01-01", "$", "US$", "5$ or so", "1.5k"])(
    "%s is text, without advice",
    (cell) => {
      expect(() => numericColumn(parseCsv(quoted(["744", cell])), "x")).toThrow(/at row 2 \(line 3\)$/);
    },
  );

  test("default features refuse such a column instead of leaving it out", () => {
    const thousands = () => fit(file("thousands"), { response: "y" });
    expect(thousands).toThrow(InputError);
    expect(thousands).toThrow('got "1,204" at row 1 (line 2); write numbers without thousands separators: 1204');
    expect(() => numericColumnNames(tableFromColumns({ x: ["3,1", "2,7"] }))).toThrow("write decimals with a point");
  });

  // Prices that repeat would else be a factor of as many levels.
  test.each([
    ["1,204", "write numbers without thousands separators: 1204"],
    ["1.204.500", "write numbers without thousands separators: 1204500"],
    ["20.4%", "write percentages as fractions: 0.204"],
    ["$12", "write amounts without a currency sign: 12"],
  ])("a formula and features by name refuse a column of such as %s, and factor() takes it", (cell, advice) => {
    const x = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? cell : i % 3 === 1 ? cell.replace("2", "3") : "12"));
    const columns = { x, y: x.map((_, i) => (i % 3) + Math.sin(i)) };
    const got = `got ${JSON.stringify(cell)} at row 1; ${advice}`;
    expect(() => fit(columns, { formula: "y ~ x", k: 1 })).toThrow(got);
    expect(() => fit(columns, { response: "y", features: ["x"], k: 1 })).toThrow(got);
    expect(fit(columns, { formula: "y ~ factor(x)", k: 1 }).mixture.names).toHaveLength(4);
  });

  test("many cells with commas take no time that grows with their square", () => {
    const x = Array.from({ length: 200_000 }, (_, i) => `${1 + (i % 9)},204`);
    expect(() => numericColumnNames(tableFromColumns({ x }))).toThrow("thousands separators");
  });
});

describe("what default features leave out", () => {
  test("columns of text, by what they hold", () => {
    const table = tableFromColumns({
      x: [1, 2, 3],
      region: ["north", null, "south"],
      paid: [true, false, true],
      flag: ["TRUE", "FALSE", "TRUE"],
      part: ["20.4%", "3%", "half"],
      share: ["20.4%", "3%", null],
      price: ["$3", "$1,204.50", "unknown"],
      day: ["2020-01-01", "2020-01-02", "2020-01-03"],
      code: ["1", "2", "3"],
      y: [1, 2, 4],
    } as ColumnArrays);
    expect(leftOutOf(table, ["y"])).toEqual([
      { column: "region", reason: 'text, such as "north"' },
      { column: "paid", reason: "true and false" },
      { column: "flag", reason: "true and false" },
      { column: "part", reason: 'percentages, such as "20.4%"' },
      { column: "price", reason: 'amounts of money, such as "$3"' },
      { column: "day", reason: 'dates, such as "2020-01-01"' },
      { column: "code", reason: 'numbers given as text, such as "1"' },
    ]);
    expect(numericColumnNames(table, ["y"])).toEqual(["x", "share"]);
    expect(leftOutOf(table, ["y", "region", "paid", "flag", "part", "price", "day", "code"])).toEqual([]);
  });

  test("a fit says it, and only where no features were named", () => {
    const options = { response: "y", gateFeatures: [], starts: 1, seed: 1 } as const;
    const { leftOut, messages, message, formula } = fit(file("factor"), options);
    expect(leftOut).toEqual([{ column: "region", reason: 'text, such as "north"' }]);
    expect(messages).toEqual(['Left out of the features: "region" (text, such as "north").']);
    expect([message, formula.features]).toEqual(["", ["x"]]);
    const named = fit(file("factor"), { ...options, features: ["x"] });
    expect([named.leftOut, named.messages]).toEqual([[], []]);
  });

  test("row numbers stay left out where rows are dropped between them", () => {
    const x = [1, 5, 2, 8, 3, 9, 4, 7, 6, 2];
    const y = [1, null, 3, 8, 3, 10, 4, 7, 6, 1];
    const { formula, leftOut } = fit(
      { "Unnamed: 0": x.map((_, row) => row), x, y },
      { response: "y", k: 1, missing: "drop" },
    );
    expect([formula.features, leftOut]).toEqual([["x"], [{ column: "Unnamed: 0", reason: "row numbers" }]]);
  });

  test("of many columns the first five are named", () => {
    const leftOut = Array.from({ length: 8 }, (_, j) => ({ column: `c${j}`, reason: "true and false" }));
    expect(leftOutInWords(leftOut)[0]).toMatch(/"c4" \(true and false\) and 3 more\.$/);
    expect(leftOutInWords([])).toEqual([]);
  });
});

describe("row names", () => {
  test("a first column without a name is read as row names, and is no feature", () => {
    const table = readCsv(file("rownames-write-csv"));
    expect(table.columns.map(({ name }) => name)).toEqual(["x", "y"]);
    expect([table.rowNames?.name, table.rowNames?.values.length]).toEqual(["", 40]);
    const found = fit(table, { response: "y", k: 1 });
    expect(found.formula.features).toEqual(["x"]);
    expect(found.leftOut).toEqual([{ column: "", reason: "row names" }]);
    expect(found.messages[0]).toContain("the first column, which has no name (row names)");
    expect(() => fit(table, { response: "y", features: ["", "x"] })).toThrow('a column such as "x" or "y", got ""');
  });

  test("so it is of plain columns, and of names that are text", () => {
    const table = tableFromColumns({ "": ["Mazda", "Fiat"], x: [1, 2] });
    expect([table.rows, table.columns.length, table.rowNames?.values]).toEqual([2, 1, ["Mazda", "Fiat"]]);
  });

  test.each([
    ["Unnamed: 0", [0, 1, 2], []],
    ["Unnamed: 0", [1, 2, 3], []],
    ["...1", [1, 2, 3], []],
    ["Unnamed: 0", [0, 2, 1], ["Unnamed: 0"]],
    ["Unnamed: 0", [0.5, 1.5, 2.5], ["Unnamed: 0"]],
    ["n", [0, 1, 2], ["n"]],
  ])("%s with %j is left out where it numbers the rows", (name, values, features) => {
    const table = tableFromColumns({ [name]: values, y: [1, 2, 4] });
    expect(numericColumnNames(table, ["y"])).toEqual(features);
    expect(numericColumn(table, name)).toEqual(Float64Array.from(values));
  });

  test("elsewhere a number of the rows is a feature like any other", () => {
    const table = tableFromColumns({ y: [1, 2, 4], "Unnamed: 0": [0, 1, 2] });
    expect(numericColumnNames(table, ["y"])).toEqual(["Unnamed: 0"]);
  });
});

test("labels of which most look like numbers are refused with the way to read them, which works", () => {
  const visits = ["0", "1", "2+", "1", "0", "0", "1", "2+"];
  const table = tableFromColumns({ y: [1, 2, 4, 2, 1, 3, 2, 5], "my visits": visits });
  const advice = "if these are labels, write factor(`my visits`) in a formula";
  for (const asked of [{ response: "y" }, { response: "y", features: ["my visits"] }, { formula: "y ~ `my visits`" }]) {
    expect(() => fit(table, { ...asked, k: 1 })).toThrow(advice);
  }
  const found = fit(table, { formula: "y ~ factor(`my visits`)", k: 1 });
  expect(found.mixture.names.filter((name) => name.includes("visits"))).toHaveLength(2);
});
