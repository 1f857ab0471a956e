import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { checkOutput } from "../../files/output-place.ts";
import { packageRoot } from "../../files/package-root.ts";
import { reasonOf } from "../cells/ending.ts";
import { needCellPackages } from "../cells/packages.ts";
import { isRunnable, type Notebook, readNotebook } from "./notebook.ts";
import { type Parameters, withParameters } from "./parameters.ts";
import type { NotebookRun } from "./run-notebook.ts";

export interface RunNotebooksOptions {
  /** Store outputs and counts in the files; those of cells that did not run are cleared. */
  readonly write?: boolean;
  /** Set in a cell after the one with the tag `parameters`, of each notebook. */
  readonly parameters?: Parameters;
  /** A clock, in milliseconds. */
  readonly now: () => number;
  /** Called as each cell starts. */
  readonly onCell?: (file: string, cell: number) => void;
  /** Ends the run and the process of the notebook that is on, in whatever loop it is. */
  readonly signal?: AbortSignal;
}

/**
 * Runs notebooks one after another, each in a process of its own, and yields what came of each as it ends.
 *
 * @throws InputError before any runs, when tslab is missing, or one of the files cannot be read, has no such parameter, or cannot
 * be written where it is to be
 * @throws AbortError when the signal ends the run; the file that was on keeps its bytes
 */
export async function* runNotebooks(
  files: readonly string[],
  options: RunNotebooksOptions,
): AsyncGenerator<NotebookRun, void, undefined> {
  needCellPackages("run notebooks");
  const read = async (file: string): Promise<Notebook> =>
    withParameters(await readNotebook(file), file, options.parameters ?? {});
  const notebooks = await Promise.all(files.map(async (file) => ({ file, notebook: await read(file) })));
  if (options.write) for (const file of files) checkOutput(file);
  for (const { file, notebook } of notebooks) yield await runApart(file, notebook, options);
}

/** What the worker tells. */
type Message = { readonly cell: number } | { readonly run: NotebookRun };

async function runApart(file: string, notebook: Notebook, options: RunNotebooksOptions): Promise<NotebookRun> {
  const start = options.now();
  const { write = false, parameters = {} } = options;
  const worker = fork(join(packageRoot(), "dist/notebook-worker.mjs"), [file, JSON.stringify({ write, parameters })], {
    execArgv: [],
    // Output of cells goes into the notebook; what passes by it (programs that a cell starts) has no place in ours.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    killSignal: "SIGKILL",
    ...(options.signal && { signal: options.signal }),
  });
  let cell = 0;
  let run: NotebookRun | undefined;
  let complaint = "";
  worker.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  worker.on("message", (message: Message) => {
    if ("run" in message) run = message.run;
    else {
      cell = message.cell;
      options.onCell?.(file, cell);
    }
  });
  const [code, signal]: [number | null, string | null] = (await once(worker, "close")) as [
    number | null,
    string | null,
  ];
  const { ename, evalue } = reasonOf({ code, signal, said: complaint });
  return (
    run ?? {
      file,
      cells: notebook.cells.filter(isRunnable).length,
      executed: cell,
      failed: 1,
      seconds: (options.now() - start) / 1000,
      firstError: {
        cell,
        message: `${ename}: ${evalue}`,
        ...(complaint !== "" && { stack: complaint }),
      },
    }
  );
}
