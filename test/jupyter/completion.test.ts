import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient } from "./kernel-client.ts";

let kernel: KernelClient;
let folder: string;
beforeAll(async () => {
  const scratch = join(import.meta.dirname, "../../.mixlens/tmp/");
  await mkdir(scratch, { recursive: true });
  folder = await mkdtemp(scratch);
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "data/rooms.csv"), "size,price\n20,310\n42,640\n31,420\n");
  await writeFile(join(folder, "lib.ts"), "export const half = 0.5;\n");
  kernel = await KernelClient.start(folder);
  const cells = [
    'import { datasetPath, fit, parseCsv, predict, random } from "mixlens"; import * as dfd from "danfojs-node";',
    "const plain = { size: [20, 42, 31, 60], price: [310, 640, 420, 900] }; const rows = [{ area: 1, cost: 2 }];",
    'const table = parseCsv("width,height\\n1,2\\n"); const frame = new dfd.DataFrame({ left: [1], right: [2] });',
    'const m = fit(plain, { formula: "price ~ size", k: 1 });',
    `/**
      * Halves a number, as {@link Math.trunc | trunc} does not; see {@link https://example.org the page}.
      *
      * @param x what to halve
      * @throws RangeError where {@link Number.isNaN} holds
      * @example
      * halve(2)
      */
     function halve(x: number, digits = 2): number { if (Number.isNaN(x)) throw new RangeError("none"); return digits * x; }`,
  ];
  for (const code of cells) expect((await kernel.run(code)).reply.traceback).toBeUndefined();
}, 60_000);
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the cell reads with each completion at the bar, and no bar. */
async function completed(code: string): Promise<string[]> {
  const at = code.indexOf("|");
  const text = code.replace("|", "");
  const reply = await kernel.ask("complete_request", { code: text, cursor_pos: [...code.slice(0, at)].length });
  const [start, end] = [Number(reply.cursor_start), Number(reply.cursor_end)];
  const letters = [...text];
  return (reply.matches as string[]).map((match) =>
    [...letters.slice(0, start), match, ...letters.slice(end)].join(""),
  );
}

test.each([
  ["a name", "hal|", "halve"],
  ["a name in the middle", "ha|l(1)", "halve(1)"],
  ["a property", "m.logLik|", "m.logLikelihood"],
  [
    "one of some texts",
    'fit(plain, { response: "price", experts: "lo|" })',
    'fit(plain, { response: "price", experts: "logistic" })',
  ],
  [
    "one of some texts, with its quote open",
    'fit(plain, { response: "price", experts: "log|',
    'fit(plain, { response: "price", experts: "logistic',
  ],
  [
    "one of some texts with a dash",
    'fit(plain, { response: "price", experts: "negative-b|" })',
    'fit(plain, { response: "price", experts: "negative-binomial" })',
  ],
  ["a module of Node's", 'import { readFile } from "node:fs/pro|', 'import { readFile } from "node:fs/promises'],
  ["an installed package", 'import "mixl|', 'import "mixlens'],
  ["an entry of a package", 'import {} from "mixlens/note|"', 'import {} from "mixlens/notebook"'],
  ["a module beside the notebook", 'import { half } from "./l|"', 'import { half } from "./lib"'],
  ["a folder", 'fit("da|', 'fit("data/'],
  ["a file", 'fit("data/r|", { k: 1 })', 'fit("data/rooms.csv", { k: 1 })'],
  ["a dataset", 'datasetPath("wi|")', 'datasetPath("wine")'],
  ["a column of plain columns", 'fit(plain, { response: "|', 'fit(plain, { response: "price'],
  [
    "a column in a list",
    'fit(plain, { response: "price", features: ["s|"] })',
    'fit(plain, { response: "price", features: ["size"] })',
  ],
  ["a column of row objects", 'fit(rows, { response: "c|" })', 'fit(rows, { response: "cost" })'],
  ["a column of a table", 'fit(table, { features: ["width", "h|', 'fit(table, { features: ["width", "height'],
  ["a column of a frame", 'fit(frame, { features: ["ri|"] })', 'fit(frame, { features: ["right"] })'],
  ["a column in brackets", 'frame["le|"]', 'frame["left"]'],
  ["a column of a file", 'fit("data/rooms.csv", { response: "pr|" })', 'fit("data/rooms.csv", { response: "price" })'],
  [
    "a column of a dataset",
    'fit(datasetPath("iris"), { response: "petal_w|" })',
    'fit(datasetPath("iris"), { response: "petal_width" })',
  ],
  ["a feature of a model", "predict(m, { |", "predict(m, { size"],
  ["a feature of a model, begun", "predict(m, { s| })", "predict(m, { size })"],
  ["a name behind letters of two halves", 'const 𝑥 = "𝑥"; hal|', 'const 𝑥 = "𝑥"; halve'],
])("%s is completed", async (_, code, expected) => {
  expect(await completed(code)).toContain(expected);
});

