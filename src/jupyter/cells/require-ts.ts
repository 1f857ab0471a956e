import { readFileSync, statSync } from "node:fs";
import Module from "node:module";
import { join, relative } from "node:path";
import type ts from "typescript";
import { InputError } from "../../errors.ts";
import { typeError } from "./compiler.ts";
import { emitOptions } from "./compiler-options.ts";
import { ownCode } from "./own-package.ts";
import { type Places, through } from "./places.ts";
import type { TypeScript } from "./typescript.ts";

/** What Node's loader of CommonJS modules keeps to itself. */
interface Loader {
  readonly _extensions: Record<string, (module: Loaded, file: string) => void>;
  readonly _cache: Record<string, unknown>;
  _load: (request: string, ...rest: unknown[]) => unknown;
  _resolveFilename: (request: string, parent?: { filename?: string }, ...rest: unknown[]) => string;
}

interface Loaded {
  _compile(code: string, file: string): void;
}

const loader = Module as unknown as Loader;

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts"] as const;

/** Lets `require` find TypeScript files as the compiler does, load them, and load them anew once one of them has changed. */
export class TypeScriptFiles {
  readonly #loaded = new Map<string, number>();
  readonly #typescript: TypeScript;
  readonly #options: ts.CompilerOptions;
  readonly #folder: string;
  readonly #places: Places;

  /** @param folder where the cells are */
  constructor(typescript: TypeScript, options: ts.CompilerOptions, folder: string, places: Places) {
    this.#typescript = typescript;
    this.#options = options;
    this.#folder = folder;
    this.#places = places;
  }

  /** Begins to serve `require`, and returns what ends it. */
  serve(): () => void {
    const { _extensions, _load, _resolveFilename } = loader;
    const kept = EXTENSIONS.map((extension) => [extension, _extensions[extension]] as const);
    for (const extension of EXTENSIONS) _extensions[extension] = (module, file) => this.#load(module, file);
    const find = (request: string, parent: { filename?: string } | undefined): string | undefined =>
      ownCode(request) ?? this.#find(request, parent?.filename);
    const isPath = matcher(Object.keys(this.#options.paths ?? {}));
    loader._resolveFilename = function (request, parent, ...rest) {
      // A project's own names stand before those of packages.
      const own = isPath(request) ? find(request, parent) : undefined;
      if (own !== undefined) return own;
      try {
        return _resolveFilename.call(this, request, parent, ...rest);
      } catch (error) {
        const found = find(request, parent);
        if (found === undefined) throw withoutPaths(error);
        return found;
      }
    };
    loader._load = function (request, ...rest) {
      try {
        return _load.call(this, request, ...rest);
      } catch (error) {
        throw awaitsAtTop(error) ? awaiting(request) : error;
      }
    };
    return () => {
      this.#forget();
      loader._load = _load;
      loader._resolveFilename = _resolveFilename;
      for (const [extension, load] of kept) {
        if (load === undefined) delete _extensions[extension];
        else _extensions[extension] = load;
      }
    };
  }

  /** Forgets all files where one has changed since it was loaded, for any may depend on it. */
  forgetChanged(): void {
    if ([...this.#loaded].some(([file, time]) => modified(file) !== time)) this.#forget();
  }

  #forget(): void {
    for (const file of this.#loaded.keys()) delete loader._cache[file];
    this.#loaded.clear();
  }

  /** The file of code that the compiler finds by a name. */
  #find(request: string, from: string = join(this.#folder, "cell.ts")): string | undefined {
    const { resolveModuleName, sys } = this.#typescript;
    const { resolvedFileName } = resolveModuleName(request, from, this.#options, sys).resolvedModule ?? {};
    return resolvedFileName === undefined || /\.d\.[cm]?ts$/.test(resolvedFileName) ? undefined : resolvedFileName;
  }

  #load(module: Loaded, file: string): void {
    this.#loaded.set(file, modified(file));
    const source = readFileSync(file, "utf8");
    const {
      outputText,
      sourceMapText = "{}",
      diagnostics = [],
    } = this.#typescript.transpileModule(source, {
      // Node keeps modules of its own kind for ever, and these may change.
      fileName: file.replace(/\.[mc]ts$/, ".ts"),
      reportDiagnostics: true,
      compilerOptions: { ...emitOptions(this.#typescript, this.#options), sourceMap: true },
      transformers: { before: [metaOfFile(this.#typescript)] },
    });
    if (diagnostics.length > 0) {
      throw typeError(this.#typescript, diagnostics, source, { where: relative(this.#folder, file) });
    }
    const steps = through([JSON.parse(sourceMapText)]);
    this.#places.add(file, (line, column) => {
      const [mappedLine, mappedColumn] = steps(line, column);
      return { name: file, line: mappedLine, column: mappedColumn, source };
    });
    module._compile(outputText, file);
  }
}

/** Whether a name is one of those, of which each may have a star. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const parts = patterns.map((pattern) => pattern.split("*"));
  return (name) =>
    parts.some(([start, end]) => (end === undefined ? name === start : name.startsWith(start) && name.endsWith(end)));
}

/** Puts what CommonJS knows of a file in the place of `import.meta`. */
function metaOfFile(typescript: TypeScript): ts.TransformerFactory<ts.SourceFile> {
  const { factory, isMetaProperty, visitEachChild, visitNode, SyntaxKind } = typescript;
  const meta = `({ dirname: __dirname, filename: __filename, url: require("node:url").pathToFileURL(__filename).href })`;
  return (context) => (file) => {
    const visit = (node: ts.Node): ts.Node =>
      isMetaProperty(node) && node.keywordToken === SyntaxKind.ImportKeyword
        ? factory.createIdentifier(meta)
        : visitEachChild(node, visit, context);
    return visitNode(file, visit) as ts.SourceFile;
  };
}

/** Whether a file could not be loaded because it awaits something at its top, which `require` cannot wait for. */
function awaitsAtTop(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_REQUIRE_ASYNC_MODULE";
}

function awaiting(name: string): InputError {
  const next = "export a function that awaits it, and await that in a cell";
  return new InputError(
    `import ${JSON.stringify(name)}`,
    "a file that awaits nothing outside of its functions",
    "await at its top",
    next,
  );
}

/** What Node says of a module that it does not find, without the files of this machine that ask for it. */
function withoutPaths(error: unknown): unknown {
  if (!(error instanceof Error) || !("requireStack" in error)) return error;
  error.message = error.message.replace(/\nRequire stack:[\s\S]*$/, "");
  delete error.requireStack;
  return error;
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
