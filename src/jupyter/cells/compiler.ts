import type { SourceMapPayload } from "node:module";
import { parse, relative } from "node:path";
import type ts from "@tslab/typescript-for-tslab";
import type { Converter, ConvertResult, Diagnostic } from "tslab/dist/converter.js";
import { bindVariables } from "./bindings.ts";
import { ownTypes } from "./own-package.ts";
import { codeFrame, type Locate, through } from "./places.ts";

type TypeScript = typeof ts;

/** The compiler's complaints about a cell. */
export class TypeScriptError extends Error {
  override readonly name: string = "TypeScriptError";
  /** The lines that are wrong. */
  readonly frames: readonly string[];

  constructor(message: string, frames: readonly string[] = []) {
    super(message);
    this.frames = frames;
  }
}

/** The compiler as tslab is to see it, and the source maps of the cell that it compiled last. */
export interface Adapted {
  readonly typescript: TypeScript;
  readonly maps: () => readonly SourceMapPayload[];
}

/**
 * Gives tslab a compiler that is strict, finds modules as bundlers and Node do, and keeps source maps.
 *
 * TypeScript files are left to `require` (see require-ts.ts), so that they may lie anywhere.
 */
export function adapt(original: TypeScript): Adapted {
  let maps: readonly SourceMapPayload[] = [];
  const typescript = {
    ...original,
    createWatchCompilerHost(
      files: string[],
      options: ts.CompilerOptions,
      system: ts.System,
      ...rest: [undefined, ts.DiagnosticReporter, ts.WatchStatusReporter]
    ) {
      const folder = system.getCurrentDirectory();
      const { root } = parse(folder);
      const host = original.createWatchCompilerHost<ts.BuilderProgram>(
        files,
        {
          ...options,
          lib: ["lib.es2023.d.ts", ...(options.lib ?? []).filter((name) => !name.startsWith("lib.es"))],
          strict: true,
          // Not every global declaration that happens to be installed: that costs a second at the start.
          types: ["node"],
          module: original.ModuleKind.ESNext,
          moduleResolution: original.ModuleResolutionKind.Bundler,
          customConditions: ["require"],
          allowImportingTsExtensions: true,
          rootDir: root,
          paths: ownTypes(folder),
          inlineSourceMap: true,
        },
        system,
        ...rest,
      );
      let next: (program: ts.BuilderProgram) => void = () => {};
      const isVirtual = (file: string): boolean => !original.sys.fileExists(file);
      // tslab sets this to learn of each new program.
      return Object.defineProperty(host, "afterProgramCreate", {
        get: () => (program: ts.BuilderProgram) => next(emitting(program, relative(root, folder), isVirtual)),
        set: (value: typeof next) => {
          next = value;
        },
      });
    },
    // tslab takes the property in `const { a: b } = c` for a variable, where an earlier cell declares the type of `c`.
    visitEachChild(node: ts.Node, visitor: ts.Visitor, context: ts.TransformationContext) {
      const property = original.isBindingElement(node) ? node.propertyName : undefined;
      const isName = property !== undefined && original.isIdentifier(property);
      return original.visitEachChild(
        node,
        isName ? (child) => (child === property ? child : visitor(child)) : visitor,
        context,
      );
    },
    transpileModule(input: string, options: ts.TranspileOptions) {
      const [code, first] = withoutMap(input);
      const compilerOptions = { ...options.compilerOptions, sourceMap: true };
      const output = original.transpileModule(code, { ...options, compilerOptions });
      if (first !== undefined) maps = [JSON.parse(output.sourceMapText ?? "{}"), first];
      return { ...output, outputText: withoutMap(output.outputText)[0] };
    },
  };
  return { typescript: typescript as TypeScript, maps: () => maps };
}

/** A program that emits the cells, and modules that cells define, where tslab looks for them. */
function emitting(program: ts.BuilderProgram, folder: string, isVirtual: (file: string) => boolean): ts.BuilderProgram {
  const emit: ts.BuilderProgram["emit"] = (file, write, ...rest) =>
    program.emit(
      file,
      write && ((name, ...more) => write(name.replace(`outDir/${folder}/`, "outDir/"), ...more)),
      ...rest,
    );
  const getAllDependencies: ts.BuilderProgram["getAllDependencies"] = (file) =>
    program.getAllDependencies(file).filter(isVirtual);
  return Object.assign(Object.create(program), { emit, getAllDependencies });
}

