import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient, type Ran } from "./kernel-client.ts";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
}, 60_000);
afterAll(() => kernel.close());

/** What a cell published, of one type. */
const of = ({ published }: Pick<Ran, "published">, type: string) =>
  published.filter((message) => message.type === type).map(({ content }) => content);

async function value(code: string): Promise<unknown> {
  const ran = await kernel.run(code);
  expect(of(ran, "error")).toEqual([]);
  return (of(ran, "execute_result")[0]?.data as Record<string, string> | undefined)?.["text/plain"];
}

test("of 20,000 printed lines none is lost, and the kernel is idle after them", async () => {
  const { text, published } = await kernel.run("for (let i = 0; i < 20_000; i++) console.log(i);");
  expect(text).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(""));
  expect(published.at(-1)).toMatchObject({ type: "status", content: { execution_state: "idle" } });
});

test("a value is told with its count, after the input", async () => {
  const first = await kernel.run("6 * 7");
  const count = Number(first.reply.execution_count);
  expect(first.reply).toMatchObject({ status: "ok" });
  expect(of(first, "execute_input")).toEqual([{ code: "6 * 7", execution_count: count }]);
  expect(of(first, "execute_result")).toEqual([{ execution_count: count, data: { "text/plain": "42" }, metadata: {} }]);
  const silent = await kernel.run("7 * 7", { silent: true });
  expect(silent.published.map(({ type }) => type)).toEqual(["status", "status"]);
  expect((await kernel.run("undefined")).reply.execution_count).toBe(count + 1);
});

test("an error has its name, its message, the cell's lines and where it came from", async () => {
  await kernel.run(
    "type Row = {\n  x: number\n}\n\nfunction half(row: Row) {\n  if (row.x < 0) throw new RangeError('below 0');\n}",
  );
  const { reply, published } = await kernel.run("// calls\nhalf({ x: -1 });");
  const [error] = of({ published }, "error");
  expect(reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "below 0" });
  const n = Number(reply.execution_count);
  expect((error.traceback as string[]).join("\n")).toBe(
    [
      "RangeError: below 0",
      "  4 |",
      "  5 | function half(row: Row) {",
      "> 6 |   if (row.x < 0) throw new RangeError('below 0');",
      "    |                        ^",
      "  7 | }",
      `    at half (cell ${n - 1}, line 6, column 24)`,
      `    at cell ${n}, line 2, column 1`,
    ].join("\n"),
  );
});

test("a cell that may fail is followed by the others; one that may not, by those that were not sent yet", async () => {
  const failing = kernel.run("throw 1", { stop_on_error: false });
  expect((await kernel.run("2")).reply.status).toBe("ok");
  expect((await failing).reply.status).toBe("error");
  const sent = [kernel.run("throw 1"), kernel.run("2"), kernel.run("3")];
  const [failed, ...passed] = await Promise.all(sent);
  expect(failed.reply.status).toBe("error");
  // They never ran, and have no number.
  expect(passed.map(({ reply }) => reply)).toEqual([{ status: "aborted" }, { status: "aborted" }]);
  expect(passed.map(({ published }) => published.map(({ type }) => type))).toEqual([
    ["status", "status"],
    ["status", "status"],
  ]);
  const next = Number(failed.reply.execution_count) + 1;
  expect((await kernel.run("4")).reply).toMatchObject({ status: "ok", execution_count: next });
});

test("a top-level variable is one for all cells, as in a module", async () => {
  await kernel.run(
    "let count = 1; var step = 1; function bump() { count += step; return count; }\nconst bumpTwice = () => { bump(); return bump(); };",
  );
  await kernel.run("count = 10; step = 2;");
  expect(await value("bump()")).toBe("12");
  expect(await value("count++; [count, step] = [step, count]; bumpTwice()")).toBe("28");
  const none = "(globalThis as { nowhere?: 1 }).nowhere";
  expect(await value(`({ count, step, none: typeof ${none} })`)).toBe("{ count: 28, step: 13, none: 'undefined' }");
  expect(await value("({ count, step } = { count: 5, step: 6 }); bump()")).toBe("11");
});

test("a name that is declared anew is another variable; earlier functions keep theirs", async () => {
  await kernel.run(
    "let size = 1; const grow = () => ++size; const fixed = 'a'; const old = () => fixed; class Kind {}",
  );
  await kernel.run("let size = 'large'; let fixed = 2; import { join as Kind } from 'node:path';");
  await kernel.run("fixed = 3");
  expect(await value("[grow(), size, old(), fixed, Kind('a', 'b')].join()")).toBe("2,large,a,3,a/b");
});

