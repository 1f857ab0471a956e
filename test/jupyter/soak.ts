import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { random } from "../../src/math/random.ts";
import { type KernelClient, result } from "./kernel-client.ts";

/** What a cell of one kind does, and what must come of it. */
type Kind = (kernel: KernelClient, draw: Draw) => Promise<void>;

/** Draws a whole number below a bound. */
type Draw = (bound: number) => number;

/** Fails with the cell, not only with what differs. */
async function expectValue(kernel: KernelClient, code: string, value: unknown): Promise<void> {
  const ran = await kernel.run(code);
  expect({ code, error: ran.reply.evalue, value: result(ran) }).toEqual({ code, error: undefined, value });
}

/** Cells that an interrupt ends, wherever they are. */
const ENDLESS = [
  "for (;;);",
  "for (;;) console.log('on');",
  "await new Promise(() => {});",
  "for (;;) await new Promise((done) => setTimeout(done, 1));",
  "for (;;) await null;",
  "({ [Symbol.for('Jupyter.display')]: () => { for (;;); } })",
  "await new Promise(() => { const on = () => setImmediate(on); on(); });",
  "for (const kept: number[][] = []; ; ) { kept.push([1]); if (kept.length > 1e5) kept.length = 0; }",
];

export const kinds: Readonly<Record<string, Kind>> = {
  async flood(kernel, draw) {
    const lines = 100 + draw(4000);
    const { text, reply } = await kernel.run(`for (let i = 0; i < ${lines}; i++) console.log("line", i);`);
    expect(reply.status).toBe("ok");
    expect(text).toBe(Array.from({ length: lines }, (_, i) => `line ${i}\n`).join(""));
  },
  async error(kernel, draw) {
    const line = 1 + draw(9);
    const { reply } = await kernel.run(`${"\n".repeat(line - 1)}throw new RangeError("on purpose");`);
    expect(reply).toMatchObject({ status: "error", ename: "RangeError" });
    expect(String(reply.traceback)).toContain(`line ${line}, column 7`);
  },
  async mistake(kernel) {
    const { reply } = await kernel.run("const wrong: string = 5;");
    expect(reply).toMatchObject({ status: "error", ename: "TypeScriptError" });
  },
  async interrupt(kernel, draw) {
    const code = ENDLESS[draw(ENDLESS.length)];
    const running = kernel.run(code);
    await setTimeout(draw(400));
    expect(await kernel.ask("interrupt_request", {}, "control")).toEqual({ status: "ok" });
    // One that came before the cell had its turn ended nothing.
    while ((await Promise.race([running, setTimeout(2500)])) === undefined) {
      await kernel.ask("interrupt_request", {}, "control");
    }
    expect({ code, ename: (await running).reply.ename }).toEqual({ code, ename: "Interrupted" });
    await expectValue(kernel, "6 * 7", "42");
  },
  async worker(kernel, draw) {
    const n = draw(1000);
    const thread = `require("node:worker_threads").parentPort.postMessage(${n} * 2)`;
    const code = `import { Worker } from "node:worker_threads";
const thread = new Worker(${JSON.stringify(thread)}, { eval: true });
await new Promise((done) => thread.once("message", done))`;
    await expectValue(kernel, code, String(n * 2));
  },
  async display(kernel) {
    const { published } = await kernel.run(
      `import { newDisplay, display } from "tslab"; const place = newDisplay(); place.html("<b>1</b>"); place.html("<b>2</b>"); display.text("and")`,
    );
    const shown = published.filter(({ type }) => /display_data$/.test(type));
    expect(shown.map(({ content }) => Object.values(content.data as object).at(-1))).toEqual([
      "<b>1</b>",
      "<b>2</b>",
      "and",
    ]);
  },
  async comm(kernel, draw) {
    const target = `target-${draw(3)}`;
    await expectValue(
      kernel,
      `import { notebookHost } from "mixlens/notebook"; notebookHost()?.comms?.accept("${target}", (comm) => ({ message: (data) => comm.send({ back: data as object }) })); 1`,
      "1",
    );
    const [comm_id, data] = [`comm-${draw(2 ** 30)}`, { n: draw(100) }];
    await kernel.tell("comm_open", { comm_id, target_name: target, data: {} });
    await kernel.tell("comm_msg", { comm_id, data });
    // It comes as one of the cell that took the line.
    expect(kernel.published.map(({ content }) => content)).toContainEqual({ comm_id, data: { back: data } });
    await kernel.tell("comm_close", { comm_id, data: {} });
  },
  async redefinition(kernel, draw) {
    const n = draw(1000);
    await expectValue(kernel, `let kept = ${n}; const read = () => kept; class Kept { value = kept }`, undefined);
    await expectValue(kernel, "kept += 1; [read(), new Kept().value].join()", `${n + 1},${n + 1}`);
  },
  async big(kernel, draw) {
    const n = 1000 * (1 + draw(2000));
    await expectValue(kernel, `const large = new Float64Array(${n}).fill(2); large.length`, String(n));
    const { reply } = await kernel.run("Array.from(large.subarray(0, 1e5), (x) => ({ x }))");
    expect(reply.status).toBe("ok");
  },
  async timer(kernel, draw) {
    const wait = draw(50);
    const ran = await kernel.run(`setTimeout(() => console.log("late ${wait}"), ${wait}); "set"`);
    expect(result(ran)).toBe("set");
    const isPrinted = (): boolean =>
      kernel.published.some(({ content }) => String(content.text).includes(`late ${wait}`));
    while (!isPrinted()) await setTimeout(5);
  },
  async input(kernel, draw) {
    const said = `said ${draw(1000)}`;
    kernel.answers.push(said);
    const ran = await kernel.run(`prompt("what? ")`, { allow_stdin: true });
    expect(result(ran)).toBe(said);
  },
  async abort(kernel) {
    const sent = await Promise.all([kernel.run("throw 1"), kernel.run("2"), kernel.run("3")]);
    expect(sent.map(({ reply }) => reply.status)).toEqual(["error", "aborted", "aborted"]);
  },
  async question(kernel) {
    const code = "JSON.pars";
    expect((await kernel.ask("complete_request", { code, cursor_pos: code.length })).matches).toContain("parse");
    expect((await kernel.ask("is_complete_request", { code: "{" })).status).toBe("incomplete");
  },
  async fit(kernel, draw) {
    const code = `import { fit, random } from "mixlens"; const draws = random(${draw(100)});
const rows = Array.from({ length: 200 }, () => { const x = draws.normal(); return { x, y: (draws.uniform() < 0.5 ? x : -x) + 0.1 * draws.normal() }; });
fit(rows, { formula: "y ~ x", k: 2 }).formula.features.join()`;
    await expectValue(kernel, code, "x");
  },
  async overwriting(kernel) {
    await expectValue(kernel, "Array.prototype.map = (() => 'mine') as any; ([1].map((x) => x) as any)", "mine");
    await expectValue(kernel, "[1].map((x) => x + 1)", "[ 2 ]");
  },
};

