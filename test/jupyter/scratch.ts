import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const root = join(import.meta.dirname, "../..");

/** A folder for one test, inside the checkout so that notebooks in it find its modules. */
export async function scratchFolder(): Promise<string> {
  await mkdir(join(root, ".mixlens/tmp"), { recursive: true });
  const folder = await mkdtemp(join(root, ".mixlens/tmp/"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A code cell: its source, and its tags. */
export type Code = string | { source: string; tags: string[] };

/** Writes a notebook of code cells into a folder of its own and returns its path. */
export async function scratchNotebook(...cells: Code[]): Promise<string> {
  const file = join(await scratchFolder(), "scratch.ipynb");
  await writeFile(file, JSON.stringify(notebookOf(cells)));
  return file;
}

export function notebookOf(cells: readonly Code[]): object {
  return {
    cells: [
      {
        cell_type: "markdown",
        id: "title",
        metadata: {},
        source: ["# Scratch\n", "two lines"],
      },
      ...cells.map((code, index) => ({
        cell_type: "code",
        id: `cell-${index + 1}`,
        execution_count: null,
        metadata: typeof code === "string" ? {} : { tags: code.tags },
        outputs: [],
        source: typeof code === "string" ? code : code.source,
      })),
    ],
    metadata: {
      kernelspec: {
        display_name: "Mixlens (TypeScript)",
        language: "typescript",
        name: "mixlens",
      },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
