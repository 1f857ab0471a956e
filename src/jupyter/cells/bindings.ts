import type ts from "@tslab/typescript-for-tslab";
import { parseCell, scopeOf } from "./scopes.ts";

/** Replaces the text from `start` to `end`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A cell's code with its edits made. */
export interface Bound {
  readonly code: string;
  /** The line and column, from 1, before the edits. */
  readonly before: (line: number, column: number) => [number, number];
}

/**
 * Makes the top-level variables of a compiled cell what those of a module are: one binding, whoever writes to it.
 *
 * tslab's code keeps a local variable and copies each value to `exports`, where other cells read and write. Here
 * `exports` has an accessor for each `let` and `var`, so that a write from another cell reaches the functions of this
 * one, and a write in this cell costs what a local variable does. Constants, functions, classes and imports are plain
 * properties. All is told to `__tslab__.declare`, which keeps the bindings that it replaces in case the cell fails.
 *
 * @param known whether a name is a variable of an earlier cell: `{ name }` is then `{ name: exports.name }`
 */
export function bindVariables(typescript: typeof ts, code: string, known: (name: string) => boolean): Bound {
  const file = parseCell(typescript, code);
  const finder = new Finder(typescript, file, known);
  for (const statement of file.statements) finder.statement(statement);
  return edited(code, finder.edits());
}

class Finder {
  readonly #ts: typeof ts;
  readonly #file: ts.SourceFile;
  readonly #known: (name: string) => boolean;
  readonly #edits: Edit[] = [];
  readonly #declared = new Set<string>();
  readonly #variables: ReadonlySet<string>;
  #marker: ts.Node | undefined;
  #isFirst = false;

  constructor(typescript: typeof ts, file: ts.SourceFile, known: (name: string) => boolean) {
    this.#ts = typescript;
    this.#file = file;
    this.#known = known;
    this.#variables = this.#findVariables();
  }

