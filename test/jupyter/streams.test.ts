import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient, type Ran } from "./kernel-client.ts";

// Cells write to the streams of the process: the kernel puts out what they write, and stays.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
}, 60_000);
afterAll(() => kernel.close());

/** What a cell wrote to streams. */
const streamsOf = ({ published }: Pick<Ran, "published">) =>
  published.filter(({ type }) => type === "stream").map(({ content }) => content);

test("what is written to a stream is told to its caller", async () => {
  const written = "await new Promise<void>((done) => process.stdout.write('a', () => done())); console.error('b');";
  const ran = await kernel.run(written);
  expect(streamsOf(ran)).toEqual([
    { name: "stdout", text: "a" },
    { name: "stderr", text: "b\n" },
  ]);
});

test("the end of a stream is written, told to its caller, and closes nothing", async () => {
  const written =
    "await new Promise<void>((done) => process.stdout.end('bye', () => done())); process.stderr.end('b');";
  const ran = await kernel.run(written);
  expect(streamsOf(ran)).toEqual([
    { name: "stdout", text: "bye" },
    { name: "stderr", text: "b" },
  ]);
  await kernel.run("await new Promise<void>((done) => process.stdout.end(() => done()));");
  expect((await kernel.run("console.log('still')")).text).toBe("still\n");
  // Nor does it for what writes by its number, as programs do that a cell starts.
  const before = kernel.published.length;
  const { reply } = await kernel.run("const fs = await import('node:fs'); fs.writeSync(1, 'by number');");
  expect(reply.status).toBe("ok");
  await expect.poll(() => JSON.stringify(kernel.published.slice(before))).toContain("by number");
});
