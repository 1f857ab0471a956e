import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient, result } from "./kernel-client.ts";

// Errors that come of Node alone, with no call of a cell in their stack: they have the line that they come of.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  const names =
    "{ createReadStream, opendir, readFile, stat } from 'node:fs'; import net from 'node:net'; import http from 'node:http'";
  await kernel.run(`import ${names}; import { spawn } from 'node:child_process'; import { promisify } from 'node:util';
    import { pipeline } from 'node:stream/promises'; import { setTimeout as sleep } from 'node:timers/promises';
    const fail = promisify(stat);`);
}, 60_000);
afterAll(() => kernel.close());

/** Waits until a cell has printed a text: a test that gave up would leave it on, and those after it waiting. */
async function says(id: string, text: string): Promise<void> {
  while (!kernel.of(id).text.includes(text)) {
    expect(kernel.of(id).published).not.toContainEqual(expect.objectContaining({ type: "error" }));
    await setTimeout(10);
  }
}

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

const late = "throw new Error('late')";
test.each([
  ["of the files", `readFile('/etc/hostname', () => setTimeout(() => {\n  ${late};\n}, 100));`],
  ["of a folder", `opendir('.', (_, folder) => folder.read(() => {\n  ${late};\n}));`],
  ["of names", `(await import('node:dns')).lookup('localhost', () => queueMicrotask(() => {\n  ${late};\n}));`],
  ["of a resolver", `new (await import('node:dns')).Resolver().resolve4('[', () => {\n  ${late};\n});`],
  ["of compression", `(await import('node:zlib')).gzip('text', () => process.nextTick(() => {\n  ${late};\n}));`],
  ["of ciphers", `(await import('node:crypto')).randomBytes(8, () => setImmediate(() => {\n  ${late};\n}));`],
  ["of keys", `(await import('node:crypto')).pbkdf2('a', 'b', 9, 8, 'sha256', async () => {\n  ${late};\n});`],
  ["of a program", `(await import('node:child_process')).exec('true', () => {\n  ${late};\n});`],
  ["that is a promise's", `readFile('/none', () => void Promise.resolve().then(() => {\n  ${late};\n}));`],
  ["of its own", `readFile('/none', () => {\n  ${late};\n});`],
  ["that throws no error", `readFile('/none', () => {\n  throw 'late';\n});`],
  ["of a stream", `createReadStream('/etc/hostname').on('data', () => setTimeout(() => {\n  ${late};\n}, 9));`],
  [
    "of a server",
    `const one = http.createServer((_, answer) => { answer.end(); one.close(); setTimeout(() => {\n  ${late};\n}, 9); });
one.listen(0, () => http.get({ port: (one.address() as net.AddressInfo).port, agent: false }));`,
  ],
  [
    "of a server's socket",
    `const two = net.createServer((socket) => socket.on('end', () => {\n  two.close(); ${late};\n}));
two.listen(0, () => net.connect((two.address() as net.AddressInfo).port).end());`,
  ],
])("what a callback leaves behind is its cell's, never a later one's: a callback %s", async (_, code) => {
  const { id, replied } = kernel.send("execute_request", {
    code: `setTimeout(async () => { ${code} }, 200); undefined`,
  });
  const count = (await replied).content.execution_count;
  expect((await kernel.run("await sleep(700); 'fine'")).reply.status).toBe("ok");
  await expect.poll(() => kernel.of(id).text, { timeout: 15_000 }).toMatch(/late/);
  if (!code.includes("throw 'late'")) expect(kernel.of(id).text).toMatch(new RegExp(`at .*cell ${count}, line 2`));
});

test("what a callback prints stands below its cell, and an interrupt ends what it left behind", async () => {
  const code = "setTimeout(() => readFile('/none', () => console.log('told')), 100); undefined";
  const first = kernel.send("execute_request", { code });
  await first.replied;
  expect((await kernel.run("await sleep(300); console.log('mine')")).text).toBe("mine\n");
  expect(kernel.of(first.id).text).toBe("told\n");
  const endless = kernel.send("execute_request", {
    code: `const again = () => readFile('/none', () => { console.log('again'); setTimeout(again, 1); });
again(); await sleep(60_000);`,
  });
  await says(endless.id, "again");
  await kernel.ask("interrupt_request", {}, "control");
  expect((await endless.replied).content.ename).toBe("Interrupted");
  await kernel.run("await sleep(50)");
  const { length } = kernel.of(endless.id).text;
  await kernel.run("await sleep(200)");
  expect(kernel.of(endless.id).text).toHaveLength(length);
});

