import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { KernelClient, result } from "./kernel-client.ts";
import { scratchFolder } from "./scratch.ts";

// What consoles, front ends and their libraries ask of a kernel beside running cells.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
}, 60_000);
afterAll(() => kernel.close());

/** Runs a cell for a user who writes these lines when asked, and gives its value and what was asked. */
async function answered(code: string, ...lines: string[]): Promise<{ value: unknown; asked: string[] }> {
  kernel.answers.push(...lines);
  kernel.asked.length = 0;
  const ran = await kernel.run(code, { allow_stdin: true });
  expect(ran.reply.traceback).toBeUndefined();
  return { value: result(ran), asked: [...kernel.asked] };
}

async function sourceOf(name: string): Promise<string> {
  const file = new URL(`../../../shared/cases/kernel/${name}.ipynb`, import.meta.url);
  const { cells }: { cells: { cell_type: string; source: string[] }[] } = JSON.parse(await readFile(file, "utf8"));
  return cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => [source].flat().join(""))[0];
}

test("the cell of the case k15-stdin-hangs asks the user", async () => {
  expect(await answered(await sourceOf("k15-stdin-hangs"), "Ada")).toEqual({ value: "Ada", asked: [""] });
});

test.each([
  ["prompt", "const [a, b] = [prompt('first? '), prompt('second? ', 'two')]; a + b", ["one", ""], "onetwo"],
  [
    "readline's lines",
    "import * as readline from 'node:readline'; const rl = readline.createInterface({ input: process.stdin }); let text = ''; for await (const line of rl) { text += line; if (line === 'c') break; } text",
    ["a", "b", "c"],
    "abc",
  ],
  [
    "readline's promises",
    "import { createInterface } from 'node:readline/promises'; const ask = createInterface({ input: process.stdin, output: process.stdout }); const one = await ask.question('1? '); const two = await ask.question('2? '); one + two",
    ["x", "y"],
    "xy",
  ],
  ["readline of an earlier cell", "await ask.question('3? ')", ["z"], "z"],
  [
    "the stream itself",
    "let chunk = ''; process.stdin.setEncoding('utf8'); chunk = await new Promise<string>((done) => process.stdin.once('data', done)); chunk.trim()",
    ["ö"],
    "ö",
  ],
])("%s reads what the user writes", async (_, code, lines, value) => {
  expect(await answered(code, ...lines)).toMatchObject({ value, asked: { length: lines.length } });
});

test("a stream that readline paused at its end is read by the next cell, and nobody is asked for more", async () => {
  const first = `import { createInterface as face } from 'node:readline/promises';
const lines = face({ input: process.stdin }), said = await lines.question(''); lines.close(); said`;
  expect(await answered(first, "one")).toEqual({ value: "one", asked: [""] });
  const next = "String(await new Promise((done) => process.stdin.once('data', done))).trim()";
  expect(await answered(next, "two")).toEqual({ value: "two", asked: [""] });
});

test.each([
  ["prompt", "prompt('name? ')"],
  ["a stream", "await new Promise((done) => process.stdin.once('data', done))"],
])("where nobody can be asked, a cell that reads %s ends with an error", async (_, code) => {
  const { reply } = await kernel.run(code);
  expect(reply.evalue).toBe(
    "Cannot read input: expected somebody to ask, got a run without a user; run the cell in JupyterLab, or write the value into it",
  );
  expect(result(await kernel.run("6 * 7"))).toBe("42");
});

test.each(["prompt('never')", "await new Promise((done) => process.stdin.once('data', done))"])(
  "an interrupt ends %s",
  async (code) => {
    kernel.asked.length = 0;
    const running = kernel.run(code, { allow_stdin: true });
    while (kernel.asked.length === 0) await setTimeout(10);
    await kernel.ask("interrupt_request", {}, "control");
    expect((await running).reply.ename).toBe("Interrupted");
    expect(result(await kernel.run("6 * 7"))).toBe("42");
  },
);

