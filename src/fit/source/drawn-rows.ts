import { cellAt, codedText } from "../../table/coded-text.ts";
import type { Column } from "../../table/column.ts";
import { checkSame, type Part } from "../../table/stack.ts";
import { type DataTable, makeTable, shownTable } from "../../table/table.ts";
import { alike } from "./alike.ts";

/** A column of the rows that were drawn: numbers, or the places of texts in a list, −1 where one is missing. */
interface Drawn {
  readonly name: string;
  cells: Float64Array;
  /** Texts and their places; absent for numbers, and where there is no value yet. */
  texts?: Map<string, number>;
}

/**
 * Rows that were drawn of a source, in columns that are written to in place: copies of them, made whenever some are given up,
 * would take many times their room before they are collected.
 */
export class DrawnRows {
  readonly #source: string;
  readonly #kinds = new Map<string, Column["kind"]>();
  #first: Part | undefined;
  #columns: readonly Drawn[] = [];
  #numbers: Float64Array = new Float64Array();
  #draws: Float64Array = new Float64Array();
  #rows = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds some rows of a table.
   *
   * @param chosen their numbers in it, and what each was drawn by
   * @param from the number of its first row in the source
   * @throws InputError for columns that are not those of the rows before
   */
  add(table: DataTable, chosen: readonly number[], draws: readonly number[], from: number): void {
    const all = table.rowNames === undefined ? table.columns : [table.rowNames, ...table.columns];
    this.#checkColumns(all, from);
    const names = all.map(({ name }) => name);
    const { columns } = alike({ ...table, columns: all }, this.#kinds, names);
    this.#makeRoom(this.#rows + chosen.length);
    for (const own of this.#columns) {
      const column = columns[names.indexOf(own.name)];
      if (this.#kinds.get(own.name) === "text" && own.texts === undefined) {
        own.texts = new Map();
        // So far there was no value.
        own.cells.fill(-1);
      }
      for (let i = 0; i < chosen.length; i++) own.cells[this.#rows + i] = cellOf(own, cellAt(column, chosen[i]));
    }
    for (let i = 0; i < chosen.length; i++) {
      this.#numbers[this.#rows + i] = from + chosen[i];
      this.#draws[this.#rows + i] = draws[i];
    }
    this.#rows += chosen.length;
  }

  /** Gives up the rows that were not drawn below a chance. */
  thin(chance: number): void {
    let left = 0;
    const lists = [this.#numbers, this.#draws, ...this.#columns.map(({ cells }) => cells)];
    for (let row = 0; row < this.#rows; row++) {
      if (this.#draws[row] >= chance) continue;
      for (const list of lists) list[left] = list[row];
      left++;
    }
    this.#rows = left;
    for (const column of this.#columns) if (column.texts !== undefined) forgetTexts(column, column.texts, left);
  }

  /** One table of them, whose rows know their numbers in the source. */
  table(): DataTable {
    const [rows, numbers] = [this.#rows, this.#numbers];
    const columns = this.#columns.map(({ name, cells, texts }): Column => {
      const own = cells.subarray(0, rows);
      return texts === undefined
        ? { name, kind: "numeric", values: own }
        : codedText(name, [...texts.keys()], Int32Array.from(own));
    });
    return shownTable({ ...makeTable(columns, this.#source), sourceRow: (row) => numbers[row] });
  }

  #checkColumns(columns: readonly Column[], from: number): void {
    const name = `${this.#source}, rows ${from + 1} and on`;
    const part: Part = {
      name,
      columns: columns.map(({ name, kind }) => ({ name, is: kind === "text" ? "text" : "numbers", type: kind })),
      next: () => undefined,
    };
    if (this.#first !== undefined) checkSame(this.#first, part, this.#source, false);
    if (this.#first !== undefined) return;
    this.#first = part;
    this.#columns = columns.map(({ name }) => ({ name, cells: new Float64Array() }));
  }

  #makeRoom(rows: number): void {
    if (rows <= this.#numbers.length) return;
    const room = Math.max(rows, 2 * this.#numbers.length);
    const larger = (list: Float64Array, filler: number): Float64Array => {
      const own = new Float64Array(room).fill(filler, list.length);
      own.set(list);
      return own;
    };
    this.#numbers = larger(this.#numbers, 0);
    this.#draws = larger(this.#draws, 0);
    for (const column of this.#columns) column.cells = larger(column.cells, column.texts === undefined ? NaN : -1);
  }
}

function cellOf({ texts }: Drawn, cell: string | number | null): number {
  if (texts === undefined) return typeof cell === "number" ? cell : Number.NaN;
  if (typeof cell !== "string") return -1;
  const place = texts.get(cell) ?? texts.size;
  if (place === texts.size) texts.set(cell, place);
  return place;
}

/** Forgets the texts that no row has any more: names and sentences are as many as rows. */
function forgetTexts(column: Drawn, texts: Map<string, number>, rows: number): void {
  const all = [...texts.keys()];
  const left = new Map<string, number>();
  column.texts = left;
  for (let row = 0; row < rows; row++) column.cells[row] = cellOf(column, all[column.cells[row]] ?? null);
}
