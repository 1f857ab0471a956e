import Module, { createRequire } from "node:module";
import { format } from "node:util";
import type { Converter } from "tslab/dist/converter.js";
import type { createExecutor, Executor } from "tslab/dist/executor.js";
import type { getCodeMetadata } from "tslab/dist/metadata.js";
import { JsonReader } from "../../display/json.ts";
import { checkedBundle } from "../../display/render/bundle.ts";
import { Activities } from "../protocol/activities.ts";
import type { ErrorOutput } from "../run/notebook.ts";
import { BuiltIns } from "./built-ins.ts";
import { CellCompiler, TypeScriptError } from "./compiler.ts";
import { cellOptions } from "./compiler-options.ts";
import { type Completeness, completeness } from "./completeness.ts";
import type { Found } from "./completion.ts";
import type { Help } from "./help.ts";
import { Interrupted, type Outcome } from "./outcome.ts";
import { needCellPackages } from "./packages.ts";
import { Places, placeAt } from "./places.ts";
import { TypeScriptFiles } from "./require-ts.ts";
import { Stacks } from "./stacks.ts";
import { errorOutput } from "./traceback.ts";
import { loadTypeScript, type TypeScript } from "./typescript.ts";
import { Variables } from "./variables.ts";

// The one door to tslab: its executor, and what `import "tslab"` gives to cells. Its compiler is never loaded.

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
  /** Told as code begins to run though an interrupt has ended whose it is, and when that has ended. */
  readonly stray?: (isOn: boolean) => void;
  /** Told of what a cell overwrote, and has no longer. */
  readonly restored: (names: readonly string[], cell: Cell | undefined) => void;
}

/** Cells that see each other's variables, as in one kernel. */
export interface Session<Cell> {
  /** Compiles and runs code of a cell, under a name for its lines ("cell 3"); ends with its error rather than reject. */
  readonly execute: (cell: Cell, name: string, source: string) => Promise<Outcome>;
  /** Does what the first cell would have to wait for, where there is time before it. */
  readonly readAhead: () => void;
  /** Runs code that a cell left for later, as the cell's own; ends with its error rather than reject. */
  readonly call: (cell: Cell | undefined, body: () => unknown) => Promise<Outcome>;
  /** Ends what is on, if it awaits something, and what it left to timers. */
  readonly interrupt: () => void;
  /** Ends what a cell awaits by an error. */
  readonly end: (cell: Cell, error: Error) => void;
  /** Whether nothing runs, or what an interrupt ended has not gone on: some time after it, its caller is lost. */
  readonly isStuck: () => boolean;
  /** Gives up on all that runs or was ended. */
  readonly forget: () => void;
  /** Told as a message comes, before what follows from it: takes note of what an interrupt ended before it. */
  readonly settle: () => void;
  /**
   * The cell that made a promise, or what emits an error, or whose code runs now, or ran last; none where that was
   * interrupted.
   */
  readonly cell: (promise?: Promise<unknown>, error?: unknown) => Cell | undefined;
  /** The values of the top-level variables of the cells so far. */
  readonly variables: () => readonly unknown[];
  /** An error in the words and lines of its author. */
  readonly describe: (error: unknown) => ErrorOutput;
  readonly complete: (source: string, offset: number) => Found;
  /** What is known of what stands at an offset: its type and docstring. */
  readonly inspect: (source: string, offset: number) => Help | undefined;
  readonly isComplete: (source: string) => Completeness;
  readonly close: () => void;
}

/** Starts the compiler and tslab's executor for notebooks of one folder, without Python and without sockets. */
export function openSession<Cell>(folder: string, options: SessionOptions<Cell>): Session<Cell> {
  const tslab = loadTslab("run cells");
  const { typescript } = tslab;
  const places = new Places();
  const stacks = new Stacks(places, folder);
  const activities = new Activities<Cell>(options.stray);
  const variables = new Variables(() => activities.isOver, stacks.threw);
  const compilerOptions = cellOptions(typescript, folder);
  const files = new TypeScriptFiles(typescript, compilerOptions, folder, places);
  const ends = [stacks.follow(), activities.follow(), files.serve()];
  let latest: Cell | undefined;
  const cell = (promise?: Promise<unknown>, error?: unknown): Cell | undefined =>
    activities.cell(latest, promise, error);
  tslab.jupyter.lastWriteDisplayData = (given, update) => options.show(shownWhole(given), update === true, cell());
  const compiling = <T>(work: () => T): T => {
    options.compiling?.(true);
    try {
      return work();
    } finally {
      options.compiling?.(false);
    }
  };
  const compiler = new CellCompiler(typescript, folder, compilerOptions);
  compiling(() => compiler.open());
  const builtIns = new BuiltIns((names) => options.restored(names, cell()));
  const { executor, run } = openExecutor(tslab, { folder, compiler, compiling, places, stacks, variables, builtIns });

  return {
    async execute(owner, name, source) {
      builtIns.restore();
      files.forgetChanged();
      latest = owner;
      variables.begin();
      const outcome = await activities.attempt(owner, () => run(name, source));
      // The compiler goes on with the declarations from before the cell that failed, and so do the variables.
      if ("error" in outcome) {
        variables.restore();
        const { error } = outcome;
        // Where a cell was when somebody ended it is no fault of that line.
        if (!Interrupted.is(error)) stacks.begin(error, { awaited: placeAt(name, source, variables.awaited) });
      }
      return outcome;
    },
    readAhead: () => compiling(() => compiler.readAhead()),
    async call(owner, body) {
      return activities.attempt(owner, async () => ({ value: await builtIns.guard(body) }));
    },
    interrupt: () => {
      builtIns.restore();
      executor.interrupt();
      activities.interrupt();
    },
    end: (cell, error) => activities.end(cell, error),
    isStuck: () => activities.isStuck(),
    forget: () => activities.forget(),
    settle: () => {
      builtIns.restore();
      activities.settle();
    },
    cell,
    variables: () => variables.all(),
    describe: (error) => {
      const site = activities.siteOf(error);
      if (site !== undefined) stacks.begin(error, { site });
      return errorOutput(error, stacks);
    },
    complete: (source, offset) => compiling(() => executor.complete(source, offset)),
    // The executor's interface says what tslab's compiler gives there.
    inspect: (source, offset) => compiling(() => executor.inspect(source, offset)) as unknown as Help | undefined,
    isComplete: (source) => completeness(typescript, source),
    close: () => {
      executor.close();
      for (const end of ends.reverse()) end();
    },
  };
}

