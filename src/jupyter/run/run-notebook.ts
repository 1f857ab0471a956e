import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { types } from "node:util";
import { hostName, type NotebookHost } from "../../display/notebook-host.ts";
import { type DisplaySink, present } from "../../display/present.ts";
import { drawNext } from "../../display/render/picture.ts";
import type { WorkFailure } from "../../errors.ts";
import { restoredText } from "../cells/built-ins.ts";
import { lendProcess } from "../cells/host.ts";
import type { Outcome } from "../cells/outcome.ts";
import { Outputs } from "../cells/outputs.ts";
import { isPending, settled } from "../cells/promises.ts";
import { openSession, type Session } from "../cells/tslab.ts";
import { nobody } from "../protocol/inputs.ts";
import {
  type Cell,
  type CodeCell,
  isRunnable,
  mayThrow,
  type Output,
  readNotebook,
  writeNotebook,
} from "./notebook.ts";

import { type Parameters, withParameters } from "./parameters.ts";

/** The first cell that failed, counted as its brackets show it: from 1, without text and empty cells. */
export interface CellFailure {
  readonly cell: number;
  readonly message: string;
  /** The message again, the lines of the cell, and where they were called from, when that is known. */
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
  /** Why the outputs are not in the file, where they were to be. */
  readonly unwritten?: string;
}

export interface RunNotebookOptions {
  /** Store outputs and counts in the file; those of cells that did not run are cleared. */
  readonly write?: boolean;
  /** Set in a cell after the one with the tag `parameters`. */
  readonly parameters?: Parameters;
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
  const notebook = withParameters(await readNotebook(file), file, options.parameters ?? {});
  const path = resolve(file);
  const start = options.now();
  const run = new Run();
  const cells = await lendProcess(dirname(path), run, () => run.all(dirname(path), notebook.cells, options.onCell));
  const seconds = (options.now() - start) / 1000;
  const written = options.write === true ? writeNotebook(path, { ...notebook, cells }) : undefined;
  const failure = await written?.catch((error: WorkFailure) => error);
  return {
    file,
    cells: notebook.cells.filter(isRunnable).length,
    executed: run.executed,
    failed: run.failure === undefined ? 0 : 1,
    seconds,
    ...(run.failure && { firstError: run.failure }),
    ...(failure && { unwritten: failure.message }),
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
  executed = 0;
  readonly #outputs = new Outputs();
  readonly #promises = new Map<Promise<unknown>, Turn>();
  /** What outputs still wait for. */
  readonly #held = new WeakSet<Promise<unknown>>();
  #session: Session<Turn> | undefined;

  async all(folder: string, cells: readonly Cell[], onCell: (cell: number) => void = () => {}): Promise<Cell[]> {
    const session = openSession<Turn>(folder, {
      show: (shown, update, turn) => turn && this.#outputs.show(turn.outputs, shown, update),
      restored: (names, turn) => turn && this.#outputs.write(turn.outputs, "stderr", restoredText(names)),
    });
    this.#session = session;
    const host: NotebookHost = {
      describe: (error) => session.describe(error).traceback.join("\n"),
      later: () => async (code) => code(),
      hold: (work) => {
        const turn = session.cell();
        if (turn === undefined) return;
        const held = work();
        this.#held.add(held);
        this.#keep(turn, held);
      },
      draw: drawNext,
    };
    Object.assign(globalThis, { [hostName]: host });
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
      Object.assign(globalThis, { [hostName]: undefined });
    }
  }

  write(name: "stdout" | "stderr", text: string): void {
    const turn = this.#session?.cell();
    if (turn !== undefined) this.#outputs.write(turn.outputs, name, text);
  }

  clear(): void {
    const turn = this.#session?.cell();
    if (turn !== undefined) turn.outputs.length = 0;
  }

  line(): string {
    throw nobody();
  }

  /** An error that nobody caught belongs to the cell that left it behind. */
  fault(error: unknown, promise?: Promise<unknown>): void {
    const turn = this.#session?.cell(promise);
    if (turn === undefined) throw error;
    this.#fail(turn, error);
  }

  async #one(session: Session<Turn>, cell: CodeCell): Promise<CodeCell> {
    this.executed += 1;
    const turn: Turn = { number: this.executed, cell, outputs: [], errors: [] };
    const outcome = await settled(session.execute(turn, `cell ${turn.number}`, cell.source)).catch(
      (error): Outcome => ({ error }),
    );
    // Rejections that nobody handles are told after the promises of this turn of the event loop.
    await setImmediate();
    if ("error" in outcome) this.#fail(turn, outcome.error);
    else await this.#result(turn, outcome.value).catch((error) => this.#fail(turn, error));
    for (const value of session.variables()) this.#keep(turn, value);
    return { ...cell, execution_count: turn.number, outputs: turn.outputs };
  }

  async #result(turn: Turn, value: unknown): Promise<void> {
    this.#keep(turn, value);
    if (value === undefined) return;
    const display: DisplaySink["display"] = (data, display_id, update = false) => {
      if (display_id !== undefined)
        this.#outputs.show(turn.outputs, { data, metadata: {}, transient: { display_id } }, update);
      else turn.outputs.push({ output_type: "execute_result", execution_count: turn.number, data, metadata: {} });
    };
    await settled(present(value, { display }));
  }

  #keep(turn: Turn, value: unknown): void {
    // Not by `instanceof`, which a proxy of the author's may refuse.
    if (types.isPromise(value) && !this.#promises.has(value)) this.#promises.set(value, turn);
  }

  /** Waits for what the cells left running: its failure is theirs. */
  async #leftovers(): Promise<void> {
    for (const [promise, turn] of this.#promises) {
      if (this.failure !== undefined && !this.#held.has(promise)) continue;
      if (await isPending(promise)) await settled(promise).catch((error) => this.#fail(turn, error));
    }
  }

  #fail(turn: Turn, error: unknown): void {
    // A caught and a thrown `process.exit` are told twice.
    if (turn.errors.includes(error) || this.#session === undefined) return;
    turn.errors.push(error);
    const output = this.#session.describe(error);
    turn.outputs.push(output);
    if (mayThrow(turn.cell)) return;
    this.failure ??= {
      cell: turn.number,
      message: `${output.ename}: ${output.evalue}`,
      stack: output.traceback.join("\n"),
    };
  }
}
