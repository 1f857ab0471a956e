// Rows of a CSV text whose cells are plain: numbers in decimal notation, blanks, and words that have come before.
// A program of its own, in memory of its own: who reads a file need not fit anything.

import { BLANK, columns, constant, CR, isEnd, LF, QUOTE, separator, setLayout } from "./cell-letters";
import { readNumber } from "./cell-number";
import { find, UNKNOWN } from "./cell-words";

export { forget, learn } from "./cell-words";

/** How the cells of a column are read: as numbers, as numbers without a point, as words that are known, or not at all. */
const NUMBERS: u32 = 0;
const WHOLE: u32 = 1;
const WORDS: u32 = 2;

/** Why the rows end: there is room for no more, more bytes must come, a row is not plain, or a word is unknown. */
const FULL = 0;
const MORE = 1;
const ROW = 2;
const WORD = 3;

let rows: i32 = 0;
let kinds: usize = 0;
let cells: usize = 0;

/** Why the last rows ended, and where the first row begins that was not taken. */
export let why: i32 = 0;
export let next: usize = 0;
/** The cell that ended them: its column, and where it begins and ends. */
export let column: i32 = 0;
export let from: usize = 0;
export let to: usize = 0;
/** Whether the first cell of each row was in quotes. */
export let isQuoted: bool = true;

/** How many rows were taken, and how far the last one was looked at. */
let taken: i32 = 0;
let seen: usize = 0;

/**
 * @param kindsAt a byte for each column
 * @param cellsAt room for the cells: so many rows of 8 bytes each, column after column
 */
export function open(separatorIs: u32, columnCount: i32, kindsAt: usize, cellsAt: usize, rowCount: i32): void {
  setLayout(separatorIs, columnCount);
  kinds = kindsAt;
  cells = cellsAt;
  rows = rowCount;
}

/**
 * Reads rows from `at` on.
 *
 * A line end stands at `end`, and 64 bytes after it may be read.
 *
 * @param isLast whether nothing comes after
 * @returns how many
 */
export function scan(at: usize, end: usize, isLast: bool): i32 {
  taken = 0;
  isQuoted = true;
  next = at;
  return readRows(at, 0, end, isLast);
}

/** Reads on from the unknown word, which is known now; the rows before it count, too. */
export function resume(end: usize, isLast: bool): i32 {
  return readRows(from, column, end, isLast);
}

function readRows(at: usize, j: i32, end: usize, isLast: bool): i32 {
  why = FULL;
  while (taken < rows) {
    if (at >= end) {
      why = MORE;
      break;
    }
    at = readRow(at, j);
    if (!isLast && (at === 0 ? seen : at) >= end) why = MORE;
    if (at === 0 || why !== FULL) break;
    if (load<u8>(next) !== QUOTE) isQuoted = false;
    taken++;
    next = at;
    j = 0;
  }
  return taken;
}

/** Reads a row from its column j on, and returns where the next begins; 0 where it is not plain. */
function readRow(at: usize, j: i32): usize {
  const stride = <usize>rows << 3;
  const last = columns - 1;
  let out = cells + (<usize>taken << 3) + <usize>j * stride;
  while (true) {
    const kind: u32 = load<u8>(kinds + j);
    const start = at;
    at = kind <= WHOLE ? readNumber(start, out, kind === NUMBERS) : 0;
    if (at === 0) {
      at = cellEnd(start);
      if (at === 0) return stopped(ROW, j, start, seen);
      const code = kind <= WORDS ? find(j, start, at) : 0;
      if (code === UNKNOWN || kind > WORDS) {
        // A line that is blank is no row; which letters are blank beyond ASCII is not known here.
        const first: u32 = load<u8>(start);
        if (last === 0 && (first <= BLANK || first > 127)) return stopped(ROW, j, start, at);
      }
      if (code === UNKNOWN) return stopped(WORD, j, start, at);
      // The known words among numbers are those that stand for none.
      if (kind <= WHOLE) store<f64>(out, NaN);
      else if (kind === WORDS) store<i32>(out, code);
      else {
        store<u32>(out, <u32>start);
        store<u32>(out, <u32>at, 4);
      }
    }
    const c: u32 = load<u8>(at);
    if ((c === separator) === (j === last)) return stopped(ROW, j, start, at);
    if (j === last) return at + (c === CR && load<u8>(at, 1) === LF ? 2 : 1);
    at++;
    j++;
    out += stride;
  }
}

function stopped(reason: i32, j: i32, start: usize, end: usize): usize {
  why = reason;
  column = j;
  from = start;
  to = seen = end;
  return 0;
}

/** Where a cell ends; 0 where it holds a line end or has a quote inside. */
function cellEnd(at: usize): usize {
  let c: u32 = load<u8>(at);
  if (c === QUOTE) {
    do c = load<u8>(++at);
    while (c !== QUOTE && c !== LF && c !== CR);
    if (c === QUOTE) c = load<u8>(++at);
    else c = QUOTE;
  } else {
    const separators = i8x16.splat(<i8>separator);
    let found: i32;
    do {
      const letters = v128.load(at);
      const ends = v128.or(i8x16.eq(letters, separators), i8x16.eq(letters, constant(7)));
      const odd = v128.or(i8x16.eq(letters, constant(8)), i8x16.eq(letters, constant(9)));
      found = i8x16.bitmask(v128.or(ends, odd)) | 0x10000;
      at += ctz(found);
    } while (found === 0x10000);
    c = load<u8>(at);
  }
  seen = at;
  return isEnd(c) ? at : 0;
}
