import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runNotebooks } from "../../src/jupyter/run/run-notebooks.ts";
import { KernelClient } from "./kernel-client.ts";
import { scratchNotebook } from "./scratch.ts";

// The process of the cells may end at any time: the kernel goes on, and says why.

let kernel: KernelClient;
beforeAll(async () => {
  const program = join(import.meta.dirname, "../../dist/kernel.mjs");
  const argv = [process.execPath, "--max-old-space-size=150", program, "kernel", "--config-path", "{connection_file}"];
  kernel = await KernelClient.start(undefined, argv);
}, 60_000);
afterAll(() => kernel.close());

const fill = "const kept: unknown[] = []; for (;;) kept.push({ a: [1, 2, 3] });";
const full =
  /^the cell filled the \d+ MB that Node.js gives to values, and its process ended; keep less of them at a time, or set NODE_OPTIONS=--max-old-space-size=\d+ where Jupyter is started$/;

test.each([
  ["fills the memory", fill, "OutOfMemory", full],
  [
    "fills the memory while it awaits",
    `for await (const one of (async function* () { for (;;) yield [1, 2, 3]; })()) (globalThis as any).kept = [(globalThis as any).kept, one];`,
    "OutOfMemory",
    full,
  ],
  ["kills its process", "process.kill(process.pid, 'SIGKILL'); for (;;);", "ProcessEnded", /with SIGKILL, which the/],
  ["ends its process", "(process as any).reallyExit(7)", "ProcessEnded", /with exit code 7$/],
])(
  "a cell that %s says so, those sent after it are passed over, and the next one runs",
  async (_, code, ename, evalue) => {
    const printed = kernel.run("const gone = 1; console.log('kept'); gone");
    const [before, failed, passed, completed] = await Promise.all([
      printed,
      kernel.run(code),
      kernel.run("gone"),
      kernel.ask("complete_request", { code: "JSON.pars", cursor_pos: 9 }),
    ]);
    expect(before).toMatchObject({ text: "kept\n", reply: { status: "ok" } });
    const count = Number(before.reply.execution_count) + 1;
    expect(failed.reply).toMatchObject({ status: "error", ename, execution_count: count });
    expect(failed.reply.evalue).toMatch(evalue);
    expect(failed.published.map(({ type }) => type).slice(0, 4)).toEqual([
      "status",
      "execute_input",
      "error",
      "status",
    ]);
    expect(failed.published[2].content.traceback).toEqual([
      `${ename}: ${failed.reply.evalue}`,
      "A new one has started, without the variables: run the cells again from the top.",
    ]);
    expect(passed.reply).toEqual({ status: "aborted" });
    expect(completed.matches).toContain("parse");
    expect(kernel.published).toContainEqual(
      expect.objectContaining({ content: { execution_state: "restarting" }, header: expect.anything() }),
    );
    const after = await kernel.run("typeof gone");
    expect(after.reply).toMatchObject({ status: "error", evalue: "1:8 - Cannot find name 'gone'. (TS2304)" });
    expect((await kernel.run("6 * 7")).published).toContainEqual({
      type: "execute_result",
      content: expect.objectContaining({ data: { "text/plain": "42" } }),
    });
  },
);

test("where no cell is on, it is printed below the last", async () => {
  const { reply } = await kernel.run("setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 100);");
  expect(reply.status).toBe("ok");
  const said = (): unknown => kernel.published.at(-2)?.content.text;
  while (kernel.published.at(-1)?.content.execution_state !== "restarting") await setTimeout(20);
  expect(said()).toMatch(/^ProcessEnded: the process of the cells ended with SIGSEGV\nA new one has started/);
  expect((await kernel.run("1")).reply).toMatchObject({ status: "ok", execution_count: 1 });
});

test("what passes by the streams of cells is printed in the cell, before its end", async () => {
  const code = `import { execSync } from "node:child_process"; import { writeSync } from "node:fs";
execSync("echo one; echo two >&2", { stdio: "inherit" }); writeSync(1, "three ö\\n");`;
  const { published } = await kernel.run(code);
  expect(published.at(-1)?.content).toEqual({ execution_state: "idle" });
  const printed = (name: string): string =>
    published.flatMap(({ content }) => (content.name === name ? [content.text] : [])).join("");
  expect([printed("stdout"), printed("stderr")]).toEqual(["one\nthree ö\n", "two\n"]);
});

test("an interrupt, too, is answered where the process ends", async () => {
  const running = kernel.run("process.kill(process.pid, 'SIGSTOP');");
  await setTimeout(500);
  const interrupted = kernel.ask("interrupt_request", {}, "control");
  const [pid] = await childrenOf(kernel.process.pid);
  process.kill(pid, "SIGKILL");
  expect((await interrupted).status).toBe("ok");
  expect((await running).reply.ename).toBe("ProcessEnded");
});

test("the kernel leaves no process behind, however it ends", async () => {
  const other = await KernelClient.start();
  const running = other.run("for (;;);");
  void running;
  const [pid] = await childrenOf(other.process.pid);
  await other.close();
  // One that has ended may wait for somebody to hear of it.
  const state = (): Promise<string> => ps("-o", "stat=", "-p", String(pid));
  while (/^[^Z]/.test(await state())) await setTimeout(20);
});

test("a run of the file says so, too", async () => {
  const file = await scratchNotebook("process.kill(process.pid, 'SIGKILL');");
  const runs = [];
  for await (const run of runNotebooks([file], { now: () => performance.now() })) runs.push(run);
  expect(runs[0].firstError?.message).toMatch(/^ProcessEnded: the process of the cells ended with SIGKILL/);
});

async function childrenOf(pid: number | undefined): Promise<number[]> {
  return (await ps("-o", "pid=", "--ppid", String(pid))).split("\n").map(Number);
}

/** What `ps` says, which fails where there is no such process. */
async function ps(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", args).catch(() => ({ stdout: "" }));
  return stdout.trim();
}
