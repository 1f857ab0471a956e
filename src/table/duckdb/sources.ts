import { InputError, quote } from "../../errors.ts";
import { batchOf, type SourceColumn } from "../batch.ts";
import { tallyOf } from "../coded-text.ts";
import type { Column } from "../column.ts";
import type { FileKind } from "../file-kind.ts";
import { holdsLargeWholes, isAmbiguous } from "../labels.ts";
import { checkFile } from "../read-bytes.ts";
import { checkSame, type Part } from "../stack.ts";
import { type DataTable, place } from "../table.ts";
import { checkJsonDepth } from "./json-depth.ts";
import { quoteName, quoteText } from "./quote.ts";
import type { Purpose, Session } from "./session.ts";

/** Files of one kind that DuckDB reads. */
export interface Files {
  readonly kind: FileKind;
  readonly names: readonly string[];
  /** What errors call them together. */
  readonly source: string;
}

/** The rows of each file, in turn, by a query for each; columns that are none of a table are refused. */
export function* partsOf(session: Session, files: Files): Generator<Part, void> {
  for (const name of files.names) {
    const part = openFile(session, files, name, "");
    checkColumns(part.columns, purposeOf({ ...files, source: part.name }, ""));
    yield part;
  }
}

/**
 * Makes the table data of files, whose columns must be the same. Nothing is read of them before a query asks for it.
 *
 * @throws InputError naming the first file that differs
 */
export function viewFiles(session: Session, files: Files): void {
  const parts = files.names.map((name) => openFile(session, files, name, " limit 0"));
  for (const part of parts) checkSame(parts[0], part, files.source, true);
  // By name: files may have their columns in different orders, and numbers of different types.
  const rows = scan(files.names, files.kind, ", union_by_name = true");
  session.run(`create view data as select * from ${rows}`, purposeOf(files, ""));
}

/**
 * Makes the table data of a table: numbers, whole ones as such, and text; true and false and dates where all cells of a column
 * are.
 *
 * @throws InputError for names that SQL takes as the same
 */
export function viewTable(session: Session, { columns, rows, source }: DataTable): void {
  const purpose = { act: `query ${source}`, wanted: "a table", at: (row: number) => `row ${row + 1}`, from: "data" };
  const small = columns.map(({ name }) => name.toLowerCase());
  const twin = small.findIndex((name, j) => small.indexOf(name) < j);
  if (twin >= 0) {
    const got = `${quote(columns[small.indexOf(small[twin])].name)} and ${quote(columns[twin].name)}`;
    throw new InputError(purpose.act, "names of columns that differ by more than capitals", got, "rename one of them");
  }
  const types = columns.map(({ name, kind }) => `${quoteName(name)} ${kind === "numeric" ? "double" : "varchar"}`);
  session.run(`create table "table of data" (${types.join(", ")})`, purpose);
  session.fill("table of data", rows, columns.map(batchOf), purpose);
  const typed = columns.map((column) => `${quoteName(column.name)}::${typeOf(column)} as ${quoteName(column.name)}`);
  session.run(`create view data as select ${typed.join(", ")} from "table of data"`, purpose);
}

/**
 * Refuses a query that names a column of whole numbers of which two may have been read as one: it may count, join or write
 * them out.
 */
export function refuseRounded(table: DataTable, sql: string): void {
  const odd = table.columns.find(({ name, kind, values }) => {
    const isNamed = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "iu").test(sql);
    return isNamed && kind === "numeric" && holdsLargeWholes(values as Float64Array);
  });
  if (odd === undefined) return;
  const row = (odd.values as Float64Array).findIndex(isAmbiguous);
  const wanted = `whole numbers up to ${Number.MAX_SAFE_INTEGER} in column ${quote(odd.name)}, which it names`;
  const next = "larger ones lose digits: leave the column out of the query, or write a letter before each";
  throw new InputError(`run the query on ${table.source}`, wanted, `${odd.values[row]} at ${place(table, row)}`, next);
}

/** A text as a regular expression has it. */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** The rows of a query that somebody wrote, and all of it. */
export function queryRows(session: Session, sql: string, source: string): Part {
  const act = `run the query on ${source}`;
  const at = (row: number): string => `row ${row + 1} of the query`;
  const purpose: Purpose = { act, wanted: "SQL that DuckDB runs", at, from: "(the query)" };
  const rows = session.open(sql, purpose);
  checkColumns(rows.columns, purpose);
  return { ...rows, name: `the query on ${source}` };
}

