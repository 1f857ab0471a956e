import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "mixlens-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "rows.parquet");

/** Three million rows of 11 columns: 264 MB of numbers, were they in memory. */
const ROWS = 3_000_000;
const NUMBERS = (ROWS * 11 * 8) / 1e6;

beforeAll(async () => {
  const duckdb = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())";
  const columns = Array.from({ length: 10 }, (_, j) => `${normal} as x${j + 1}`).join(", ");
  const rows = `select setseed(0.5), ${columns}, ${normal} as e from range(${ROWS})`;
  const response = "case when x1 > 0 then 1 + x2 else -1 - x2 end + 0.7 * e as y";
  await duckdb.run(`copy (select * exclude (e, "setseed(0.5)"), ${response} from (${rows})) to '${file}'`);
  duckdb.closeSync();
}, 120_000);

/** Megabytes that a process of its own had in memory at the most. */
function peakOf(act: string): number {
  const program = `
    import { fit, predict, readTable, source } from "mixlens";
    const file = ${JSON.stringify(file)};
    const options = { formula: "y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10", k: 2, starts: 1, maxIterations: 2 };
    ${act}
    console.log(process.resourceUsage().maxRSS / 1024);`;
  const args = ["--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split("\n").at(-1));
}

// A process with DuckDB and two heaps has 150 MB without any rows, and keeps up to 110 more of what passes by.
const most = 150 + 0.6 * NUMBERS;
const fitted = 'fit(readTable(file, { sql: "from data limit 5000" }), options)';

test("a source is filled and fitted in less memory than its rows take; those in memory take more", () => {
  expect(peakOf("fit(source(file), options);")).toBeLessThan(most);
  expect(peakOf("readTable(file);")).toBeGreaterThan(most);
}, 480_000);

test("its predictions are written as its rows pass by; those in memory take more", () => {
  const out = JSON.stringify(join(folder, "p.csv"));
  expect(peakOf(`await predict(${fitted}, source(file), { out: ${out} });`)).toBeLessThan(most);
  expect(peakOf(`predict(${fitted}, readTable(file));`)).toBeGreaterThan(most);
}, 480_000);
