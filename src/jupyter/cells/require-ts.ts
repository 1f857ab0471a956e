import { readFileSync, statSync } from "node:fs";
import Module from "node:module";
import type ts from "@tslab/typescript-for-tslab";
import { ownCode } from "./own-package.ts";
import { type Places, through } from "./places.ts";

/** What Node's loader of CommonJS modules keeps to itself. */
interface Loader {
  readonly _extensions: Record<string, (module: Loaded, file: string) => void>;
  readonly _cache: Record<string, unknown>;
  _resolveFilename: (request: string, ...rest: unknown[]) => string;
}

interface Loaded {
  _compile(code: string, file: string): void;
}

const loader = Module as unknown as Loader;

/** Lets `require` load TypeScript files, and load them anew once one of them has changed. */
export class TypeScriptFiles {
  readonly #loaded = new Map<string, number>();
  readonly #typescript: typeof ts;
  readonly #places: Places;

  constructor(typescript: typeof ts, places: Places) {
    this.#typescript = typescript;
    this.#places = places;
  }

  /** Begins to serve `require`, and returns what ends it. */
  serve(): () => void {
    const { _extensions, _resolveFilename } = loader;
    const kept = { ".ts": _extensions[".ts"], ".tsx": _extensions[".tsx"] };
    for (const extension of [".ts", ".tsx"]) _extensions[extension] = (module, file) => this.#load(module, file);
    loader._resolveFilename = function (request, ...rest) {
      try {
        return _resolveFilename.call(this, request, ...rest);
      } catch (error) {
        const own = ownCode(request);
        if (own !== undefined) return own;
        // Projects that run as they are compile call x.ts by the name of its output.
        if (!/^\.{1,2}\/.*\.js$/.test(request)) throw withoutPaths(error);
        return _resolveFilename.call(this, request.replace(/\.js$/, ".ts"), ...rest);
      }
    };
    return () => {
      this.#forget();
      loader._resolveFilename = _resolveFilename;
      for (const [extension, load] of Object.entries(kept)) {
        if (load === undefined) delete _extensions[extension];
        else _extensions[extension] = load;
      }
    };
  }

  /** Files that changed since they were loaded; all are then forgotten, for any may depend on them. */
  changed(): string[] {
    const files = [...this.#loaded].filter(([file, time]) => modified(file) !== time).map(([file]) => file);
    if (files.length > 0) this.#forget();
    return files;
  }

  #forget(): void {
    for (const file of this.#loaded.keys()) delete loader._cache[file];
    this.#loaded.clear();
  }

  #load(module: Loaded, file: string): void {
    this.#loaded.set(file, modified(file));
    const source = readFileSync(file, "utf8");
    const { ModuleKind, ScriptTarget, JsxEmit, transpileModule } = this.#typescript;
    const { outputText, sourceMapText = "{}" } = transpileModule(source, {
      fileName: file,
      compilerOptions: {
        module: ModuleKind.CommonJS,
        target: ScriptTarget.ES2022,
        esModuleInterop: true,
        jsx: JsxEmit.React,
        sourceMap: true,
      },
    });
    const steps = through([JSON.parse(sourceMapText)]);
    this.#places.add(file, (line, column) => {
      const [mappedLine, mappedColumn] = steps(line, column);
      return { name: file, line: mappedLine, column: mappedColumn, source };
    });
    module._compile(outputText, file);
  }
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
