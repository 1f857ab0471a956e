import { SourceMap, type SourceMapPayload } from "node:module";

/** A position in what an author wrote; lines and columns count from 1. */
export interface Place {
  /** What the author calls it: "cell 3", or a file. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly source: string;
}

/** The place of an offset in what an author wrote. */
export function placeAt(name: string, source: string, offset: number | undefined): Place | undefined {
  if (offset === undefined) return undefined;
  const lines = source.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { name, line: lines.length, column: (lines.at(-1) ?? "").length + 1, source };
}

/** From a position in the code that runs to one in what was written. */
export type Locate = (line: number, column: number) => Place | undefined;

/** Where the code that runs was written, by the name that it has in stack traces. */
export class Places {
  readonly #files = new Map<string, Locate>();

  add(file: string, locate: Locate): void {
    this.#files.set(file, locate);
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  find(file: string, line: number, column: number): Place | undefined {
    return this.#files.get(file)?.(line, column);
  }
}

/** Lines and columns through source maps, the last step of compilation first. */
export function through(maps: readonly SourceMapPayload[]): (line: number, column: number) => [number, number] {
  let read: SourceMap[] | undefined;
  return (line, column) => {
    // Read when an error asks for it: most cells raise none.
    read ??= maps.map((map) => new SourceMap(map));
    return read.reduce(
      ([line, column], map): [number, number] => {
        const entry = map.findEntry(line - 1, column - 1);
        return "originalLine" in entry ? [entry.originalLine + 1, entry.originalColumn + 1] : [line, column];
      },
      [line, column] as [number, number],
    );
  };
}

/** The lines around a place, with their numbers and a mark under the column. */
export function codeFrame({ source, line, column }: Omit<Place, "name">): string {
  const lines = source.split("\n");
  const from = Math.max(1, line - 2);
  const to = Math.min(lines.length, line + 2);
  const width = String(to).length;
  const shown: string[] = [];
  for (let number = from; number <= to; number++) {
    const text = lines[number - 1];
    shown.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`.trimEnd());
    // Tabs stay tabs, so that the mark stands under its column.
    if (number === line) {
      shown.push(`  ${" ".repeat(width)} | ${text.slice(0, column - 1).replace(/[^\t]/g, " ")}^`);
    }
  }
  return shown.join("\n");
}
