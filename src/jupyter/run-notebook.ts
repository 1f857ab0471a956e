import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { format } from "node:util";
import { lendProcess } from "./host.ts";
import {
  type Cell,
  type CodeCell,
  isRunnable,
  mayThrow,
  type Output,
  readNotebook,
  writeNotebook,
} from "./notebook.ts";
import { errorOutput, Outputs } from "./outputs.ts";
import { isPending, settled } from "./promises.ts";
import { openSession, type Session } from "./tslab.ts";

/** The first cell that failed, counted as its brackets show it: from 1, without text and empty cells. */
export interface CellFailure {
  readonly cell: number;
  readonly message: string;
  /** Where it was thrown, when that is known. */
  readonly stack?: string;
}

/** What came of running a notebook. */
export interface NotebookRun {
  readonly file: string;
  /** Code cells that have source. */
  readonly cells: number;
  readonly executed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly firstError?: CellFailure;
}

export interface RunNotebookOptions {
  /** Store outputs and counts in the file; those of cells that did not run are cleared. */
  readonly write?: boolean;
  /** A clock, in milliseconds. */
  readonly now: () => number;
  /** Called as each cell starts, with its number. */
  readonly onCell?: (cell: number) => void;
}

/**
 * Runs the code cells of a TypeScript notebook in this process, up to the first that fails.
 *
 * A cell fails when it does not compile, throws, leaves a promise that is rejected or can never settle, or ends the
 * process; with the tag `raises-exception` it may. Cells share the globals of the process, so run one notebook in a
 * process: `runNotebooks` does.
 *
 * @throws InputError when the file is missing or is not a TypeScript notebook
 */
export async function runNotebook(file: string, options: RunNotebookOptions): Promise<NotebookRun> {
  const notebook = await readNotebook(file);
  const path = resolve(file);
  const start = options.now();
  const run = new Run();
  const cells = await lendProcess(dirname(path), run, () => run.all(dirname(path), notebook.cells, options.onCell));
  const seconds = (options.now() - start) / 1000;
  if (options.write === true) await writeNotebook(path, { ...notebook, cells });
  return {
    file,
    cells: notebook.cells.filter(isRunnable).length,
    executed: run.executed,
    failed: run.failure === undefined ? 0 : 1,
    seconds,
    ...(run.failure && { firstError: run.failure }),
  };
}

/** A cell that has its turn or had it. */
interface Turn {
  readonly number: number;
  readonly cell: CodeCell;
  readonly outputs: Output[];
  readonly errors: unknown[];
}

/** One run from the first cell to the last. */
class Run {
  failure: CellFailure | undefined;
  #turn: Turn | undefined;
  readonly #outputs = new Outputs();
  readonly #promises = new Map<Promise<unknown>, Turn>();

  get executed(): number {
    return this.#turn?.number ?? 0;
  }

  async all(folder: string, cells: readonly Cell[], onCell: (cell: number) => void = () => {}): Promise<Cell[]> {
    const session = openSession(folder, {
      show: (shown, update) => this.#outputs.show(shown, update),
      result: (value) => this.#result(value),
      error: (error) => this.fault(error),
    });
    try {
      const done: Cell[] = [];
      for (const cell of cells) {
        if (cell.cell_type !== "code") done.push(cell);
        else if (this.failure !== undefined || !isRunnable(cell)) {
          done.push({ ...cell, execution_count: null, outputs: [] });
        } else {
          onCell(this.executed + 1);
          done.push(await this.#one(session, cell));
        }
      }
      await this.#leftovers();
      return done;
    } finally {
      session.close();
    }
  }

  write(name: "stdout" | "stderr", text: string): void {
    this.#outputs.write(name, text);
  }

  /** An error that nobody caught belongs to the cell that is on. */
  fault(error: unknown): void {
    if (this.#turn === undefined) throw error;
    this.#fail(this.#turn, error);
  }

  async #one(session: Session, cell: CodeCell): Promise<CodeCell> {
    const turn = {
      number: this.executed + 1,
      cell,
      outputs: this.#outputs.begin(),
      errors: [],
    };
    this.#turn = turn;
    await settled(session.execute(cell.source)).catch((error) => this.fault(error));
    // Rejections that nobody handles are told after the promises of this turn of the event loop.
    await setImmediate();
    for (const value of Object.values(session.variables)) this.#keep(value);
    return { ...cell, execution_count: turn.number, outputs: turn.outputs };
  }

  /** As the kernel does, prints the last expression's value. */
  #result(value: unknown): void {
    this.#keep(value);
    this.write("stdout", `${format(value)}\n`);
  }

  #keep(value: unknown): void {
    if (value instanceof Promise && this.#turn !== undefined && !this.#promises.has(value)) {
      this.#promises.set(value, this.#turn);
    }
  }

  /** Waits for what the cells left running: its failure is theirs. */
  async #leftovers(): Promise<void> {
    for (const [promise, turn] of this.#promises) {
      if (this.failure !== undefined) return;
      if (await isPending(promise)) await settled(promise).catch((error) => this.#fail(turn, error));
    }
  }

  #fail(turn: Turn, error: unknown): void {
    // A caught and a thrown `process.exit` are told twice.
    if (turn.errors.includes(error)) return;
    turn.errors.push(error);
    const output = errorOutput(error);
    turn.outputs.push(output);
    if (mayThrow(turn.cell)) return;
    // Below the cell's own frames stand those of the machinery.
    const stack = error instanceof Error ? error.stack?.split(/\n.*(?:node:vm|tslab[\\/]dist)/)[0] : undefined;
    this.failure ??= {
      cell: turn.number,
      message: `${output.ename}: ${output.evalue}`,
      ...(stack !== undefined && { stack }),
    };
  }
}