test.each([
  ["a listener that begins to", "Date.now() - alive > 25 && !ended"],
  ["each listener of an emitter that goes on, and begins to", "Date.now() - alive > 25 || ended"],
  ["one that begins to when the cell is long over", "Date.now() - alive > 1500 || ended"],
])("an interrupt ends %s compute without end once the cell was interrupted", async (_, isIts) => {
  const { id, replied } = kernel.send("execute_request", {
    code: `const { Worker } = await import("node:worker_threads"); let alive = Date.now(), ended = false;
setInterval(() => { alive = Date.now(); }, 5);
// The timer rests from the interrupt on.
new Worker("setInterval(() => require('node:worker_threads').parentPort.postMessage(1), 5)", { eval: true })
  .on("message", () => { if (${isIts}) { ended = true; for (;;); } });
console.log("on"); await new Promise(() => {});`,
  });
  await says(id, "on");
  await kernel.ask("interrupt_request", {}, "control");
  expect((await replied).content.ename).toBe("Interrupted");
  expect(result(await kernel.run("await sleep(3000); 6 * 7"))).toBe("42");
});

test.each([
  ["files", "await read('/etc/hostname')"],
  ["messages", "await once(bell, 'message')"],
  ["answers", "await (await fetch(url)).text()"],
])("a loop that awaits %s rests once it is interrupted, in a function, too", async (_, wait) => {
  const { reply } =
    await kernel.run(`import { readFile as read } from "node:fs/promises"; import { once } from "node:events";
import { Worker as Thread } from "node:worker_threads"; let rounds = 0;
const bell = new Thread("setInterval(() => require('node:worker_threads').parentPort.postMessage(1), 5)", { eval: true });
const shop = http.createServer((_, answer) => answer.end("x")).listen(0); await sleep(50);
const url = "http://localhost:" + (shop.address() as net.AddressInfo).port;`);
  expect(reply.evalue).toBeUndefined();
  for (const loop of [
    `for (;;) { ${wait}; rounds++; }`,
    `await (async () => { for (;;) { ${wait}; rounds++; } })();`,
  ]) {
    const { id, replied } = kernel.send("execute_request", { code: `console.log("on"); ${loop}` });
    await says(id, "on");
    await setTimeout(200);
    await kernel.ask("interrupt_request", {}, "control");
    expect((await replied).content.ename).toBe("Interrupted");
    const rounds = result(await kernel.run("await sleep(100); rounds"));
    expect(result(await kernel.run("await sleep(300); rounds"))).toBe(rounds);
  }
  await kernel.run("await bell.terminate(); shop.close(); shop.closeAllConnections();");
});

test("an interrupt ends each endless answer of a server of an earlier cell, and the next server answers", async () => {
  const asking = "const port = (one.address() as net.AddressInfo).port;";
  await kernel.run("const one = http.createServer(() => { for (;;); }).listen(0); await sleep(50);");
  const { id, replied } = kernel.send("execute_request", {
    code: `${asking} for (let i = 0; i < 20; i++) http.get({ port, agent: false }).on("error", () => {});
console.log("on"); await sleep(60_000);`,
  });
  await says(id, "on");
  await kernel.ask("interrupt_request", {}, "control");
  expect((await replied).content.ename).toBe("Interrupted");
  expect((await kernel.run("one.close(); one.closeAllConnections();")).reply.status).toBe("ok");
  const next = `const two = http.createServer((_, answer) => answer.end("two")).listen(0); await sleep(50);
const told = await (await fetch("http://localhost:" + (two.address() as net.AddressInfo).port)).text(); two.close(); told`;
  expect(result(await kernel.run(next))).toBe("two");
});

test("a connection that another cell opened is not the origin of what goes over it", async () => {
  await kernel.run(`const shop = http.createServer((_, answer) => answer.end('x')).listen(0); await sleep(50);
const port = (shop.address() as net.AddressInfo).port, agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = (then: () => void) => http.get({ port, agent }, (answer) => answer.on('end', then).resume());
await new Promise<void>((done) => ask(done)); await sleep(50);`);
  expect((await kernel.run("ask(() => console.log('mine')); await sleep(300);")).text).toBe("mine\n");
  expect((await kernel.run("shop.close(); agent.destroy();")).reply.status).toBe("ok");
});

test("functions with a promise's form keep it, and listeners go as they came", async () => {
  const cell = `const listener = () => {}; const { read, open } = await import('node:fs');
const once = new net.Socket().once('x', listener).off('x', listener);
const handle = await promisify(open)('/etc/hostname', 'r');
[once.listenerCount('x'), typeof (await promisify(read)(handle, Buffer.alloc(4), 0, 4, 0)).bytesRead].join()`;
  expect(result(await kernel.run(cell))).toBe("0,number");
});
