/** On which line of a file each row ends: kept only where lines and rows fall out of step. */
export class LineIndex {
  /** Rows so far, without the header. */
  rows: number = 0;
  readonly #steps: { readonly row: number; readonly ahead: number }[] = [];

  /** Notes the line on which the next row ends. */
  add(line: number): void {
    const ahead = line - this.rows;
    if (ahead !== this.#steps.at(-1)?.ahead) this.#steps.push({ row: this.rows, ahead });
    this.rows++;
  }

  /** Notes rows that end on a line each, the last of them on this one. */
  addMany(count: number, last: number): void {
    if (count === 0) return;
    this.add(last - count + 1);
    this.rows += count - 1;
  }

  /** The line on which a row (counted from 0) ends. */
  lineOf(row: number): number {
    return row + this.#steps.findLast((step) => step.row <= row)!.ahead;
  }
}