test("the case k19_protocol: expressions beside a cell, history, and whether code is complete", async () => {
  const user_expressions = { a: "ue * 2", b: "nowhere", c: "(() => { throw new RangeError('no') })()" };
  const { reply } = await kernel.run("const ue = 21;", { user_expressions });
  expect(reply.user_expressions).toMatchObject({
    a: { status: "ok", data: { "text/plain": "42" }, metadata: {} },
    b: { status: "error", ename: "TypeScriptError" },
    c: { status: "error", ename: "RangeError", evalue: "no" },
  });
  const history = async (given: object) =>
    (await kernel.ask("history_request", { output: false, raw: true, ...given })).history;
  const count = Number(reply.execution_count);
  expect(await history({ hist_access_type: "tail", n: 1 })).toEqual([[1, count, "const ue = 21;"]]);
  await kernel.run("ue", { store_history: false });
  await kernel.run("'ue'");
  expect(await history({ hist_access_type: "range", session: 0, start: count, stop: count + 2, output: true })).toEqual(
    [
      [1, count, ["const ue = 21;", null]],
      [1, count + 1, ["'ue'", null]],
    ],
  );
  expect(await history({ hist_access_type: "range", session: -1, start: 1, stop: 2 })).toEqual([]);
  await kernel.run("'ue'");
  expect(await history({ hist_access_type: "search", pattern: "?ue?", unique: true })).toEqual([
    [1, count + 2, "'ue'"],
  ]);
  expect(await history({ hist_access_type: "search", pattern: "*u*", n: 2 })).toHaveLength(2);
});

test.each([
  ["`abc", "incomplete"],
  ["/* what", "incomplete"],
  ["const f = (x) => {", "incomplete"],
  ["fit(rows, { k: 2,", "incomplete"],
  ["const = 3", "invalid"],
  [")(", "invalid"],
  ["'abc", "invalid"],
  ["<b>bold</b>", "complete"],
  ["<b>", "incomplete"],
  ["<>", "incomplete"],
  ["<T>(x: T) => x", "complete"],
  ["<T>(x", "incomplete"],
  ["for (;;) {}", "complete"],
  ["", "complete"],
])("the code %j is %s", async (code, status) => {
  expect(await kernel.ask("is_complete_request", { code })).toMatchObject({ status });
});

test("console.clear takes away what the cell printed", async () => {
  const { published } = await kernel.run("console.log('before'); console.clear(); console.log('after');");
  expect(published.filter(({ type }) => type !== "status").map(({ type }) => type)).toEqual([
    "execute_input",
    "stream",
    "clear_output",
    "stream",
  ]);
});

test.each([
  [
    "a character in parts",
    "const bytes = Buffer.from('aö€𝑥'); for (const byte of bytes) process.stdout.write(Uint8Array.of(byte));",
    "aö€𝑥",
  ],
  [
    "other encodings",
    "process.stdout.write('c3b6', 'hex'); process.stdout.write('YQ==', 'base64'); process.stdout.write('é', 'latin1');",
    "öa\ufffd",
  ],
  [
    "a stream that is piped",
    "import { Readable } from 'node:stream'; import { pipeline } from 'node:stream/promises'; await pipeline(Readable.from(['a', Buffer.from('ö').subarray(0, 1), Buffer.from('ö').subarray(1), 'b']), process.stdout);",
    "aöb",
  ],
  [
    "another program",
    "import { spawn } from 'node:child_process'; const child = spawn(process.execPath, ['-p', '\"ä\"']); child.stdout.pipe(process.stdout); await new Promise((done) => child.on('close', done));",
    "ä\n",
  ],
])("%s is printed whole", async (_, code, printed) => {
  await kernel.run(code);
  const { text } = await kernel.run("console.log()");
  expect(
    kernel.published
      .filter(({ header }) => header.msg_type === "stream")
      .map(({ content }) => content.text)
      .join(""),
  ).toContain(printed);
  expect(text).toMatch(/^\ufffd?\n$/);
});

test.each([
  ["tcp", {}],
  ["another signature scheme", { signature_scheme: "hmac-sha512" }],
  ["no signatures", { key: "" }],
  ["ipc", { transport: "ipc", shell_port: 1, control_port: 2, iopub_port: 3, stdin_port: 4, hb_port: 5 }],
])("the case k18_transport: a kernel over %s", async (name, given) => {
  const ip = name === "ipc" ? join(await scratchFolder(), "kernel") : "127.0.0.1";
  const other = await KernelClient.start(undefined, undefined, { ...given, ip });
  onTestFinished(() => other.close());
  expect(result(await other.run("6 * 7"))).toBe("42");
});
