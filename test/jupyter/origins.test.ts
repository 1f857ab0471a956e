import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient, result } from "./kernel-client.ts";

// Errors that come of Node alone, with no call of a cell in their stack: they have the line that they come of.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  const names =
    "{ createReadStream, readFile, stat } from 'node:fs'; import net from 'node:net'; import http from 'node:http'";
  await kernel.run(`import ${names}; import { spawn } from 'node:child_process'; import { promisify } from 'node:util';
    import { pipeline } from 'node:stream/promises'; import { setTimeout as sleep } from 'node:timers/promises';
    const fail = promisify(stat);`);
}, 60_000);
afterAll(() => kernel.close());

/** The line of a cell that its error points to, and the one that its last call names. */
async function lineOf(code: string): Promise<[string | undefined, string | undefined]> {
  const { reply } = await kernel.run(code);
  const text = (reply.traceback as string[]).join("\n");
  return [
    /^> \d+ \| *(.*)$/m.exec(text)?.[1],
    / at (?:async )?(cell \d+, line \d+)/.exec(text)?.[1].replace(/\d+/, "n"),
  ];
}

test.each([
  ["a callback's error", "1;\nawait fail('/none');", "await fail('/none');"],
  ["one of two awaits", "await 1; await sleep(1);\nawait fail('/none');\nawait 2;", "await fail('/none');"],
  ["an await within an await", "await sleep(1,\n  await fail('/none'));", "await fail('/none'));"],
  ["the outer one", "await fail(\n  await Promise.resolve('/none'));", "await fail("],
  ["a signal", "1;\nawait sleep(9000, 1, { signal: AbortSignal.timeout(5) });", "await sleep(9000, 1, {"],
  ["a pipeline", "1;\nawait pipeline(createReadStream('/none'), process.stdout);", "await pipeline("],
  ["what is iterated", "1;\nfor await (const part of createReadStream('/none')) part;", "for await (const part"],
  ["within such a loop", "for await (const one of [1, 2]) {\n  await fail('/none');\n}", "await fail('/none');"],
  [
    "its next turn",
    "async function* two() { yield 1; await fail('/none'); }\nfor await (const one of two()) await 1;",
    "for await (const one",
  ],
  ["after a caught one", "try { await fail('/a'); } catch { await 1; }\nawait fail('/b');", "await fail('/b');"],
  ["a last value", "1;\nawait fail('/none')", "await fail('/none')"],
  ["without semicolons", "const a = 1\nawait fail('/none')\nconst b = 2", "await fail('/none')"],
])("what a cell awaits: %s", async (_, code, start) => {
  const [line, call] = await lineOf(code);
  expect(line).toMatch(new RegExp(`^${start.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
  expect(call).toBe(`cell n, line ${code.split("\n").findIndex((one) => one.trim().startsWith(line ?? "")) + 1}`);
});

test("what was awaited before, and is there, is not said to be at fault", async () => {
  await kernel.run("let kept: unknown; try { await fail('/none'); } catch (error) { kept = error; }");
  await kernel.run("const later = () => { throw { name: 'E', message: 'm', stack: '' }; };");
  for (const code of [
    "await 1;\nlater();",
    "try { await fail('/a') } catch {}\nlater();",
    "for await (const x of [1]) x;\nlater();",
  ]) {
    expect(await lineOf(code)).toEqual([undefined, undefined]);
  }
});

test("values are what they are without it", async () => {
  const cell = `const list = [await Promise.resolve(1), ...(await Promise.all([2, Promise.resolve(3)]))];
for await (const more of [4, Promise.resolve(5)]) list.push(more);
const of = async (x: number) => { for await (const y of [x]) return (await Promise.resolve(y)) + 1; };
const { length } = await Promise.resolve(list), last = (await of(5))!;
[...list, last, length, await await 7, typeof (await Promise.resolve(8)), -(await 9)].join()`;
  expect(result(await kernel.run(cell))).toBe("1,2,3,4,5,6,5,7,number,-9");
});

test.each([
  ["a program", "spawn('no-such-program');"],
  ["a socket", "net.connect(1, '127.0.0.1');"],
  ["a request", "http.get('http://127.0.0.1:1/');"],
  ["a stream", "createReadStream('/none');"],
])("%s without a handler of its errors fails the cell that made it, there; never a later one", async (_, code) => {
  expect(await lineOf(`1;\n${code}\nawait sleep(3000);`)).toEqual([code, "cell n, line 2"]);
  const before = kernel.published.length;
  const { reply } = await kernel.run(`void setTimeout(() => {\n  ${code}\n}, 300);`);
  expect((await kernel.run("await sleep(800); 'fine'")).reply.status).toBe("ok");
  const told = (): string => {
    const streams = kernel.published.slice(before).filter(({ header }) => header.msg_type === "stream");
    // A cell that is still on by then fails.
    return [...streams.map(({ content }) => content.text), ...((reply.traceback as string[] | undefined) ?? [])].join(
      "",
    );
  };
  await expect.poll(told, { timeout: 15_000 }).toContain(`at cell ${reply.execution_count}, line 2`);
});

test("an error that a handler takes is the handler's", async () => {
  const cell =
    "const said = await new Promise<Error>((take) => spawn('no-such-program').on('error', take));\nsaid.message";
  expect(result(await kernel.run(cell))).toBe("spawn no-such-program ENOENT");
});
