/** On which line of a file each record ends: kept only where lines and rows fall out of step. */
export class LineIndex {
  /** Records so far, without the header. */
  rows: number = 0;
  /** The line on which the last record ended. */
  last: number = 0;
  // csv-parse counts a CR LF inside quotes as two lines.
  #overcount: number = 0;
  readonly #steps: { readonly row: number; readonly ahead: number }[] = [];

  /** Notes the header, which ends where csv-parse has counted so many lines. */
  header(cells: readonly string[], counted: number): void {
    if (this.lineAt(counted) > this.last + 1) {
      for (const cell of cells) this.#overcount += cell.split("\r\n").length - 1;
    }
    this.last = this.lineAt(counted);
  }

  /** Notes the next record. */
  add(cells: readonly string[], counted: number): void {
    this.header(cells, counted);
    const ahead = this.last - this.rows;
    if (ahead !== this.#steps.at(-1)?.ahead) this.#steps.push({ row: this.rows, ahead });
    this.rows++;
  }

  /** The line that csv-parse counts as so many. */
  lineAt(counted: number): number {
    return counted - this.#overcount;
  }

  /** The line on which a row (counted from 0) ends. */
  lineOf(row: number): number {
    return row + this.#steps.findLast((step) => step.row <= row)!.ahead;
  }
}
