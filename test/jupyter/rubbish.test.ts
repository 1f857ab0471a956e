import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CodeCell, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { runNotebook } from "../../src/jupyter/run/run-notebook.ts";
import { KernelClient } from "./kernel-client.ts";
import { scratchNotebook } from "./scratch.ts";

// What a cell shows, sends and throws may be anything: the cell fails or not, and the next one has its variables.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
}, 60_000);
afterAll(() => kernel.close());

const head = `import { display } from "tslab"; import { notebookHost, show, slider } from "mixlens/notebook";
const circular: any = { a: 1 }; circular.self = circular;
const boom = (): never => { throw new Error("boom"); };
const trapped: any = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom });
const raw = (value: any): void => display.raw("application/json", value);
const hook = (hook: () => any): any => ({ [Symbol.for("Jupyter.display")]: hook });
`;
const noJson = (got: string) => `Cannot show application/json: expected JSON, got ${got}`;

const cells: [string, string][] = [
  ["raw(circular);", noJson("a value that contains itself at .self")],
  ["raw({ big: 1n });", noJson("a BigInt at .big")],
  ["raw(() => 1);", noJson("a function")],
  ['raw(Symbol("s"));', noJson("a symbol")],
  ["raw([Number.NaN]);", noJson("NaN at [0]")],
  ["raw(undefined);", noJson("undefined")],
  ["raw({ get a() { return boom(); } });", noJson("a value that throws when it is read")],
  ["raw({ toJSON: boom });", noJson("a value that throws when it is read")],
  ["raw(trapped);", "boom"],
  ['display.text("x".repeat(2 ** 29 - 24));', "Cannot show text/plain: expected 64 million characters at the most"],
  ['"x".repeat(2 ** 29 - 24)', "Cannot show text/plain: expected 64 million characters at the most"],
  ['await show(hook(() => ({ "application/json": circular })));', noJson("a value that contains itself")],
  ['hook(() => ({ "application/json": circular }))', noJson("a value that contains itself")],
  ["hook(boom)", "boom"],
  ["hook(async () => boom())", "boom"],
  ["hook(() => null)", "Cannot show a value: expected an object with a value for each MIME type, got null"],
  ['hook(() => ({ "text/html": 5 }))', "Cannot show text/html: expected text, got a number"],
  ["trapped", "boom"],
  ['({ [Symbol.for("nodejs.util.inspect.custom")]: boom })', "boom"],
  [
    "({ data: [circular], layout: {}, alt: 'a loop' })",
    'Cannot draw "a loop": expected data and layout that JSON can hold',
  ],
  ["throw null", "null"],
  ["throw undefined", "undefined"],
  ["throw trapped", "{}"],
  ["throw { get name() { return boom(); }, get message() { return boom(); } }", "[Getter]"],
  ['throw Object.defineProperty(new Error("kept"), "stack", { get: boom })', "kept"],
  ['throw new Error("x".repeat(2 ** 28))', "… (268335456 more characters)"],
  ["throw { [Symbol.for('nodejs.util.inspect.custom')]: boom }", "a value that throws when it is read"],
  [
    "throw Object.assign(new Error('endless'), { get cause() { return new (this as any).constructor('more', this); } })",
    "endless",
  ],
  [
    'notebookHost()?.comms?.open("t", circular);',
    "Cannot send a message to the page: expected JSON, got a value that cont",
  ],
  ['notebookHost()?.comms?.open("t", {}).send({ f() {} });', "expected JSON, got a function at .f"],
  [
    'notebookHost()?.comms?.open("t", {}).send({}, [5 as any]);',
    "expected buffers of bytes, got a number; pass a Uint8Array",
  ],
];

test.each(cells)("the kernel outlives %s", async (code, message) => {
  const kept = `kept${cells.findIndex(([other]) => other === code)}`;
  await kernel.run(`${head} let ${kept} = 1;`);
  const { reply } = await kernel.run(code);
  expect(reply.status).toBe("error");
  expect(reply.evalue).toContain(message);
  const { published } = await kernel.run(kept);
  expect(published).toContainEqual({
    type: "execute_result",
    content: expect.objectContaining({ data: { "text/plain": "1" } }),
  });
});

test("pictures as bytes are base64, and so is what shows itself", async () => {
  await kernel.run(head);
  const { published } = await kernel.run(
    'hook(() => ({ "image/png": Buffer.from("abc"), "text/plain": "a picture" }))',
  );
  const data = { "image/png": "YWJj", "text/plain": "a picture" };
  expect(published).toContainEqual({ type: "execute_result", content: expect.objectContaining({ data }) });
});

test("an array with few entries and a great length shows at once", async () => {
  const { reply, published } = await kernel.run("const sparse: number[] = []; sparse[2 ** 32 - 3] = 1; sparse");
  expect(reply.status).toBe("ok");
  expect(JSON.stringify(published)).toContain("4294967293 empty items");
});

test("printed text may be of any length, and holds no half characters", async () => {
  const { text, reply } = await kernel.run(
    'console.log("x".repeat(3_500_000)); for (let i = 0; i < 1000; i++) process.stdout.write("y".repeat(1000)); console.log("\\ud800");',
  );
  expect(reply.status).toBe("ok");
  expect(text).toBe(`${"x".repeat(3_500_000)}\n${"y".repeat(1_000_000)}\ufffd\n`);
});

test("in a run of the file the cells fail with the same messages, and what is written is a whole notebook", async () => {
  const shown = cells.filter(([code]) => !code.includes("notebookHost"));
  const tagged = shown.flatMap(([source]) => [{ source, tags: ["raises-exception"] }, "kept"]);
  const file = await scratchNotebook(`${head} let kept = 1;`, ...tagged);
  const run = await runNotebook(file, { write: true, now: () => performance.now() });
  expect(run).toMatchObject({ executed: 1 + 2 * shown.length, failed: 0 });
  const [, ...ran] = (await readNotebook(file)).cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
  const outputs = shown.flatMap(([, message]) => [
    expect.objectContaining({ output_type: "error", evalue: expect.stringContaining(message) }),
    expect.objectContaining({ data: { "text/plain": ["1"] } }),
  ]);
  expect(ran.map((cell) => cell.outputs.at(-1))).toEqual(outputs);
});

const cases = new URL("../../../shared/cases/kernel/", import.meta.url);

test.each([
  ["k01-unserialisable-display-kills-kernel", ["ok", "error", "ok"]],
  ["k12-png-buffer", ["ok"]],
])("the cells of the case %s", async (name, statuses) => {
  const { cells }: { cells: { cell_type: string; source: string[] }[] } = JSON.parse(
    await readFile(new URL(`${name}.ipynb`, cases), "utf8"),
  );
  const ran = [];
  for (const { cell_type, source } of cells) {
    if (cell_type === "code") ran.push((await kernel.run([source].flat().join(""))).reply.status);
  }
  expect(ran).toEqual(statuses);
});
