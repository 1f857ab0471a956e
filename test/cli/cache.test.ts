import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, expect, test } from "vitest";
import { csv, mixlens, mixlensJson, scratch, twoLines } from "./scratch.ts";

const folder = scratch({ "rows.csv": csv(twoLines(3000, 4)) });
const flags = ["--response", "y", "--features", "x1,x2", "--starts", "3"];
const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));

beforeAll(async () => {
  const duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run(`copy (select * from read_csv('${join(folder, "rows.csv")}')) to '${join(folder, "rows.parquet")}'`);
  duckdb.closeSync();
});

test("a fit with a cache is the fit in memory, of CSV and of Parquet, and its model file tells the same rows", async () => {
  const known = await mixlensJson(folder, "fit", "rows.csv", ...flags);
  for (const file of ["rows.csv", "rows.parquet"]) {
    const found = await mixlensJson(folder, "fit", file, ...flags, "--cache", `${file}.tiles`, "--model-out", "m.json");
    expect(found.rows).toBe(3000);
    expect(found.logLikelihood).toBeCloseTo(known.logLikelihood, 7);
    expect(found.experts[0].coefficients.x1).toBeCloseTo(known.experts[0].coefficients.x1, 7);
    expect(found.standardErrors.experts[0].coefficients.x1).toBeCloseTo(
      known.standardErrors.experts[0].coefficients.x1,
      7,
    );
    expect(found.icl).toBeCloseTo(known.icl, 5);
    const spectrum = await mixlensJson(folder, "spectrum", "m.json", "rows.csv");
    expect(spectrum.messages).toEqual([]);
  }
});

test("what a source does not take is refused in a sentence", async () => {
  const { code, stderr } = await mixlens(folder, "fit", "rows.csv", ...flags, "--cache", "g.tiles", "--active", "1");
  expect(code).toBe(2);
  expect(stderr.trim()).toBe(
    "Cannot fit a source: expected steps from sums over rows alone, got activeExperts; leave it out (--active), or give the rows without source(…) (--cache), where they fit into memory",
  );
  expect(existsSync(join(folder, "g.tiles"))).toBe(false);
});

test("a command that is killed while it fills the cache leaves none by its name, and the next one fills it", async () => {
  const many = twoLines(3000, 4);
  const times = Object.fromEntries(
    Object.entries(many).map(([name, cells]) => [
      name,
      Array.from({ length: 100 }, () => Array.from(cells as number[])).flat(),
    ]),
  );
  writeFileSync(join(folder, "many.csv"), csv(times));
  const cache = join(folder, "many.tiles");
  const isDraft = (name: string): boolean => name.startsWith("many.tiles.mixlens-");
  const child = spawn(process.execPath, [cli, "fit", "many.csv", ...flags, "--cache", "many.tiles"], { cwd: folder });
  while (!readdirSync(folder).some(isDraft) && child.exitCode === null) await setTimeout(2);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.on("close", resolve));
  expect(child.signalCode).toBe("SIGKILL");
  expect(existsSync(cache)).toBe(false);
  expect(readdirSync(folder).filter(isDraft).length).toBe(1);
  // A cache that a copy of the file cut short, as on a full disk, is no more trusted.
  const found = await mixlensJson(folder, "fit", "many.csv", ...flags, "--cache", "many.tiles");
  expect(found.rows).toBe(300_000);
  expect(readdirSync(folder).filter(isDraft)).toEqual([]);
  writeFileSync(cache, readFileSync(cache).subarray(0, 1_000_000));
  const again = await mixlensJson(folder, "fit", "many.csv", ...flags, "--cache", "many.tiles");
  expect(again.messages[0] + again.messages[1]).toContain('The cache "many.tiles" was filled anew: it is cut short.');
  expect(again.logLikelihood).toBe(found.logLikelihood);
  rmSync(cache);
});

test("a cache of a query is filled anew once a file that the query names in quotes has changed", async () => {
  const database = await (await DuckDBInstance.create()).connect();
  const write = (text: string): void => writeFileSync(join(folder, "sizes.csv"), `part,size\n${text}\n`);
  await database.run(`copy (select *, row_number() over () % 3 as part from read_csv('${join(folder, "rows.csv")}'))
    to '${join(folder, "parts.parquet")}'`);
  database.closeSync();
  for (const named of ["'sizes.csv'", '"sizes.csv"', "read_csv('size*.csv')"]) {
    write("0,1\n1,5\n2,2");
    const sql = `select d.*, s.size from data d join ${named} s using (part)`;
    const args = ["fit", "parts.parquet", "--sql", sql, "--response", "y", "--features", "x1,size", "--starts", "2"];
    const cached = [...args, "--cache", "parts.tiles"];
    const first = await mixlensJson(folder, ...cached);
    expect((await mixlensJson(folder, ...cached)).messages.join(" ")).not.toContain("filled anew");
    write("0,1\n1,5\n2,20.5");
    const second = await mixlensJson(folder, ...cached);
    expect(second.messages[0]).toBe(
      'The cache "parts.tiles" was filled anew: the rows have changed since, or are others.',
    );
    expect(second.experts[0].coefficients).not.toEqual(first.experts[0].coefficients);
    expect(second.logLikelihood).toBe((await mixlensJson(folder, ...args, "--cache", "others.tiles")).logLikelihood);
  }
});