  statement(node: ts.Statement): void {
    const isFirst = this.#isFirst;
    this.#isFirst = this.#isMarker(node);
    if (this.#isFirst) this.#marker = node;
    else if (!(isFirst && this.#takeDeclared(node)) && !this.#takeImport(node)) this.#visit(node);
  }

  edits(): Edit[] {
    if (this.#marker === undefined) return this.#edits;
    const properties = [...this.#declared].map((name) =>
      this.#variables.has(name)
        ? `get ${name}() { return ${name}; }, set ${name}(${name}_) { ${name} = ${name}_; }`
        : `${name}: undefined`,
    );
    const call = `__tslab__.declare({ ${properties.join(", ")} });`;
    return [...this.#edits, this.#replace(this.#marker, call)].sort((a, b) => a.start - b.start);
  }

  #replace(node: ts.Node, text: string): Edit {
    return { start: node.getStart(this.#file), end: node.getEnd(), text };
  }

  /** `Object.defineProperty(exports, "__esModule", …);`, before all code of the cell. */
  #isMarker(node: ts.Statement): boolean {
    return this.#definedName(node) === "__esModule";
  }

  /** Takes `exports.a = exports.b = void 0;`, which comes first and names all that the cell declares. */
  #takeDeclared(node: ts.Statement): boolean {
    const names: string[] = [];
    let rest: ts.Node | undefined = this.#ts.isExpressionStatement(node) ? node.expression : undefined;
    while (rest !== undefined && this.#ts.isBinaryExpression(rest)) {
      const name = this.#exported(rest.left);
      if (name === undefined) return false;
      names.push(name);
      rest = rest.right;
    }
    if (rest === undefined || names.length === 0 || rest.getText(this.#file) !== "void 0") return false;
    for (const name of names.reverse()) this.#declared.add(name);
    this.#edits.push(this.#replace(node, ""));
    return true;
  }

  /** Takes the getter of a named import: another cell may use the name anew. */
  #takeImport(node: ts.Statement): boolean {
    const name = this.#definedName(node);
    const value = /return ([^;]+);/.exec(node.getText(this.#file))?.[1];
    if (name === undefined || value === undefined) return false;
    this.#edits.push(this.#replace(node, `exports.${name} = ${value};`));
    return true;
  }

  #visit(node: ts.Node): void {
    if (this.#ts.isShorthandPropertyAssignment(node)) this.#shorthand(node);
    if (this.#ts.isBinaryExpression(node)) this.#copy(node);
    this.#ts.forEachChild(node, (child) => this.#visit(child));
  }

  /** `exports.a = a += 1` in the cell of `a` is `a += 1`. */
  #copy({ left, right }: ts.BinaryExpression): void {
    const name = this.#exported(left);
    if (name === undefined || !this.#variables.has(name)) return;
    const own = new RegExp(`^\\(?(\\+\\+|--)?${name.replaceAll("$", "\\$")}(?![\\w$.])`);
    if (!own.test(right.getText(this.#file))) return;
    this.#edits.push({ start: left.getStart(this.#file), end: right.getStart(this.#file), text: "" });
  }

  #shorthand({ name }: ts.ShorthandPropertyAssignment): void {
    const { text } = name;
    if (!this.#known(text) || scopeOf(this.#ts, name, text) !== undefined) return;
    this.#edits.push({ start: name.getEnd(), end: name.getEnd(), text: `: exports.${text}` });
  }

  #exported(node: ts.Node): string | undefined {
    const isExported =
      this.#ts.isPropertyAccessExpression(node) &&
      this.#ts.isIdentifier(node.expression) &&
      node.expression.text === "exports";
    return isExported ? node.name.text : undefined;
  }

  /** The name in `Object.defineProperty(exports, "name", …);`. */
  #definedName(node: ts.Statement): string | undefined {
    if (!this.#ts.isExpressionStatement(node) || !this.#ts.isCallExpression(node.expression)) return undefined;
    const { expression, arguments: args } = node.expression;
    if (expression.getText(this.#file) !== "Object.defineProperty" || args[0]?.getText(this.#file) !== "exports") {
      return undefined;
    }
    return args[1] !== undefined && this.#ts.isStringLiteral(args[1]) ? args[1].text : undefined;
  }

  /** Names that `let` declares at the top level, or `var` anywhere in the cell's own code. */
  #findVariables(): Set<string> {
    const names = new Set<string>();
    const { NodeFlags, isFunctionLike, isVariableDeclarationList, isIdentifier, isOmittedExpression } = this.#ts;
    const add = (name: ts.BindingName): void => {
      if (isIdentifier(name)) names.add(name.text);
      else for (const element of name.elements) if (!isOmittedExpression(element)) add(element.name);
    };
    const visit = (node: ts.Node, isTop: boolean): void => {
      if (isVariableDeclarationList(node)) {
        const isVar = (node.flags & NodeFlags.BlockScoped) === 0;
        if (isVar || (isTop && (node.flags & NodeFlags.Let) !== 0))
          node.declarations.forEach(({ name }) => void add(name));
      }
      if (!isFunctionLike(node))
        this.#ts.forEachChild(node, (child) => visit(child, this.#ts.isVariableStatement(node) && isTop));
    };
    for (const statement of this.#file.statements) visit(statement, true);
    return names;
  }
}

function edited(code: string, edits: readonly Edit[]): Bound {
  let text = "";
  let at = 0;
  for (const { start, end, text: replacement } of edits) {
    text += code.slice(at, start) + replacement;
    at = end;
  }
  text += code.slice(at);
  return { code: text, before: (line, column) => before(text, edits, line, column) };
}

/** Edits leave the lines as they are and move columns. */
function before(code: string, edits: readonly Edit[], line: number, column: number): [number, number] {
  const lineStart =
    code
      .split("\n")
      .slice(0, line - 1)
      .join("\n").length + (line > 1 ? 1 : 0);
  let [shift, shiftOfLine] = [0, 0];
  for (const { start, end, text } of edits) {
    const newStart = start + shift;
    const grown = text.length - (end - start);
    if (newStart + text.length <= lineStart) shiftOfLine += grown;
    else if (newStart > lineStart + column - 1) break;
    shift += grown;
  }
  return [line, Math.max(1, column - (shift - shiftOfLine))];
}
