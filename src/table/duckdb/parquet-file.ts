import { InputError, reasonOf, WorkFailure } from "../../errors.ts";
import type { Column } from "../column.ts";
import { quoteName, quoteText } from "./quote.ts";
import { withDuckDb } from "./session.ts";

/** Bytes that are read at once: as many as the longest line may have, twice. */
const BUFFER = 2 ** 22;

/**
 * Refuses to go on where DuckDB was left out of the installation.
 *
 * @param act what needs it, as a verb phrase
 */
export function checkDuckDb(act: string): void {
  withDuckDb(act, () => {});
}

/**
 * Makes a Parquet file of a CSV file with a header: its blank cells are missing values, and its numbers the same to the bit.
 *
 * @param act what fails where this does, as a verb phrase
 * @throws WorkFailure where it can't be written
 * @remarks few rows are in memory at a time
 */
export function csvToParquet(
  act: string,
  csv: string,
  columns: readonly Pick<Column, "name" | "kind">[],
  out: string,
): void {
  const types = columns.map(({ name, kind }) => `${quoteText(name)}: ${kind === "numeric" ? "'double'" : "'varchar'"}`);
  const how = `auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\n', buffer_size = ${BUFFER}`;
  const rows = `read_csv(${quoteText(csv)}, ${how}, columns = {${types.join(", ")}})`;
  const names = columns.map(({ name }) => quoteName(name)).join(", ");
  const sql = `copy (select ${names} from ${rows}) to ${quoteText(out)} (format parquet, use_tmp_file false)`;
  const purpose = { act, wanted: "a file that can be written", at: () => "a row", from: "data" };
  withDuckDb(act, (session) => {
    try {
      session.run(sql, purpose);
    } catch (error) {
      // What was asked is right: it is the disk that has no room.
      if (error instanceof InputError) throw new WorkFailure(act, purpose.wanted, reasonOf(error));
      throw error;
    }
  });
}
