import { STRETCH_ROWS } from "../../compute/blocks.ts";
import { InputError, quote } from "../../errors.ts";
import type { DataTable } from "../../table/table.ts";

/**
 * The units of a source: their numbers, in the order of their first rows, and how many rows each has.
 *
 * @remarks keeps the name and the count of each unit in memory
 */
export class UnitCensus {
  readonly #group: string;
  readonly #numbers = new Map<string, number>();
  readonly #rows: number[] = [];

  constructor(group: string) {
    this.#group = group;
  }

  /** Counts rows; returns the number of each one's unit, −1 where its cell is blank. */
  count(table: DataTable): Int32Array {
    const values = table.columns.find(({ name }) => name === this.#group)?.values;
    return Int32Array.from({ length: table.rows }, (_, row) => {
      const cell = values?.[row] ?? "";
      if (cell === "" || Number.isNaN(cell)) return -1;
      const name = String(cell);
      const unit = this.#numbers.get(name) ?? this.#rows.length;
      if (unit === this.#rows.length) {
        this.#numbers.set(name, unit);
        this.#rows.push(0);
      }
      this.#rows[unit]++;
      return unit;
    });
  }

  /** The number of the unit that is called so. */
  numberOf(name: string): number {
    return this.#numbers.get(name) ?? -1;
  }

  /** Rows of a unit, so far. */
  rowsOf(unit: number): number {
    return this.#rows[unit];
  }

  /**
   * The stretch that each unit goes to, whole: one after the other, as many as it has room for.
   *
   * @throws InputError for a unit that no stretch has room for
   */
  stretches(): { readonly count: number; readonly of: Int32Array } {
    const of = new Int32Array(this.#rows.length);
    let [stretch, held] = [0, 0];
    this.#rows.forEach((rows, unit) => {
      if (rows > STRETCH_ROWS) throw this.#tooLarge(unit);
      if (held + rows > STRETCH_ROWS) [stretch, held] = [stretch + 1, 0];
      of[unit] = stretch;
      held += rows;
    });
    return { count: this.#rows.length === 0 ? 0 : stretch + 1, of };
  }

  #tooLarge(unit: number): InputError {
    const name = Array.from(this.#numbers.keys())[unit];
    const wanted = `groups of at most ${STRETCH_ROWS} rows in column ${quote(this.#group)}`;
    const got = `${this.#rows[unit]} rows of ${quote(name)}`;
    const next = "give the rows without source(…) (--cache), where they fit into memory";
    return new InputError("fit a source", wanted, got, next);
  }
}
