import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient } from "./kernel-client.ts";

// Code that TypeScript takes and Node runs is taken and run in a cell.

const cases = new URL("../../../shared/cases/kernel/", import.meta.url);

const files = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: { strict: false, paths: { "@own/*": ["./own/*"], short: ["./own/half.ts"] } },
  }),
  "own/half.ts":
    "export enum Kind { A = 3 }\nexport const half = (x: number): number => x / 2;\nexport const here = import.meta.url;\n",
  "live.mts": "export let count = 0;\nexport function add(): number { return ++count; }\n",
  "old.cts": 'export const old = "cts" as const;\n',
  "untyped.cjs": "exports.twice = (x) => 2 * x;\n",
};

let kernel: KernelClient;
let folder: string;
beforeAll(async () => {
  const scratch = join(import.meta.dirname, "../../.mixlens/tmp/");
  await mkdir(scratch, { recursive: true });
  folder = await mkdtemp(scratch);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  for (const name of ["data.json", "m.mts"]) await copyFile(new URL(name, cases), join(folder, name));
  kernel = await KernelClient.start(folder);
}, 60_000);
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a cell: what it printed and the text of its value, or its error. */
async function said(code: string): Promise<string> {
  const { reply, text, published } = await kernel.run(code);
  if (reply.status === "error") return (reply.traceback as string[]).join("\n");
  const result = published.find(({ type }) => type === "execute_result")?.content.data as Record<string, string>;
  return text + (result?.["text/plain"] ?? "");
}

test.each([
  ["k06-declaration-emit-errors", ["true", "1", "1", "1"]],
  ["k10-newer-typescript", ["[ 1, 2, 3 ]", "disposed\n", "{ name: 'odd' }", "[ '1', '2' ]", "[ 1, 2 ]"]],
  ["k14-mts", ["mts"]],
])("the cells of the case %s", async (name, shown) => {
  const { cells } = JSON.parse(await readFile(new URL(`${name}.ipynb`, cases), "utf8"));
  const ran: string[] = [];
  for (const { cell_type, source } of cells) if (cell_type === "code") ran.push(await said([source].flat().join("")));
  expect(ran).toEqual(shown);
});