test("a cell that fails leaves the names that it declared anew as they were", async () => {
  await kernel.run("let kept = 1; const keep = () => kept;");
  await kernel.run("throw new Error('early'); let kept = 2;");
  expect(await value("kept += 4; keep()")).toBe("5");
  await kernel.run("let kept = 'x'; throw new Error('late');");
  expect(await value("kept + keep()")).toBe("10");
});

test("objects lose properties, and functions of later cells read what earlier ones wrote", async () => {
  await kernel.run("const box: { a?: number } = { a: 1 }; let total = 0; for (const i of [1, 2, 3]) total += i;");
  await kernel.run("delete box.a; const reader = () => total;");
  await kernel.run("total = 7; total **= 2;");
  expect(await value("[Object.keys(box).length, reader()].join()")).toBe("0,49");
});

test.each([
  ["await (21 * 2)", "42"],
  ["const [got] = await Promise.all([Promise.resolve(5)]); got", "5"],
  ["let sum = 0; for await (const x of [1, Promise.resolve(2)]) sum += x; sum", "3"],
  ["async function two() { return await (2) } // no await of its own\ntypeof two()", "object"],
])("await at the top level: %s", async (code, expected) => {
  expect(await value(code)).toBe(expected);
});

test("columns are right in a cell that awaits", async () => {
  const { reply } = await kernel.run("await (1); const a: string = 3;");
  expect(reply.evalue).toBe("1:18 - Type 'number' is not assignable to type 'string'. (TS2322)");
  const thrown = await kernel.run("await (1); throw new Error('x')");
  expect(String(thrown.reply.traceback)).toMatch(/line 1, column 18$/);
});

test("the compiler is strict, and shows the lines that are wrong", async () => {
  const { reply } = await kernel.run("const names = ['a'];\nconst found = names.find((n) => n === 'b');\nfound.length");
  expect(reply).toMatchObject({ ename: "TypeScriptError", evalue: "3:1 - 'found' is possibly 'undefined'. (TS18048)" });
  expect((reply.traceback as string[])[1]).toMatch(/^ {2}1 \|[\s\S]*\n> 3 \| found\.length\n {4}\| \^$/);
});

test("figures, tables, fits, frames and what shows itself show as the last expression", async () => {
  const forms = async (code: string, as = "execute_result"): Promise<string[]> => {
    const ran = await kernel.run(code);
    expect(of(ran, "error")).toEqual([]);
    return Object.keys(of(ran, as)[0]?.data as object).sort();
  };
  const html = ["text/html", "text/plain"];
  const live = ["application/vnd.mixlens.figure", ...html];
  await kernel.run(
    'import { spectrumPlot, fit, matrixLatex } from "mixlens"; import * as dfd from "danfojs-node"; import { display } from "tslab";',
  );
  // A figure has a place, where its picture comes when it is drawn.
  expect(await forms("spectrumPlot([0.5, 0.1])", "display_data")).toEqual(live);
  expect(await forms('({ columns: [{ name: "x" }], rows: [[1]] })')).toEqual(html);
  expect(await forms("new dfd.DataFrame({ x: [1, 2] })")).toEqual(html);
  expect(await forms('fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 })')).toEqual(html);
  expect(await forms("await matrixLatex([[1]])")).toEqual(["text/latex", "text/plain"]);
  expect(await forms('({ [Symbol.for("Jupyter.display")]: () => ({ "text/markdown": "*x*" }) })')).toEqual([
    "text/markdown",
    "text/plain",
  ]);
  const shown = await kernel.run('display.html("<b>x</b>"); null');
  expect(of(shown, "display_data")[0]?.data).toEqual({ "text/html": "<b>x</b>", "text/plain": "[text/html]" });
  expect(of(shown, "execute_result")[0]?.data).toEqual({ "text/plain": "null" });
});

