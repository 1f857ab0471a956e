import { callable, file } from "../../errors/kinds.ts";
import { type Optional, type OptionsOf, optional, type PlanOf, partOf, readOptions } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import { fileBatches, type TableBatches, tableBatches } from "../../table/batches.ts";
import { READ, type ReadOptions, ReadTable } from "../../table/read-options.ts";
import { type DataSource, toTable } from "../../table/source.ts";
import type { DataTable } from "../../table/table.ts";
import { printed } from "../../text/printed.ts";

/** How far the reading of a source is. */
export interface SourceProgress {
  /** Rows that were read. */
  readonly rows: number;
  /** What is done with them: `"look"`, to learn columns, levels and polynomials, or `"keep"`, to write the cache. */
  readonly stage: "look" | "keep";
}

/** Options of a source, beside how it is read. */
export class SourceTable extends ReadTable {
  /** File that keeps the rows as they are computed with, for other fits to go on from; default: none, and a temporary one. */
  readonly cache: Optional<string> = optional(
    file,
    "file that keeps the rows as they are computed with, for other fits to go on from",
    { otherwise: "none, and a temporary one" },
  );

  /** Function called as rows are read; default: none. */
  readonly onProgress: Optional<(progress: SourceProgress) => void> = optional(
    callable,
    "function called as rows are read",
    { otherwise: "none" },
  );
}

export const SOURCE: SourceTable = new SourceTable();

/** What a source may be told. */
export interface SourceOptions extends OptionsOf<SourceTable> {}

/** Rows that a fit reads block by block, and never has in memory all at once. */
export interface RowSource {
  /** How errors and summaries call it. */
  readonly name: string;
}

interface Made {
  /** A path, or the table of what was given. */
  readonly data: string | DataTable;
  readonly plan: PlanOf<SourceTable>;
}

const made = new WeakMap<object, Made>();

/**
 * Rows for `fit` that need not fit into memory: files of any size, by their path or a pattern of several, or what `toTable` takes.
 *
 * A fit reads them two or three times, and keeps the numbers that its formula makes of them in a file, the cache, from which every
 * step of EM reads them block by block: memory stays the same however many rows there are. With `cache` the file stays, and
 * the next fit with the same formula of the same files begins at once; one that is out of date, cut short or damaged is named,
 * and filled anew.
 *
 * @param options.cache file to keep; default: a temporary one
 * @param options.sql query that gives the rows of Parquet or JSON files, as that of `readTable`
 * @param options.onProgress called as rows are read
 * @param options how CSV files are read, as those of `readCsv`
 * @throws InputError for an option that there is not, and for what no table can be made of; what is wrong with files is said by `fit`
 * @remarks cost of the cache, on one core: about 1 s for a million rows of ten Parquet columns, and as many bytes as the columns
 *   of the design have numbers, times 8.
 * @example
 * ```ts
 * import { datasetPath, fit, source } from "mixlens";
 * const options = { response: "petal_width", features: ["petal_length"], starts: 3 } as const;
 * const iris = fit(source(datasetPath("iris")), options);
 * if (iris.result !== "converged") throw new Error(iris.message);
 * ```
 */
export function source(data: DataSource, options: SourceOptions = {}): RowSource {
  const plan = readOptions("read a source", options, SOURCE);
  const name = typeof data === "string" ? JSON.stringify(data) : "the rows";
  const own = printed<RowSource>({ name }, ({ name }) => `a source of rows: ${name}`);
  made.set(own, { data: typeof data === "string" ? data : toTable(data, partOf(plan, READ)), plan });
  return own;
}

/** Whether data is a source. */
export function isSource(data: unknown): data is RowSource {
  return typeof data === "object" && data !== null && made.has(data);
}

/**
 * The table of rows that are given to be in memory.
 *
 * @param act what needs them, as a verb phrase
 * @throws InputError for those of a source, and as `toTable`
 */
export function tableInMemory(act: string, data: DataSource, read: ReadOptions = {}): DataTable {
  if (!isSource(data)) return toTable(data, read);
  const { data: own } = made.get(data) as Made;
  const sample = 'sql: "select * from data using sample 20000 rows (reservoir, 1)"';
  const call = typeof own === "string" ? `readTable(${data.name}, { ${sample} })` : `toTable(rows, { ${sample} })`;
  throw new InputError(act, "rows in memory", `a source, ${data.name}`, `give some of them: ${call}`);
}

/** The path, or the pattern, of the files that rows are in; nothing of those in memory. */
export function pathOf(rows: unknown): string | undefined {
  const data = isSource(rows) ? made.get(rows)?.data : rows;
  return typeof data === "string" ? data : undefined;
}

/** The rows of a source as they come, and what it was told. */
export function openSource(source: RowSource): { readonly batches: TableBatches; readonly plan: PlanOf<SourceTable> } {
  const { data, plan } = made.get(source) as Made;
  const read = partOf(plan, READ);
  return { plan, batches: typeof data === "string" ? fileBatches(data, read) : tableBatches(data) };
}