/** The rows of one file. */
function openFile(session: Session, files: Files, file: string, limit: string): Part {
  const ending = files.kind === "a Parquet file" ? "parquet" : "json";
  checkFile(file, files.kind);
  if (ending === "json") checkJsonDepth(file);
  const name = JSON.stringify(file);
  const query = `select * from ${scan([file], files.kind, "")}${limit}`;
  const purpose = purposeOf(files, files.names.length === 1 ? "" : ` of ${name}`);
  const rows = session.open(query, purpose);
  if (ending === "json" || limit !== "" || !mayBeRenamed(rows.columns)) return { ...rows, name };
  const names = namesIn(session, file, purpose);
  // The query before has ended.
  const { columns, next } = session.open(query, purpose);
  return { columns: columns.map((column, j) => ({ ...column, name: names[j] ?? column.name })), next, name };
}

/** Whether a column may have another name in the file: DuckDB calls the second of x and X "X_1". */
function mayBeRenamed(columns: readonly SourceColumn[]): boolean {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return columns.some(({ name }) => names.has(/^(.*)_\d+$/s.exec(name.toLowerCase())?.[1] ?? ""));
}

/** The names of the columns of a Parquet file, as it has them. */
function namesIn(session: Session, file: string, purpose: Purpose): readonly string[] {
  const schema = `select name, coalesce(num_children, 0) as children from parquet_schema(${patternOf(file)})`;
  const [texts, children] = session.open(schema, purpose).next()?.columns ?? [];
  if (texts?.kind !== "text" || children?.kind !== "numeric") return [];
  const names: string[] = [];
  // Below the root each column is followed by its parts, if it has any.
  for (let at = 1; at < texts.codes.length; ) {
    names.push(texts.labels[texts.codes[at]]);
    for (let open = 1; open > 0; at++) open += children.values[at] - 1;
  }
  return names;
}

function purposeOf({ source, kind }: Files, where: string): Purpose {
  return { act: `read ${source}`, wanted: kind, at: (row) => `row ${row + 1}${where}`, from: "data" };
}

/** Reads files by their very names, in this order. */
function scan(names: readonly string[], kind: FileKind, option: string): string {
  const list = names.map(patternOf).join(", ");
  if (kind === "a Parquet file") return `read_parquet([${list}]${option})`;
  // All rows say what columns there are, and of which type; each is a column, however few rows have it.
  const whole = "sample_size = -1, map_inference_threshold = -1, field_appearance_threshold = 0";
  return `read_json([${list}], ${whole}${option})`;
}

/** A pattern that matches nothing but a file: what stands for other letters stands for itself in brackets. */
function patternOf(file: string): string {
  return quoteText(file.replace(/[*?[]/g, "[$&]"));
}

/** The type that the cells of a column have in SQL, of which they are read back the same. */
function typeOf(column: Column): string {
  if (column.kind === "numeric") {
    const isWhole = (value: number): boolean => Number.isSafeInteger(value) && !Object.is(value, -0);
    const isEmpty = column.values.every(Number.isNaN);
    return !isEmpty && column.values.every((value) => isWhole(value) || Number.isNaN(value)) ? "bigint" : "double";
  }
  const labels = tallyOf(column).levels;
  if (labels.length === 0) return "varchar";
  if (labels.every((label) => label === "true" || label === "false")) return "boolean";
  if (labels.every((label) => isTime(label, 10))) return "date";
  return labels.every((label) => isTime(label, 19)) ? "timestamp" : "varchar";
}

/** Whether a text is a day, or a second of one, such as there are. */
function isTime(text: string, length: 10 | 19): boolean {
  if (!/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(text) || text.length !== length) return false;
  const time = new Date(`${text.replace(" ", "T")}${length === 10 ? "" : "Z"}`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.replace(" ", "T"));
}

/** Letters of a type that an error shows: that of objects names all their parts. */
const MOST = 60;

/** Refuses a column whose values are neither numbers nor text, saying what may be taken of it. */
function checkColumns(columns: readonly SourceColumn[], { act, from }: Purpose): void {
  const odd = columns.find(({ is }) => is === "other");
  if (odd === undefined) return;
  const [kind, instead] = insteadOf(odd);
  const wanted = `numbers, text, true and false or dates in column ${quote(odd.name)}`;
  const next = `take what you need of it: set sql (--sql) to ${instead} from ${from}`;
  const type = odd.type.length > MOST ? `${odd.type.slice(0, MOST - 1)}…` : odd.type;
  throw new InputError(act, wanted, `${kind} (${type})`, next);
}

/** What the values of a type are, and what to select in place of all columns. */
function insteadOf({ name, type }: SourceColumn): readonly [kind: string, instead: string] {
  const own = quoteName(name);
  const left = `select * exclude (${own})`;
  if (type.endsWith("]")) return ["lists", `${left}, ${own}[1]`];
  if (type.startsWith("STRUCT")) return ["objects", `${left}, unnest(${own})`];
  if (type.startsWith("MAP")) return ["maps", left];
  if (type === "INTERVAL") return ["spans of time", `${left}, epoch(${own})`];
  return [type === "BLOB" ? "bytes" : "values of another kind", left];
}
