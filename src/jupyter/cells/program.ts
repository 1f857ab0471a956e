import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import type ts from "typescript";
import type { TypeScript } from "./typescript.ts";

/** A name may stand for a value, for a type, or for both. */
const VALUE = 1;
const TYPE = 2;

/** What cells have that Node has not. */
const GLOBALS = `export {};
declare global {
  /** Asks the user for a line of text, and waits for it; gives the default where the answer is empty. */
  function prompt(message?: string, default_?: string): string;
}`;

/** A module that nearly every notebook imports. */
const COMMON = 'import "mixlens";';

/** A cell that was compiled. */
interface CellFile {
  readonly name: string;
  readonly text: string;
  /** The cell whose names it sees where it has none of its own; it sees that one's, and so on. */
  previous: string;
  /** What its names stand for. */
  names: ReadonlyMap<string, number>;
  /** Cells whose names it takes. */
  readonly uses: Set<string>;
  /** Whether it declares what all modules see. */
  isGlobal: boolean;
}

/** A cell within the scope of those before it. */
export interface ReadCell {
  readonly file: ts.SourceFile;
  readonly checker: ts.TypeChecker;
  /** Whether a symbol is a top-level name of an earlier cell. */
  readonly isEarlier: (symbol: ts.Symbol | undefined) => boolean;
}

/**
 * The cells so far, as modules of one program of which each lies in the scope of the one before it.
 *
 * So a name is what the code that declared it says, with no declarations made of that in between: types that no other
 * module could name, and those that are private to a function, are seen as they are.
 */
export class CellProgram {
  readonly service: ts.LanguageService;
  readonly #ts: TypeScript;
  readonly #folder: string;
  readonly #cells = new Map<string, CellFile>();
  /** Other files that are only here: modules that cells define, and the text in which somebody looks for names. */
  readonly #texts = new Map<string, { readonly text: string; readonly version: string }>();
  #count = 0;