test.each<[string, string[], string]>([
  [
    "a type that is local to a function",
    ["const box = (() => { class Box { #x = 4; get x() { return this.#x; } } return new Box(); })();"],
    "box.x",
  ],
  ["a module by await", ["const util = await import('node:util');"], "util.inspect(4)"],
  [
    "an exported constant",
    ["export const limit = 2; export default limit * 2; export type Row = { x: number };"],
    "const row: Row = { x: limit + 2 }; row.x",
  ],
  [
    "exported functions and classes",
    [
      "export function two() { return 2; }\nexport abstract class Of { abstract x: number }\nexport {\n  two as deux\n};",
    ],
    "class Four extends Of { x = two() + 2 }\nnew Four().x",
  ],
  ["an unnamed default", ["export default class { x = 1 }", "export default function () {}"], "4"],
  ["a module by require", ["import path = require('node:path');"], "path.sep.length + 3"],
  ["a regular expression of sets", ["const sets = /[\\p{L}--[a-z]]/v;"], "sets.test('é') ? 4 : 0"],
  ["the first line of a program", ["#!/usr/bin/env node\nconst four = 4;"], "four"],
  [
    "a global declaration",
    ["declare global { var everywhere: number; interface Array<T> { third(): T } }\nglobalThis.everywhere = 4;", "1"],
    "everywhere",
  ],
  [
    "import.meta",
    ["const data = new URL('./data.json', import.meta.url);"],
    "import.meta.dirname === process.cwd() && require('node:fs').existsSync(data) ? 4 : data",
  ],
  ["JSON", ["import data from './data.json' with { type: 'json' };"], "data.name.length + 1"],
  [
    "paths of tsconfig.json",
    ["import { half, Kind, here } from '@own/half'; import { half as same } from 'short';"],
    "half === same && here.endsWith('/own/half.ts') ? half(2) + Kind.A : here",
  ],
  [".cts", ["import { old } from './old.cjs';"], "old.length + 1"],
  ["a module of plain JavaScript", ["const { twice } = require('./untyped.cjs');"], "twice(2)"],
  [
    "JSX, with a factory of another cell",
    [
      "function h(tag: string, _: unknown, ...children: string[]) { return tag + children.join(); }\ndeclare global { namespace JSX { interface IntrinsicElements { b: object } } }",
    ],
    "/** @jsx h */\nconst made = <b>{'!'}{'?'}</b>;\nmade.length",
  ],
  [
    "JSX, with a fragment of another cell",
    [
      "const make = { one: (kind: any, _: unknown, ...children: string[]) => kind('') + children.join() }, Group = (_: any) => '!';\ndeclare global { namespace JSX { interface IntrinsicElements { u: object } } }",
    ],
    "/** @jsx make.one */\n/** @jsxFrag Group */\n(<>{'?'}{'!'}</>).length",
  ],
  [
    "JSX whose factory is React's",
    [
      "const React = { createElement: (tag: any, props: any) => typeof tag === 'string' ? props.n : tag(props) };\nconst Twice = ({ n }: { n: number }) => 2 * n;\ndeclare global { namespace JSX { interface IntrinsicElements { i: { n: number } } } }",
    ],
    "<Twice n={2} />",
  ],
  [
    "standard decorators",
    [
      "const double = (f: (this: any) => number, context: ClassMethodDecoratorContext) => function (this: any) { return 2 * f.call(this) + Number(context.static); };",
    ],
    "class Of { @double two() { return 2; } }\nnew Of().two()",
  ],
  [
    "using, to the end of the cell",
    [
      "let ended = 0;",
      "using first = { n: 3, [Symbol.dispose]() { ended += 1; } }; let kept = first.n; const reads = () => kept + ended; class Kept {}",
    ],
    "new Kept() && reads()",
  ],
  [
    "await using",
    ["let closed = 0; { await using one = { async [Symbol.asyncDispose]() { await 0; closed = 4; } }; }"],
    "closed",
  ],
  ["generic functions and casts", ["const same = <T>(x: T): T => x; const four = <number>same<unknown>(4);"], "four"],
  [
    "satisfies and const type parameters",
    ["function tuple<const T>(x: T) { return x; } const three = tuple([1, 2, 1]) satisfies readonly [1, 2, 1];"],
    "three.length + 1",
  ],
  [
    "enums and namespaces",
    ["enum Size { S = 1, L = 3 } const enum Fixed { One = 1 } namespace Of { export const one = 1; }"],
    "Size.L + Fixed.One * Of.one",
  ],
  [
    "names that no type is written for",
    [
      "function sum(a, b) { return a + b } const list = []; let late; const table: object = { a: 1 };",
      "list.push(1); late = 2;",
    ],
    "sum(list[0], late) + table['a']",
  ],
  [
    "a narrowing of what another cell declares",
    ["let text: string | undefined = 'four' as string | undefined;"],
    "text = 'four'; const n = text.length; if (!text) throw 1; text.length",
  ],
  ["names that begin with underscores", ["const __own = 3; let _ = 1;"], "__own + _"],
  ["a name of Node's as one of a cell", ["const name = 'four'; let status = 4;"], "name.length === status ? 4 : 0"],
])("%s", async (_, earlier, last) => {
  for (const code of earlier) expect(await said(code)).not.toMatch(/Error/);
  expect(await said(last)).toBe("4");
});

test("what a module exports is read as it is then", async () => {
  await said("import { add, count } from './live.mjs'; import * as live from './live.mts';");
  await said("add(); const seen = () => count;");
  expect(await said("add(); [count, seen(), live.count].join()")).toBe("2,2,2");
});

test.each([
  ["a wrong type", "const word: string = 4;", "TS2322"],
  ["what may be missing", "[1].at(0).toFixed()", "TS2532"],
  ["a name that nothing has", "nowhere", "TS2304"],
  ["a wrong type of an earlier cell's name", "fixed = 'text'", "TS2322"],
  ["a write to a constant of an earlier cell", "never = 2", "TS2588"],
])("cells are checked strictly, whatever tsconfig.json says: %s", async (_, code, complaint) => {
  await said("let fixed = 1; const never = 1;");
  expect(await said(code)).toMatch(new RegExp(`^TypeScriptError: 1:\\d+ - .*\\(${complaint}\\)`));
});

test("a complaint with reasons has them below it", async () => {
  expect(await said("const list: { a: number }[] = [{ a: 'text' as string | number }];")).toMatch(
    /^TypeScriptError: 1:34 - Type 'string \| number' is not assignable to type 'number'\. \(TS2322\)\n {2}Type 'string' is not/,
  );
});

test("positions are the author's, whatever was put into the code that runs", async () => {
  await said("let shift = 1;");
  const traced = await said(
    "export const before = shift; /* ö */ const more = { shift, before }; throw new Error('here');",
  );
  expect(traced).toMatch(/\n {4}at cell \d+, line 1, column 76$/);
  expect(await said("export {\n  shift\n};\nthrow new Error('here');")).toMatch(/line 4, column 7$/);
});

test("what other cells take of a cell is what it declared last, and typed as they saw it", async () => {
  await said("let step = 2;");
  await said("const user = () => step * 2;");
  for (let i = 0; i < 5; i++) await said(`let step = ${i}; const double = user();`);
  expect(await said("const number: number = double; [number, step].join()")).toBe("8,4");
});
