import type { SourceMapPayload } from "node:module";
import type { ConvertResult } from "tslab/dist/converter.js";
import type ts from "typescript";
import { emitOptions } from "./compiler-options.ts";
import { candidates, type Found } from "./completion.ts";
import { type Context, candidatesInContext } from "./context.ts";
import { type Edited, edited } from "./edits.ts";
import { adviceOn } from "./foreign.ts";
import { type Help, helpAt } from "./help.ts";
import { codeFrame, type Locate, placeAt, through } from "./places.ts";
import { CellProgram } from "./program.ts";
import { rewriting } from "./rewriting.ts";
import type { TypeScript } from "./typescript.ts";

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

/**
 * Compiles cells for tslab's executor, with the TypeScript of this package in place of tslab's own.
 *
 * What the executor keeps as the declarations of the cells so far is here the name of the last of them.
 */
export class CellCompiler {
  readonly #ts: TypeScript;
  readonly #folder: string;
  readonly #emit: ts.CompilerOptions;
  readonly #program: CellProgram;
  /** Modules that cells define, which are handed over with the next cell. */
  #modules = new Map<string, string>();

  constructor(typescript: TypeScript, folder: string, options: ts.CompilerOptions) {
    this.#ts = typescript;
    this.#folder = folder.replaceAll("\\", "/");
    this.#emit = emitOptions(typescript, options);
    this.#program = new CellProgram(typescript, folder, options);
  }

  /** Reads the declarations that all cells see, which takes longest, ahead of the first. */
  open(): void {
    this.#program.draft("", "").checker.getAnyType();
  }

  /** Reads the declarations of what most cells import. */
  readAhead(): void {
    this.#program.readCommon();
  }