test.each([
  ["a computation", "for (;;);"],
  ["a computation after an await", "await 0; for (;;);"],
  ["a computation in a timer", "setTimeout(() => { for (;;); }); await new Promise(() => {});"],
  ["a computation that catches all", "await 0; for (;;) { try { for (;;); } catch {} }"],
  ["a loop over settled promises", "for (;;) await 0;"],
  ["a display that loops over settled promises", "hook(async () => { for (;;) await 0; })"],
  ["a promise that never settles", "await new Promise(() => {});"],
  ["a display that computes without end", "hook(() => { for (;;); })"],
  ["a display that computes after an await", "hook(async () => { await 0; for (;;); })"],
  ["a display that never settles", "hook(() => new Promise(() => {}))"],
  [
    "a text of a value that computes without end",
    "({ [Symbol.for('nodejs.util.inspect.custom')]: () => { for (;;); } })",
  ],
  ["a value whose reading computes without end", "hook(() => ({ 'application/json': { get a() { for (;;); } } }))"],
  ["a display that waits inside the cell", "await show(hook(() => new Promise(() => {})))"],
  [
    "a picture that takes long",
    "await show({ data: [{ mode: 'markers', y: Array.from({ length: 2e4 }, (_, i) => i % 7) }], layout: {}, alt: 'long' })",
  ],
  ["an error whose reading computes without end", "throw { get message() { for (;;); }, get name() { return 'x' } };"],
])("an interrupt ends %s, and the variables stay", async (_, code) => {
  await kernel.run(
    "import { show } from 'mixlens/notebook'; let before = 40; const hook = (hook: () => any): any => ({ [Symbol.for('Jupyter.display')]: hook });",
  );
  const { length } = kernel.published;
  const running = kernel.run(`before += 2; console.log("on"); ${code}`);
  while (!kernel.published.slice(length).some(({ content }) => content.text === "on\n")) await setTimeout(10);
  expect(await kernel.ask("interrupt_request", {}, "control")).toEqual({ status: "ok" });
  const { reply, text } = await running;
  expect(reply).toMatchObject({
    status: "error",
    ename: "Interrupted",
    traceback: ["Interrupted: the cell was interrupted"],
  });
  expect(text).toBe("on\n");
  expect(await value("before")).toBe("42");
});

test("an interrupt ends a query, and the next one is answered", async () => {
  const endless = "select sum(i) as s from range(1000000000000) r(i)";
  await kernel.run('import { toTable } from "mixlens";');
  const running = kernel.run(`console.log("on"); toTable({ x: [1] }, { sql: "${endless}" });`);
  while (!kernel.published.at(-1)?.content.text) await setTimeout(10);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
  expect(await value('toTable({ x: [1] }, { sql: "select 2 as s" }).columns[0].values[0]')).toBe("2");
});

test.each([
  ["a timer", "setTimeout(() => { for (;;); }, 30)"],
  ["a timer that comes again", "setInterval(() => { for (;;); }, 30)"],
  ["a promise", "Promise.resolve().then(() => setTimeout(() => Promise.resolve().then(() => { for (;;); }), 30))"],
  ["a function that nobody awaits", "setTimeout(async () => { for (;;) await 0; }, 30)"],
  ["an immediate", "setTimeout(() => setImmediate(() => { for (;;); }), 30)"],
])("an interrupt ends what a cell left to %s, and computes without end", async (_, code) => {
  await kernel.run(`let left = 1; ${code}; undefined`);
  await setTimeout(100);
  const waiting = kernel.run("left");
  await kernel.ask("interrupt_request", {}, "control");
  await waiting;
  await setTimeout(50);
  expect(await value("left + 1")).toBe("2");
});

test.each([
  ["a timer", "await new Promise((done) => setTimeout(done, 20))"],
  ["a timer that is a promise", "await sleep(20)"],
])("a loop that awaits %s is over once it is interrupted, and says no more", async (_, wait) => {
  await kernel.run('import { setTimeout as sleep } from "node:timers/promises"; let rounds = 0;');
  const { id, replied } = kernel.send("execute_request", {
    code: `for (;;) { rounds++; console.log("on"); ${wait}; }`,
  });
  while (kernel.of(id).text === "") await setTimeout(10);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await replied).content.ename).toBe("Interrupted");
  const { text } = kernel.of(id);
  const rounds = await value("rounds");
  await setTimeout(100);
  expect(await value("rounds")).toBe(rounds);
  expect(kernel.of(id).text).toBe(text);
});

test("a cell that prints without end can be interrupted, and does not fill the memory", async () => {
  const before = Number(await value("process.memoryUsage().rss"));
  const running = kernel.run('for (;;) console.log("endless");');
  await setTimeout(1000);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await running).reply.ename).toBe("Interrupted");
  expect(Number(await value("process.memoryUsage().rss")) - before).toBeLessThan(80e6);
});

test("where what an interrupt ended does not go on, the cell has its answer, and the next one its turn", async () => {
  // As when the kernel's own code is ended on its way: the two turns in which it would hear of the end are lost.
  const losesTurn = `
    console.log("on");
    const { shift } = Array.prototype;
    let lost = 0;
    Array.prototype.shift = function (this: unknown[]) {
      const first = shift.call(this);
      if (typeof first !== "function") return first;
      if (++lost === 2) Array.prototype.shift = shift;
      return undefined;
    };
    await new Promise(() => {});`;
  const { id, replied } = kernel.send("execute_request", { code: losesTurn });
  while (kernel.of(id).text === "") await setTimeout(10);
  await setTimeout(100);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await replied).content).toMatchObject({ evalue: "the cell was interrupted", ename: "Interrupted" });
  expect(await value("6 * 7")).toBe("42");
});

