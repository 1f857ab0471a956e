import type ts from "typescript";
import type { Edit } from "./edits.ts";
import type { ReadCell } from "./program.ts";
import type { TypeScript } from "./typescript.ts";

/**
 * The edits that make a module of TypeScript the code of a cell: its names are seen by later ones, and theirs by it.
 *
 * A name of an earlier cell is a property of `exports`, which reads and writes the one binding that there is of it. The
 * cell tells its own to `__tslab__.declare`, as accessors: a name costs its own cell what a local variable does, and what
 * another cell writes reaches the functions of this one. `__tslab__.last` takes the value of the last expression,
 * `__tslab__.rests` what functions await, and `__tslab__.awaits` what the top of the cell does: errors that come of that may
 * say nothing of the cell; nor does what is no error, which `__tslab__.throws` is given as it is thrown.
 */
export function rewriting(typescript: TypeScript, cell: ReadCell, awaits: boolean): Edit[] {
  return new Rewriter(typescript, cell, awaits).edits();
}

/** What the code around a cell needs, so that a cell may declare names like them. */
const TAKEN: ReadonlySet<string> = new Set(["exports", "require"]);

/** What a file of CommonJS has, and where cells find it. */
const GIVEN: ReadonlyMap<string, string> = new Map([
  ["__dirname", "__tslab__.meta.dirname"],
  ["__filename", "__tslab__.meta.filename"],
  ["module", "__tslab__.module"],
]);

/** What notes that something is awaited: texts by where they stand, and the offset of a loop. */
interface Awaited {
  readonly ends: readonly (readonly [at: number, text: string])[];
  readonly around?: number;
}

/** What the compiler does not declare: the first names of what JSX is compiled to, by options and comments. */
interface JsxNames {
  readonly getJsxNamespace: (location: ts.Node) => string;
  readonly getJsxFragmentFactory: (location: ts.Node) => string | undefined;
}

class Rewriter {
  readonly #ts: TypeScript;
  readonly #cell: ReadCell;
  readonly #awaits: boolean;
  readonly #edits: Edit[] = [];

  constructor(typescript: TypeScript, cell: ReadCell, awaits: boolean) {
    this.#ts = typescript;
    this.#cell = cell;
    this.#awaits = awaits;
  }

  edits(): Edit[] {
    const { file } = this.#cell;
    const [first] = file.statements;
    if (first === undefined) return [];
    // The first line of a program, which within other code is none.
    if (file.text.startsWith("#!")) this.#replace(0, 2, "//");
    // After the comments at the head, which may say something to the compiler.
    // Where a cell awaits, its executor has to go on before the cell overwrites what that needs.
    const begin = this.#awaits ? "await null; " : "";
    const declared = `__tslab__.declare({ ${this.#properties().join(", ")} });`;
    this.#put(first.getStart(file), `${begin}${declared}${this.#implied()}`);
    const last = this.#last();
    if (last !== undefined) this.#put(last.getStart(file), "__tslab__.last = (");
    for (const statement of file.statements) {
      if (!this.#exporting(statement)) this.#visit(statement, this.#awaits ? "top" : undefined);
    }
    if (last !== undefined) this.#put(last.getEnd(), ")");
    return this.#edits;
  }

  #put(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text });
  }