  constructor(typescript: TypeScript, folder: string, options: ts.CompilerOptions) {
    this.#ts = typescript;
    this.#folder = folder.replaceAll("\\", "/");
    this.service = typescript.createLanguageService(this.#host(options));
    this.#texts.set(`${this.#folder}/cells.d.ts`, { text: GLOBALS, version: "globals" });
  }

  /** Reads ahead, and keeps, what cells are likely to import. */
  readCommon(): void {
    this.setText(`${this.#folder}/common.d.ts`, COMMON);
    this.#program().getTypeChecker();
  }

  /** Reads a cell; `head` is the last one before it that is to be seen, as `add` named it. */
  add(text: string, head: string): ReadCell {
    this.#prune(head);
    this.#count += 1;
    const name = `${this.#folder}/cell-${this.#count}${this.extension(text)}`;
    const cell: CellFile = { name, text, previous: head, names: new Map(), uses: new Set(), isGlobal: false };
    this.#cells.set(name, cell);
    const { file, checker, owners } = this.#linked(name, head);
    cell.names = this.#namesOf(file, checker);
    cell.isGlobal = ((file as { moduleAugmentations?: readonly unknown[] }).moduleAugmentations ?? []).length > 0;
    const isEarlier = (symbol: ts.Symbol | undefined): boolean => {
      const owner = symbol && owners.get(symbol);
      if (owner !== undefined) cell.uses.add(owner);
      return owner !== undefined;
    };
    return { file, checker, isEarlier };
  }

  /** The name under which later cells see this one; the one before it where it has nothing to be seen. */
  headAfter(name: string): string {
    const cell = this.#cells.get(name);
    return cell === undefined || cell.names.size > 0 || cell.isGlobal ? name : cell.previous;
  }

  /** Text in the scope of a cell, in which to look for names; it is forgotten at the next. */
  draft(text: string, head: string): ReadCell {
    for (const extension of [".ts", ".tsx"]) this.#texts.delete(`${this.#folder}/draft${extension}`);
    const name = `${this.#folder}/draft${this.extension(text)}`;
    this.setText(name, text);
    const { file, checker, owners } = this.#linked(name, head);
    return { file, checker, isEarlier: (symbol) => symbol !== undefined && owners.has(symbol) };
  }

  /** Defines a file that is not on the disk. */
  setText(name: string, text: string): ts.SourceFile {
    this.#count += 1;
    this.#texts.set(name, { text, version: `text ${this.#count}` });
    return fileOf(this.#program(), name);
  }

  /** The kind of code that a text is: with JSX where it is none without. */
  extension(text: string): ".ts" | ".tsx" {
    const faults = (name: string): number => {
      const file = this.#ts.createSourceFile(name, text, this.#ts.ScriptTarget.ESNext);
      return (file as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics.length;
    };
    const plain = faults("cell.ts");
    return plain > 0 && faults("cell.tsx") < plain ? ".tsx" : ".ts";
  }

  #program(): ts.Program {
    const program = this.service.getProgram();
    if (program === undefined) throw new Error("the compiler has no program");
    return program;
  }

  /** The cell and those that it sees, with each in the scope of the one before it. */
  #linked(
    name: string,
    head: string,
  ): { file: ts.SourceFile; checker: ts.TypeChecker; owners: Map<ts.Symbol, string> } {
    // The checker finds the names of each file first, and with that sets what lies in what.
    const program = this.#program();
    const checker = program.getTypeChecker();
    const owners = new Map<ts.Symbol, string>();
    const link = (file: ts.SourceFile, previous: string): void => {
      const above = this.#cells.get(previous);
      Object.assign(file, { parent: above && fileOf(program, above.name) });
    };
    for (const cell of this.#cells.values()) link(fileOf(program, cell.name), cell.previous);
    for (let cell = this.#cells.get(head); cell !== undefined; cell = this.#cells.get(cell.previous)) {
      for (const symbol of topLevel(fileOf(program, cell.name)).values()) owners.set(symbol, cell.name);
    }
    const file = fileOf(program, name);
    link(file, head);
    return { file, checker, owners };
  }

  #namesOf(file: ts.SourceFile, checker: ts.TypeChecker): Map<string, number> {
    const { Alias, Type, Namespace, Value } = this.#ts.SymbolFlags;
    const masks = [...topLevel(file)].map(([name, symbol]): [string, number] => {
      const { flags } = (symbol.flags & Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
      return [name, ((flags & Value) === 0 ? 0 : VALUE) | ((flags & (Type | Namespace)) === 0 ? 0 : TYPE)];
    });
    return new Map(masks);
  }

  /** Forgets the cells of which nothing is seen any more, and those that failed. */
  #prune(head: string): void {
    const hidden = new Map<string, number>();
    const kept = new Set<string>();
    const keep = (name: string): void => {
      if (kept.has(name)) return;
      kept.add(name);
      this.#cells.get(name)?.uses.forEach(keep);
    };
    const seen: CellFile[] = [];
    for (let cell = this.#cells.get(head); cell !== undefined; cell = this.#cells.get(cell.previous)) seen.push(cell);
    for (const { name, names, isGlobal } of seen) {
      const shows = [...names].some(([name, mask]) => (mask & ~(hidden.get(name) ?? 0)) !== 0);
      if (shows || isGlobal) keep(name);
      for (const [name, mask] of names) hidden.set(name, (hidden.get(name) ?? 0) | mask);
    }
    const live = seen.filter(({ name }) => kept.has(name));
    live.forEach((cell, at) => {
      cell.previous = live[at + 1]?.name ?? "";
    });
    this.#cells.clear();
    for (const cell of live.reverse()) this.#cells.set(cell.name, cell);
  }

  #host(options: ts.CompilerOptions): ts.LanguageServiceHost {
    const { sys, ScriptSnapshot } = this.#ts;
    const textOf = (name: string): string | undefined =>
      this.#cells.get(name)?.text ?? this.#texts.get(name)?.text ?? sys.readFile(name);
    const has = (name: string): boolean => this.#cells.has(name) || this.#texts.has(name);
    return {
      getCompilationSettings: () => options,
      getScriptFileNames: () => [...this.#cells.keys(), ...this.#texts.keys()],
      getScriptVersion: (name) => {
        if (this.#cells.has(name)) return name;
        // What packages bring stays as it is.
        return this.#texts.get(name)?.version ?? (name.includes("/node_modules/") ? "" : modified(name));
      },
      getScriptSnapshot: (name) => {
        const text = textOf(name);
        return text === undefined ? undefined : ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => this.#folder,
      getDefaultLibFileName: (settings) =>
        join(dirname(sys.getExecutingFilePath()), this.#ts.getDefaultLibFileName(settings)),
      fileExists: (name) => has(name) || sys.fileExists(name),
      readFile: textOf,
      directoryExists: (name) => sys.directoryExists(name),
      getDirectories: (name) => sys.getDirectories(name),
      readDirectory: (...args) => sys.readDirectory(...args),
      realpath: (name) => (has(name) ? name : (sys.realpath?.(name) ?? name)),
      useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    };
  }
}

function fileOf(program: ts.Program, name: string): ts.SourceFile {
  const file = program.getSourceFile(name);
  if (file === undefined) throw new Error(`the compiler has no file ${name}`);
  return file;
}

/** Names that a file declares at its top, exported or not. */
function topLevel(file: ts.SourceFile): Map<string, ts.Symbol> {
  const { locals, symbol } = file as unknown as { locals?: ReadonlyMap<string, ts.Symbol>; symbol?: ts.Symbol };
  return new Map([...(locals ?? []), ...((symbol?.exports as ReadonlyMap<string, ts.Symbol> | undefined) ?? [])]);
}

function modified(name: string): string {
  return String(statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}
