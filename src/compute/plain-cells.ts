import { setFlagsFromString } from "node:v8";
import { cellsBinary } from "./binaries.ts";
import { usesKernels, warnOnce } from "./engine.ts";

/** How the cells of a column are read: as numbers, as numbers without a point, as words that are known, or not at all. */
export const NUMBERS = 0;
export const WHOLE = 1;
export const WORDS = 2;
export const PLACES = 3;

/** Why rows end: there is room for no more, the text ends, one is not plain, or a word is unknown. */
export const FULL = 0;
export const END = 1;
export const ROW = 2;
export const WORD = 3;

/** The rows that were read, and what ended them. */
export interface PlainRows {
  readonly rows: number;
  /** Where in the text the first row begins that was not read. */
  readonly next: number;
  readonly why: number;
  /** An unknown word: its column, and where in the text it begins and ends. */
  readonly column: number;
  readonly from: number;
  readonly to: number;
  /** Whether the first cell of each row was in quotes. */
  readonly isQuoted: boolean;
}

interface Exports {
  readonly open: (separator: number, columns: number, kinds: number, cells: number, rows: number) => void;
  readonly scan: (at: number, end: number, isLast: number) => number;
  readonly resume: (end: number, isLast: number) => number;
  readonly forget: (table: number, places: number, letters: number, end: number) => void;
  readonly learn: (column: number, from: number, to: number, code: number) => number;
  readonly why: WebAssembly.Global;
  readonly next: WebAssembly.Global;
  readonly column: WebAssembly.Global;
  readonly from: WebAssembly.Global;
  readonly to: WebAssembly.Global;
  readonly isQuoted: WebAssembly.Global;
}

/** Memory, from its beginning: powers of ten, known words and their letters, a window of the text, kinds, cells. */
const POWERS = 2048;
const TABLE = 8192;
const TABLE_PLACES = 2 ** 15;
const LETTERS = TABLE + 32 * TABLE_PLACES;
const WINDOW = LETTERS + 2 ** 20;
const WINDOW_BYTES = 2 ** 17;
/** Bytes after a window that may be read. */
const BEYOND = 64;
const KINDS = WINDOW + WINDOW_BYTES + BEYOND;
/** Cells that there is room for, but for those of one row, and columns at the most. */
const CELLS = 2 ** 15;
const MOST_COLUMNS = 2 ** 20;
const PAGE = 2 ** 16;

const LF = 10;
/** The largest power of ten, and bits to compute them with. */
const MOST_POWER = 60;
const BITS = 420;

let program: { readonly exports: Exports; readonly memory: WebAssembly.Memory } | undefined;
let unavailable = false;

/**
 * The plain rows of a text, many at a time: their numbers, the codes of words that are known, the places of other cells.
 *
 * A number is that of `Number`, to the bit. A row is not plain that has a line end, or a quote, within a cell, too few cells or
 * too many, or where a cell of numbers holds anything else; and a blank line is none. There is one at a time in a process.
 */
export class PlainCells {
  /** How the cells of each column are read: to be set before `read`. */
  readonly kinds: Uint8Array;
  /** Rows that there is room for. */
  readonly room: number;
  /** The cells of the rows that were read: those of column j begin at j × room. */
  readonly numbers: Float64Array;
  /** The same in words of four bytes, two to a cell: a code, or where in the window a cell begins and ends. */
  readonly words: Int32Array;
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #text: Uint8Array;
  /** Where the window begins and ends in the text. */
  #from: number = 0;
  #to: number = 0;

  /**
   * @param text in UTF-8, without a zero byte
   * @param separator the byte between cells, which is no letter of numbers
   * @returns nothing where it cannot or is not to run
   */
  static of(text: Uint8Array, separator: number, columns: number): PlainCells | undefined {
    if (!usesKernels() || unavailable || columns > MOST_COLUMNS) return undefined;
    const cells = Math.ceil((KINDS + columns) / 8) * 8;
    const room = Math.max(1, Math.floor(CELLS / columns));
    try {
      program ??= started();
      const missing = cells + 8 * room * columns - program.memory.buffer.byteLength;
      if (missing > 0) program.memory.grow(Math.ceil(missing / PAGE));
    } catch (error) {
      // No WebAssembly, or no address space for its memory.
      unavailable = true;
      warnOnce((error as Error).message);
      return undefined;
    }
    const { exports } = program;
    exports.open(separator, columns, KINDS, cells, room);
    exports.forget(TABLE, TABLE_PLACES, LETTERS, WINDOW);
    return new PlainCells(text, columns, room, cells);
  }

