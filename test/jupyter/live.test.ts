import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { figureMime, liveMime, type StateMessage } from "../../src/display/live/live-state.ts";
import { readNotebook } from "../../src/jupyter/run/notebook.ts";
import { runNotebook } from "../../src/jupyter/run/run-notebook.ts";
import { runNotebooks } from "../../src/jupyter/run/run-notebooks.ts";
import { KernelClient, type Ran } from "./kernel-client.ts";
import { scratchNotebook } from "./scratch.ts";

const now = () => performance.now();
let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
  await kernel.run(
    'import { figure } from "mixlens"; import { button, liveFigure, progress, select, show, slider } from "mixlens/notebook";',
  );
}, 60_000);
afterAll(() => kernel.close());

const dot = "(y: number) => figure('a point at ' + y, [{ x: [0], y: [y] }], {})";

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 15_000 });

/** What a cell or a message shows, and the updates of it. */
const shown = ({ published }: Pick<Ran, "published">, type: string = "display_data") =>
  published
    .filter((message) => message.type === type)
    .map(({ content }) => content as { data: Record<string, string> });
const states = (comm_id: string): StateMessage[] =>
  kernel.published
    .filter(({ header, content }) => header.msg_type === "comm_msg" && content.comm_id === comm_id)
    .map(({ content }) => content.data as StateMessage);
const open = (comm_id: string, target_name: string) => kernel.tell("comm_open", { comm_id, target_name, data: {} });
let sent = 0;
const move = (comm_id: string, value: number) => kernel.tell("comm_msg", { comm_id, data: { value, count: ++sent } });
async function text(code: string): Promise<unknown> {
  const ran = await kernel.run(code);
  return shown(ran, "execute_result")[0]?.data["text/plain"];
}

test("a slider that the page moves has its value in later cells, and what follows it is drawn anew", async () => {
  const { id, replied } = kernel.send("execute_request", {
    code: `const height = slider({ label: "height", min: 0, max: 10, value: 2 });\nliveFigure([height], ${dot})`,
  });
  await replied;
  const [{ data, ...rest }] = shown(kernel.of(id));
  const [control, figure] = data[liveMime].split(" ");
  expect(rest).toEqual({ metadata: {}, transient: { display_id: figure } });
  expect(data["text/plain"]).toBe("height: 2 (0 to 10)\n[figure] a point at 2");
  await open("control", control);
  await open("figure", figure);
  expect([states("control"), states("figure")]).toMatchObject([
    [{ state: { value: 2 } }],
    [{ state: { alt: "a point at 2" } }],
  ]);
  for (const value of [3, 4, 5, 6, 7.5]) await move("control", value);
  expect(await text("height.value")).toBe("7.5");
  await soon(() => states("figure").at(-1)).toMatchObject({ state: { alt: "a point at 7.5" } });
  // What the notebook keeps follows when there is time for a picture, and the page is told of it after the notebook.
  const kept = "height: 7.5 (0 to 10)\n[figure] a point at 7.5";
  await soon(() => shown(kernel.of(id), "update_display_data").at(-1)?.data["text/plain"]).toBe(kept);
  await soon(() => states("figure").at(-1)?.kept).toMatchObject({ "text/plain": kept, [liveMime]: data[liveMime] });
});

const svg = "data:image/svg+xml;base64,";

test("a figure is shown as it lives, and gets its picture once its cell is over", async () => {
  const { id, replied } = kernel.send("execute_request", { code: `(${dot})(3)`, allow_stdin: true });
  await replied;
  const [first] = shown(kernel.of(id));
  expect(first.data[figureMime]).toBe("text/html");
  expect(first.data["text/html"]).not.toContain(svg);
  const types = (): string[] => kernel.of(id).published.map(({ type }) => type);
  await soon(types).toEqual(["status", "execute_input", "display_data", "status", "update_display_data"]);
  const [kept] = shown(kernel.of(id), "update_display_data") as unknown as (typeof first & { transient: object })[];
  expect(kept).toMatchObject({ transient: (first as unknown as { transient: object }).transient });
  expect(kept.data["text/html"]).toContain(svg);
  expect({ ...kept.data, "text/html": "" }).toEqual({ ...first.data, "text/html": "" });
});

test("an interrupt of a later cell takes no figure its picture", async () => {
  const { id, replied } = kernel.send("execute_request", {
    code: `await show((${dot})(4));\nfor (;;);`,
    allow_stdin: true,
  });
  await soon(() => shown(kernel.of(id)).length).toBe(1);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await replied).content.ename).toBe("Interrupted");
  await soon(() => shown(kernel.of(id), "update_display_data").at(-1)?.data["text/html"]).toContain(svg);
});

