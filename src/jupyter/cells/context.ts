import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type ts from "typescript";
import { datasetPath } from "../../datasets/dataset-path.ts";
import { listDatasets } from "../../datasets/registry.ts";
import { readTable } from "../../table/read-table.ts";
import type { Found } from "./completion.ts";
import { ownNames } from "./own-package.ts";
import type { TypeScript } from "./typescript.ts";

/** Files that are read to name their columns, in bytes at the most. */
const LARGEST = 20e6;

/** What is known where a cell is written, apart from its code. */
export interface Context {
  /** The value of a top-level name. */
  readonly valueOf: (name: string) => unknown;
  /** The folder of the notebook. */
  readonly folder: string;
}

/**
 * What may stand at an offset for reasons that no type tells: columns of the data that a call is given, features of its
 * fit, names of datasets, and files.
 */
export function candidatesInContext(
  typescript: TypeScript,
  file: ts.SourceFile,
  offset: number,
  context: Context,
): Found | undefined {
  const place = new Place(typescript, file, offset, context);
  const [start, names] = place.found();
  const written = file.text.slice(start, offset);
  const fitting = names.filter((name) => name.startsWith(written));
  return fitting.length === 0 ? undefined : { start, end: offset, candidates: fitting };
}

class Place {
  readonly #ts: TypeScript;
  readonly #file: ts.SourceFile;
  readonly #offset: number;
  readonly #context: Context;

  constructor(typescript: TypeScript, file: ts.SourceFile, offset: number, context: Context) {
    this.#ts = typescript;
    this.#file = file;
    this.#offset = offset;
    this.#context = context;
  }

  /** Where what is written begins, and names that may stand there. */
  found(): [number, readonly string[]] {
    const above = this.#above(this.#file, this.#offset);
    const inner = above.at(-1) ?? this.#file;
    if (!this.#ts.isStringLiteralLike(inner)) {
      // What is not ended ends with its last word.
      return this.#property(this.#above(this.#file, this.#file.text.slice(0, this.#offset).trimEnd().length));
    }
    const start = inner.getStart(this.#file) + 1;
    if (this.#offset < start) return [this.#offset, []];
    return [start, this.#strings(above, inner, this.#file.text.slice(start, this.#offset))];
  }

  /** The nodes around an offset, the outermost first. */
  #above(node: ts.Node, offset: number): ts.Node[] {
    const child = this.#ts.forEachChild(node, (one) =>
      one.getStart(this.#file) < offset && offset <= one.getEnd() ? one : undefined,
    );
    return child === undefined ? [node] : [node, ...this.#above(child, offset)];
  }

  #strings(above: readonly ts.Node[], inner: ts.StringLiteralLike, written: string): readonly string[] {
    const { isCallExpression, isElementAccessExpression, isIdentifier } = this.#ts;
    const { parent } = inner;
    if (this.#ts.isImportDeclaration(parent)) return packagesFor(this.#context.folder);
    if (isElementAccessExpression(parent)) return columnsOf(this.#value(parent.expression));
    const call = above.findLast((node) => isCallExpression(node));
    if (call === undefined) return [];
    const at = call.arguments.findIndex((one) => above.includes(one));
    if (at > 0) return columnsOf(this.#value(call.arguments[0]));
    if (call.arguments[at] !== inner) return [];
    if (/^(?:import|require)$/.test(call.expression.getText(this.#file))) return packagesFor(this.#context.folder);
    if (isIdentifier(call.expression) && call.expression.text === "datasetPath")
      return listDatasets().map(({ name }) => name);
    return filesLike(this.#context.folder, written);
  }

  /** Names of features, in the rows that a function of a fit is given. */
  #property(above: readonly ts.Node[]): [number, readonly string[]] {
    const { isCallExpression, isObjectLiteralExpression, isPropertyAssignment } = this.#ts;
    const [word] = /[\w$]*$/.exec(this.#file.text.slice(0, this.#offset)) ?? [""];
    const start = this.#offset - word.length;
    const rows = above.findLast((node) => isObjectLiteralExpression(node));
    if (rows === undefined || !isCallExpression(rows.parent) || rows.parent.arguments[1] !== rows) return [start, []];
    const isValue = above.some((node) => isPropertyAssignment(node) && node.initializer.pos < this.#offset);
    const given = rows.properties.map(({ name }) => name?.getText(this.#file)).filter((name) => name !== word);
    const features = isValue ? [] : featuresOf(this.#value(rows.parent.arguments[0]));
    return [start, features.filter((name) => !given.includes(name) && /^[A-Za-z_$][\w$]*$/.test(name))];
  }

  /** What an expression stands for, where that needs no code to be run. */
  #value(node: ts.Expression): unknown {
    const { isCallExpression, isIdentifier, isStringLiteralLike } = this.#ts;
    if (isIdentifier(node)) return this.#context.valueOf(node.text);
    if (isStringLiteralLike(node)) return resolve(this.#context.folder, node.text);
    const [name] =
      isCallExpression(node) && node.expression.getText(this.#file) === "datasetPath" ? node.arguments : [];
    return name && isStringLiteralLike(name) ? attempt(() => datasetPath(name.text)) : undefined;
  }
}

/** Names of columns: of a file, a table, a frame of danfo, row objects, plain columns, or the rows of a fit. */
function columnsOf(value: unknown): readonly string[] {
  const names = attempt(() => {
    if (typeof value === "string") {
      const isSmall = existsSync(value) && statSync(value).size <= LARGEST;
      return isSmall ? readTable(value).columns.map(({ name }) => name) : [];
    }
    if (typeof value !== "object" || value === null) return [];
    if (Array.isArray(value)) return columnsOf(value[0]);
    const { columns, table } = value as { columns?: unknown; table?: unknown };
    if (Array.isArray(columns)) return columns.map((one) => (typeof one === "string" ? one : String(one?.name)));
    return featuresOf(value).length > 0 ? columnsOf(table) : Object.keys(value);
  });
  return names ?? [];
}

function featuresOf(value: unknown): readonly string[] {
  const features = attempt(() => (value as { formula: { features: unknown } }).formula.features);
  return Array.isArray(features) ? features.filter((name) => typeof name === "string") : [];
}

/** Packages that code in a folder may import. */
function packagesFor(folder: string): readonly string[] {
  const places = createRequire(join(folder, "cell.js")).resolve.paths("package") ?? [];
  const within = (place: string): string[] => attempt(() => readdirSync(place)) ?? [];
  const names = places.flatMap((place) =>
    within(place).flatMap((name) =>
      name.startsWith("@")
        ? within(join(place, name)).map((one) => `${name}/${one}`)
        : name.startsWith(".")
          ? []
          : [name],
    ),
  );
  return [...new Set([...ownNames, ...names])].filter((name) => !name.startsWith("@types/"));
}

/** Files whose paths begin as is written, folders with a slash. */
function filesLike(folder: string, written: string): readonly string[] {
  const above = written.includes("/") ? written.slice(0, written.lastIndexOf("/") + 1) : "";
  const place = above === "" ? folder : resolve(folder, above);
  const entries = attempt(() => readdirSync(place, { withFileTypes: true })) ?? [];
  const shown = entries.filter(({ name }) => !name.startsWith(".") || written.startsWith(`${above}.`));
  return shown.map((entry) => `${above}${entry.name}${entry.isDirectory() ? "/" : ""}`).sort();
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