interface ExecutorParts {
  readonly folder: string;
  readonly compiler: CellCompiler;
  readonly compiling: <T>(work: () => T) => T;
  readonly places: Places;
  readonly stacks: Stacks;
  readonly variables: Variables;
  readonly builtIns: BuiltIns;
}

/** tslab's executor over our compiler, and what runs a cell with it. */
function openExecutor(
  tslab: Tslab,
  { folder, compiler, compiling, places, stacks, variables, builtIns }: ExecutorParts,
): { executor: Executor; run: (name: string, source: string) => Promise<Outcome> } {
  let name = "";
  let failure: { error: unknown } | undefined;
  const node = {
    convert(head: string, source: string) {
      const file = name.replaceAll(" ", "-");
      const { locate, ...result } = compiling(() => compiler.compile(head, source, { name, file }));
      places.add(file, locate);
      return result;
    },
    addModule: (...args: Parameters<CellCompiler["addModule"]>) => compiling(() => compiler.addModule(...args)),
    complete: (head: string, source: string, offset: number) =>
      compiler.complete(head, source, offset, { folder, valueOf: (name) => variables.read(name) }),
    inspect: (...args: Parameters<CellCompiler["inspect"]>) => compiler.inspect(...args),
    close: () => compiler.close(),
    // The same interface, but for types of the compiler that tslab brings.
  } as unknown as Converter;
  const executor = tslab.createExecutor(
    folder,
    { node, browser: node, close: () => compiler.close() },
    {
      log: () => {},
      // tslab hands over either what was thrown, alone, or a format with words of its own.
      error: (first, ...rest) => {
        builtIns.restore();
        stacks.restore(first);
        failure ??= { error: rest.length === 0 ? first : new TypeScriptError(format(first, ...rest)) };
      },
    },
  );
  variables.serve(folder);
  const run = async (given: string, source: string): Promise<Outcome> => {
    [name, failure] = [given, undefined];
    stacks.open();
    await builtIns.guard(() => executor.execute(source));
    return failure ?? { value: variables.last };
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
  readonly typescript: TypeScript;
  readonly createExecutor: typeof createExecutor;
  readonly getCodeMetadata: typeof getCodeMetadata;
  readonly jupyter: {
    lastWriteDisplayData: ((shown: Shown, update: boolean | undefined) => void) | null;
  };
}

let loaded: Tslab | undefined;

/** What reads code of cells, and runs none. */
export interface CellReader {
  readonly typescript: TypeScript;
  /** What tslab takes from the comments at the head of a cell. */
  readonly metadata: typeof getCodeMetadata;
}

export function cellReader(): CellReader {
  const { typescript, getCodeMetadata } = loadTslab("read cells");
  return { typescript, metadata: getCodeMetadata };
}

/** Loads by `require`: cells find the same modules there, and only so are these the ones that `import "tslab"` gives. */
function loadTslab(act: string): Tslab {
  if (loaded !== undefined) return loaded;
  needCellPackages(act);
  const typescript = loadTypeScript();
  const require = createRequire(import.meta.url);
  // tslab asks its own compiler for little, which ours can do as well.
  const name = createRequire(require.resolve("tslab/dist/converter.js")).resolve("@tslab/typescript-for-tslab");
  const stand = new Module(name);
  Object.assign(stand, { filename: name, loaded: true, exports: typescript });
  require.cache[name] = stand;
  loaded = {
    typescript,
    createExecutor: require("tslab/dist/executor.js").createExecutor,
    getCodeMetadata: require("tslab/dist/metadata.js").getCodeMetadata,
    jupyter: require("tslab/dist/jupyter.js"),
  };
  return loaded;
}