test("a cell of who can be asked nothing, as a program that runs notebooks, ends when its pictures are there", async () => {
  const { published } = await kernel.run(`await show((${dot})(5)); (${dot})(6)`, { allow_stdin: false });
  expect(published.map(({ type }) => type)).toEqual([
    ...["status", "execute_input", "display_data", "display_data", "update_display_data", "update_display_data"],
    "status",
  ]);
  for (const { data } of shown({ published }, "update_display_data")) expect(data["text/html"]).toContain(svg);
});

test("a long fit tells the page how far it is, as it keeps the thread, and leaves nothing behind, interrupted or not", async () => {
  const code = (steps: number) => `const { fit } = await import("mixlens");
const rows = Array.from({ length: 40 }, (_, i) => Math.sin(i));
let count = 0;
const onStep = () => {
  count++;
  for (const end = performance.now() + 150; performance.now() < end && count < ${steps}; );
};
fit({ x: rows, y: rows.map((v, i) => (i % 2 ? v : 1 - v) + 0.5 * Math.cos(7 * i)) }, { response: "y", starts: 1, maxIterations: ${steps}, sigmaFloor: 0.1, tolerance: 0, onStep }).iterations`;
  const run = async (steps: number, meanwhile: (id: string) => Promise<unknown>) => {
    const { id, replied } = kernel.send("execute_request", { code: code(steps), allow_stdin: true });
    const types = () => kernel.of(id).published.filter(({ type }) => type.startsWith("comm"));
    await soon(() => types().length).toBeGreaterThan(1);
    await meanwhile(id);
    await replied;
    expect(types()[0].content).toMatchObject({ target_name: "mixlens-progress" });
    expect(types()[1].content.data).toMatchObject({
      line: expect.stringMatching(/^fit: start 1 of 1, step \d+, log-l/),
    });
    expect(types().at(-1)?.type).toBe("comm_close");
    expect(shown(kernel.of(id))).toEqual([]);
  };
  await run(14, async () => {});
  await run(1000, () => kernel.ask("interrupt_request", {}, "control"));
});

test("a button works while its cell runs: it can stop a loop that awaits", async () => {
  const code = `let stopped = false;
const stop = button({ label: "Stop", onClick: () => { stopped = true; console.log("stopping"); } });
await show(stop);
let rounds = 0;
while (!stopped) { rounds++; await new Promise((done) => setTimeout(done, 5)); }
rounds > 0`;
  const { id, replied } = kernel.send("execute_request", { code });
  while (shown(kernel.of(id)).length === 0) await setTimeout(10);
  await open("stop", shown(kernel.of(id))[0].data[liveMime]);
  await move("stop", 0);
  await replied;
  expect(kernel.of(id).text).toBe("stopping\n");
});

test("a bar moves in a loop that awaits nothing, and ends where it ended", async () => {
  const ran = await kernel.run(`const bar = progress({ label: "rounds", total: 60 });
await show(bar);
for (let i = 1; i <= 60; i++) { bar.value = i; for (const end = performance.now() + 20; performance.now() < end; ); }`);
  const during = shown(ran, "update_display_data").length;
  expect(during).toBeGreaterThan(2);
  expect(during).toBeLessThan(60);
  // Of the bar alone: what a control of an earlier cell still has to say may come later.
  const rounds = () =>
    kernel.published
      .filter(({ header }) => header.msg_type === "update_display_data")
      .map(({ content }) => (content.data as Record<string, string | undefined>)["text/plain"])
      .filter((text) => text?.startsWith("rounds"));
  await soon(() => rounds().at(-1)).toBe("rounds: 60 of 60");
});

test("a cell that runs again has a new control, and lets go of the old one", async () => {
  const code = 'const once = slider({ label: "once", min: 0, max: 1 }); once';
  const [first, second] = [
    await kernel.run(code, {}, { cellId: "c" }),
    await kernel.run(code, {}, { cellId: "c" }),
  ].map((ran) => shown(ran)[0].data[liveMime]);
  expect(second).toBe(first.replace(/1$/, "2"));
  await open("old", first);
  await open("new", second);
  const types = (comm_id: string) =>
    kernel.published.filter(({ content }) => content.comm_id === comm_id).map(({ header }) => header.msg_type);
  expect([types("old"), types("new")]).toEqual([["comm_close"], ["comm_msg"]]);
});

test("a drawing that fails as its cell runs fails the cell; later it stands in the figure's place, with its lines", async () => {
  const code = (from: number) => `const careful = slider({ label: "careful", min: 0, max: 9, value: ${from} });
liveFigure([careful], (y) => {
  if (y > 5) throw new RangeError("too high");
  return figure("fine", [{ x: [0], y: [y] }], {});
})`;
  expect((await kernel.run(code(6))).reply).toMatchObject({ status: "error", evalue: "too high" });
  const [control, figure] = shown(await kernel.run(code(1)))[0].data[liveMime].split(" ");
  await open("careful", control);
  await open("failing", figure);
  await move("careful", 7);
  await soon(() => states("failing").at(-1)?.state).toMatchObject({
    kind: "error",
    message: expect.stringMatching(/^RangeError: too high\n[\s\S]*\n> 3 \| {3}if \(y > 5\)/),
  });
  await move("careful", 3);
  await soon(() => states("failing").at(-1)).toMatchObject({ state: { kind: "figure", alt: "fine" } });
});