  /** Takes text out, or puts other in its place; lines stay lines. */
  #replace(start: number, end: number, text: string = ""): void {
    const lines = this.#cell.file.text.slice(start, end).replace(/[^\n]/g, "");
    this.#edits.push({ start, end, text: text + lines });
  }

  /** Accessors of the values that the cell declares. */
  #properties(): string[] {
    const { file, checker } = this.#cell;
    const { Alias, Value } = this.#ts.SymbolFlags;
    const locals = [...((file as unknown as { locals?: ReadonlyMap<string, ts.Symbol> }).locals ?? [])];
    return locals.flatMap(([escaped, local]) => {
      const name = this.#ts.unescapeLeadingUnderscores(escaped as ts.__String);
      if (local.declarations?.every((one) => this.#ts.isTypeOnlyImportOrExportDeclaration(one))) return [];
      const { flags } =
        (local.flags & Alias) === 0 ? checker.getExportSymbolOfSymbol(local) : checker.getAliasedSymbol(local);
      if ((flags & Value) === 0) return [];
      const here = this.#local(name);
      const getter = `get ${name}() { return ${here}; }`;
      return this.#isVariable(local) ? [getter, `set ${name}(${name}__) { ${here} = ${name}__; }`] : [getter];
    });
  }

  #isVariable({ declarations = [] }: ts.Symbol): boolean {
    const { NodeFlags, getCombinedNodeFlags, isVariableDeclaration, isBindingElement } = this.#ts;
    return declarations.some(
      (one) =>
        (isVariableDeclaration(one) || isBindingElement(one)) &&
        (getCombinedNodeFlags(one) & (NodeFlags.Const | NodeFlags.Using)) === 0,
    );
  }

  /** What JSX is compiled to names a factory, which an earlier cell may have. */
  #implied(): string {
    const { file, checker, isEarlier } = this.#cell;
    if (!file.fileName.endsWith(".tsx")) return "";
    const { getJsxNamespace, getJsxFragmentFactory } = checker as unknown as JsxNames;
    const names = new Set(["React", getJsxNamespace(file), getJsxFragmentFactory(file)]);
    return [...names]
      .filter((name) => name && isEarlier(checker.resolveName(name, file, this.#ts.SymbolFlags.Value, true)))
      .map((name) => ` const ${name} = exports.${name};`)
      .join("");
  }

  /** Takes what makes a name one of a module's, which those of cells all are; tells whether that was the whole statement. */
  #exporting(node: ts.Statement): boolean {
    const { isExportAssignment, isExportDeclaration, canHaveModifiers, getModifiers, SyntaxKind } = this.#ts;
    const { file } = this.#cell;
    const start = node.getStart(file);
    if (isExportDeclaration(node)) {
      this.#replace(start, node.getEnd(), node.moduleSpecifier && `require(${node.moduleSpecifier.getText(file)});`);
      return true;
    }
    if (isExportAssignment(node)) this.#replace(start, node.expression.getStart(file), ";");
    const modifiers = (canHaveModifiers(node) && getModifiers(node)) || [];
    const exporting = modifiers.filter(
      ({ kind }) => kind === SyntaxKind.ExportKeyword || kind === SyntaxKind.DefaultKeyword,
    );
    const { name } = node as ts.DeclarationStatement;
    const isUnnamed = exporting.length === 2 && name === undefined;
    if (isUnnamed) this.#put(start, ";(");
    for (const modifier of exporting) this.#replace(modifier.getStart(file), modifier.getEnd());
    if (isUnnamed) this.#put(node.getEnd(), ");");
    return false;
  }

  /** @param around offset of the loop that awaits around a node, or that there is none; nothing within functions */
  #visit(node: ts.Node, around: number | "top" | undefined): void {
    const text = this.#replacement(node);
    if (text !== undefined) this.#replace(node.getStart(this.#cell.file), node.getEnd(), text);
    else if (this.#ts.isIdentifier(node)) this.#name(node);
    else this.#visitWithin(node, around);
  }

  #visitWithin(node: ts.Node, around: number | "top" | undefined): void {
    const isThrow = this.#ts.isThrowStatement(node);
    // In the place of the word, for a call has a place where something stood.
    const start = node.getStart(this.#cell.file);
    if (isThrow) this.#replace(start, start + "throw".length, "throw __tslab__.throws(");
    const isWithin = around !== undefined && !this.#ts.isFunctionLike(node) && !this.#ts.isClassElement(node);
    const awaited = isWithin ? this.#awaiting(node, around) : this.#resting(node);
    const inner = isWithin ? (awaited?.around ?? around) : undefined;
    this.#ts.forEachChild(node, (child) => this.#visit(child, inner));
    for (const [at, text] of awaited?.ends ?? []) this.#put(at, text);
    if (isThrow) this.#put(node.expression.getEnd(), ")");
  }

  /** Begins to note what the top of the cell awaits: what is to stand where that ends, and what awaits around it. */
  #awaiting(node: ts.Node, around: number | "top"): Awaited | undefined {
    const { isAwaitExpression, isBlock, isCatchClause, isForOfStatement, isSourceFile } = this.#ts;
    const { file } = this.#cell;
    const offset = node.getStart(file);
    const outer = around === "top" ? "" : `, ${around}`;
    if (isAwaitExpression(node)) {
      this.#put(offset, "__tslab__.done(");
      this.#put(node.expression.getStart(file), "__tslab__.awaits(");
      return { ends: [[node.getEnd(), `, ${offset})${outer})`]] };
    }
    const done = ` __tslab__.done(undefined${outer});`;
    if (isCatchClause(node)) this.#put(node.block.getStart(file) + 1, done);
    if (!isForOfStatement(node) || node.awaitModifier === undefined) return undefined;
    this.#put(node.expression.getStart(file), "__tslab__.awaits(");
    const isListed = isBlock(node.parent) || isSourceFile(node.parent);
    const after: [number, string][] = isListed ? [[node.getEnd(), done]] : [];
    return { ends: [[node.expression.getEnd(), `, ${offset})`], ...after], around: offset };
  }

  /** What functions of the cell await, too, is not there once an interrupt has ended the cell. */
  #resting(node: ts.Node): Awaited | undefined {
    if (!this.#ts.isAwaitExpression(node)) return undefined;
    this.#put(node.expression.getStart(this.#cell.file), "__tslab__.rests(");
    return { ends: [[node.getEnd(), ")"]] };
  }

  /** What stands in the place of an expression that only modules, or only the compiler, can read. */
  #replacement(node: ts.Node): string | undefined {
    const { isMetaProperty, isPropertyAccessExpression, isElementAccessExpression, SyntaxKind } = this.#ts;
    if (isMetaProperty(node) && node.keywordToken === SyntaxKind.ImportKeyword) return "__tslab__.meta";
    const isAccess = isPropertyAccessExpression(node) || isElementAccessExpression(node);
    const value = isAccess ? this.#inlined(node) : undefined;
    return value === undefined ? undefined : `(${JSON.stringify(value)})`;
  }

  /** A constant that has no value where the code runs: a `const enum` of declarations. */
  #inlined(node: ts.PropertyAccessExpression | ts.ElementAccessExpression): string | number | undefined {
    const { checker } = this.#cell;
    const { ConstEnum, EnumMember } = this.#ts.SymbolFlags;
    const symbol = checker.getSymbolAtLocation(node);
    if (symbol === undefined || (symbol.flags & EnumMember) === 0) return undefined;
    const { parent } = symbol as unknown as { parent?: ts.Symbol };
    const isDeclared = symbol.declarations?.some((one) => one.getSourceFile().isDeclarationFile);
    return isDeclared && parent && (parent.flags & ConstEnum) !== 0 ? checker.getConstantValue(node) : undefined;
  }

  /** How a name that the cell declares is called in its own code. */
  #local(name: string): string {
    return TAKEN.has(name) ? `${name}_` : name;
  }

  #name(node: ts.Identifier): void {
    const { checker, isEarlier, file } = this.#cell;
    const { parent, text } = node;
    const isShorthand = this.#ts.isShorthandPropertyAssignment(parent) && parent.name === node;
    const symbol = isShorthand ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node);
    if (symbol === undefined) return;
    const instead = isEarlier(symbol) ? `exports.${text}` : this.#instead(text, symbol);
    if (instead === undefined) return;
    const isPart =
      (this.#ts.isBindingElement(parent) || this.#ts.isImportSpecifier(parent)) &&
      parent.name === node &&
      parent.propertyName === undefined;
    if (isShorthand) this.#put(node.getEnd(), `: ${instead}`);
    else if (isPart) this.#put(node.getEnd(), `${this.#ts.isImportSpecifier(parent) ? " as" : ":"} ${instead}`);
    else if (instead.endsWith(text)) this.#put(node.getStart(file), instead.slice(0, -text.length));
    else this.#replace(node.getStart(file), node.getEnd(), instead);
  }

  /** What a name is called that the code around the cell has, too, or that files have and cells do not. */
  #instead(name: string, symbol: ts.Symbol): string | undefined {
    const { file, checker } = this.#cell;
    const locals = (file as unknown as { locals?: ReadonlyMap<string, ts.Symbol> }).locals;
    if (TAKEN.has(name) && locals?.has(name)) {
      const isOwn = symbol.declarations?.some((one) => locals.get(name)?.declarations?.includes(one));
      return isOwn ? this.#local(name) : undefined;
    }
    const given = GIVEN.get(name);
    const isGlobal = given && checker.resolveName(name, undefined, this.#ts.SymbolFlags.Value, false) === symbol;
    return isGlobal ? given : undefined;
  }

  /** The last expression, where the cell ends with one. */
  #last(): ts.Expression | undefined {
    const { file } = this.#cell;
    const { isEmptyStatement, isExportAssignment, isExportDeclaration, isExpressionStatement } = this.#ts;
    const last = file.statements.findLast((one) => !isEmptyStatement(one) && !isExportDeclaration(one));
    return last !== undefined && (isExpressionStatement(last) || isExportAssignment(last))
      ? last.expression
      : undefined;
  }
}
