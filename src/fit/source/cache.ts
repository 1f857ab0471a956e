import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { bytesOf } from "../../compute/own.ts";
import { partOf } from "../../errors/options.ts";
import { InputError, quote } from "../../errors.ts";
import { packageVersion } from "../../files/package-root.ts";
import { openTileFile, type TileFile, writeTileFile } from "../../files/tile-file.ts";
import type { LeftOut } from "../../frame/default-features.ts";
import { FORMULA, type Formula } from "../../frame/formula.ts";
import type { Observations } from "../../rows/observations.ts";
import { streamed } from "../../rows/streamed.ts";
import { planOf, shapeOf, stretchBytes, stretchesOf, type TileColumns, type TileRows } from "../../rows/tile-rows.ts";
import type { TableBatches } from "../../table/batches.ts";
import type { MissingRows } from "../../table/missing.ts";
import { READ } from "../../table/read-options.ts";
import { type DataTable, takeRows } from "../../table/table.ts";
import type { FitPlan } from "../fit-options.ts";
import { type Task, taskOf } from "../fit-task.ts";
import { eachComplete } from "./complete-rows.ts";
import { fillTiles } from "./fill.ts";
import { checkLevels } from "./levels.ts";
import { measured } from "./measure.ts";
import { sketchOf } from "./sketch.ts";
import { openSource, type RowSource } from "./source.ts";
import { UnitCensus } from "./unit-census.ts";

/** Seed of the rows that columns, levels and starts are learnt from: the same for all fits, which may share a cache. */
const SEED = 1;

/** What a cache is of: one of anything else is filled anew. */
interface Subject {
  /** Files with their sizes and the time of their last change, or the hash of what was given. */
  readonly files: readonly (readonly [path: string, size: number, changed: number])[] | string;
  /** How they are read. */
  readonly read: object;
  /** What the fit says of columns. */
  readonly formula: object;
  readonly mixlens: string;
}

/** What a cache says of itself. */
interface Header {
  readonly of: Subject;
  readonly rows: TileRows;
  readonly formula: Formula;
  readonly leftOut: readonly LeftOut[];
  readonly dropped: Omit<MissingRows, "rows">;
  readonly notes: readonly string[];
}

/** The rows of a source, ready for sums, and what is known of them. */
export interface SourceRows extends Pick<Task, "formula" | "leftOut" | "dropped" | "notes"> {
  readonly observations: Observations;
  /** Checksum of each stretch of them. */
  readonly checksums: readonly number[];
  /** The query that gave the rows, where there was one. */
  readonly sql?: string;
  /** Some of the rows, as they were read, where start columns in them are asked for. */
  readonly sketch?: DataTable;
}

/** The words for what differs, in the order in which it is looked for. */
const DIFFERENCES: Readonly<Record<keyof Subject, string>> = {
  mixlens: "it is of another version of mixlens",
  files: "the rows have changed since, or are others",
  read: "the rows were read otherwise",
  formula: "it has other columns",
};

/**
 * The rows of a source: from its cache, where there is one of these rows and columns that is whole, else read and kept there.
 *
 * @throws InputError as `fit` and `observe`
 */
export function rowsOfSource(source: RowSource, plan: FitPlan): SourceRows {
  const { batches, plan: own } = openSource(source);
  const { experts, zeroInflated, startColumns } = plan;
  const subject: Subject = {
    mixlens: packageVersion(),
    files: batches.files.length > 0 || own.cache === undefined ? batches.files.map(identityOf) : hashOf(batches),
    read: partOf(own, READ),
    formula: { ...partOf(plan, FORMULA), experts, zeroInflated, startColumns },
  };
  const found = own.cache === undefined ? undefined : openTileFile<Header>(own.cache);
  const fault = typeof found === "object" ? differenceOf(found.header.of, subject) : found;
  const hasStart = startColumns !== undefined && plan.start === undefined;
  if (typeof found === "object" && fault === undefined) {
    const sketch = hasStart ? sketchOf(watched(batches, own.onProgress), SEED, censusOf(plan)) : undefined;
    return { ...rowsIn(found, [], own.sql), ...(sketch && { sketch }) };
  }
  if (typeof found === "object") found.close();
  const notes = fault === undefined ? [] : [`The cache ${quote(own.cache)} was filled anew: ${fault}.`];
  try {
    const { file, sketch } = filled(batches, plan, subject, own, hasStart);
    return { ...rowsIn(file, notes, own.sql), ...(sketch && { sketch }) };
  } catch (error) {
    // What was looked at and what was to be kept may have been different rows.
    checkUnchanged(batches, subject);
    throw error;
  }
}

/** Tells how many rows have been looked at. */
function watched(batches: TableBatches, onProgress: ReturnType<typeof openSource>["plan"]["onProgress"]): TableBatches {
  let looked = 0;
  return {
    ...batches,
    each: (visit) =>
      batches.each((table) => {
        visit(table);
        looked += table.rows;
        onProgress?.({ rows: looked, stage: "look" });
      }),
  };
}

