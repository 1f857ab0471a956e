import { type Kind, oneOf } from "../errors/kinds.ts";
import { type Optional, type OptionsOf, optional, type PlanOf } from "../errors/options.ts";

/** Encodings of text that can be read. */
export const ENCODINGS = ["utf-8", "latin1", "utf-16le", "utf-16be"] as const;

/** How the bytes of a file stand for letters. */
export type Encoding = (typeof ENCODINGS)[number];

const SEPARATORS = { ",": ",", ";": ";", "|": "|", tab: "\t" } as const;

const separator: Kind<string, string> = {
  ...oneOf(Object.keys(SEPARATORS)),
  accepts: (value) => typeof value === "string" && (value === "\t" || Object.hasOwn(SEPARATORS, value)),
  read: (value) => SEPARATORS[value as keyof typeof SEPARATORS] ?? value,
};

const query: Kind<string> = {
  wanted: "a query such as select * from data where x > 0",
  accepts: (value) => typeof value === "string" && value.trim() !== "",
  written: "query",
};

/** How a CSV file is read where it does not say so itself: options of `readCsv`. */
export class ReadCsvTable {
  /** Encoding of the CSV file; default: utf-8, or as its byte order mark says. `"latin1"` is that of Windows in Western Europe, too. */
  readonly encoding: Optional<Encoding> = optional(oneOf(ENCODINGS), "encoding of the CSV file", {
    otherwise: "utf-8, or as its byte order mark says",
  });

  /** Character between the cells of the CSV file; default: as its first rows show. One of `","`, `";"`, `"|"` and `"\t"`. */
  readonly separator: Optional<string> = optional(separator, "character between the cells of the CSV file", {
    otherwise: "as its first rows show",
  });

  /** Character before the decimals of the CSV file; default: a point, or as its numbers show. */
  readonly decimal: Optional<"." | ","> = optional(oneOf([".", ","]), "character before the decimals of the CSV file", {
    otherwise: "a point, or as its numbers show",
  });
}

/** How a table is read from a file: options of a fit and of `readTable`. */
export class ReadTable extends ReadCsvTable {
  /**
   * Query that gives the rows, of the table data; default: all rows and columns. DuckDB runs it (the optional package
   * `@duckdb/node-api`) on whatever was to be read, a frame or plain columns, too; it may name other files.
   */
  readonly sql: Optional<string> = optional(query, "query that gives the rows, of the table data", {
    otherwise: "all rows and columns",
  });
}

export const READ_CSV: ReadCsvTable = new ReadCsvTable();
export const READ: ReadTable = new ReadTable();

/** How a CSV file is read where it does not say so itself. */
export interface ReadCsvOptions extends OptionsOf<ReadCsvTable> {}

/** The same as they are read. */
export type ReadCsvPlan = PlanOf<ReadCsvTable>;

/** How a table is read. */
export interface ReadOptions extends OptionsOf<ReadTable> {}