test("an interrupt between a cell's code and the display of its value ends the cell", async () => {
  const { id, replied } = kernel.send("execute_request", {
    code: `console.log("on"); const until = Date.now() + 150; while (Date.now() < until);
({ [Symbol.for("Jupyter.display")]: () => { for (;;); } })`,
  });
  while (kernel.of(id).text === "") await setTimeout(1);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await replied).content).toMatchObject({ evalue: "the cell was interrupted", ename: "Interrupted" });
  expect(await value("6 * 7")).toBe("42");
});

test("late output and late errors go to their own cell", async () => {
  const { id, replied } = kernel.send("execute_request", {
    code: 'setTimeout(() => console.log("timer"), 150); (async () => { await new Promise((r) => setTimeout(r, 200)); console.log("promise"); throw new Error("late"); })(); undefined',
  });
  await replied;
  const { text } = await kernel.run("await new Promise((r) => setTimeout(r, 400)); console.log('mine')");
  expect(text).toBe("mine\n");
  expect(kernel.of(id).text).toMatch(/^timer\npromise\nError: late\n> 1 \| /);
});

test.each([
  ["a timer", "setTimeout(() => {\n  throw new Error('late');\n}, 150)"],
  ["an immediate after a timer", "setTimeout(() => setImmediate(() => {\n  throw new Error('late');\n}), 150)"],
  ["a microtask after a timer", "setTimeout(() => queueMicrotask(() => {\n  throw new Error('late');\n}), 150)"],
  [
    "an event",
    "const { EventEmitter } = await import('node:events'); const bell = new EventEmitter(); setTimeout(() => bell.emit('error',\n  new Error('late')), 150)",
  ],
])("an error in %s of an earlier cell is printed there, and does not fail the one that is on", async (_, code) => {
  const { id, replied } = kernel.send("execute_request", { code: `${code}; undefined` });
  const count = (await replied).content.execution_count;
  const { reply } = await kernel.run("await new Promise((r) => setTimeout(r, 400)); 'mine'");
  expect(reply.status).toBe("ok");
  expect(kernel.of(id).text).toMatch(
    new RegExp(`^Error: late\\n[\\s\\S]*> 2 \\|[\\s\\S]*at .*cell ${count}, line 2, column`),
  );
});

test("promises show as they are, though the kernel knows whose they are", async () => {
  expect(await value("Promise.resolve(1)")).toBe("Promise { 1 }");
});

test("an error that nobody catches fails the cell that is on", async () => {
  const { reply } = await kernel.run(
    'setTimeout(() => { throw new Error("lost"); }); await new Promise((r) => setTimeout(r, 50));',
  );
  expect(reply).toMatchObject({ status: "error", evalue: "lost" });
});

test("whoever takes the listeners of errors away, or ends the process, ends no kernel", async () => {
  await kernel.run("process.removeAllListeners('uncaughtException').removeAllListeners();");
  expect((await kernel.run("Promise.reject(new Error('lost'))")).reply.evalue).toBe("lost");
  expect((await kernel.run("process.abort()")).reply.evalue).toBe("the cell called process.abort()");
  await kernel.run("process.stdin.destroy(); process.stdout.end();");
  expect((await kernel.run("console.log('still')")).text).toBe("still\n");
});

test("completion and inspection know the cells before, with docstrings", async () => {
  await kernel.run("/** Doubles a number. */\nfunction doubling(x: number): number { return 2 * x; }");
  const code = "const 𝑥 = 1; doub";
  const cursor_pos = [...code].length;
  expect(await kernel.ask("complete_request", { code, cursor_pos })).toEqual({
    status: "ok",
    matches: ["doubling"],
    cursor_start: cursor_pos - 4,
    cursor_end: cursor_pos,
    metadata: {},
  });
  const about = await kernel.ask("inspect_request", { code: "doubling", cursor_pos: 2, detail_level: 0 });
  expect(about).toMatchObject({ found: true });
  expect((about.data as Record<string, string>)["text/plain"]).toMatch(
    /doubling\(x: number\): number\n+Doubles a number\./,
  );
});

test("requests that lack what they need get an answer, and the kernel goes on", async () => {
  const lacking = await kernel.ask("execute_request", {});
  expect(lacking).toMatchObject({ status: "error", evalue: "Cannot run a cell: expected code as text, got undefined" });
  for (const type of ["complete_request", "inspect_request", "is_complete_request", "comm_info_request"]) {
    expect(await kernel.ask(type, {})).toHaveProperty(type === "comm_info_request" ? "comms" : "status");
  }
  expect(await value("1 + 1")).toBe("2");
});
