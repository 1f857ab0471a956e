import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, expect, test } from "vitest";
import { readTable } from "../../src/table/read-table.ts";
import { csv, mixlens, mixlensJson, scratch, twoLines } from "./scratch.ts";

const table = twoLines(120, 4);
const part = (from: number, to: number) =>
  csv(Object.fromEntries(Object.entries(table).map(([name, cells]) => [name, cells.slice(from, to)])));
const folder = scratch({
  "all.csv": csv(table),
  "rows-1.csv": part(0, 50),
  "rows-2.csv": part(50, 120),
  "a'b.csv": csv(table),
});
const flags = ["--response", "y", "--features", "x1,x2", "--starts", "2"];

beforeAll(async () => {
  const duckdb = await (await DuckDBInstance.create()).connect();
  for (const name of ["rows-1", "rows-2"]) {
    for (const [ending, options] of [
      ["parquet", ""],
      ["jsonl", " (format json)"],
    ]) {
      const path = join(folder, `${name}.${ending}`);
      await duckdb.run(`copy (select * from read_csv('${join(folder, name)}.csv')) to '${path}'${options}`);
    }
  }
  duckdb.closeSync();
});

/** A document without what differs from run to run. */
const document = async (...args: string[]) => ({ ...(await mixlensJson(folder, ...args)), seconds: 0 });

test("the same rows are the same fit, from whatever files they come", async () => {
  const one = await document("fit", "all.csv", ...flags);
  expect(one.rows).toBe(120);
  for (const ending of ["csv", "parquet", "jsonl"]) {
    expect(await document("fit", `rows-*.${ending}`, ...flags)).toEqual(one);
    expect(await document("fit", `rows-*.${ending}`, ...flags, "--sql", "from data")).toEqual(one);
  }
});

test("every command that reads rows reads them by a query", async () => {
  const sql = "select * from data where x1 > 0";
  const found = await document("fit", "a'b.csv", ...flags, "--sql", sql, "--model-out", "model.json");
  expect(found.rows).toBe(table.x1.filter((value) => Number(value) > 0).length);
  for (const [command, same] of [
    ["spectrum", await mixlensJson(folder, "spectrum", "model.json", "all.csv", "--sql", sql)],
    ["snr", await mixlensJson(folder, "snr", "model.json", "all.csv", "--sql", sql)],
    ["predict", await mixlensJson(folder, "predict", "model.json", "all.csv", "--sql", sql)],
  ]) {
    expect(await mixlensJson(folder, command, "model.json", "rows-*.parquet", "--sql", sql)).toEqual(same);
    expect(await mixlensJson(folder, command, "model.json", "rows-*.parquet")).not.toEqual(same);
  }
});

test("predict --out writes the same lines as it prints, of files of any kind and of queries, and Parquet", async () => {
  await mixlens(folder, "fit", "all.csv", ...flags, "--model-out", "p.json");
  const printed = (await mixlens(folder, "predict", "p.json", "all.csv")).stdout;
  for (const data of ["all.csv", "rows-*.csv", "rows-*.parquet", "rows-*.jsonl"]) {
    expect(await mixlens(folder, "predict", "p.json", data, "--out", "p.csv")).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    expect(readFileSync(join(folder, "p.csv"), "utf8")).toBe(printed);
  }
  for (const data of ["all.csv", "rows-*.parquet"]) {
    await mixlens(folder, "predict", "p.json", data, "--sql", "from data limit 7", "--out", "p.csv");
    expect(readFileSync(join(folder, "p.csv"), "utf8")).toBe(`${printed.split("\n").slice(0, 8).join("\n")}\n`);
  }
  await mixlens(folder, "predict", "p.json", "rows-*.parquet", "--out", "p.parquet");
  const { columns } = readTable(join(folder, "p.parquet"));
  const [header, first] = printed.split("\n").map((line) => line.split(","));
  expect(columns.map(({ name }) => name)).toEqual(header);
  expect(columns.map(({ values }) => values[0])).toEqual(first.map(Number));
});

test.each([
  [
    ["rows-*.parquet", "--sql", "selec"],
    'run the query on "rows-*.parquet": expected SQL that DuckDB runs, got Parser Error: syntax',
  ],
  [
    ["rows-*.parquet", "--sql", ""],
    'run mixlens: expected --sql to be a query such as select * from data where x > 0, got ""',
  ],
  [["none-*.parquet"], 'read "none-*.parquet": expected files whose names match it, got none'],
  [
    ["rows-*"],
    'read "rows-*": expected files of one kind, got a CSV file in "rows-1.csv" and a JSON file in "rows-1.jsonl"',
  ],
  [
    ["rows-1.csv", "rows-2.csv"],
    "run mixlens fit: expected 1 argument, got 2; name several files by one pattern in quotes",
  ],
])("%j is refused in one line, with exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await mixlens(folder, "fit", ...args, "--response", "y");
  expect([code, stdout, stderr.split("\n").length]).toEqual([2, "", 2]);
  expect(stderr).toContain(`Cannot ${message}`);
});
