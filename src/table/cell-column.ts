import { isMissing, isMissingNumber, toNumber } from "./cell.ts";
import { isGroupedByPoints } from "./foreign-number.ts";
import type { Column } from "./table.ts";

/** A number whose point may be of thousands, and its row. */
export interface GroupedNumber {
  readonly cell: string;
  readonly row: number;
}

/** A column as its text cells come in: numbers until a cell is none, so that no text is kept for numbers. */
export class CellColumn {
  #rows: number = 0;
  #numbers: Float64Array | undefined;
  #hasNumber: boolean = false;
  /** Whether a cell was taken as a number, or as missing among them, that is a text among texts. */
  #isLossy: boolean = false;
  #isSpoilt: boolean = false;
  #hasPoint: boolean = false;
  #grouped: GroupedNumber | undefined;
  #text: (string | null)[] = [];
  readonly #known: Map<string, string> = new Map();

  constructor(
    readonly name: string,
    isText: boolean,
    /** Whether it is noted which points may be of thousands. */
    private readonly watchPoints: boolean = false,
  ) {
    this.#numbers = isText ? undefined : new Float64Array(FEW);
  }

  /** Whether the column is text after all, but the text of some cells was not kept: it must be read again with `isText`. */
  get isSpoilt(): boolean {
    return this.#isSpoilt || (this.#isLossy && !this.#hasNumber);
  }

  /** Whether no cell holds anything. */
  get isEmpty(): boolean {
    return this.#numbers === undefined ? this.#text.every((cell) => cell === null) : !this.#isLossy;
  }

  /** The first number whose point may be of thousands, in a column without one that can only be decimal. */
  get grouped(): GroupedNumber | undefined {
    return this.#numbers === undefined || this.#hasPoint ? undefined : this.#grouped;
  }

  /** Takes in the next cell. */
  add(cell: string, isQuoted: boolean): void {
    const row = this.#rows++;
    if (this.#numbers === undefined) {
      this.#text.push(isMissing(cell, isQuoted) ? null : this.#once(cell));
      return;
    }
    if (row === this.#numbers.length) this.#numbers = enlarged(this.#numbers);
    const value = toNumber(cell);
    this.#numbers[row] = value;
    if (this.watchPoints && cell.includes(".")) this.#notePoint(cell, row);
    if (!Number.isNaN(value)) this.#hasNumber = this.#isLossy = true;
    else if (isMissing(cell, isQuoted)) return;
    else if (isMissingNumber(cell)) this.#isLossy = true;
    else if (this.#isLossy) this.#isSpoilt = true;
    else this.#becomeText(cell, row);
  }

  /** The column of the cells so far. */
  finish(): Column {
    if (this.#numbers === undefined) return { name: this.name, kind: "text", values: this.#text };
    const values = this.#numbers.slice(0, this.#rows);
    // The room that was kept for more rows goes now, not when all columns are made.
    this.#numbers = values;
    return { name: this.name, kind: "numeric", values };
  }

  #notePoint(cell: string, row: number): void {
    if (!isGroupedByPoints(cell)) this.#hasPoint ||= !Number.isNaN(toNumber(cell));
    else this.#grouped ??= { cell, row };
  }

  #becomeText(cell: string, row: number): void {
    this.#numbers = undefined;
    this.#text = new Array<string | null>(row).fill(null);
    this.#text.push(this.#once(cell));
  }

  // Labels repeat: one string for each. Names and sentences don't: no use in looking them up.
  #once(cell: string): string {
    const known = this.#known.get(cell);
    if (known !== undefined) return known;
    if (this.#known.size < 1000) this.#known.set(cell, cell);
    return cell;
  }
}

/** Rows that there is room for at first: many columns come with few rows. */
const FEW = 16;

function enlarged(numbers: Float64Array): Float64Array {
  const larger = new Float64Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
