import { constants } from "node:buffer";
import { InputError, quote } from "../errors.ts";

const QUOTE = 34;
const LF = 10;
const CR = 13;

const IN_WORDS: Readonly<Record<string, string>> = { ",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar" };

/** What a separator is called. */
export function separatorInWords(separator: string): string {
  return IN_WORDS[separator] ?? quote(separator);
}

/** Columns at the most: more are a file of another kind. */
const MOST_CELLS = 1_000_000;

/** Where records begin in a text, and what is between their cells. */
export interface Layout {
  readonly at: number;
  /** The line on which the first begins, from 1. */
  readonly line: number;
  readonly separator: string;
}

/** One after another the records of CSV text: their cells, and the lines that they are on. */
export class CsvRecords {
  /** The lines on which the last record begins and ends. */
  first: number = 0;
  last: number = 0;
  /** Whether each cell of the last record was in quotes. */
  readonly quoted: boolean[] = [];
  #at: number;
  #line: number;
  #isQuoted: boolean = false;
  readonly #bytes: Buffer;
  readonly #act: string;
  readonly #isLoose: boolean;
  readonly #separator: number;

  /**
   * @param bytes text in UTF-8
   * @param source how errors name it
   * @param layout.separator the character between cells; default a comma
   * @param layout.isLoose take quotes inside a cell as they are
   * @param layout.at where the first record begins, and on which line; default: past a byte order mark
   */
  constructor(bytes: Buffer, source: string, layout: Partial<Layout> & { readonly isLoose?: boolean } = {}) {
    const { separator = ",", isLoose = false, at = textStart(bytes), line = 1 } = layout;
    this.#bytes = bytes;
    this.#act = `read ${source}`;
    this.#isLoose = isLoose;
    this.#separator = separator.charCodeAt(0);
    this.#at = at;
    this.#line = line;
  }

  /** Where the next record begins, or a blank line before it. */
  get at(): number {
    return this.#at;
  }

  /** The line on which the next record begins, or a blank one. */
  get line(): number {
    return this.#line;
  }

  /** Passes records of a line each. */
  pass(to: number, records: number): void {
    this.#at = to;
    this.#line += records;
    this.last = this.#line - 1;
  }

  /** The cells of the next record, which is no blank line; undefined at the end. */
  next(): readonly string[] | undefined {
    while (this.#at < this.#bytes.length) {
      this.first = this.#line;
      const cells = [this.#cell()];
      this.quoted[0] = this.#isQuoted;
      while (this.#bytes[this.#at] === this.#separator) {
        this.#at++;
        cells.push(this.#cell());
        this.quoted[cells.length - 1] = this.#isQuoted;
        if (cells.length > MOST_CELLS) throw this.#fault(`at most ${MOST_CELLS} columns`, `more on line ${this.first}`);
      }
      this.last = this.#line;
      const isBlank = cells.length === 1 && cells[0] === "" && !this.quoted[0];
      this.#endLine();
      if (!isBlank) return cells;
    }
    return undefined;
  }

  /** Passes the end of a line, if there is one here. */
  #endLine(): void {
    if (this.#at >= this.#bytes.length) return;
    this.#at += this.#bytes[this.#at] === CR && this.#bytes[this.#at + 1] === LF ? 2 : 1;
    this.#line++;
  }

  #cell(): string {
    const bytes = this.#bytes;
    const separator = this.#separator;
    const start = this.#at;
    this.#isQuoted = false;
    let at = start;
    let all = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === separator || byte === LF || byte === CR) break;
      if (byte === QUOTE) {
        if (this.#text(start, at).trim() === "") return this.#quoted(start, at);
        if (!this.#isLoose) {
          const next = 'put the whole cell in quotes and write the quote inside as ""';
          throw this.#fault("quotes around whole cells only", `one inside a cell on line ${this.#line}`, next);
        }
      }
      all |= byte;
    }
    this.#at = at;
    // Letters of one byte each are the same in Latin-1, which is read faster.
    return all < 128 && at - start < MOST_LETTERS
      ? bytes.toString("latin1", start, at).trim()
      : this.#text(start, at).trim();
  }

  /** A cell in quotes, which open here; blanks around them are no part of it. */
  #quoted(start: number, open: number): string {
    const bytes = this.#bytes;
    const separator = this.#separator;
    let isDoubled = false;
    let close = bytes.indexOf(QUOTE, open + 1);
    while (close >= 0 && bytes[close + 1] === QUOTE) {
      isDoubled = true;
      close = bytes.indexOf(QUOTE, close + 2);
    }
    if (close < 0) {
      const got = `one in the row from line ${this.first} that stays open to the end`;
      throw this.#fault("a closing quote for every opening one", got);
    }
    this.#line += lineEnds(bytes, open, close);
    let at = close + 1;
    while (at < bytes.length && bytes[at] !== separator && bytes[at] !== LF && bytes[at] !== CR) at++;
    this.#at = at;
    this.#isQuoted = true;
    if (at > close + 1 && this.#text(close + 1, at).trim() !== "") {
      if (this.#isLoose) return this.#text(start, at).trim();
      const got = `something else on line ${this.#line}`;
      throw this.#fault(
        `${separatorInWords(String.fromCharCode(separator))} or the end of the line after a closing quote`,
        got,
      );
    }
    const text = this.#text(open + 1, close);
    return isDoubled ? text.replaceAll('""', '"') : text;
  }

  #text(start: number, end: number): string {
    if (end - start < MOST_LETTERS) return this.#bytes.toString("utf8", start, end);
    throw this.#fault("cells of less than 512 MB", `a longer one in the row from line ${this.first}`);
  }

  #fault(expected: string, got: string, next?: string): InputError {
    return new InputError(this.#act, expected, got, next);
  }
}

const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

/** Where text begins: past a byte order mark. */
export function textStart(bytes: Buffer): number {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
}

const MOST_LETTERS = constants.MAX_STRING_LENGTH;

function lineEnds(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count++;
  }
  return count;
}
