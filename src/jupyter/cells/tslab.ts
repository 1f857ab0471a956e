import { createRequire } from "node:module";
import { format } from "node:util";
import type ts from "@tslab/typescript-for-tslab";
import type { Converter, createConverter, isCompleteCode } from "tslab/dist/converter.js";
import type { createExecutor, Executor } from "tslab/dist/executor.js";
import type { printQuickInfo } from "tslab/dist/inspect.js";
import type { getCodeMetadata } from "tslab/dist/metadata.js";
import { JsonReader } from "../../display/json.ts";
import { checkedBundle } from "../../display/render/bundle.ts";
import { optionalPackage } from "../../errors/optional-package.ts";
import { Activities } from "../protocol/activities.ts";
import type { ErrorOutput } from "../run/notebook.ts";
import { type Adapted, adapt, compileCell, TypeScriptError } from "./compiler.ts";
import type { Outcome } from "./outcome.ts";
import { Places } from "./places.ts";
import { TypeScriptFiles } from "./require-ts.ts";
import { Stacks } from "./stacks.ts";
import { errorOutput } from "./traceback.ts";
import { Variables } from "./variables.ts";

// The one door to tslab. It is loaded when a notebook runs and not before: it brings a TypeScript compiler with it.

/** A value that a cell showed, by mime type; the same id again means the same place on the page. */
export interface Shown {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id?: string };
}

export interface SessionOptions<Cell> {
  /** Takes what a cell shows, from whatever callback of its own. */
  readonly show: (shown: Shown, update: boolean, cell: Cell | undefined) => void;
  /** Told as the compiler begins to work, which must not be ended halfway, and when that has ended. */
  readonly compiling?: (isCompiling: boolean) => void;
}

/** Cells that see each other's variables, as in one kernel. */
export interface Session<Cell> {
  /** Compiles and runs a cell; ends with its error rather than reject. */
  readonly execute: (cell: Cell, number: number, source: string) => Promise<Outcome>;
  /** Runs code that a cell left for later, as the cell's own; ends with its error rather than reject. */
  readonly call: (cell: Cell | undefined, body: () => unknown) => Promise<Outcome>;
  /** Ends what is on, if it awaits something, and what it left to timers. */
  readonly interrupt: () => void;
  /** Whether nothing runs, or what an interrupt ended has not gone on: some time after it, its caller is lost. */
  readonly isStuck: () => boolean;
  /** Gives up on all that runs or was ended. */
  readonly forget: () => void;
  /** Told as a message comes, before what follows from it: takes note of what an interrupt ended before it. */
  readonly settle: () => void;
  /** The cell that made a promise, or whose code runs now, or ran last; none where that was interrupted. */
  readonly cell: (promise?: Promise<unknown>) => Cell | undefined;
  /** The top-level variables of the cells so far. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** An error in the words and lines of its author. */
  readonly describe: (error: unknown) => ErrorOutput;
  readonly complete: (source: string, offset: number) => { start: number; end: number; candidates: string[] };
  /** What is known of the name at an offset: its type and docstring. */
  readonly inspect: (source: string, offset: number) => string | undefined;
  readonly isComplete: (source: string) => { completed: boolean; indent?: string };
  readonly close: () => void;
}

/** Starts tslab's compiler and executor for notebooks of one folder, without Python and without sockets. */
export function openSession<Cell>(folder: string, options: SessionOptions<Cell>): Session<Cell> {
  const tslab = loadTslab("run cells");
  const watched = watchedFiles(tslab.system, folder);
  const places = new Places();
  const stacks = new Stacks(places, folder);
  const activities = new Activities<Cell>();
  const variables = new Variables();
  const files = new TypeScriptFiles(tslab.original, places);
  const ends = [stacks.follow(), activities.follow(), files.serve()];
  let latest: Cell | undefined;
  const cell = (promise?: Promise<unknown>): Cell | undefined => activities.cell(promise, latest);
  tslab.jupyter.lastWriteDisplayData = (given, update) => options.show(shownWhole(given), update === true, cell());
  const compiling = <T>(work: () => T): T => {
    options.compiling?.(true);
    try {
      return work();
    } finally {
      options.compiling?.(false);
    }
  };
  const { executor, run } = openExecutor(tslab, { folder, compiling, places, stacks, variables });

  return {
    async execute(owner, number, source) {
      const { Changed } = tslab.original.FileWatcherEventKind;
      compiling(() => files.changed().forEach((file) => void watched.get(file)?.(file, Changed)));
      latest = owner;
      variables.begin();
      const outcome = await activities.attempt(owner, () => run(number, source));
      // The compiler goes on with the declarations from before the cell that failed, and so do the variables.
      if ("error" in outcome) variables.restore();
      return outcome;
    },
    async call(owner, body) {
      return activities.attempt(owner, async () => ({ value: await body() }));
    },
    interrupt: () => {
      executor.interrupt();
      activities.interrupt();
    },
    isStuck: () => activities.isStuck(),
    forget: () => activities.forget(),
    settle: () => activities.settle(),
    cell,
    variables: variables.values,
    describe: (error) => errorOutput(error, stacks),
    complete: (source, offset) => compiling(() => executor.complete(source, offset)),
    inspect: (source, offset) => {
      const info = compiling(() => executor.inspect(source, offset));
      return info && tslab.printQuickInfo(info);
    },
    isComplete: (source) => tslab.isCompleteCode(source),
    close: () => {
      executor.close();
      for (const end of ends.reverse()) end();
    },
  };
}

