import { NUMBERS, PLACES, WHOLE, WORDS } from "../compute/plain-cells.ts";
import { isMissing, isMissingNumber, toNumber } from "./cell.ts";
import { codedText } from "./coded-text.ts";
import type { Column } from "./column.ts";
import { isGroupedByPoints } from "./foreign-number.ts";

/** A number whose point may be of thousands, and its row. */
export interface GroupedNumber {
  readonly cell: string;
  readonly row: number;
}

/** Distinct texts that a column is kept by the codes of: more, or most of so many rows, are names, which don't repeat. */
const MOST_LEVELS = 4096;
const FEW_LEVELS = 256;
/** Rows that there is room for at first: many columns come with few rows. */
const FEW = 16;

/**
 * A column as its text cells come in: numbers until a cell is none, so that no text is kept for numbers; then the codes of
 * texts, until too many are different.
 */
export class CellColumn {
  #rows: number = 0;
  #numbers: Float64Array | undefined;
  #hasNumber: boolean = false;
  /** Whether a cell was taken as a number, or as missing among them, that is a text among texts. */
  #isLossy: boolean = false;
  #isSpoilt: boolean = false;
  #hasPoint: boolean = false;
  #grouped: GroupedNumber | undefined;
  #codes: Int32Array | undefined;
  readonly #levels: Map<string, number> = new Map();
  #texts: (string | null)[] = [];

  constructor(
    readonly name: string,
    isText: boolean,
    /** Whether it is noted which points may be of thousands. */
    private readonly watchPoints: boolean = false,
  ) {
    if (isText) this.#codes = new Int32Array(FEW);
    else this.#numbers = new Float64Array(FEW);
  }

  /** Whether the column is text after all, but the text of some cells was not kept: it must be read again with `isText`. */
  get isSpoilt(): boolean {
    return this.#isSpoilt || (this.#isLossy && !this.#hasNumber);
  }

  /** Whether no cell holds anything. */
  get isEmpty(): boolean {
    return this.#numbers === undefined ? this.#levels.size === 0 : !this.#isLossy;
  }

  /** The first number whose point may be of thousands, in a column without one that can only be decimal. */
  get grouped(): GroupedNumber | undefined {
    return this.#numbers === undefined || this.#hasPoint ? undefined : this.#grouped;
  }

  /** How its plain cells are to be read. */
  get kind(): number {
    if (this.#numbers !== undefined) return this.watchPoints && !this.#hasPoint ? WHOLE : NUMBERS;
    return this.#codes === undefined ? PLACES : WORDS;
  }

  /** Makes room for so many rows at least. */
  reserve(rows: number): void {
    if (this.#numbers !== undefined) this.#numbers = enlarged(this.#numbers, rows);
    if (this.#codes !== undefined) this.#codes = enlarged(this.#codes, rows);
  }

  /** Takes in the next cell. */
  add(cell: string, isQuoted: boolean): void {
    this.#makeRoom(1);
    if (this.#numbers === undefined) this.#addText(isMissing(cell, isQuoted) ? null : cell);
    else this.#addNumber(cell, isQuoted, this.#numbers);
    this.#rows++;
  }

  /** Takes in the next cells, which are numbers or missing. */
  addNumbers(values: Float64Array): void {
    this.#makeRoom(values.length);
    this.#numbers?.set(values, this.#rows);
    this.#rows += values.length;
    if (!this.#hasNumber && !values.every(Number.isNaN)) this.#hasNumber = this.#isLossy = true;
  }

  /** Takes in the codes of the next cells, which stand in every second place. */
  addCodes(codes: Int32Array): void {
    const count = codes.length / 2;
    this.#makeRoom(count);
    const own = this.#codes;
    if (own !== undefined) for (let i = 0; i < count; i++) own[this.#rows + i] = codes[2 * i];
    this.#rows += count;
  }

  /** The code of a cell that may come again; nothing for one that has none. */
  codeOf(cell: string, isQuoted: boolean, row: number): number | undefined {
    if (this.#numbers === undefined) return isMissing(cell, isQuoted) ? -1 : this.#levelOf(cell, row);
    if (isMissing(cell, isQuoted)) return -1;
    if (!isMissingNumber(cell)) return undefined;
    this.#isLossy = true;
    return -1;
  }

  /** Keeps texts themselves from now on, in place of their codes; false where there are none. */
  keepTexts(): boolean {
    if (this.#codes === undefined) return false;
    const levels = [...this.#levels.keys()];
    this.#texts = Array.from(this.#codes.subarray(0, this.#rows), (code) => (code < 0 ? null : levels[code]));
    this.#codes = undefined;
    return true;
  }

  /** The column of the cells so far. */
  finish(): Column {
    const { name } = this;
    if (this.#codes !== undefined) return codedText(name, [...this.#levels.keys()], this.#codes.slice(0, this.#rows));
    if (this.#numbers === undefined) return { name, kind: "text", values: this.#texts };
    const values = this.#numbers.slice(0, this.#rows);
    // The room that was kept for more rows goes now, not when all columns are made.
    this.#numbers = values;
    return { name, kind: "numeric", values };
  }

  #makeRoom(count: number): void {
    const { length } = this.#numbers ?? this.#codes ?? this.#texts;
    if (this.#rows + count > length) this.reserve(Math.max(2 * length, this.#rows + count));
  }

  #addNumber(cell: string, isQuoted: boolean, numbers: Float64Array): void {
    const value = toNumber(cell);
    numbers[this.#rows] = value;
    if (this.watchPoints && cell.includes(".")) this.#notePoint(cell);
    if (!Number.isNaN(value)) this.#hasNumber = this.#isLossy = true;
    else if (isMissing(cell, isQuoted)) return;
    else if (isMissingNumber(cell)) this.#isLossy = true;
    else if (this.#isLossy) this.#isSpoilt = true;
    else {
      this.#codes = new Int32Array(numbers.length).fill(-1, 0, this.#rows);
      this.#numbers = undefined;
      this.#addText(cell);
    }
  }

  #addText(cell: string | null): void {
    const code = cell === null ? -1 : this.#codes && this.#levelOf(cell, this.#rows);
    if (code === undefined) this.keepTexts();
    if (this.#codes !== undefined) this.#codes[this.#rows] = code ?? -1;
    else this.#texts.push(cell);
  }

  /** Labels repeat: one code for each. Of names and sentences there are too many. */
  #levelOf(cell: string, row: number): number | undefined {
    const { size } = this.#levels;
    const known = this.#levels.get(cell);
    if (known !== undefined || size === MOST_LEVELS || size > Math.max(FEW_LEVELS, row / 2)) return known;
    this.#levels.set(cell, size);
    return size;
  }

  #notePoint(cell: string): void {
    if (!isGroupedByPoints(cell)) this.#hasPoint ||= !Number.isNaN(toNumber(cell));
    else this.#grouped ??= { cell, row: this.#rows };
  }
}

function enlarged<Numbers extends Float64Array | Int32Array>(numbers: Numbers, length: number): Numbers {
  if (length <= numbers.length) return numbers;
  const larger = new (numbers.constructor as new (length: number) => Numbers)(length);
  larger.set(numbers);
  return larger;
}
