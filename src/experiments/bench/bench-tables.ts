import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "../../errors/options.ts";
import { FIT } from "../../fit/fit-options.ts";
import { taskOf } from "../../fit/fit-task.ts";
import { random } from "../../math/random.ts";
import { parseCsv, readCsv } from "../../table/csv.ts";
import { type BenchRow, type BenchSize, timed } from "./bench-rows.ts";

/** A table that is timed: n rows of d columns, some of which are labels. */
export interface TableSize extends BenchSize {
  /** Columns of labels; absent: none. */
  readonly labels?: number;
}

/** Different labels of one column, and of the next. */
const LEVELS = [5, 12];

/** A CSV text: columns of labels f1, f2 …, then of normal numbers with all their digits, the last of which is y. */
export function randomCsv({ n, d, labels = 0 }: Pick<TableSize, "n" | "d" | "labels">): string {
  const rng = random(1);
  const names = Array.from({ length: d }, (_, j) =>
    j < labels ? `f${j + 1}` : j === d - 1 ? "y" : `x${j - labels + 1}`,
  );
  const cell = (j: number): string =>
    j < labels ? `level ${Math.floor(rng.uniform() * LEVELS[j % LEVELS.length])}` : String(rng.normal());
  const rows = Array.from({ length: n }, () => names.map((_, j) => cell(j)).join());
  return `${names.join()}\n${rows.join("\n")}\n`;
}

/** Times the reading of a CSV file. */
export function benchRead({ labels, ...size }: TableSize, runs: number, now: () => number): BenchRow {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-read-"));
  try {
    const path = join(folder, "rows.csv");
    writeFileSync(path, randomCsv({ ...size, ...(labels !== undefined && { labels }) }));
    return { name: "read", ...size, ...timed(() => void readCsv(path), runs, now) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Times how the columns of a table become designs: what a fit does before its first start. */
export function benchCode({ labels, ...size }: TableSize, runs: number, now: () => number): BenchRow {
  const table = parseCsv(randomCsv({ ...size, ...(labels !== undefined && { labels }) }));
  const features = table.columns.map(({ name }) => name).filter((name) => name !== "y");
  const plan = readOptions("time the coding", { response: "y", features, k: size.k }, FIT);
  return { name: "code", ...size, ...timed(() => void taskOf(table, plan), runs, now) };
}