  /** @throws TypeScriptError when the compiler complains */
  compile(
    head: string,
    source: string,
    { name, file }: { name: string; file: string },
  ): ConvertResult & { locate: Locate } {
    const cell = this.#program.add(source, head);
    const { fileName } = cell.file;
    this.#check(cell.file);
    const hasToplevelAwait = awaitsAtTop(this.#ts, cell.file);
    const code = edited(source, rewriting(this.#ts, cell, hasToplevelAwait));
    const { output, position } = this.#emitted(fileName, code);
    const sideOutputs = [...this.#modules].map(([path, data]) => ({ path, data }));
    this.#modules = new Map();
    return {
      output: `${output}\n//# sourceURL=${file}`,
      declOutput: this.#program.headAfter(fileName),
      diagnostics: [],
      hasToplevelAwait,
      sideOutputs,
      locate: locating(name, source, position),
    };
  }

  /** @throws TypeScriptError when the compiler complains; the module is there all the same */
  addModule(name: string, text: string, { jsx }: { jsx?: boolean } = {}): [] {
    const path = `${this.#folder}/${name}`;
    const file = this.#program.setText(`${path}.ts${jsx === true ? "x" : ""}`, text);
    const { outputText } = this.#ts.transpileModule(text, { fileName: file.fileName, compilerOptions: this.#emit });
    this.#modules.set(`${path}.js`, outputText);
    this.#check(file);
    return [];
  }

  /** What may be written at an offset, after the cells up to `head`. */
  complete(head: string, source: string, offset: number, context: Context): Found {
    const cell = this.#program.draft(source, head);
    const found = candidates(this.#program.service, cell, offset);
    const known = candidatesInContext(this.#ts, cell.file, offset, context);
    if (known === undefined) return found;
    const before = source.slice(0, known.start);
    const isText = /["'`]$/.test(before);
    // Types know all that may stand in a text, or nothing, but for columns in brackets and packages.
    if (isText && found.candidates.length > 0 && !/(?:\[|\b(?:from|import|require)\s*\(?)\s*.$/.test(before))
      return found;
    const others = found.start === known.start ? found.candidates : [];
    return { ...known, candidates: [...new Set([...known.candidates, ...others])] };
  }

  /** What is known of what stands at an offset. */
  inspect(head: string, source: string, offset: number): Help | undefined {
    const { fileName } = this.#program.draft(source, head).file;
    return helpAt(this.#program.service, fileName, offset);
  }

  close(): void {
    this.#program.service.dispose();
  }

  /** JavaScript of a cell whose edits are made, and where each position in it was written. */
  #emitted(fileName: string, { text, before }: Edited) {
    const compilerOptions = { ...this.#emit, sourceMap: true };
    const { outputText, sourceMapText = "{}" } = this.#ts.transpileModule(text, { fileName, compilerOptions });
    const output = outputText.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "");
    const map: SourceMapPayload = JSON.parse(sourceMapText);
    const steps = through([map]);
    const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const lastLine = output.split("\n").length;
    const position = (line: number, column: number): number | undefined => {
      if (line > lastLine) return undefined;
      const [writtenLine, writtenColumn] = steps(line, column);
      return before(starts[writtenLine - 1] + writtenColumn - 1);
    };
    return { output, position };
  }

  #check({ fileName, text }: ts.SourceFile): void {
    const { service } = this.#program;
    const syntax = service.getSyntacticDiagnostics(fileName);
    const faults =
      syntax.length > 0
        ? syntax
        : service.getSemanticDiagnostics(fileName).filter(({ code }) => !IMPLICIT_ANY.has(code));
    if (faults.length === 0) return;
    const isForeign = syntax.length > 0 || faults.some(({ code }) => UNKNOWN_NAME.has(code));
    const advice = isForeign ? adviceOn(text) : undefined;
    throw typeError(this.#ts, faults, text, { advice });
  }
}

/** Where code of a cell was written. It lives as long as the cells do, and so keeps nothing of the compiler's. */
function locating(
  name: string,
  source: string,
  position: (line: number, column: number) => number | undefined,
): Locate {
  return (writtenLine, writtenColumn) => placeAt(name, source, position(writtenLine, writtenColumn));
}

/** Complaints about names that nothing has. */
const UNKNOWN_NAME: ReadonlySet<number> = new Set([2304, 2552]);

/** Complaints about types that nobody wrote and that are then `any`: cells need not write them. */
const IMPLICIT_ANY: ReadonlySet<number> = new Set([
  2683, 7005, 7006, 7008, 7009, 7010, 7011, 7012, 7013, 7014, 7015, 7016, 7017, 7018, 7019, 7020, 7022, 7023, 7024,
  7025, 7026, 7031, 7032, 7033, 7034, 7036, 7041, 7051, 7052, 7053, 7055, 7056, 7057,
]);

function awaitsAtTop(typescript: TypeScript, file: ts.SourceFile): boolean {
  const { isFunctionLike, isClassElement, isAwaitExpression, isForOfStatement, isVariableDeclarationList, NodeFlags } =
    typescript;
  const visit = (node: ts.Node): boolean => {
    if (isFunctionLike(node) || isClassElement(node)) return false;
    if (isAwaitExpression(node)) return true;
    if (isForOfStatement(node) && node.awaitModifier !== undefined) return true;
    if (isVariableDeclarationList(node) && (node.flags & NodeFlags.AwaitUsing) === NodeFlags.AwaitUsing) return true;
    return typescript.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(file);
}

/**
 * @param advice what to write instead, if that is known
 * @param where the file, if it is none of the cell's
 */
export function typeError(
  typescript: TypeScript,
  faults: readonly ts.Diagnostic[],
  source: string,
  { advice, where }: { readonly advice?: string | undefined; readonly where?: string } = {},
): TypeScriptError {
  const head = where === undefined ? "" : `${where}:`;
  const found = faults.map(({ file, start = 0, messageText, code }) => {
    const place = file?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 };
    const [first, ...more] = typescript.flattenDiagnosticMessageText(messageText, "\n").split("\n");
    const [line, column] = [place.line + 1, place.character + 1];
    return { line, column, text: [`${head}${line}:${column} - ${first} (TS${code})`, ...more].join("\n") };
  });
  const places = new Map(found.map((place) => [place.line, place]));
  if (advice !== undefined) return new TypeScriptError(advice, [codeFrame({ source, ...found[0] })]);
  return new TypeScriptError(
    found.map(({ text }) => text).join("\n"),
    [...places.values()].map(({ line, column }) => codeFrame({ source, line, column })),
  );
}
