import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CodeCell, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { scratchNotebook } from "./scratch.ts";

// Notebooks with parameters, set as papermill sets them: in a cell after the one that declares them.

const program = join(import.meta.dirname, "../../dist/cli.mjs");
const run = (...args: string[]) =>
  spawnSync(process.execPath, [program, "notebook", "run", ...args], { encoding: "utf8" });

const declaring = { source: "let k: number = 2;\nconst data = 'wine';", tags: ["parameters"] };
const notebook = () => scratchNotebook(declaring, "[k, data].join()");

async function code(file: string): Promise<CodeCell[]> {
  return (await readNotebook(file)).cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

test("parameters are JSON or text, in a cell of their own, once however often they are set", async () => {
  const file = await notebook();
  for (const [k, name] of [
    ["3", "iris"],
    ["[4]", "a=b"],
  ]) {
    expect(run(file, "--write", "--set", `k=${k}`, "--set", `data=${name}`).status).toBe(0);
    const [, set, last, ...more] = await code(file);
    expect(set).toMatchObject({ metadata: { tags: ["injected-parameters"] } });
    expect(set.source).toBe(`// Parameters\nlet k = ${k};\nlet data = ${JSON.stringify(name)};`);
    expect(last.outputs[0]).toMatchObject({ data: { "text/plain": [`${JSON.parse(k)},${name}`] } });
    expect(more).toEqual([]);
  }
});

test("types of parameters are checked", async () => {
  const file = await scratchNotebook({ source: "let k = 2;", tags: ["parameters"] }, "k.toFixed()");
  const { status, stderr } = run(file, "--set", "k=two");
  expect(status).toBe(1);
  expect(stderr).toContain("Property 'toFixed' does not exist on type 'string'");
});

test.each([
  [
    "q=3",
    'Cannot set q in "FILE": expected "k" or "data", got "q"; declare it in the cell with the tag "parameters"\n',
  ],
  ["k", 'Cannot set a parameter: expected NAME=VALUE, got "k"; write --set k=3\n'],
])("--set %s is refused before anything runs", async (given, message) => {
  const file = await notebook();
  const before = await readFile(file);
  const { status, stderr } = run(file, "--write", "--set", given);
  expect([status, stderr]).toEqual([2, message.replace("FILE", file)]);
  expect(await readFile(file)).toEqual(before);
});

test("a notebook that declares none takes none", async () => {
  const file = await scratchNotebook("1");
  expect(run(file, "--set", "k=3")).toMatchObject({
    status: 2,
    stderr: `Cannot set k in "${file}": expected a code cell with the tag "parameters", got none; tag the cell that declares them\n`,
  });
});