test.each([
  ["nothing in a text that is no name", 'console.log(plain, { text: "zz|" })'],
  ["no feature where its value stands", "predict(m, { size: |"],
  ["no feature that is given", "predict(m, { size: [1], |"],
])("completion offers %s", async (_, code) => {
  const begun = code.replace("|", "size");
  expect(await completed(code)).not.toContain(begun);
});

test("the first completion is the nearest", async () => {
  expect((await completed("pla|"))[0]).toBe("plain");
});

/** What help there is at the bar. */
async function help(code: string): Promise<Record<string, string>> {
  const at = code.indexOf("|");
  const reply = await kernel.ask("inspect_request", { code: code.replace("|", ""), cursor_pos: at, detail_level: 0 });
  return reply.data as Record<string, string>;
}

test("help on a name is text and Markdown, with what it throws, and links that can be read", async () => {
  expect(await help("hal|ve")).toEqual({
    "text/plain": [
      "function halve(x: number, digits?: number): number",
      "Halves a number, as trunc does not; see the page.",
      "@param x what to halve\n@throws RangeError where Number.isNaN holds\n@example halve(2)",
    ].join("\n\n"),
    "text/markdown": [
      "```ts\nfunction halve(x: number, digits?: number): number\n```",
      "Halves a number, as `trunc` does not; see [the page](https://example.org).",
      "- `x`: what to halve",
      "**Throws** RangeError where `Number.isNaN` holds",
      "**Example**\n\n```ts\nhalve(2)\n```",
    ].join("\n\n"),
  });
});

test.each(["halve(|", "halve(1, |)", "console.log(halve(|1))"])(
  "help in the parentheses of %s is that of the call",
  async (code) => {
    expect((await help(code))["text/plain"]).toMatch(
      /^halve\(x: number, digits\?: number\): number\n\nHalves a number/,
    );
  },
);

test("of a name that nobody declared there is no help", async () => {
  const asked = { code: "nowhere", cursor_pos: 3, detail_level: 0 };
  expect(await kernel.ask("inspect_request", asked)).toMatchObject({ found: false });
});

test.each([
  ["import numpy as np", 'this is Python: write import { fit } from "mixlens"'],
  ["from sklearn.mixture import GaussianMixture", 'this is Python: write import { fit } from "mixlens"'],
  ["def f(x):\n    return x", "this is Python: write function f(x: number) { … }"],
  ["for i in range(3):\n    i", "this is Python: blocks stand in { … }"],
  ['print("a")', "this is Python: write console.log(…), or the value alone in the last line"],
  [
    "%matplotlib inline",
    "cells have no magics: a library does the same, such as node:child_process or performance.now()",
  ],
  ["!pip install pandas", "packages are installed in a terminal: npm install NAME"],
  ["%pip install pandas", "packages are installed in a terminal: npm install NAME"],
  [
    "!ls -l",
    'cells run no shell: write import { execSync } from "node:child_process"; execSync("…", { encoding: "utf8" })',
  ],
  [
    "cd /tmp",
    'cells run no shell: write import { execSync } from "node:child_process"; execSync("…", { encoding: "utf8" })',
  ],
  ["npm install lodash", "packages are installed in a terminal: npm install NAME"],
  ["fit?", "for help on a name, press Shift-Tab behind it"],
  ["?fit", "for help on a name, press Shift-Tab behind it"],
  ["x = None", "this is Python: write null or undefined"],
  ["None", "this is Python: write null or undefined"],
  ["True", "this is Python: write true or false"],
  ["def f(x): return x", "this is Python: write function f(x: number) { … }"],
  ["for i in range(3): f(i)", "this is Python: blocks stand in { … }"],
  ["#a comment\n1 + 1", "this is Python: comments begin with //"],
  ["lambda x: x", "this is Python: write (x) => …"],
  ["console.log(“a”)", 'text stands in straight quotes: "…"'],
  ["x = [True, False]", "this is Python: write true or false"],
  ["f = lambda x, y: x", "this is Python: write (x) => …"],
  ["assert 1 == 1", 'this is Python: write import assert from "node:assert"; assert(…)'],
  ["# a comment\n1", "this is Python: comments begin with //"],
  ["x <- c(1, 2)", "this is R: write const name = …; and functions of a package by import"],
])("a cell of another language, %j, gets one line of advice", async (code, advice) => {
  const { reply } = await kernel.run(code);
  expect(reply).toMatchObject({ status: "error", evalue: advice });
});

test.each([
  ["const n: number = 'text'; // if a <- b:", /^1:7 - Type 'string'/],
  ["const print = (x: number) => x;\nprint('text')", /^2:7 - Argument of type/],
  ["const a = {", /^1:12 - '}' expected/],
  ["const told = `\n# a title\nls -l\n`, none = 'None'; nowhere(told)", /Cannot find name 'nowhere'/],
])("other complaints stay what they are: %j", async (code, words) => {
  expect((await kernel.run(code)).reply.evalue).toMatch(words);
});