test("an interrupt ends a drawing without end, and the next one is made", async () => {
  const code = `const deep = slider({ label: "deep", min: 0, max: 9, value: 1 });
liveFigure([deep], (y) => { if (y > 5) { console.log("on"); for (;;); } return figure(\`at \${y}\`, [{ x: [0], y: [y] }], {}); })`;
  const { id, replied } = kernel.send("execute_request", { code });
  await replied;
  const [control, figure] = shown(kernel.of(id))[0].data[liveMime].split(" ");
  await open("deep", control);
  await open("endless", figure);
  const interrupted = { kind: "error", message: "Interrupted: the cell was interrupted" };
  // Time and again: what is heard while the drawing is ended depends on the moment.
  for (let round = 1; round <= 5; round++) {
    await move("deep", 7);
    await soon(() => kernel.of(id).text).toBe("on\n".repeat(round));
    await kernel.ask("interrupt_request", {}, "control");
    await soon(() => states("endless").at(-1)).toMatchObject({ state: interrupted });
    await move("deep", 3);
    await soon(() => states("endless").at(-1)).toMatchObject({ state: { kind: "figure", alt: "at 3" } });
  }
});

test("a headless run keeps each control as it ended, in the same bytes each time", async () => {
  const file = await scratchNotebook(
    'import { figure } from "mixlens"; import { liveFigure, progress, show, slider } from "mixlens/notebook";',
    `const height = slider({ label: "height", min: 0, max: 10, value: 2 }); liveFigure([height], ${dot})`,
    "height",
    'height.value = 4; const bar = progress({ label: "work", total: 3 }); await show(bar); for (const i of [1, 2, 3]) bar.value = i;',
  );
  // Each run in a process of its own, as the command has it.
  const run = async (): Promise<string> => {
    for await (const { failed, firstError } of runNotebooks([file], { write: true, now })) {
      expect([failed, firstError]).toEqual([0, undefined]);
    }
    return readFile(file, "utf8");
  };
  const first = await run();
  expect(await run()).toBe(first);
  const { cells } = await readNotebook(file);
  const outputs = cells.flatMap((cell) => (cell.cell_type === "code" ? [...cell.outputs] : []));
  const texts = outputs.map((output) => ("data" in output ? [output.data["text/plain"]].flat().join("") : output));
  expect(texts).toEqual(["height: 4 (0 to 10)\n[figure] a point at 4", "height: 4 (0 to 10)", "work: 3 of 3"]);
  expect(outputs.every((output) => "data" in output && "text/html" in output.data)).toBe(true);
  expect(first.length).toBeLessThan(60_000);
});

test("a drawing that fails after its cell fails a headless run", async () => {
  const file = await scratchNotebook(
    'import { figure } from "mixlens"; import { liveFigure, slider } from "mixlens/notebook";',
    'const x = slider({ label: "x", min: 0, max: 9 });\nliveFigure([x], (y) => { if (y > 5) throw new Error("high"); return figure("a", [{ y: [y] }], {}); })',
    "x.value = 7;",
  );
  const { failed, firstError } = await runNotebook(file, { now });
  expect(failed).toBe(1);
  expect(firstError?.message).toBe("Error: high");
});

test("what an interrupt ends can be pressed and moved again", async () => {
  const { id, replied } = kernel.send("execute_request", {
    code: `let presses = 0;
const go = button({ label: "go", onClick: () => { presses++; if (presses === 1) for (;;); } });
const level = slider({ label: "level", min: 0, max: 10 });
await show(go); await show(liveFigure([level], ${dot}));`,
  });
  await replied;
  const ids = shown(kernel.of(id)).map(({ data }) => data[liveMime].split(" "));
  await open("go", ids[0][0]);
  await open("level", ids[1][0]);
  await open("drawn", ids[1][1]);
  const pressed = move("go", 0);
  await setTimeout(100);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await pressed).text).toBe("");
  await soon(() => kernel.of(id).text).toContain("Interrupted: the cell was interrupted");
  await soon(() => states("go").at(-1)).toMatchObject({ state: { isBusy: false } });
  await move("go", 0);
  expect(await text("presses")).toBe("2");

  const { replied: ended } = kernel.send("execute_request", { code: "level.value = 3; for (;;);" });
  await setTimeout(300);
  await kernel.ask("interrupt_request", {}, "control");
  expect((await ended).content.ename).toBe("Interrupted");
  await move("level", 4);
  await soon(() => states("drawn").at(-1)).toMatchObject({ state: { alt: "a point at 4" } });
});