type Watcher = (file: string, kind: number) => void;

/**
 * The files that the compiler would watch, each with whom to tell of its changes.
 *
 * The compiler asks for the working directory once in a process, and would watch each file it reads and its folder,
 * which keeps a process alive that has nothing else to do.
 */
function watchedFiles(system: object, folder: string): ReadonlyMap<string, Watcher> {
  const watched = new Map<string, Watcher>();
  Object.assign(system, {
    getCurrentDirectory: () => folder,
    watchFile: (file: string, callback: Watcher) => {
      watched.set(file, callback);
      return { close: () => watched.delete(file) };
    },
    watchDirectory: () => ({ close: () => {} }),
  });
  return watched;
}

interface ExecutorParts {
  readonly folder: string;
  readonly compiling: <T>(work: () => T) => T;
  readonly places: Places;
  readonly stacks: Stacks;
  readonly variables: Variables;
}

/** tslab's executor, and what runs a cell with it. */
function openExecutor(
  tslab: Tslab,
  { folder, compiling, places, stacks, variables }: ExecutorParts,
): { executor: Executor; run: (number: number, source: string) => Promise<Outcome> } {
  let count = 0;
  let lastExpression: string | undefined;
  let failure: { error: unknown } | undefined;
  const converter = tslab.createConverter();
  const convert: Converter["convert"] = (declarations, source) => {
    const file = `cell-${count}`;
    const known = (name: string): boolean => Object.hasOwn(variables.values, name);
    const given = { name: `cell ${count}`, file, source, declarations, known };
    const compiled = compiling(() => compileCell(converter, tslab.adapted, given));
    places.add(file, compiled.locate);
    lastExpression = compiled.lastExpression;
    return compiled.result;
  };
  const node = { ...converter, convert };
  const executor = tslab.createExecutor(
    folder,
    { node, browser: node, close: () => converter.close() },
    {
      log: () => {},
      // tslab hands over either what was thrown, alone, or a format with the compiler's message.
      error: (first, ...rest) => {
        stacks.restore(first);
        failure ??= { error: rest.length === 0 ? first : new TypeScriptError(format(first, ...rest)) };
      },
    },
  );
  variables.serve();
  const run = async (number: number, source: string): Promise<Outcome> => {
    [count, lastExpression, failure] = [number, undefined, undefined];
    const ok = await executor.execute(source);
    if (failure !== undefined) return failure;
    return { value: ok && lastExpression !== undefined ? variables.values[lastExpression] : undefined };
  };
  return { executor, run };
}

/** What is shown, as it may be sent and kept: only what can be neither is refused, where its author shows it. */
function shownWhole({ data, metadata, transient }: Shown): Shown {
  const reader = new JsonReader("show a value");
  const id = reader.read({ ...transient });
  return {
    // Readers without pictures and pages see at least what they miss.
    data: { "text/plain": `[${Object.keys(data).join(", ")}]`, ...checkedBundle(data) },
    metadata: reader.read({ ...metadata }) as Shown["metadata"],
    transient: id as Shown["transient"],
  };
}

interface Tslab {
  readonly createConverter: typeof createConverter;
  readonly createExecutor: typeof createExecutor;
  readonly isCompleteCode: typeof isCompleteCode;
  readonly printQuickInfo: typeof printQuickInfo;
  readonly getCodeMetadata: typeof getCodeMetadata;
  readonly jupyter: {
    lastWriteDisplayData: ((shown: Shown, update: boolean | undefined) => void) | null;
  };
  readonly system: object;
  readonly original: typeof ts;
  readonly adapted: Adapted;
}

let loaded: Tslab | undefined;

/** What reads code of cells, and runs none. */
export interface CellReader {
  readonly typescript: typeof ts;
  /** What tslab takes from the comments at the head of a cell. */
  readonly metadata: typeof getCodeMetadata;
}

export function cellReader(): CellReader {
  const { original, getCodeMetadata } = loadTslab("read cells");
  return { typescript: original, metadata: getCodeMetadata };
}

/** Loads by `require`: cells find the same modules there, and only so are these the ones that `import "tslab"` gives. */
function loadTslab(act: string): Tslab {
  if (loaded !== undefined) return loaded;
  optionalPackage(act, "tslab");
  const require = createRequire(import.meta.url);
  const converter = require.resolve("tslab/dist/converter.js");
  const requireThere = createRequire(converter);
  const name = "@tslab/typescript-for-tslab";
  const original: typeof ts = requireThere(name);
  const adapted = adapt(original);
  const module = require.cache[requireThere.resolve(name)];
  if (module !== undefined) module.exports = adapted.typescript;
  loaded = {
    createConverter: require(converter).createConverter,
    createExecutor: require("tslab/dist/executor.js").createExecutor,
    isCompleteCode: require(converter).isCompleteCode,
    printQuickInfo: require("tslab/dist/inspect.js").printQuickInfo,
    getCodeMetadata: require("tslab/dist/metadata.js").getCodeMetadata,
    jupyter: require("tslab/dist/jupyter.js"),
    system: original.sys,
    original,
    adapted,
  };
  return loaded;
}
