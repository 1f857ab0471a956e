import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { installKernel } from "../../src/jupyter/lab/kernel-spec.ts";
import { KernelClient } from "./kernel-client.ts";
import { scratchFolder } from "./scratch.ts";

// A kernel ends when it is told to, or when nobody is left to tell it.

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each([
  ["computes", "for (;;);"],
  ["prints", "for (;;) console.log('on');"],
  ["asks", "prompt('what?')"],
])("a kernel whose cell %s ends when it is told to", async (_, code) => {
  const other = await KernelClient.start();
  const { text } = await other.run("console.log(process.pid);");
  void other.run(code, { allow_stdin: true });
  await setTimeout(300);
  const exit = once(other.process, "exit");
  expect(await other.ask("shutdown_request", { restart: false }, "control")).toEqual({ status: "ok", restart: false });
  expect(await exit).toEqual([0, null]);
  while (isAlive(Number(text))) await setTimeout(50);
  await other.close();
});

test("a kernel whose parent is killed ends, in the middle of a cell", async () => {
  const { argv } = JSON.parse(await readFile(await installKernel({ prefix: await scratchFolder() }), "utf8"));
  const other = await KernelClient.start(undefined, ["sh", "-c", '"$@" & wait', "sh", ...argv]);
  const { text } = await other.run("console.log(process.pid);");
  void other.run("for (;;);");
  other.process.kill("SIGKILL");
  while (isAlive(Number(text))) await setTimeout(50);
  await other.close();
});

test("a kernel that is idle ends by itself", async () => {
  const other = await KernelClient.start();
  const exit = once(other.process, "exit");
  await other.ask("shutdown_request", { restart: false }, "control");
  expect(await exit).toEqual([0, null]);
  await other.close();
});
