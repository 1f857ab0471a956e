import type ts from "typescript";
import { namesOf, parseCell, scopeOf } from "../cells/scopes.ts";
import { cellReader } from "../cells/tslab.ts";
import type { Finding, Rule } from "./finding.ts";

/**
 * Looks for code that means something else in a cell than it says.
 *
 * @param sources the cells in order; one that is not to be looked at is empty
 * @param isShown whether a cell has outputs
 */
export function lintCode(sources: readonly string[], isShown: (at: number) => boolean): Finding[] {
  const { typescript, metadata } = cellReader();
  const cells = sources.map((source, at) => new Cell(typescript, source, at + 1));
  const asynchronous = new Set(cells.flatMap((cell) => cell.asynchronous()));
  const owners = new Map<string, Cell>();
  cells.forEach((cell, at) => {
    if (cell.syntax()) return;
    const { mode } = metadata(sources[at]);
    if (mode === "browser") cell.browser();
    cell.names(owners);
    cell.statements(asynchronous);
    if (isShown(at)) cell.chance();
    for (const name of cell.declared.keys()) owners.set(name, cell);
  });
  return cells.flatMap(({ found }) => found);
}

/** What gives another value in each run, and what does not. */
const CHANCE: Readonly<Record<string, string>> = {
  "Math.random": "draw from random(seed) of mixlens",
  "Date.now": "leave the time out of what is shown",
  "performance.now": "leave the time out of what is shown",
  "crypto.randomUUID": "number what needs a name",
  "crypto.getRandomValues": "draw from random(seed) of mixlens",
};

/** A cell, the names that it declares for the cells after it, and what was found in it. */
class Cell {
  readonly found: Finding[] = [];
  readonly declared: ReadonlyMap<string, ts.Symbol>;
  readonly #ts: typeof ts;
  readonly #file: ts.SourceFile;
  readonly #number: number;

