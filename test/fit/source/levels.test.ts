import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, expect, test } from "vitest";
import { fit } from "../../../src/fit/fit.ts";
import { checkLevels } from "../../../src/fit/source/levels.ts";
import { source } from "../../../src/fit/source/source.ts";
import { places } from "../../../src/rows/predictor.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-levels-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = { response: "y", k: 2, starts: 1, maxIterations: 3 } as const;

test("a factor of more than 500 levels is refused before rows are kept, and what is said to do works", async () => {
  const file = join(folder, "rows.parquet");
  const duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run("select setseed(0.5)");
  const rows = "select random() as x, 'F' || (i % 600) as f, random() + (i % 600) / 100 as y from range(3000) r(i)";
  await duckdb.run(`copy (${rows}) to '${file}'`);
  duckdb.closeSync();
  const cache = join(folder, "rows.tiles");
  expect(() => fit(source(file, { cache }), { ...plan, features: ["x", "f"] })).toThrow(
    /expected factors of at most 500 levels, got "f" of 600; merge rare levels, or put a number in their place, as avg\(y\) over \(partition by f\) does, in a query/,
  );
  expect(readdirSync(folder)).toEqual(["rows.parquet"]);
  const sql = "select x, avg(y) over (partition by f) as f_mean, y from data";
  const mean = fit(source(file, { sql }), { ...plan, features: ["x", "f_mean"] });
  expect(mean.observations?.rows).toBe(3000);
  const merged = "select x, case when substr(f, 2)::int < 20 then f else 'other' end as f, y from data";
  expect(fit(source(file, { sql: merged }), { ...plan, features: ["x", "f"] }).observations?.rows).toBe(3000);
});

test("500 are not", () => {
  const formula = (count: number) => ({
    ...{ response: "y", features: ["f"], gateFeatures: ["f"] },
    codings: { f: { type: "factor" as const, levels: places(0, count).map((level) => `F${level}`) } },
  });
  expect(() => checkLevels("the rows", formula(500) as never)).not.toThrow();
  expect(() => checkLevels("the rows", formula(501) as never)).toThrow("of 501");
});
