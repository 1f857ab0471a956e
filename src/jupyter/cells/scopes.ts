import type ts from "typescript";

type TypeScript = typeof ts;

/** What TypeScript does not declare: the step that finds the names of each scope. */
type Binding = TypeScript & { bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void };

/** Names of a scope, with what declares them. */
export type Names = ReadonlyMap<string, ts.Symbol>;

/** Code with the names of each scope found. */
export function parseCell(typescript: TypeScript, code: string): ts.SourceFile {
  const file = typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.ES2022, true);
  (typescript as Binding).bindSourceFile(file, { target: typescript.ScriptTarget.ES2022 });
  return file;
}

/** The names that a node's own scope declares. */
export function namesOf(node: ts.Node): Names {
  return (node as { locals?: Names }).locals ?? new Map();
}

/** The scope that a name belongs to, as seen from a node; none where the code does not declare it. */
export function scopeOf(typescript: TypeScript, node: ts.Node, name: string): ts.Node | undefined {
  for (let scope: ts.Node | undefined = node; scope !== undefined; scope = scope.parent) {
    if (namesOf(scope).has(name)) return scope;
    if (typescript.isFunctionExpression(scope) || typescript.isClassExpression(scope)) {
      if (scope.name?.text === name) return scope;
    }
  }
  return undefined;
}
