import { type CodeCell, mayThrow, type Output } from "../run/notebook.ts";
import type { Finding, LintOptions, Rule } from "./finding.ts";

/** Looks for outputs that the cells, run in order on another machine, would not give. */
export function lintOutputs(cells: readonly CodeCell[], { largest }: LintOptions): Finding[] {
  const found: Finding[] = [];
  let highest = 0;
  cells.forEach((cell, at) => {
    const add = (rule: Rule, message: string): void => void found.push({ cell: at + 1, line: 1, rule, message });
    const { execution_count: count, outputs } = cell;
    if (count === null) {
      add(
        "unexecuted",
        "the cell was not run, so what the cells below show may rest on another; run all cells in order",
      );
    } else if (count <= highest) {
      add("out-of-order", `the cell was run as number ${count}, before one above it; run all cells in order`);
    }
    highest = Math.max(highest, count ?? 0);
    const error = outputs.find(({ output_type }) => output_type === "error");
    if (error !== undefined && !mayThrow(cell)) {
      add("untagged-error", "an error is stored, and a run ends here; repair the cell or tag it raises-exception");
    }
    if (outputs.some((output) => textOf(output).some((text) => text.startsWith("Promise {")))) {
      add("promise-output", "a promise is shown in place of what it gives; put await before the last expression");
    }
    const path = outputs.flatMap(textOf).map(localPath).find(Boolean);
    if (path !== undefined) {
      add("local-path", `an output names ${path}, which is elsewhere for others; print the path relative to a folder`);
    }
    const bytes = Math.max(0, ...outputs.map((output) => Buffer.byteLength(JSON.stringify(output))));
    if (bytes > largest) {
      add(
        "large-output",
        `an output takes ${kilobytes(bytes)}, more than ${kilobytes(largest)}; show a part or a summary`,
      );
    }
  });
  return found;
}

/** Folders of one machine or one person, on Linux, macOS and Windows. */
const LOCAL =
  /(?<![\w.~-])(?:file:\/\/)?\/(?:home|root|tmp|var|private|Users|mnt|opt|workspace)\/[^\s"'`<>)\]]+|\b[A-Z]:\\+[^\s"'`<>|]+/;

function localPath(text: string): string | undefined {
  return LOCAL.exec(text)?.[0];
}

/** What an output says in words; pictures and their bytes are none. */
function textOf(output: Output): string[] {
  if (output.output_type === "error") return [output.evalue, ...output.traceback];
  if (output.output_type === "stream") return [whole(output.text)];
  return Object.entries(output.data)
    .filter(([mime]) => mime.startsWith("text/"))
    .map(([, value]) => whole(value).replace(/base64,[A-Za-z0-9+/=]*/g, ""));
}

/** Files hold text by line. */
function whole(text: unknown): string {
  return Array.isArray(text) ? text.join("") : String(text);
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}