const MAP = /\n?\/\/# sourceMappingURL=(?:data:application\/json;base64,)?(\S+)\s*$/;

function withoutMap(code: string): [string, SourceMapPayload | undefined] {
  const [comment, url] = MAP.exec(code) ?? [];
  if (comment === undefined) return [code, undefined];
  const map = url.endsWith(".map") ? undefined : JSON.parse(Buffer.from(url, "base64").toString());
  return [code.slice(0, -comment.length), map];
}

/** A compiled cell. */
export interface CompiledCell {
  readonly result: ConvertResult;
  readonly lastExpression: string | undefined;
  readonly locate: Locate;
}

/**
 * Compiles a cell after those whose declarations are given.
 *
 * @param file its name in stack traces
 * @param known whether a name is a variable of an earlier cell
 * @throws TypeScriptError when the compiler complains
 */
export function compileCell(
  converter: Converter,
  { typescript, maps }: Adapted,
  cell: { name: string; file: string; source: string; declarations: string; known: (name: string) => boolean },
): CompiledCell {
  const { name, file, source, declarations, known } = cell;
  // Only beside a plain `await` does the compiler know the other forms for what they are.
  const prefix = awaitsAtTop(typescript, source) ? "await 0;" : "";
  const { output, lastExpressionVar, ...result } = converter.convert(declarations, prefix + source);
  if (result.diagnostics.length > 0) throw typeError(result.diagnostics, source, prefix.length);
  if (output === undefined) return { result, lastExpression: undefined, locate: () => undefined };
  const { code, before } = bindVariables(typescript, output, known);
  const steps = through(maps());
  const head = result.hasToplevelAwait ? ASYNC_HEAD.length : HEAD.length;
  const lastLine = code.split("\n").length;
  const locate: Locate = (line, column) => {
    if (line > lastLine) return undefined;
    const [mappedLine, mappedColumn] = steps(...before(line, line === 1 ? column - head : column));
    // Line 1 is tslab's own.
    const [cellLine, shift] = [mappedLine - 1, mappedLine === 2 ? prefix.length : 0];
    if (cellLine < 1 || cellLine > source.split("\n").length) return undefined;
    return { name, line: cellLine, column: Math.max(1, mappedColumn - shift), source };
  };
  return {
    result: { ...result, output: `${code}\n//# sourceURL=${file}` },
    lastExpression: lastExpressionVar,
    locate,
  };
}

// What tslab puts before the code of a cell.
const HEAD = "(function(exports, require) { ";
const ASYNC_HEAD = "(async function(exports, require) { ";

function awaitsAtTop(typescript: TypeScript, source: string): boolean {
  if (!/\bawait\b/.test(source)) return false;
  const { isFunctionLike, isClassElement, isAwaitExpression, isForOfStatement, isIdentifier } = typescript;
  const visit = (node: ts.Node): boolean => {
    if (isFunctionLike(node) || isClassElement(node)) return false;
    if (isAwaitExpression(node) || (isIdentifier(node) && node.text === "await")) return true;
    if (isForOfStatement(node) && node.awaitModifier !== undefined) return true;
    return typescript.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(typescript.createSourceFile("cell.ts", source, typescript.ScriptTarget.ES2022));
}

function typeError(diagnostics: readonly Diagnostic[], source: string, prefix: number): TypeScriptError {
  const found = diagnostics.map(({ start, messageText, fileName, code }) => ({
    file: fileName,
    line: start.line + 1,
    column: Math.max(1, start.character + 1 - (fileName === undefined && start.line === 0 ? prefix : 0)),
    text: messageText,
    code,
  }));
  const lines = found.map(
    ({ file, line, column, text, code }) => `${file ? `${file} ` : ""}${line}:${column} - ${text} (TS${code})`,
  );
  const places = new Map(found.filter(({ file }) => file === undefined).map((place) => [place.line, place]));
  return new TypeScriptError(
    lines.join("\n"),
    [...places.values()].map(({ line, column }) => codeFrame({ source, line, column })),
  );
}