/** What a run came to. */
export interface Soaked {
  readonly counts: Readonly<Record<string, number>>;
  /** The longest that anything took, in milliseconds, and what it was. */
  readonly longest: { readonly kind: string; readonly time: number };
  /** Bytes of the cells' values after each hundredth part. */
  readonly memory: readonly number[];
}

/** Runs things of random kinds, each of which must come to what it must. */
export async function soak(kernel: KernelClient, things: number, seed: number): Promise<Soaked> {
  const draws = random(seed);
  const draw: Draw = (bound) => Math.floor(draws.uniform() * bound);
  const names = Object.keys(kinds);
  const counts: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const memory: number[] = [];
  let longest = { kind: "none", time: 0 };
  for (let at = 0; at < things; at++) {
    const kind = names[draw(names.length)];
    const start = performance.now();
    await kinds[kind](kernel, draw);
    const time = performance.now() - start;
    if (time > longest.time) longest = { kind, time };
    counts[kind] += 1;
    if ((at + 1) % Math.ceil(things / 10) === 0) memory.push(await heapOf(kernel));
    // What has been read is not kept here.
    kernel.published.length = 0;
  }
  return { counts, longest, memory };
}

async function heapOf(kernel: KernelClient): Promise<number> {
  const collected =
    "(await import('node:v8')).setFlagsFromString('--expose-gc'); (await import('node:vm')).runInNewContext('gc')();";
  return Number(
    result(await kernel.run(`${collected} const used = process.memoryUsage(); used.heapUsed + used.external`)),
  );
}
