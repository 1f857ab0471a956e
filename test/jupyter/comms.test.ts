import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Content } from "../../src/jupyter/protocol/wire.ts";
import { KernelClient } from "./kernel-client.ts";

const host = 'const { comms } = (globalThis as any)[Symbol.for("mixlens.notebook")];';
let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  await kernel.run(host);
}, 60_000);
afterAll(() => kernel.close());

/** What was published about a comm, in order. */
const line = (comm_id: string): { type: string; content: Content; parent: unknown }[] =>
  kernel.published
    .filter(({ header, content }) => header.msg_type.startsWith("comm_") && content.comm_id === comm_id)
    .map(({ header, content: { comm_id: _, ...content }, parent }) => ({
      type: header.msg_type,
      content,
      parent: parent.msg_id,
    }));
const said = (comm_id: string): unknown[] =>
  line(comm_id).flatMap(({ type, content }) => (type === "comm_msg" ? [content.data] : []));
const comms = async (target_name?: string): Promise<unknown> =>
  (await kernel.ask("comm_info_request", target_name === undefined ? {} : { target_name })).comms;
/** A cell that accepts a target and runs `message` on what comes. */
const accepting = (target: string, message: string) =>
  `comms.accept("${target}", (comm: any, opening: any) => ({ message: (data: any, buffers: any) => { ${message} } })); undefined`;

test("a line that the page opens carries messages both ways, in order, until the page closes it", async () => {
  const code = `comms.accept("echo", (comm: any, opening: any) => {
    comm.send({ opening });
    return { message: (data: any) => comm.send({ got: data }), closed: () => console.log("closed") };
  }); undefined`;
  const { id, replied } = kernel.send("execute_request", { code });
  await replied;
  await kernel.tell("comm_open", { comm_id: "a", target_name: "echo", data: { x: 1 } });
  const sent = Array.from({ length: 200 }, (_, i) => kernel.tell("comm_msg", { comm_id: "a", data: i }));
  await Promise.all(sent);
  expect(said("a")).toEqual([{ opening: { x: 1 } }, ...sent.map((_, i) => ({ got: i }))]);
  expect(line("a").map(({ parent }) => parent)).toEqual(sent.map(() => id).concat(id));
  expect(await comms()).toEqual({ a: { target_name: "echo" } });
  expect([await comms("echo"), await comms("other")]).toEqual([{ a: { target_name: "echo" } }, {}]);
  await kernel.tell("comm_close", { comm_id: "a", data: {} });
  await kernel.tell("comm_msg", { comm_id: "a", data: "late" });
  expect(await comms()).toEqual({});
  expect(said("a")).toHaveLength(201);
  expect(kernel.of(id).text).toBe("closed\n");
});

test("a line that a cell opens carries messages both ways, until the cell closes it", async () => {
  const { published } = await kernel.run(
    'const mine = comms.open("page", { first: 1 }, { message: (data: any) => mine.send({ back: data }) }); undefined',
  );
  const [{ content }] = published.filter(({ type }) => type === "comm_open");
  expect(content).toEqual({ comm_id: "mixlens-1", target_name: "page", data: { first: 1 } });
  await kernel.tell("comm_msg", { comm_id: "mixlens-1", data: "hello" });
  expect(said("mixlens-1")).toEqual([{ back: "hello" }]);
  await kernel.run("mine.close(); mine.send({ never: 1 });");
  expect(line("mixlens-1").map(({ type }) => type)).toEqual(["comm_open", "comm_msg", "comm_close"]);
  expect(await comms("page")).toEqual({});
});

test("a line to a target that nobody accepts is closed at once", async () => {
  const { published } = await kernel.tell("comm_open", { comm_id: "b", target_name: "nobody", data: {} });
  expect(published.map(({ type }) => type)).toEqual(["status", "comm_close", "status"]);
  expect(published[1].content).toEqual({ comm_id: "b", data: {} });
  expect(await comms()).toEqual({});
});

test("bytes beside a message arrive on both sides", async () => {
  await kernel.run(accepting("bytes", "comm.send({}, [new Uint8Array(buffers[0]).map((x) => 2 * x)]);"));
  await kernel.tell("comm_open", { comm_id: "c", target_name: "bytes", data: {} });
  await kernel.tell("comm_msg", { comm_id: "c", data: {} }, [new Uint8Array([1, 2, 3])]);
  const answer = kernel.published.find(({ content, buffers }) => content.comm_id === "c" && buffers.length > 0);
  expect(Array.from(answer!.buffers[0])).toEqual([2, 4, 6]);
});

