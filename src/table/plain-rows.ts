import { isAscii } from "node:buffer";
import {
  FULL,
  NUMBERS,
  PLACES,
  PlainCells,
  type PlainRows as Rows,
  WHOLE,
  WORD,
  WORDS,
} from "../compute/plain-cells.ts";
import type { CellColumn } from "./cell-column.ts";
import type { CsvRecords } from "./csv-records.ts";
import type { LineIndex } from "./line-index.ts";

const QUOTE = 34;
/** Separators that are no letter of a number. */
const SEPARATORS = ",;\t|";

/** Room for more rows than seem to come. */
const MARGIN = 1.02;

/** Takes in rows of a CSV text many at a time, as far as they are plain; what is not is left to `CsvRecords`. */
export class PlainRows {
  /** Whether the first cell of each row that was taken was in quotes. */
  isQuoted: boolean = true;
  readonly #cells: PlainCells | undefined;
  #isAscii: boolean | undefined;
  /** Rows that there is room for. */
  #reserved: number = 0;

  constructor(
    private readonly bytes: Buffer,
    separator: string,
    private readonly records: CsvRecords,
    private readonly columns: readonly CellColumn[],
    private readonly lines: LineIndex,
    /** Bytes of the text beyond these. */
    private readonly beyond: number,
  ) {
    const isPlain = SEPARATORS.includes(separator);
    this.#cells = isPlain ? PlainCells.of(bytes, separator.charCodeAt(0), columns.length) : undefined;
  }

  /** Takes in the rows that come next until one is not plain; whether there were any. */
  take(): boolean {
    const cells = this.#cells;
    if (cells === undefined) return false;
    const before = this.lines.rows;
    for (let isMore = true; isMore; ) {
      for (let j = 0; j < this.columns.length; j++) cells.kinds[j] = this.columns[j].kind;
      let read = cells.read(this.records.at);
      while (read.why === WORD && this.#learn(cells, read)) read = cells.resume();
      if (read.rows > 0) this.#add(cells, read);
      // A column whose words are too many keeps its texts.
      isMore = read.why === WORD ? this.columns[read.column].keepTexts() : read.why === FULL || read.rows > 0;
    }
    return this.lines.rows > before;
  }

  /** Gives an unknown word its code, if it has one. */
  #learn(cells: PlainCells, { rows, column, from, to }: Rows): boolean {
    const isQuoted = this.bytes[from] === QUOTE;
    const code = this.columns[column].codeOf(this.#text(from, to), isQuoted, this.lines.rows + rows);
    return code !== undefined && cells.learn(code);
  }

  #add(cells: PlainCells, { rows, next, isQuoted }: Rows): void {
    this.#reserve(rows, next);
    for (const [j, column] of this.columns.entries()) {
      const from = j * cells.room;
      const kind = cells.kinds[j];
      if (kind === NUMBERS || kind === WHOLE) column.addNumbers(cells.numbers.subarray(from, from + rows));
      else if (kind === WORDS) column.addCodes(cells.words.subarray(2 * from, 2 * (from + rows)));
      else if (kind === PLACES) this.#addTexts(cells, column, 2 * from, rows);
    }
    this.isQuoted &&= isQuoted;
    this.records.pass(next, rows);
    this.lines.addMany(rows, this.records.last);
  }

  /** Makes room for all rows, if those to come are as long as these. */
  #reserve(rows: number, next: number): void {
    const known = this.lines.rows + rows;
    if (known <= this.#reserved) return;
    const left = ((this.bytes.length + this.beyond - next) / (next - this.records.at)) * rows;
    this.#reserved = Math.ceil(known + MARGIN * left);
    for (const column of this.columns) column.reserve(this.#reserved);
  }

  #addTexts(cells: PlainCells, column: CellColumn, from: number, rows: number): void {
    for (let at = from; at < from + 2 * rows; at += 2) {
      const start = cells.placeOf(cells.words[at]);
      column.add(this.#text(start, cells.placeOf(cells.words[at + 1])), this.bytes[start] === QUOTE);
    }
  }

  /** The text of a cell without a quote or a line end inside. */
  #text(from: number, to: number): string {
    // Letters of one byte each are the same in Latin-1, which is read faster.
    this.#isAscii ??= isAscii(this.bytes);
    const encoding = this.#isAscii ? "latin1" : "utf8";
    if (this.bytes[from] === QUOTE) return this.bytes.toString(encoding, from + 1, to - 1);
    return this.bytes.toString(encoding, from, to).trim();
  }
}
