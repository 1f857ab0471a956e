import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { actInLab } from "../jupyter/lab-driver.ts";
import { notebookOf } from "../jupyter/scratch.ts";

// How long a reader of JupyterLab waits for figures, in a fresh kernel and a fresh page: milliseconds from the request of each
// cell, on this machine as busy as it is. It is nobody's test.
// node --import ./test/support/typescript.mjs test/studies/first-figure.ts [rounds]

const rounds = Number(process.argv[2] ?? 3);
const chart = (title: string): string =>
  `curvePlot([{ name: "error", y: Array.from({ length: 40 }, (_, t) => 0.8 ** t) }], { title: "${title}", x: "step", y: "error" })`;
// Each after a rest, in which the picture of the one before is drawn.
const rest = "await new Promise((done) => setTimeout(done, 4000));";
const cells = [
  `import { curvePlot } from "mixlens";\n${chart("First")}`,
  rest,
  chart("Second"),
  rest,
  `import { datasetPath, fit, fitPlot, readCsv } from "mixlens";
const wines = fit(readCsv(datasetPath("wine")), { response: "color_intensity", features: ["flavanoids", "alcohol"], k: 2, starts: 10 });
fitPlot(wines, { title: "Fitted" })`,
];

interface Moments {
  /** When the page asked for each cell, when its output came and when its reply did, on the clock of the machine. */
  readonly asked: number[];
  readonly shown: number[];
  readonly replied: number[];
}

/** Notes when messages pass, and has the page note when charts are there. */
async function watch(page: Page, moments: Moments): Promise<void> {
  await page.addInitScript(() => {
    const drawn: number[] = [];
    Object.assign(window, { drawn });
    const look = (): void => {
      while (drawn.length < document.querySelectorAll(".js-plotly-plot .scatterlayer .trace:first-child").length)
        drawn.push(Date.now());
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const note =
    (times: number[], sign: RegExp) =>
    ({ payload }: { payload: string | Buffer }): void => {
      if (sign.test(payload.toString("latin1" as never))) times.push(Date.now());
    };
  page.on("websocket", (socket) => {
    socket.on("framesent", note(moments.asked, /"msg_type": ?"execute_request"/));
    socket.on("framereceived", note(moments.shown, /"msg_type": ?"(?:display_data|execute_result)"/));
    socket.on("framereceived", note(moments.replied, /"msg_type": ?"execute_reply"/));
  });
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const names = ["first figure of a fresh kernel and page", "second figure", "a fit of ten starts, and its figure"];
const root = join(import.meta.dirname, "../..");
const scratch = join(root, ".mixlens/tmp");
await mkdir(scratch, { recursive: true });
const waits: number[][][] = names.map(() => []);
for (let round = 0; round < rounds; round++) {
  const moments: Moments = { asked: [], shown: [], replied: [] };
  const folder = await mkdtemp(join(scratch, "figure-"));
  const notebook = join(folder, "scratch.ipynb");
  await writeFile(notebook, JSON.stringify(notebookOf(cells)));
  const drawn = await actInLab(
    notebook,
    join(root, ".mixlens/screenshots/first-figure.png"),
    async (page) => {
      await page.waitForFunction(
        () => document.querySelectorAll(".js-plotly-plot .scatterlayer .trace:first-child").length >= 3,
      );
      await page.waitForTimeout(100);
      return page.evaluate(() => (window as unknown as { drawn: number[] }).drawn);
    },
    (page) => watch(page, moments),
  );
  await rm(folder, { recursive: true, force: true });
  // All cells are asked for at once: a cell begins when the one before has ended. Every other one is a rest.
  const began = moments.asked.map((asked, at) => Math.max(asked, moments.replied[at - 1] ?? 0));
  for (const at of names.keys()) waits[at].push([moments.shown[at] - began[2 * at], drawn[at] - began[2 * at]]);
}
console.log(
  `${cpus().length} processors, ${loadavg()[0].toFixed(1)} busy; medians of ${rounds} rounds, in milliseconds`,
);
names.forEach((name, at) => {
  const [shown, drawn] = [0, 1].map((part) => median(waits[at].map((wait) => wait[part])));
  console.log(`${name}: ${drawn} until it is on screen, ${shown} of them until its data is in the page`);
});
