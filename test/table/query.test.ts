import { DataFrame } from "danfojs-node";
import { describe, expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { readTable } from "../../src/table/read-table.ts";
import { type DataSource, toTable } from "../../src/table/source.ts";
import { cells, columnsOf, copy, file, refusal } from "../support/row-files.ts";

describe("a query", () => {
  const iris = datasetPath("iris");
  const messy = file(
    "messy.csv",
    'n;share;flag;day;at;country;code\n1,5;12%;TRUE;2024-01-31;2024-01-31T12:00:00Z;"NA";007\n;3%;FALSE;2024-02-30;x;FR;010\n-0;1%;TRUE;2024-03-01;;"NA";011\n',
  );
  const dated = file(
    "dated.csv",
    "d,t,b,w\n2024-01-31,2024-01-31 12:00:00,true,3\nNA,,,\n2024-02-29,2024-01-31 00:00:00,false,4\n",
  );

  test.each<[string, DataSource]>([
    ["a data set", iris],
    ["a file with decimal commas, percentages, and NA in quotes", messy],
    ["a file of dates, times, true and false", dated],
    [
      "row objects",
      [
        { x: 1, s: "a" },
        { x: null, s: "12" },
      ],
    ],
    ["a danfo frame", new DataFrame({ x: [1, 2.5], s: ["a", "b"], b: [true, false] })],
    ["a table of missing values", { x: [null, null], y: [1, 2] }],
  ])("for everything changes nothing: %s", (_, data) => {
    expect(columnsOf(toTable(data, { sql: "select * from data" }))).toEqual(columnsOf(toTable(data)));
  });

  test("finds numbers, whole ones, true and false and dates in a file of text", () => {
    const types = Object.keys({ d: 0, t: 0, b: 0, w: 0 }).map((name) => `typeof(${name}) as ${name}`);
    expect(columnsOf(toTable(dated, { sql: `select ${types} from data limit 1` })).map(([, , type]) => type)).toEqual([
      "DATE",
      "TIMESTAMP",
      "BOOLEAN",
      "BIGINT",
    ]);
    expect(columnsOf(readTable(dated, { sql: "select w from data where b and d is not null" }))).toEqual([
      ["w", "numeric", 3],
    ]);
  });

  test("may read other files, and then data is read only where it is named", async () => {
    const path = await copy("other.parquet", "select 5 as x");
    expect(cells(file("broken.csv", "x\n1,2\n"), { sql: `select x from '${path}'` })).toEqual([["x", "numeric", 5]]);
    expect(cells(iris, { sql: `select count(*) as n, any_value(x) as x from data, '${path}'` })).toEqual([
      ["n", "numeric", 150],
      ["x", "numeric", 5],
    ]);
  });

  test.each([
    [
      "select * from 's3://bucket/x.parquet'",
      'files of this machine, got "s3://bucket/x.parquet"; fetch it first: only files of this machine are read',
    ],
    ["selec * from data", 'SQL that DuckDB runs, got Parser Error: syntax error at or near "selec"'],
    ["select nope from data", 'Referenced column "nope" not found in FROM clause!; Candidate bindings: '],
    ["select * from other", "got Catalog Error: Table with name other does not exist!"],
    ["select error('my words') from data", "my words"],
    [
      "select (case when x < 9 then '1' else 'a' end)::int from range(99999) r(x)",
      "Conversion Error: Could not convert",
    ],
    ["select 1; select 2", "one query that gives rows, such as select * from data, got 2 statements"],
    ["-- nothing", "one query that gives rows, such as select * from data, got no statements"],
    ["drop table data", "such as select * from data, got another statement"],
    ["install httpfs", "such as select * from data, got another statement"],
    ["set threads = 2", "such as select * from data, got another statement"],
    ["copy data to 'out.csv'", "such as select * from data, got another statement"],
    ["select $1 from data", "Values were not provided for the following prepared statement parameters: 1"],
    ["select petal_width, petal_width from data", "a different name for every column"],
    ["select * from data where petal_width > 99", "at least one row, got none"],
    ["select * from read_csv('https://127.0.0.1:9/x.csv')", "files of this machine, got "],
  ])("that is wrong is refused in a sentence: %s", (sql, message) => {
    expect(refusal(() => readTable(iris, { sql }))).toContain(message);
  });

  test("is refused where it is none", () => {
    for (const sql of ["", "  ", 3]) {
      expect(refusal(() => readTable(iris, { sql: sql as string }))).toContain("sql to be a query such as select");
    }
  });

  test("runs on one core, in the time zone of Greenwich, and installs and loads nothing", () => {
    const names = [
      "threads",
      "autoinstall_known_extensions",
      "autoload_known_extensions",
      "allow_community_extensions",
    ];
    const sql = `select ${[...names, "TimeZone"].map((name) => `current_setting('${name}')::varchar as "${name}"`)}`;
    expect(toTable({ x: [1] }, { sql }).columns.map(({ values }) => values[0])).toEqual([
      "1",
      "false",
      "false",
      "false",
      "UTC",
    ]);
  });

  test("gives rows in their order, however many there are, and sums to the bit", async () => {
    const path = await copy("many.parquet", "select i, sin(i) as s, i % 7 as g from range(150000) r(i)");
    expect(numericColumn(readTable(path), "i").every((value, row) => value === row)).toBe(true);
    const odd = readTable(path, { sql: "select i from data where i % 2 = 1" });
    expect(numericColumn(odd, "i").every((value, row) => value === 2 * row + 1)).toBe(true);
    const sums = () => cells(path, { sql: "select g, sum(s) as s from data group by g" });
    expect(sums()).toEqual(sums());
  });
});

describe("names", () => {
  test.each(["it's.parquet", "a'; drop table data; --.parquet", "[1] *?.jsonl", "ä ö.parquet", 'say "x".csv'])(
    "of files are themselves: %s",
    async (name) => {
      const path = name.endsWith("csv") ? file(name, "x\n1\n") : await copy(name, "select 1 as x");
      expect(cells(path)).toEqual([["x", "numeric", 1]]);
      expect(cells(path, { sql: "select x + 1 as x from data" })).toEqual([["x", "numeric", 2]]);
    },
  );

  test("of columns are themselves", async () => {
    const names = ["a b", "select", 'say "x"', "x'; drop table data; --", "ä", "1", "y:z", "__proto__"];
    const list = names.map((name, j) => `${j} as "${name.replaceAll('"', '""')}"`).join(", ");
    const path = await copy("columns.parquet", `select ${list}`);
    expect(readTable(path).columns.map(({ name }) => name)).toEqual(names);
    const given = Object.fromEntries([...names.entries()].map(([j, name]) => [name, [j]]));
    expect(columnsOf(toTable(given, { sql: "select * from data" }))).toEqual(columnsOf(toTable(given)));
  });

  test("of rows that pandas writes are no column, as in CSV files", async () => {
    const path = await copy("pandas.parquet", "select 1.5 as x, 'r1' as __index_level_0__ union all select 2, 'r2'");
    const { columns, rowNames } = readTable(path);
    expect(columns.map(({ name }) => name)).toEqual(["x"]);
    expect(rowNames?.values).toEqual(["r1", "r2"]);
  });

  test("of columns that differ by capitals alone are those of a Parquet file", async () => {
    // One row of x, X and X_1, written by Arrow: DuckDB, for which the first two are one name, can't write it.
    const path = file(
      "capitals.parquet",
      Buffer.from(
        "UEFSMRUAFRwVHCwVAhUAFQYVBhwAAAACAAAAAgEAAAAAAADwPxUAFRwVHCwVAhUAFQYVBhwAAAACAAAAAgEAAAAAAAAAQBUAFRwVHCwVAhUAFQYVBhwA" +
          "AAACAAAAAgEAAAAAAAAIQBUEGUw1ABgGc2NoZW1hFQYAFQolAhgBeAAVCiUCGAFYABUKJQIYA1hfMQAWAhkcGTwmABwVChklBgAZGAF4FQAWAhZCFkIm" +
          "CEkcFQAVABUCADwpBhkmAAIAAAAmABwVChklBgAZGAFYFQAWAhZCFkImSkkcFQAVABUCADwpBhkmAAIAAAAmABwVChklBgAZGANYXzEVABYCFkIWQiaM" +
          "AUkcFQAVABUCADwpBhkmAAIAAAAWxgEWAiYIFsYBACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZPBwAABwAABwAAADrAAAAUEFSMQ==",
        "base64",
      ),
    );
    expect(cells(path)).toEqual([
      ["x", "numeric", 1],
      ["X", "numeric", 2],
      ["X_1", "numeric", 3],
    ]);
    const twin = await copy("numbered.parquet", "select 1 as x, 2 as x_1");
    expect(readTable(twin).columns.map(({ name }) => name)).toEqual(["x", "x_1"]);
  });

  test("that differ by capitals alone are refused where SQL needs them", () => {
    expect(refusal(() => toTable({ x: [1], X: [2] }, { sql: "select x from data" }))).toBe(
      'query the columns: expected names of columns that differ by more than capitals, got "x" and "X"; rename one of them',
    );
  });
});
