import { InputError } from "../errors.ts";
import { toNumber } from "./cell.ts";
import { CellColumn } from "./cell-column.ts";
import { CsvRecords, type Layout, separatorInWords } from "./csv-records.ts";
import { LineIndex } from "./line-index.ts";
import { PlainRows } from "./plain-rows.ts";
import { checkDistinct, isNameless, noName } from "./table.ts";
import type { CsvText } from "./text-pieces.ts";

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
export function readColumns(text: CsvText, source: string, layout: Layout, watchPoints: boolean): CsvColumns {
  const first = readOnce(text, source, layout, watchPoints, { text: new Set() });
  const spoilt = first.columns.flatMap(({ isSpoilt }, j) => (isSpoilt ? [j] : []));
  // Only a second reading can give the text of cells that were taken as numbers until text came.
  const asText = new Set(spoilt);
  const { columns, lines } =
    asText.size === 0 ? first : readOnce(text, source, layout, watchPoints, { ...first, text: asText });
  const unnamed = columns.findIndex(({ name, isEmpty }, j) => j > 0 && isNameless(name) && !isEmpty);
  if (unnamed >= 0) throw noName(source, unnamed + 1);
  return { columns: columns.filter(({ name }, j) => j === 0 || !isNameless(name)), lines };
}

function readOnce(
  text: CsvText,
  source: string,
  layout: Layout,
  watchPoints: boolean,
  reading: Reading,
): CsvColumns & Reading {
  let rows: RowReader | undefined;
  let { at, line } = layout;
  let beyond = text.length;
  for (const bytes of text.pieces()) {
    beyond -= bytes.length;
    const records = new CsvRecords(bytes, source, { ...layout, at, line });
    if (rows === undefined) {
      const header = records.next();
      if (header === undefined) {
        const got = bytes.includes("#") ? "comments only" : "blank lines only";
        throw new InputError(`read ${source}`, "a header and rows", got);
      }
      checkDistinct(header, source);
      rows = new RowReader(header, source, layout.separator, watchPoints, reading);
    }
    const namesFrom = rows.take(bytes, records, Math.max(0, beyond));
    if (namesFrom !== undefined) return readOnce(text, source, layout, watchPoints, { ...reading, namesFrom });
    [at, line] = [0, records.line];
  }
  return rows!.finish();
}

/** Takes in the rows below a header. */
class RowReader {
  readonly #columns: readonly CellColumn[];
  readonly #lines: LineIndex = new LineIndex();
  /** Names of the header up to the last that is one. */
  readonly #own: readonly string[];
  #isPlain: boolean;
  #isQuoted: boolean = true;

  constructor(
    private readonly header: readonly string[],
    private readonly source: string,
    private readonly separator: string,
    watchPoints: boolean,
    private readonly reading: Reading,
  ) {
    const { namesFrom, text } = reading;
    this.#own = header.slice(0, Math.max(1, header.findLastIndex((name) => !isNameless(name)) + 1));
    const names = namesFrom === undefined ? this.#own : ["", ...this.#own];
    this.#columns = names.map((name, j) => new CellColumn(name, text.has(j), watchPoints));
    this.#isPlain = namesFrom !== undefined;
  }

  /**
   * Takes in the records of a piece of the text.
   *
   * @param beyond bytes of the text behind the piece
   * @returns the line that shows that rows begin with a name that the header has none for, if one does
   */
  take(bytes: Buffer, records: CsvRecords, beyond: number): number | undefined {
    const [columns, lines] = [this.#columns, this.#lines];
    const plain = new PlainRows(bytes, this.separator, records, columns, lines, beyond);
    // The first row has shown what columns hold.
    if (lines.rows > 0) this.#takePlain(plain);
    for (let cells = records.next(); cells !== undefined; cells = records.next()) {
      const count = cells.length > columns.length ? cells.findLastIndex((cell) => cell !== "") + 1 : cells.length;
      if (cells.length < columns.length || count > columns.length) {
        if (this.#beginsWithName(cells, records)) return records.last;
        throw this.#odd(cells, count, records.last);
      }
      this.#isQuoted &&= records.quoted[0];
      this.#isPlain ||= cells.length === columns.length;
      for (let j = 0; j < columns.length; j++) columns[j].add(cells[j], records.quoted[j]);
      lines.add(records.last);
      this.#takePlain(plain);
    }
    return undefined;
  }

  #takePlain(plain: PlainRows): void {
    this.#isPlain = plain.take() || this.#isPlain;
    this.#isQuoted &&= plain.isQuoted;
  }

  #beginsWithName(cells: readonly string[], records: CsvRecords): boolean {
    const own = this.#own;
    const mayBegin = cells.length === own.length + 1 && own.length === this.header.length;
    const isName = own.length > 1 || records.quoted[0] || Number.isNaN(toNumber(cells[0]));
    return !this.#isPlain && mayBegin && isName;
  }

  /** What is said of a row with too few cells or too many. */
  #odd(cells: readonly string[], count: number, line: number): InputError {
    const { namesFrom } = this.reading;
    const { length } = this.#own;
    if (count > length && count <= this.header.length) return noName(this.source, length + 1);
    return namesFrom === undefined ? this.#ragged(cells.length, line) : this.#ragged(length + 1, namesFrom);
  }

  #ragged(got: number, line: number): InputError {
    const wanted = this.#own.length;
    const cells = `${wanted} cell${wanted === 1 ? "" : "s"} in every row, as in the header`;
    const separator = separatorInWords(this.separator);
    const quoted = `put a cell that holds ${separator} in quotes`;
    const title = this.#lines.rows === 0 ? ", or take out lines above the header, such as a title" : "";
    const next = got < wanted ? `write ${separator} for every cell of it, also a blank one` : `${quoted}${title}`;
    return new InputError(`read ${this.source}`, cells, `${got} on line ${line}`, next);
  }

  /** The columns of all rows. */
  finish(): CsvColumns & Reading {
    const { namesFrom } = this.reading;
    if (namesFrom !== undefined && !areNames(this.#columns[0], this.#isQuoted)) {
      throw this.#ragged(this.#own.length + 1, namesFrom);
    }
    return { ...this.reading, columns: this.#columns, lines: this.#lines };
  }
}

/** Whether these are names of rows: all different, and texts, in quotes, or numbers that count the rows. */
function areNames(column: CellColumn, isQuoted: boolean): boolean {
  const { kind, values } = column.finish();
  const isCount =
    (values[0] === 0 || values[0] === 1) && values.every((value, row) => value === Number(values[0]) + row);
  return isCount || ((isQuoted || kind === "text") && new Set<unknown>(values).size === values.length);
}
