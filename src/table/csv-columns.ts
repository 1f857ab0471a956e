import { InputError } from "../errors.ts";
import { toNumber } from "./cell.ts";
import { CellColumn } from "./cell-column.ts";
import { CsvRecords, type Layout, separatorInWords } from "./csv-records.ts";
import { LineIndex } from "./line-index.ts";
import { PlainRows } from "./plain-rows.ts";
import { checkDistinct, isNameless, noName } from "./table.ts";

/** The columns of a CSV text, and on which lines its rows are. */
export interface CsvColumns {
  readonly columns: readonly CellColumn[];
  readonly lines: LineIndex;
}

/** How the columns of a text are read a second time, where the first reading showed that it must be otherwise. */
interface Reading {
  /** Columns, by their place, that are text whatever their cells are. */
  readonly text: ReadonlySet<number>;
  /** The line that showed that rows begin with a name that the header has none for. */
  readonly namesFrom?: number;
}

/**
 * Reads the columns of a CSV text. Blank cells at the end of rows, and columns without a name and any value, are none.
 *
 * Rows with one cell more than the header begin with their names, as R's write.table writes them.
 *
 * @param watchPoints whether columns are to note points that may be of thousands
 */
export function readColumns(bytes: Buffer, source: string, layout: Layout, watchPoints: boolean): CsvColumns {
  const first = readOnce(bytes, source, layout, watchPoints, { text: new Set() });
  const spoilt = first.columns.flatMap(({ isSpoilt }, j) => (isSpoilt ? [j] : []));
  // Only a second reading can give the text of cells that were taken as numbers until text came.
  const text = new Set(spoilt);
  const { columns, lines } = text.size === 0 ? first : readOnce(bytes, source, layout, watchPoints, { ...first, text });
  const unnamed = columns.findIndex(({ name, isEmpty }, j) => j > 0 && isNameless(name) && !isEmpty);
  if (unnamed >= 0) throw noName(source, unnamed + 1);
  return { columns: columns.filter(({ name }, j) => j === 0 || !isNameless(name)), lines };
}

function readOnce(
  bytes: Buffer,
  source: string,
  layout: Layout,
  watchPoints: boolean,
  { text, namesFrom }: Reading,
): CsvColumns & Reading {
  const records = new CsvRecords(bytes, source, layout);
  const header = records.next();
  if (header === undefined) {
    const got = bytes.includes("#") ? "comments only" : "blank lines only";
    throw new InputError(`read ${source}`, "a header and rows", got);
  }
  checkDistinct(header, source);
  const ragged = (wanted: number, got: number, line: number): InputError => {
    const cells = `${wanted} cell${wanted === 1 ? "" : "s"} in every row, as in the header`;
    const separator = separatorInWords(layout.separator);
    const quoted = `put a cell that holds ${separator} in quotes`;
    const title = lines.rows === 0 ? ", or take out lines above the header, such as a title" : "";
    const next = got < wanted ? `write ${separator} for every cell of it, also a blank one` : `${quoted}${title}`;
    return new InputError(`read ${source}`, cells, `${got} on line ${line}`, next);
  };
  const own = header.slice(0, Math.max(1, header.findLastIndex((name) => !isNameless(name)) + 1));
  const names = namesFrom === undefined ? own : ["", ...own];
  const columns = names.map((name, j) => new CellColumn(name, text.has(j), watchPoints));
  const lines = new LineIndex();
  let isPlain = namesFrom !== undefined;
  let isQuoted = true;
  const plain = new PlainRows(bytes, layout.separator, records, columns, lines);
  for (let cells = records.next(); cells !== undefined; cells = records.next()) {
    const count = cells.length > columns.length ? cells.findLastIndex((cell) => cell !== "") + 1 : cells.length;
    if (cells.length < columns.length || count > columns.length) {
      const beginsWithName = cells.length === own.length + 1 && own.length === header.length;
      const isName = own.length > 1 || records.quoted[0] || Number.isNaN(toNumber(cells[0]));
      if (!isPlain && beginsWithName && isName) {
        return readOnce(bytes, source, layout, watchPoints, { text, namesFrom: records.last });
      }
      if (count > own.length && count <= header.length) throw noName(source, own.length + 1);
      const odd = namesFrom === undefined ? [cells.length, records.last] : [own.length + 1, namesFrom];
      throw ragged(own.length, odd[0], odd[1]);
    }
    isQuoted &&= records.quoted[0];
    isPlain ||= cells.length === columns.length;
    for (let j = 0; j < columns.length; j++) columns[j].add(cells[j], records.quoted[j]);
    lines.add(records.last);
    // The first row has shown what columns hold.
    isPlain = plain.take() || isPlain;
    isQuoted &&= plain.isQuoted;
  }
  if (namesFrom !== undefined && !areNames(columns[0], isQuoted)) {
    throw ragged(own.length, own.length + 1, namesFrom);
  }
  return { columns, lines, text, ...(namesFrom !== undefined && { namesFrom }) };
}

/** Whether these are names of rows: all different, and texts, in quotes, or numbers that count the rows. */
function areNames(column: CellColumn, isQuoted: boolean): boolean {
  const { kind, values } = column.finish();
  const isCount =
    (values[0] === 0 || values[0] === 1) && values.every((value, row) => value === Number(values[0]) + row);
  return isCount || ((isQuoted || kind === "text") && new Set<unknown>(values).size === values.length);
}
