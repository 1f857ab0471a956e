import { afterAll, beforeAll, expect, test } from "vitest";
import { type CodeCell, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { runNotebook } from "../../src/jupyter/run/run-notebook.ts";
import { KernelClient, result } from "./kernel-client.ts";
import { scratchNotebook } from "./scratch.ts";

// Cells run on the same objects as the kernel: what they overwrite of the language is theirs for one cell.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
}, 60_000);
afterAll(() => kernel.close());

const putBack = (names: string): string => `${names}: put back as it was, for the kernel and libraries need it\n`;

test.each([
  ["Array.prototype.map = (() => 'mine') as any; [1].map((x) => x) as any", "mine", "Array.prototype.map"],
  ["Array.prototype.push = undefined as any; const { length } = [1]; length", "1", "Array.prototype.push"],
  ["String.prototype.match = (() => []) as any; console.log('said'); 5", "5", "String.prototype.match"],
  ["(Object.prototype as any).toJSON = () => 'lie'; JSON.stringify({})", '"lie"', "Object.prototype.toJSON"],
  ["(Object.prototype as any).then = (f: any) => f(1); 6", "6", "Object.prototype.then"],
  ["(Object.prototype as any).get = () => 1; 7", "7", "Object.prototype.get"],
  ["JSON.stringify = () => 'lie'; ({ a: 1 })", "{ a: 1 }", "JSON.stringify"],
  ["(globalThis as any).process = undefined; typeof process", "undefined", "process"],
  ["(globalThis as any).Promise = undefined; await 8", "8", "Promise"],
  [
    "Promise.prototype.then = undefined as any; await new Promise((done) => setTimeout(done, 9, 9))",
    "9",
    "Promise.prototype.then",
  ],
  ["delete (Map.prototype as any).get; 10", "10", "Map.prototype.get"],
  ["(globalThis as any).Object = (globalThis as any).String = null; 11", "11", "Object, String"],
  ["Object.setPrototypeOf(Array.prototype, null); 12", "12", "Array.prototype"],
  [
    "WeakMap.prototype.get = Set.prototype.has = RegExp.prototype.exec = Error.prototype.toString = null as any; 13",
    "13",
    "RegExp.prototype.exec, Error.prototype.toString, Set.prototype.has and 1 more",
  ],
])("%s", async (code, shown, names) => {
  const ran = await kernel.run(code);
  expect(ran.reply.status).toBe("ok");
  expect(result(ran)).toBe(shown);
  expect(ran.published.filter(({ content }) => content.name === "stderr").map(({ content }) => content.text)).toEqual([
    putBack(names),
  ]);
  const next =
    "const all = [3, 4].map((x) => x * 2); console.log(JSON.stringify({ all })); (await Promise.resolve(process.pid)) > 0";
  const after = await kernel.run(next);
  expect([result(after), after.text]).toEqual(["true", '{"all":[6,8]}\n']);
});

test("what programs replace to their own ends stays, and so does what they add", async () => {
  await kernel.run(
    "Math.random = () => 0.5; Error.stackTraceLimit = 150; (Array.prototype as any).last = function () { return this.at(-1); }; console.log = () => {};",
  );
  const ran = await kernel.run(
    "console.log('unheard'); [Math.random(), ([1, 2] as any).last(), Error.stackTraceLimit].join()",
  );
  expect([ran.text, result(ran)]).toEqual(["", "0.5,2,150"]);
});

test("cells run where all prototypes are frozen, and their errors have their lines", async () => {
  await kernel.run(
    "for (const one of [Object, Function, Array, String, Promise, Map, Set, RegExp, Error, WeakMap, Symbol, Number]) { Object.freeze(one.prototype); Object.freeze(one); }",
  );
  expect(result(await kernel.run("class Odd extends Error {} import { mixture } from 'mixlens'; typeof mixture"))).toBe(
    "function",
  );
  const { reply } = await kernel.run("1;\nthrow new Odd('x')");
  expect(String(reply.traceback)).toMatch(/line 2, column 7$/);
  expect(result(await kernel.run("[1, 2].map((x) => x + 1)"))).toBe("[ 2, 3 ]");
});

test("what cannot be put back ends the cells' process, which says so", async () => {
  const { reply } = await kernel.run(
    "Object.defineProperty(Boolean.prototype, 'valueOf', { value: 1, configurable: false, writable: false });",
  );
  expect(reply.evalue).toBe(
    "the cell overwrote Boolean.prototype.valueOf for good, which the kernel and libraries need",
  );
  expect(result(await kernel.run("6 * 7"))).toBe("42");
});

test("a run of the file puts back, too", async () => {
  const file = await scratchNotebook(
    "JSON.stringify = Array.prototype.map = undefined as any;",
    "JSON.stringify([1].map((x) => x))",
  );
  const run = await runNotebook(file, { write: true, now: () => performance.now() });
  expect(run).toMatchObject({ executed: 2, failed: 0 });
  const [first, second] = (await readNotebook(file)).cells.filter(
    (cell): cell is CodeCell => cell.cell_type === "code",
  );
  expect(first.outputs[0]).toMatchObject({ name: "stderr", text: [putBack("Array.prototype.map, JSON.stringify")] });
  expect(second.outputs[0]).toMatchObject({ data: { "text/plain": ["[1]"] } });
});

test.each([
  ["const require = (await import('node:module')).createRequire(import.meta.url); require('node:path').sep", "/"],
  ["require('node:path').posix.sep + typeof module.exports", "/object"],
  ["const module = { exports: {} as any }; const exports = 3; module.exports = 4; exports + module.exports", "7"],
  ["const { require: again, exports: none } = { require, exports: 2 }; [typeof again, none].join()", "function,2"],
  ["let exports = 1; const grow = () => ++exports; grow(); ({ exports })", "{ exports: 2 }"],
  ["exports += 2; exports", "4"],
  ["import require from 'node:path'; require.sep", "/"],
  [
    "[__dirname === import.meta.dirname, __filename === import.meta.filename, process.cwd() === __dirname].join()",
    "true,true,true",
  ],
  ["const __dirname = 'here', __filename = 'x'; __dirname + __filename", "herex"],
  ["function require(name: string) { return name; } class exports {} require('y') + typeof exports", "yfunction"],
])("the names of CommonJS are a cell's own where it declares them: %s", async (code, shown) => {
  const ran = await kernel.run(code);
  expect(ran.reply.evalue).toBeUndefined();
  expect(result(ran)).toBe(shown);
});