function censusOf({ group }: FitPlan): UnitCensus | undefined {
  return group === undefined ? undefined : new UnitCensus(group);
}

/** Units in the order of the first rows that are not dropped, as in memory: by their numbers they are drawn. */
function censusOfComplete(batches: TableBatches, sketch: DataTable, formula: Formula): UnitCensus {
  const census = new UnitCensus(formula.group ?? "");
  eachComplete(batches, sketch, formula, (table) => void census.count(table));
  return census;
}

/** A file, whose rows are others once it has another size or time of change. */
function identityOf(path: string): readonly [string, number, number] {
  const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { size: -1, mtimeMs: -1 };
  return [resolve(path), size, mtimeMs];
}

function hashOf({ each }: TableBatches): string {
  const hash = createHash("sha256");
  each(({ columns }) => {
    for (const column of columns) {
      hash.update(JSON.stringify([column.name, column.kind]));
      hash.update(column.kind === "numeric" ? bytesOf(column.values) : JSON.stringify(column.values));
    }
  });
  return hash.digest("hex");
}

function differenceOf(found: Subject, wanted: Subject): string | undefined {
  const names = Object.keys(DIFFERENCES) as (keyof Subject)[];
  // As the header has it: without what is undefined.
  const text = (value: unknown): string => JSON.stringify(value ?? null);
  const odd = names.find((name) => text(found?.[name]) !== text(wanted[name]));
  return odd && DIFFERENCES[odd];
}

/** What rows turn out to be when they are looked at, before they are kept. */
interface Looked extends Pick<Header, "formula" | "leftOut" | "notes"> {
  readonly shape: TileColumns;
  /** The table's columns, without rows. */
  readonly head: DataTable;
  readonly census: UnitCensus | undefined;
  /** Where somebody needs it: beside the rows that pass by it would take twice their room. */
  readonly sketch?: DataTable;
}

function lookedAt(batches: TableBatches, plan: FitPlan, isSketchNeeded: boolean): Looked {
  const drawing = censusOf(plan);
  const sketch = sketchOf(batches, SEED, drawing);
  // Which rows have gaps is told when all are read.
  const { formula: found, observations, leftOut, notes } = taskOf(sketch, { ...plan, missing: "drop" });
  checkLevels(batches.source, found);
  const formula: Formula = { ...measured(batches, sketch, found), missing: plan.missing };
  const census = drawing && (plan.missing === "drop" ? censusOfComplete(batches, sketch, formula) : drawing);
  const shape: TileColumns = { ...shapeOf(observations), ...(census && { areGrouped: true }) };
  const head = takeRows(sketch, new Int32Array());
  return { formula, leftOut, notes: notesOf(notes), shape, head, census, ...(isSketchNeeded && { sketch }) };
}

function filled(
  batches: TableBatches,
  plan: FitPlan,
  of: Subject,
  { cache, onProgress }: ReturnType<typeof openSource>["plan"],
  isSketchNeeded: boolean,
): { readonly file: TileFile<Header>; readonly sketch: DataTable | undefined } {
  const looked = lookedAt(watched(batches, onProgress), plan, isSketchNeeded);
  const { formula, leftOut, notes, shape, head, census, sketch } = looked;
  const writer = writeTileFile<Header>(cache, stretchBytes(planOf(shape)));
  try {
    const onRows = (rows: number): void => onProgress?.({ rows, stage: "keep" });
    const units = census && { census, beside: cache };
    const { dropped, ...found } = fillTiles(batches, head, formula, shape, writer, onRows, units);
    const { rows: _, ...counted } = dropped;
    const { areGrouped: __, ...columns } = shape;
    const own: TileRows = { ...columns, ...found };
    checkUnchanged(batches, of);
    const file = writer.finish({ of, rows: own, formula, leftOut, dropped: counted, notes });
    return { file, sketch };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** Refuses files that have changed since somebody looked at them. */
function checkUnchanged({ files, source }: TableBatches, of: Subject): void {
  if (files.length === 0) return;
  const odd = files.find((path, at) => JSON.stringify(identityOf(path)) !== JSON.stringify(of.files[at]));
  if (odd === undefined) return;
  const wanted = "files that stay as they are while they are read";
  throw new InputError(`read ${source}`, wanted, `${quote(odd)}, which has changed`, "run it again once it is written");
}

/** What is said of the columns, and not of how many rows there are: that is said of all. */
function notesOf(notes: readonly string[]): readonly string[] {
  return notes.filter((note) => !/^(Left out for missing values|The weights )/.test(note));
}

function rowsIn(
  { header, read, sums }: TileFile<Header>,
  notes: readonly string[],
  sql: string | undefined,
): SourceRows {
  const { rows, formula, leftOut, dropped } = header;
  return {
    ...(sql !== undefined && { sql }),
    observations: streamed(stretchesOf(rows, read)),
    checksums: sums,
    formula,
    leftOut,
    dropped: { ...dropped, rows: new Int32Array() },
    notes: [...notes, ...header.notes],
  };
}
