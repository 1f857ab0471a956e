import { isMissing, toNumber } from "./cell.ts";
import type { Column } from "./table.ts";

/** A column as its text cells come in: numbers until a cell is none, so that no text is kept for numbers. */
export class CellColumn {
  /** Whether text came after numbers, whose own text is then lost: read again with `isText`. */
  isSpoilt: boolean = false;
  #numbers: Float64Array | undefined;
  #hasNumber: boolean = false;
  readonly #text: (string | null)[] = [];
  readonly #known: Map<string, string> = new Map();

  constructor(
    readonly name: string,
    capacity: number,
    isText: boolean,
  ) {
    this.#numbers = isText ? undefined : new Float64Array(capacity);
  }

  /** Takes in the next cell, that of this row. */
  add(cell: string, row: number): void {
    if (this.#numbers === undefined) {
      this.#text.push(isMissing(cell) ? null : this.#once(cell));
      return;
    }
    const value = toNumber(cell);
    this.#numbers[row] = value;
    if (!Number.isNaN(value)) this.#hasNumber = true;
    else if (isMissing(cell)) return;
    else if (this.#hasNumber) this.isSpoilt = true;
    else this.#becomeText(cell, row);
  }

  /** The column of the cells so far. */
  finish(rows: number): Column {
    if (this.#numbers === undefined) return { name: this.name, kind: "text", values: this.#text };
    return {
      name: this.name,
      kind: "numeric",
      values: this.#numbers.subarray(0, rows),
    };
  }

  #becomeText(cell: string, row: number): void {
    this.#numbers = undefined;
    for (let earlier = 0; earlier < row; earlier++) this.#text.push(null);
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
