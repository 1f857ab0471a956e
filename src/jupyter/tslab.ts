import { createRequire } from "node:module";
import { format } from "node:util";
import type { createConverter } from "tslab/dist/converter.js";
import type { createExecutor } from "tslab/dist/executor.js";

// The one door to tslab. It is loaded when a notebook runs and not before: it brings a TypeScript compiler with it.

/** A value that a cell showed, by mime type; the same id again means the same place on the page. */
export interface Shown {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id?: string };
}

/** Where a session tells what its cells do. */
export interface Listener {
  show(shown: Shown, update: boolean): void;
  /** The value of a cell's last expression. */
  result(value: unknown): void;
  /** What a cell threw, or the compiler's complaint. */
  error(error: unknown): void;
}

/** Cells that see each other's variables, as in one kernel. */
export interface Session {
  /** Compiles and runs a cell; errors go to the listener. */
  execute(source: string): Promise<unknown>;
  /** The top-level variables of the cells so far. */
  readonly variables: Readonly<Record<string, unknown>>;
  close(): void;
}

/** The compiler's complaints about a cell. */
export class TypeScriptError extends Error {
  override readonly name: string = "TypeScriptError";
}

/** Starts tslab's compiler and executor for notebooks of one folder, without Python and without sockets. */
export function openSession(folder: string, listener: Listener): Session {
  const tslab = loadTslab();
  // The compiler asks for the working directory once in a process, and would watch each file it reads and its folder,
  // which keeps a process alive that has nothing else to do.
  const noWatcher = { close: () => {} };
  Object.assign(tslab.system, {
    getCurrentDirectory: () => folder,
    watchFile: () => noWatcher,
    watchDirectory: () => noWatcher,
  });
  tslab.jupyter.lastWriteDisplayData = (shown, update) => listener.show(shown, update === true);
  const converter = tslab.createConverter();
  const executor = tslab.createExecutor(
    folder,
    { node: converter, browser: converter, close: () => converter.close() },
    {
      log: (value) => listener.result(value),
      // tslab hands over either what was thrown, alone, or a format with the compiler's message.
      error: (first, ...rest) =>
        listener.error(rest.length === 0 ? first : new TypeScriptError(format(first, ...rest))),
    },
  );
  return {
    execute: (source) => executor.execute(source),
    variables: executor.locals,
    close: () => executor.close(),
  };
}

/** The file that starts tslab's kernel when Node runs it. */
export function kernelProgram(): string {
  return createRequire(import.meta.url).resolve("tslab/bin/tslab");
}

interface Tslab {
  readonly createConverter: typeof createConverter;
  readonly createExecutor: typeof createExecutor;
  readonly jupyter: {
    lastWriteDisplayData: ((shown: Shown, update: boolean | undefined) => void) | null;
  };
  readonly system: object;
}

/** Loads by `require`: cells find the same modules there, and only so are these the ones that `import "tslab"` gives. */
function loadTslab(): Tslab {
  const require = createRequire(import.meta.url);
  const converter = require.resolve("tslab/dist/converter.js");
  return {
    createConverter: require(converter).createConverter,
    createExecutor: require("tslab/dist/executor.js").createExecutor,
    jupyter: require("tslab/dist/jupyter.js"),
    system: createRequire(converter)("@tslab/typescript-for-tslab").sys,
  };
}
