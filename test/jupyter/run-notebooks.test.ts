import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import type { NotebookRun } from "../../src/jupyter/run/run-notebook.ts";
import { runNotebooks } from "../../src/jupyter/run/run-notebooks.ts";
import { scratchFolder, scratchNotebook } from "./scratch.ts";

const now = () => performance.now();

async function runs(files: string[], options: { write?: boolean; signal?: AbortSignal } = {}): Promise<NotebookRun[]> {
  const all: NotebookRun[] = [];
  for await (const run of runNotebooks(files, { now, ...options })) all.push(run);
  return all;
}

test("each notebook has a process of its own, and writes its outputs", async () => {
  const files = [await scratchNotebook("globalThis.mark = 1;"), await scratchNotebook("console.log(typeof mark)")];
  const [first, second] = files as [string, string];
  await writeFile(first, (await readFile(first, "utf8")).replace("globalThis.mark", "(globalThis as any).mark"));
  await writeFile(second, (await readFile(second, "utf8")).replace("typeof mark", "typeof (globalThis as any).mark"));
  expect(await runs(files, { write: true })).toMatchObject(
    files.map((file) => ({ file, cells: 1, executed: 1, failed: 0 })),
  );
  expect(await readFile(second, "utf8")).toContain('"undefined\\n"');
});

test.each([
  ["a promise that nothing settles", "await new Promise(() => {});", /waits for a promise that nothing is left/],
  ["the same without await", "const never = new Promise(() => {});", /waits for a promise that nothing is left/],
  ["an error in a timer", "await new Promise(() => setTimeout(() => { throw new Error('timer') }));", /^Error: timer$/],
  ["a rejection that nobody handles", "void Promise.reject(new Error('alone'));", /^Error: alone$/],
  ["a killed process", "process.kill(process.pid, 'SIGKILL');", /process of the cells ended with SIGKILL/],
  ["an end without process.exit", "process.reallyExit(0);", /process of the cells ended with exit code 0/],
])("%s is a failure that names the cell", async (_, source, message) => {
  const cell = source.replace("process.reallyExit", "(process as any).reallyExit");
  const [run] = await runs([await scratchNotebook("1", cell)]);
  expect(run).toMatchObject({
    cells: 2,
    executed: 2,
    failed: 1,
    firstError: { cell: 2 },
  });
  expect(run?.firstError?.message).toMatch(message);
});

test("open timers and workers do not keep a finished notebook alive", async () => {
  const [run] = await runs([await scratchNotebook("setInterval(() => {}, 1000);")]);
  expect(run).toMatchObject({ executed: 1, failed: 0 });
});

test("an endless loop ends when the run is aborted, and the file keeps its bytes", async () => {
  const file = await scratchNotebook("1", "while (true);");
  const before = await readFile(file);
  const controller = new AbortController();
  const run = (async () => {
    for await (const _ of runNotebooks([file], {
      now,
      write: true,
      signal: controller.signal,
      onCell: (_, cell) => cell === 2 && setTimeout(() => controller.abort(), 100),
    }));
  })();
  await expect(run).rejects.toMatchObject({ name: "AbortError" });
  expect(await readFile(file)).toEqual(before);
});

test("no notebook runs when one of them cannot be read", async () => {
  const good = await scratchNotebook("console.log(1)");
  const before = await readFile(good);
  const bad = join(await scratchFolder(), "none.ipynb");
  await expect(runs([good, bad], { write: true })).rejects.toBeInstanceOf(InputError);
  expect(await readFile(good)).toEqual(before);
});

test("a worker whose parent goes away ends, in the middle of a cell", async () => {
  const file = await scratchNotebook("await new Promise(() => setInterval(() => {}, 1000));");
  const worker = fork(join(import.meta.dirname, "../../dist/notebook-worker.mjs"), [file], { execArgv: [] });
  await once(worker, "message");
  worker.disconnect();
  expect(await once(worker, "exit")).toEqual([1, null]);
});
