import { createRequire } from "node:module";
import { JSDOM } from "jsdom";
import { expect, test, vi } from "vitest";
import type { MimeBundle } from "../../src/display/mime.ts";
import { initPlotly, notebookSink, show } from "../../src/display/notebook.ts";

const table = { columns: [{ name: "x" }], rows: [[1]] };

test("outside a notebook, showing fails with the next step", async () => {
  expect(notebookSink()).toBeUndefined();
  await expect(show(table)).rejects.toThrow("expected a cell of a TypeScript notebook");
  expect(() => initPlotly()).toThrow("pass a sink");
});

test("in a tslab kernel a value is one output with all its forms", async () => {
  const jupyter: { lastWriteDisplayData: unknown } = createRequire(import.meta.url)("tslab/dist/jupyter.js");
  const written: unknown[] = [];
  jupyter.lastWriteDisplayData = (...output: unknown[]) => written.push(output);
  try {
    await show(table);
  } finally {
    jupyter.lastWriteDisplayData = null;
  }
  const data = { "text/html": expect.stringContaining("<table"), "text/plain": "x\n1" };
  expect(written).toEqual([[{ data, metadata: {}, transient: {} }, false]]);
});

test("in Deno's kernel a value is broadcast, and replaced by its id; Deno's other programs have no notebook", async () => {
  const told: unknown[] = [];
  const broadcast = (...message: unknown[]) => told.push(message);
  try {
    vi.stubGlobal("Deno", { jupyter: { broadcast } });
    await show(table);
    notebookSink()?.display({ "text/plain": "x" }, "place", true);
    const refusing = Object.defineProperty({}, "jupyter", { get: () => expect.fail("not in this program") });
    for (const other of [{ version: {} }, refusing]) {
      vi.stubGlobal("Deno", other);
      expect(notebookSink()).toBeUndefined();
    }
  } finally {
    vi.unstubAllGlobals();
  }
  const data = { "text/html": expect.stringContaining("<table"), "text/plain": "x\n1" };
  expect(told).toEqual([
    ["display_data", { data, metadata: {}, transient: {} }],
    ["update_display_data", { data: { "text/plain": "x" }, metadata: {}, transient: { display_id: "place" } }],
  ]);
});

test("plotly lands on window, even beside a module loader, and one short line remains", () => {
  const shown: [bundle: MimeBundle, id?: string | undefined, update?: boolean | undefined][] = [];
  initPlotly({ display: (...output) => shown.push(output) });
  const [[library, id], [line, sameId, update]] = shown;
  expect([sameId, update]).toEqual([id, true]);
  expect(JSON.stringify(line)).toMatch(/^.{0,100}plotly\.js 4\.\d+\.\d+ loaded"}$/);
  let ready = 0;
  const { window } = new JSDOM(`<body>${library["text/html"]}`, {
    runScripts: "dangerously",
    beforeParse(page) {
      const define = Object.assign(() => expect.fail("loaded as an AMD module"), { amd: {} });
      Object.assign(page, { define, matchMedia: () => ({ addEventListener() {} }) });
      page.URL.createObjectURL = () => "";
      page.HTMLCanvasElement.prototype.getContext = () => null;
      page.addEventListener("mixlens:plotly", () => (ready += 1));
    },
  });
  expect(window.Plotly).toHaveProperty("newPlot");
  expect(ready).toBe(1);
});