test("what a handler throws is printed below its cell with the cell's lines, and the next message is taken", async () => {
  const code = accepting(
    "faulty",
    'if (data === "bad") throw new RangeError("no such thing");\n  if (data === "late") return Promise.reject(new Error("later"));\n  console.log("well", data);',
  );
  const { id, replied } = kernel.send("execute_request", { code });
  await replied;
  await kernel.tell("comm_open", { comm_id: "d", target_name: "faulty", data: {} });
  for (const data of ["bad", "good", "late"]) await kernel.tell("comm_msg", { comm_id: "d", data });
  const { published, text } = kernel.of(id);
  expect(text).toMatch(/^RangeError: no such thing\n> 1 \| [\s\S]*\nwell good\nError: later\n/);
  expect(published.flatMap(({ type, content }) => (type === "stream" ? [content.name] : []))).toEqual([
    "stderr",
    "stdout",
    "stderr",
  ]);
  expect((await kernel.run("1")).reply.status).toBe("ok");
});

test("a handler that throws as a line opens closes it", async () => {
  await kernel.run('comms.accept("refusing", () => { throw new Error("no"); }); undefined');
  await kernel.tell("comm_open", { comm_id: "e", target_name: "refusing", data: {} });
  expect(line("e").map(({ type }) => type)).toEqual(["comm_close"]);
});

test("messages are taken while a cell awaits, and the kernel is told busy after them", async () => {
  await kernel.run(`let heard: unknown[] = []; ${accepting("during", "heard.push(data);")}`);
  const running = kernel.run("while (heard.length < 2) await new Promise((done) => setTimeout(done, 5)); heard");
  await kernel.tell("comm_open", { comm_id: "f", target_name: "during", data: {} });
  await Promise.all([1, 2].map((data) => kernel.tell("comm_msg", { comm_id: "f", data })));
  const { published, reply } = await running;
  expect(reply.status).toBe("ok");
  const states = published.flatMap(({ type, content }) => (type === "status" ? [content.execution_state] : []));
  expect(states[0]).toBe("busy");
  expect(states.filter((state) => state === "busy").length).toBeGreaterThan(1);
  expect(states.at(-1)).toBe("idle");
});

test("a line to a target that a waiting cell accepts waits for it, and its messages for the line", async () => {
  const first = kernel.run("await new Promise((done) => setTimeout(done, 100));");
  const second = kernel.run(`const order: unknown[] = []; ${accepting("soon", "order.push(data);")}`);
  const sent = [kernel.tell("comm_open", { comm_id: "g", target_name: "soon", data: {} })];
  for (const data of [1, 2, 3]) sent.push(kernel.tell("comm_msg", { comm_id: "g", data }));
  await Promise.all([first, second, ...sent]);
  const { published } = await kernel.run("order.join()");
  expect(published.find(({ type }) => type === "execute_result")?.content.data).toEqual({ "text/plain": "1,2,3" });
});

test("an interrupt ends a handler that computes without end, between cells", async () => {
  const code = accepting("endless", 'console.log("on"); for (;;);');
  const { id, replied } = kernel.send("execute_request", { code });
  await replied;
  await kernel.tell("comm_open", { comm_id: "h", target_name: "endless", data: {} });
  const taken = kernel.tell("comm_msg", { comm_id: "h", data: {} });
  while (kernel.of(id).text === "") await setTimeout(10);
  await kernel.ask("interrupt_request", {}, "control");
  await taken;
  expect(kernel.of(id).text).toBe("on\nInterrupted: the cell was interrupted\n");
  expect((await kernel.run("1")).reply.status).toBe("ok");
});

test("who accepts a target takes it from whoever did before, and may give it up", async () => {
  const { id, replied } = kernel.send("execute_request", {
    code: 'comms.accept("one", () => undefined, () => console.log("first is over")); undefined',
  });
  await replied;
  await kernel.tell("comm_open", { comm_id: "j", target_name: "one", data: {} });
  await kernel.run('const giveUp = comms.accept("one", (comm: any) => { comm.send("second"); }); undefined');
  await kernel.tell("comm_open", { comm_id: "k", target_name: "one", data: {} });
  expect([line("j").map(({ type }) => type), said("k")]).toEqual([["comm_close"], ["second"]]);
  expect(kernel.of(id).text).toBe("first is over\n");
  await kernel.run("giveUp(); giveUp();");
  await kernel.tell("comm_open", { comm_id: "l", target_name: "one", data: {} });
  expect(["k", "l"].map((id) => line(id).at(-1)?.type)).toEqual(["comm_close", "comm_close"]);
});

test("a cell that runs again lets go of what it opened and accepted, and no other does", async () => {
  const code = 'comms.accept("again", () => undefined, () => console.log("let go")); comms.open("page", {}); undefined';
  const run = (cellId: string) => kernel.run(code.replace("again", cellId), {}, { cellId });
  await run("one");
  await run("two");
  await kernel.tell("comm_open", { comm_id: "i", target_name: "one", data: {} });
  const [before] = Object.keys((await comms("page")) as object);
  const { text } = await run("one");
  expect(text).toBe("");
  expect(line("i").map(({ type }) => type)).toEqual(["comm_close"]);
  expect(line(before).map(({ type }) => type)).toEqual(["comm_open", "comm_close"]);
  expect(Object.keys((await comms("page")) as object)).toHaveLength(2);
});
