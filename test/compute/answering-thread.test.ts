import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { answeringThread } from "../../src/compute/answering-thread.ts";

/** A program that doubles numbers, and does something else for a text. */
const program = (otherwise: string): string => `
  const { port, signal } = require("node:worker_threads").workerData;
  port.on("message", (request) => {
    if (typeof request === "string") { ${otherwise} }
    port.postMessage(2 * request);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  });`;

test.each([
  ["ends", "process.exit(0);", "its thread has ended"],
  ["throws", "throw new Error(request);", "its thread has ended"],
  ["rejects", "Promise.reject(new Error(request)); return;", "its thread has ended"],
])("a thread that %s has no answer, then or later, and another one has", (_, otherwise, ending) => {
  const [first, second] = [0, 1].map(() => answeringThread<number | string, number>(program(otherwise), {}));
  expect(first.ask(21)).toBe(42);
  expect(first.ask("now")).toBe(undefined);
  expect(first.ending()).toBe(ending);
  expect(first.ask(21)).toBe(undefined);
  expect(second.ask(21)).toBe(42);
  for (const { close } of [first, second]) close();
});

test("a thread that runs out of memory says so, and the process goes on", () => {
  const [source, loader] = ["../../src/compute/answering-thread.ts", "../support/typescript.mjs"].map(
    (path) => new URL(path, import.meta.url).href,
  );
  const script = `
    import { answeringThread } from ${JSON.stringify(source)};
    const filling = ${JSON.stringify(program("for (const all = []; ; ) all.push(new Array(1e5).fill(0.5));"))};
    const [thread, next] = [0, 1].map(() => answeringThread(filling, {}));
    console.log(String(thread.ask("now")), thread.ending(), next.ask(21));
    for (const { close } of [thread, next]) close();`;
  const args = ["--max-old-space-size=64", "--import", loader, "--input-type=module", "--eval", script];
  const printed = execFileSync(process.execPath, args, { encoding: "utf8", cwd: fileURLToPath(new URL(".", source)) });
  expect(printed).toBe("undefined its thread ran out of memory 42\n");
});