  constructor(typescript: typeof ts, source: string, number: number) {
    this.#ts = typescript;
    this.#file = parseCell(typescript, source);
    this.#number = number;
    const { Value, ExportValue, Alias } = typescript.SymbolFlags;
    const kinds = Value | ExportValue | Alias;
    this.declared = new Map([...namesOf(this.#file)].filter(([, { flags }]) => (flags & kinds) !== 0));
  }

  /** Code that is no code: nothing else can be said of it. */
  syntax(): boolean {
    const [first] = (this.#file as unknown as { parseDiagnostics: ts.DiagnosticWithLocation[] }).parseDiagnostics;
    if (first === undefined) return false;
    const said = this.#ts.flattenDiagnosticMessageText(first.messageText, " ").replace(/\.$/, "");
    this.#add("syntax", first.start, `the cell cannot be read (${said}); correct it, or tag it raises-exception`);
    return true;
  }

  browser(): void {
    this.#add("browser-cell", 0, "a cell marked @browser is never run, and no error says so; take the mark out");
  }

  /** Names that the cell takes from earlier cells or from Node. */
  names(owners: ReadonlyMap<string, Cell>): void {
    for (const [name, symbol] of this.declared) {
      const at = symbol.declarations?.[0] ?? this.#file;
      if (!this.#isImport(symbol) && Object.hasOwn(globalThis, name)) {
        const all = `all later cells get this ${name} in place of Node's`;
        this.#add("taken-name", at, `${all}; choose another name`);
      }
      const owner = owners.get(name);
      const user = owner?.userOf(name);
      if (owner === undefined || user === undefined || this.#isImport(symbol)) continue;
      const earlier = `${user} of cell ${owner.#number} keeps the ${name} of that cell and does not see this one`;
      this.#add("redeclared-name", at, `${earlier}; assign to ${name} or choose another name`);
    }
  }

  /** A function of this cell that uses one of its own names, apart from the declaration of that name. */
  userOf(name: string): string | undefined {
    const own = this.declared.get(name)?.declarations ?? [];
    const uses = this.#identifiers(name).filter((node) => !own.some((declaration) => isWithin(node, declaration)));
    for (const node of uses) {
      const user = this.#functionOf(node);
      if (user !== undefined) return user;
    }
    return undefined;
  }

  /** Names whose calls give promises: those of its own async functions, and `show` as it is imported. */
  asynchronous(): string[] {
    return [...this.declared].flatMap(([name, { declarations = [] }]) =>
      declarations.some((declaration) => this.#isAsync(declaration)) ? [name] : [],
    );
  }

  /** Statements that read like something else. */
  statements(asynchronous: ReadonlySet<string>): void {
    const { isExpressionStatement, isCallExpression, isIdentifier, isBlock, isLabeledStatement } = this.#ts;
    const visit = (node: ts.Node): void => {
      if (
        isExpressionStatement(node) &&
        isCallExpression(node.expression) &&
        isIdentifier(node.expression.expression)
      ) {
        const { text } = node.expression.expression;
        const scope = scopeOf(this.#ts, node, text);
        if (asynchronous.has(text) && (scope === undefined || scope === this.#file)) {
          const late = `nothing waits for ${text}, so its output and errors may come after those of later statements`;
          this.#add("floating-promise", node, `${late}; write await ${text}(…)`);
        }
      }
      this.#ts.forEachChild(node, visit);
    };
    visit(this.#file);
    const last = this.#file.statements.at(-1);
    if (last === undefined || !isBlock(last) || last.statements.length !== 1) return;
    const [only] = last.statements;
    if (isLabeledStatement(only) && isExpressionStatement(only.statement)) {
      this.#add(
        "object-as-block",
        last,
        "braces that begin a statement are a block, and nothing is shown; write ({ … })",
      );
    }
  }

  /** What no second run of the cell would show. */
  chance(): void {
    const { isPropertyAccessExpression, isIdentifier, isCallExpression, isNewExpression } = this.#ts;
    const isGlobal = (node: ts.Identifier): boolean => scopeOf(this.#ts, node, node.text) === undefined;
    const visit = (node: ts.Node): void => {
      if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
        const { expression: owner, name } = node.expression;
        const call = isIdentifier(owner) && isGlobal(owner) ? `${owner.text}.${name.text}` : "";
        if (Object.hasOwn(CHANCE, call)) this.#unrepeatable(node, `${call}()`, CHANCE[call]);
      }
      if (isNewExpression(node) && isIdentifier(node.expression) && node.expression.text === "Date") {
        const isNow = (node.arguments ?? []).length === 0;
        if (isNow && isGlobal(node.expression)) this.#unrepeatable(node, "new Date()", CHANCE["Date.now"]);
      }
      this.#ts.forEachChild(node, visit);
    };
    visit(this.#file);
  }

  #unrepeatable(node: ts.Node, call: string, instead: string): void {
    this.#add("unrepeatable", node, `${call} differs in each run, and so may the output that is stored; ${instead}`);
  }

  #add(rule: Rule, at: ts.Node | number, message: string): void {
    const start = typeof at === "number" ? at : at.getStart(this.#file);
    const line = this.#file.getLineAndCharacterOfPosition(start).line + 1;
    this.found.push({ cell: this.#number, line, rule, message });
  }

  #isImport({ flags }: ts.Symbol): boolean {
    return (flags & this.#ts.SymbolFlags.Alias) !== 0;
  }

  #isAsync(node: ts.Node): boolean {
    const { isVariableDeclaration, isFunctionDeclaration, isArrowFunction, isFunctionExpression, isImportSpecifier } =
      this.#ts;
    if (isImportSpecifier(node)) {
      const { moduleSpecifier } = node.parent.parent.parent;
      const isOwn = this.#ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text === "mixlens/notebook";
      return isOwn && (node.propertyName ?? node.name).text === "show";
    }
    const body = isVariableDeclaration(node) ? node.initializer : node;
    if (body === undefined) return false;
    if (!isFunctionDeclaration(body) && !isArrowFunction(body) && !isFunctionExpression(body)) return false;
    return body.modifiers?.some(({ kind }) => kind === this.#ts.SyntaxKind.AsyncKeyword) ?? false;
  }

  /** Uses of a name of the cell's own, wherever they are. */
  #identifiers(name: string): ts.Identifier[] {
    const uses: ts.Identifier[] = [];
    const visit = (node: ts.Node): void => {
      if (this.#ts.isIdentifier(node) && node.text === name && this.#isUse(node)) uses.push(node);
      this.#ts.forEachChild(node, visit);
    };
    visit(this.#file);
    return uses;
  }

  /** Not the name of a property, and of no inner scope. */
  #isUse(node: ts.Identifier): boolean {
    const { parent } = node;
    const isProperty =
      (this.#ts.isPropertyAccessExpression(parent) || this.#ts.isPropertyAssignment(parent)) && parent.name === node;
    return !isProperty && !this.#ts.isTypeNode(parent) && scopeOf(this.#ts, node, node.text) === this.#file;
  }

  /** The outermost function around a node: the one that other cells may call. */
  #functionOf(node: ts.Node): string | undefined {
    let name: string | undefined;
    for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
      if (!this.#ts.isFunctionLike(outer)) continue;
      const named = outer.name ?? (this.#ts.isVariableDeclaration(outer.parent) ? outer.parent.name : undefined);
      name = named === undefined ? "a function" : named.getText(this.#file);
    }
    return name;
  }
}

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  return node.pos >= outer.pos && node.end <= outer.end;
}
