import { isRunnable, mayThrow, type Notebook, readNotebook } from "../run/notebook.ts";
import type { Finding, LintOptions } from "./finding.ts";
import { lintCode } from "./lint-code.ts";
import { lintOutputs } from "./lint-outputs.ts";

/**
 * Looks for what a TypeScript notebook does other than it says: traps of cells that no compiler reports, and committed
 * outputs that another run or another machine would not give.
 *
 * @throws InputError when the file is missing or is not a TypeScript notebook
 */
export async function lintFile(file: string, options: LintOptions): Promise<Finding[]> {
  return lintNotebook(await readNotebook(file), options);
}

/** The same of a notebook that is read. */
export function lintNotebook({ cells }: Notebook, options: LintOptions): Finding[] {
  const code = cells.filter(isRunnable);
  // A cell that is to fail may be there to show what fails.
  const readable = code.map((cell) => (mayThrow(cell) ? "" : cell.source));
  const found = [...lintCode(readable, (at) => code[at].outputs.length > 0), ...lintOutputs(code, options)];
  return found.sort((a, b) => a.cell - b.cell || a.line - b.line);
}