  private constructor(text: Uint8Array, columns: number, room: number, cells: number) {
    const { memory, exports } = program!;
    this.#exports = exports;
    this.#text = text;
    this.#bytes = new Uint8Array(memory.buffer);
    this.room = room;
    this.kinds = this.#bytes.subarray(KINDS, KINDS + columns);
    this.numbers = new Float64Array(memory.buffer, cells, room * columns);
    this.words = new Int32Array(memory.buffer, cells, 2 * room * columns);
  }

  /** Where in the text a place in the window is. */
  placeOf(inWindow: number): number {
    return inWindow - WINDOW + this.#from;
  }

  /** Reads the rows from a place in the text on. */
  read(at: number): PlainRows {
    // What is left of a window is read before another is taken.
    if (at < this.#from || at >= this.#to) this.#take(at);
    let rows = this.#scan(at);
    if (rows === 0 && this.#exports.why.value === END && this.#to < this.#text.length && at > this.#from) {
      this.#take(at);
      rows = this.#scan(at);
    }
    return this.#read(rows);
  }

  /** Reads on from the unknown word that ended the rows, once its code is known; the rows before it count, too. */
  resume(): PlainRows {
    return this.#read(this.#exports.resume(this.#end(), this.#isLast()));
  }

  /** Notes the code of the unknown word that ended the rows; false where there is no room for it. */
  learn(code: number): boolean {
    const { learn, column, from, to } = this.#exports;
    return learn(column.value, from.value, to.value, code) === 1;
  }

  #scan(at: number): number {
    return this.#exports.scan(WINDOW + at - this.#from, this.#end(), this.#isLast());
  }

  #read(rows: number): PlainRows {
    const { why, next, column, from, to, isQuoted } = this.#exports;
    return {
      rows,
      next: Math.min(this.placeOf(next.value), this.#text.length),
      why: why.value,
      column: column.value,
      from: this.placeOf(from.value),
      to: this.placeOf(to.value),
      isQuoted: isQuoted.value === 1,
    };
  }

  #end(): number {
    return WINDOW + this.#to - this.#from;
  }

  #isLast(): number {
    return Number(this.#to === this.#text.length);
  }

  #take(at: number): void {
    this.#from = at;
    this.#to = Math.min(at + WINDOW_BYTES, this.#text.length);
    this.#bytes.set(this.#text.subarray(at, this.#to), WINDOW);
    this.#bytes.fill(0, this.#end(), this.#end() + BEYOND);
    this.#bytes[this.#end()] = LF;
  }
}

function started(): { readonly exports: Exports; readonly memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((KINDS + 9 * CELLS) / PAGE) });
  // Compiled for good before it runs: a file is read in a few long calls.
  setFlagsFromString("--no-wasm-dynamic-tiering");
  const module = new WebAssembly.Module(cellsBinary());
  setFlagsFromString("--wasm-dynamic-tiering");
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const whole = new BigUint64Array(memory.buffer, POWERS, 20);
  for (let e = 0; e < whole.length; e++) whole[e] = 10n ** BigInt(e);
  const parts = new Float64Array(memory.buffer, POWERS + whole.byteLength, 4 * (2 * MOST_POWER + 1));
  for (let e = -MOST_POWER; e <= MOST_POWER; e++) parts.set(powerOfTen(e), 4 * (e + MOST_POWER));
  return { exports: exports as unknown as Exports, memory };
}

/** A power of ten as the nearest number and what is left, rounded; and the two halves of the first, of 26 bits each. */
function powerOfTen(e: number): readonly number[] {
  const size = 10n ** BigInt(Math.abs(e));
  const exact = e < 0 ? (1n << BigInt(BITS)) / size : size << BigInt(BITS);
  const nearest = Number(exact);
  const scaled = nearest / 2 ** BITS;
  const wide = scaled * (2 ** 27 + 1);
  const upper = wide - (wide - scaled);
  return [scaled, Number(exact - BigInt(nearest)) / 2 ** BITS, upper, scaled - upper];
}
