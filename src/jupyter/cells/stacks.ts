import { basename, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../files/package-root.ts";
import type { Place, Places } from "./places.ts";

/** A call on the way to an error. */
export interface Step {
  /** As a line of a stack trace has it. */
  readonly text: string;
  /** Where an author wrote it. */
  readonly place: Place | undefined;
}

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Calls that V8 notes for an error: a cell may lie below many of a library's. */
const DEPTH = 100;
/** Calls that are shown. */
const SHOWN = 12;

/**
 * Writes the stacks of errors in their authors' words: lines of cells, libraries by their names, and nothing of what runs
 * the cells, nor of where the machine keeps its files. So they are wherever they are read, printed and kept.
 */
export class Stacks {
  readonly #places: Places;
  readonly #folder: string;
  readonly #begun = new WeakMap<object, Step>();
  /** The last that was thrown or awaited and has no stack, and where that was. */
  #bare: { readonly value: unknown; readonly steps: () => readonly Step[] } | undefined;
  readonly #written = new WeakMap<object, { readonly stack: string; readonly steps: readonly Step[] }>();

  /** @param folder what paths of the author's files are relative to */
  constructor(places: Places, folder: string) {
    this.#places = places;
    this.#folder = folder;
  }

  /** Begins to write stacks, and returns what ends it. */
  follow(): () => void {
    const { prepareStackTrace, stackTraceLimit } = Error;
    Error.stackTraceLimit = DEPTH;
    Error.prepareStackTrace = (error, sites) => {
      const steps = this.#steps(sites.map((site) => `    at ${site}`));
      const stack = [headOf(error), ...steps.map(({ text }) => text)].join("\n");
      this.#written.set(error, { stack, steps });
      return stack;
    };
    return () => Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }

  /** Takes away the line of generated code that Node puts before the stack of what a cell throws. */
  restore(error: unknown): void {
    const written = this.#written.get(error as object);
    if (written !== undefined) Reflect.defineProperty(error as object, "stack", { value: written.stack });
  }

  /** Told as a cell begins: what an earlier one threw is none of its own. */
  open(): void {
    this.#bare = undefined;
  }

  /** Notes where an author's code throws what is no error, and says nothing of that; returns it. */
  readonly threw = <T>(value: T): T => {
    if (!hasStack(value)) {
      const site = new Error();
      this.#bare = { value, steps: () => this.stepsOf(site, site.stack ?? "") };
    }
    return value;
  };

  /** Notes what an author's code was at when an error came that no call of it led to. */
  begin(error: unknown, { site, awaited }: { readonly site?: Error; readonly awaited?: Place | undefined }): void {
    const step =
      site === undefined
        ? awaited && { text: this.#line({ name: "async", file: "", line: 0, column: 0 }, awaited), place: awaited }
        : this.stepsOf(site, site.stack ?? "").find(({ place }) => place !== undefined);
    if (step === undefined) return;
    if (hasStack(error)) this.#begun.set(error, step);
    // Where it was thrown says more than where that was awaited.
    else if (!this.#isBare(error)) this.#bare = { value: error, steps: () => [step] };
  }

  /** The calls that led to what has no stack. */
  stepsOfBare(value: unknown): readonly Step[] {
    return this.#isBare(value) ? (this.#bare?.steps() ?? []) : [];
  }

  #isBare(value: unknown): boolean {
    return this.#bare !== undefined && Object.is(this.#bare.value, value);
  }

  /** The calls that led to an error, the nearest first: of a stack from elsewhere (another thread) what it says. */
  stepsOf(error: object, stack: string): readonly Step[] {
    const written = this.#written.get(error);
    const steps = written?.stack === stack ? written.steps : this.#steps(stack.split("\n"));
    const begun = this.#begun.get(error);
    return begun === undefined || steps.some(({ place }) => place !== undefined) ? steps : [...steps, begun];
  }

  #steps(lines: readonly string[]): Step[] {
    const frames = lines.flatMap((line) => frameOf(line) ?? []);
    // Below a cell's own calls stand those that run it.
    const end = frames.findIndex(({ name, file }) => /\bexecute$/.test(name) && EXECUTOR.test(file));
    const steps = (end < 0 ? frames : frames.slice(0, end))
      .filter(({ file }) => !isMachinery(file))
      .map((frame) => ({ frame, place: this.#places.find(frame.file, frame.line, frame.column) }))
      // What stands around a cell's code is not the author's.
      .filter(({ frame, place }) => place !== undefined || !this.#places.has(frame.file));
    // How this package came to its error says nothing to who called it.
    const isCalled = steps.some(({ place }) => place !== undefined);
    const told = isCalled ? steps.filter(({ frame }) => !this.#short(frame.file).startsWith(OWN)) : steps;
    return shortened(told.map(({ frame, place }) => ({ text: this.#line(frame, place), place })));
  }

  #line({ name, file, line, column }: Frame, place: Place | undefined): string {
    const where = place
      ? `${this.#short(place.name)}, line ${place.line}, column ${place.column}`
      : `${this.#short(file)}:${line}:${column}`;
    const isBare = name === "" || name === "async";
    return isBare ? `    at ${name}${name && " "}${where}` : `    at ${name} (${where})`;
  }

  /** A file's name for readers on other machines. */
  #short(file: string): string {
    if (!isAbsolute(file)) return file;
    const [, library] = /.*[\\/]node_modules[\\/](.+)$/.exec(file) ?? [];
    if (library !== undefined) return library;
    if (file.startsWith(join(packageRoot(), "dist") + sep)) return join("mixlens", relative(packageRoot(), file));
    const path = relative(this.#folder, file);
    // Up to the root and down again, a path would be as good as absolute.
    const up = path.split(sep).filter((step) => step === "..").length;
    return isAbsolute(path) || up >= this.#folder.split(sep).filter(Boolean).length ? basename(file) : path;
  }
}

/** Whether a value is an error, or another object that says where it comes from. */
function hasStack(value: unknown): value is object {
  try {
    return typeof value === "object" && value !== null && typeof (value as { stack?: unknown }).stack === "string";
  } catch {
    return true;
  }
}

/** Errors may have any name and message, and those that cannot be read. */
function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** `at name (file:1:2)`, `at file:1:2`, `at async file:1:2` */
function frameOf(text: string): Frame | undefined {
  const [, call, line, column, end] = /^ {4}at (.+):(\d+):(\d+)(\)?)$/.exec(text) ?? [];
  if (call === undefined) return undefined;
  const [, name, place] = (end === ")" ? /^(.*?) \((.+)$/ : /^(async|) ?(.+)$/).exec(call) ?? [];
  if (name === undefined || place === undefined) return undefined;
  return {
    name: name.replace(/^(async )?(?:exports|Object)\./, "$1"),
    file: place.startsWith("file:") ? fileURLToPath(place) : place,
    line: Number(line),
    column: Number(column),
  };
}

const OWN = join("mixlens", "dist") + sep;
const EXECUTOR = /[\\/]tslab[\\/]dist[\\/]executor\.js$/;

/**
 * What runs the cells: Node itself, the kernel, and tslab. The library that cells import is none of it: they load it as
 * CommonJS, and the kernel is made of ES modules.
 */
function isMachinery(file: string): boolean {
  if (/^(?:node|wasm):|<anonymous>|[\\/]tslab[\\/]dist[\\/]/.test(file)) return true;
  const own = isAbsolute(file) ? relative(packageRoot(), file) : "";
  return /^(?:dist|src)[\\/]/.test(own) && !own.endsWith(".cjs");
}

/** The first calls; where they are all a library's, some of them and then the author's. */
function shortened(steps: readonly Step[]): Step[] {
  const own = steps.findIndex(({ place }) => place !== undefined);
  if (own < SHOWN) return steps.slice(0, SHOWN);
  const half = SHOWN / 2;
  return [...steps.slice(0, half), { text: "    …", place: undefined }, ...steps.slice(own, own + half)];
}
