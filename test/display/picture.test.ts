import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { decode } from "fast-png";
import { expect, test, vi } from "vitest";
import { coefficientPlot } from "../../src/charts/coefficient-plot.ts";
import { convergencePlot } from "../../src/charts/convergence-plot.ts";
import { spectrumPlot } from "../../src/charts/spectrum-plot.ts";
import { type Figure, figure } from "../../src/display/figure.ts";
import { heatMap } from "../../src/display/heat-map.ts";
import { picture, plotlySource } from "../../src/display/render/picture.ts";

const decay = (rate: number): number[] => Array.from({ length: 16 }, (_, t) => -100 - 50 * rate ** t);

const figures: Record<string, Figure> = {
  convergence: convergencePlot(
    [
      { name: "EM", logLikelihood: decay(0.3) },
      { name: "gradient EM", logLikelihood: decay(0.6) },
    ],
    { best: -100, rate: Math.sqrt(0.3) },
  ),
  spectrum: spectrumPlot([0.556, 0.31, 0.02, -0.001]),
  "heat-map": heatMap((x, y) => Math.hypot(x, y), {
    title: "Distance",
    x: { title: "x", from: -1, to: 1 },
    y: { title: "y", from: -1, to: 1 },
    value: "distance",
    level: 1,
    curves: [{ name: "path", x: [1, 0.5, 0.1], y: [0.8, 0.2, 0] }],
    marks: [{ name: "origin", x: [0], y: [0] }],
    points: 9,
  }),
  coefficients: coefficientPlot([
    {
      name: "expert 1",
      coefficients: { "(intercept)": 0.1, x1: -1.2 },
      standardErrors: { "(intercept)": 0.1, x1: 0.2 },
    },
    { name: "expert 2", coefficients: { "(intercept)": 0.7, x1: 1.4 } },
  ]),
};

/** One element per line, ids by order of appearance, coordinates to a tenth: what a reader of a difference needs. */
function normalised(svg: string): string {
  const ids = [...new Set(svg.match(/(?<=(?:clip|legend|defs-|topdefs-))[0-9a-f]{6}/g))];
  return ids
    .reduce((text, id, i) => text.replaceAll(id, `id${i}`), svg)
    .replace(/\d+\.\d+(?=[^<>]*>)/g, (digits) => String(Number(Number(digits).toFixed(1))))
    .replaceAll("><", ">\n<");
}

// Written anew by `vitest --update`; look at them before they are committed.
test.each(Object.entries(figures))("the picture of the %s plot is the one in test/golden", async (name, value) => {
  await expect(normalised(await picture(value))).toMatchFileSnapshot(`../golden/${name}.svg`);
});

test("the same figure gives the same bytes, and another one other ids", async () => {
  const [one, again, other] = await Promise.all([
    picture(figures.spectrum),
    picture(figures.spectrum),
    picture(spectrumPlot([0.9])),
  ]);
  expect(again).toBe(one);
  const id = /clip([0-9a-f]{6})/;
  expect(id.exec(other)?.[1]).not.toBe(id.exec(one)?.[1]);
});

test("titles stay clear of the axis, and legends inside the picture", async () => {
  const name = "a name of thirty letters, or so";
  const svg = await picture(convergencePlot([0.5, 0.6].map((rate) => ({ name, logLikelihood: decay(rate) }))));
  const yTitle = /class="ytitle"[^>]* x="([\d.]+)"/.exec(svg)?.[1];
  expect(Number(yTitle)).toBeGreaterThan(8);
  expect(Number(yTitle)).toBeLessThan(40);
  const [, left, width] = /class="legend"[^>]*translate\(([\d.]+).*?class="bg"[^>]* width="([\d.]+)"/s.exec(svg)!;
  expect(Number(left) + Number(width)).toBeLessThanOrEqual(720);
});

test("a chart that takes WebGL is refused at once, one that takes too long when told to, and the next one is drawn", async () => {
  const surface = figure(
    "a surface",
    [
      {
        type: "surface",
        z: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    {},
  );
  const points = figure("points", [{ type: "scattergl", y: [1, 2] }], {});
  const found = await Promise.allSettled([
    ...[surface, points].map((chart) => picture(chart)),
    // No machine draws in a millisecond.
    picture(figures.coefficients, { timeLimit: 1 }),
    picture(figures.spectrum),
  ]);
  expect(found.map((one) => (one.status === "fulfilled" ? one.value.slice(0, 4) : one.reason.message))).toEqual([
    'Cannot draw "a surface": expected a chart plotly can draw, got the type surface, which only a browser can draw',
    'Cannot draw "points": expected a chart plotly can draw, got the type scattergl, which only a browser can draw',
    expect.stringMatching(/^Cannot draw "[^"]*": expected a chart plotly can draw, got none within 0.001 s without/),
    "<svg",
  ]);
});

const bundles = {
  module: 'import { picture, spectrumPlot } from "./dist/index.mjs";',
  commonjs: 'const { picture, spectrumPlot } = require("./dist/index.cjs");',
};

test.each(Object.entries(bundles))("the built %s draws, and lets the process end", (format, load) => {
  const script = `${load} picture(spectrumPlot([0.5])).then((svg) => process.stdout.write(svg.slice(0, 4)))`;
  const child = spawnSync(process.execPath, [`--input-type=${format}`, "--eval", script], { timeout: 50_000 });
  expect([child.status, String(child.stdout), String(child.stderr)]).toEqual([0, "<svg", ""]);
});

test("with nothing to draw for ten minutes the thread ends, and another draws the same", async () => {
  const ended = vi.spyOn(Worker.prototype, "terminate");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const before = await picture(figures.spectrum);
    vi.advanceTimersByTime(599_000);
    await picture(figures.coefficients);
    vi.advanceTimersByTime(599_000);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2000);
    expect(ended).toHaveBeenCalledOnce();
    expect(await picture(figures.spectrum)).toBe(before);
  } finally {
    vi.useRealTimers();
    ended.mockRestore();
  }
});

test("the source of plotly.js is ASCII, and says what its file says", () => {
  const source = plotlySource();
  expect(source).not.toMatch(/[^\0-\x7f]/);
  const file = readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "utf8");
  const letters = file.match(/[^\0-\x7f]/g) ?? [];
  expect(letters.length).toBeGreaterThan(0);
  // Every code stands where its letter stood, so that in literals the two are the same.
  let at = 0;
  const back = source.replace(/\\u[0-9a-f]{4}/g, (code, start: number) => {
    const letter = JSON.parse(`"${code}"`);
    if (letters[at] !== letter || file[start - 5 * at] !== letter) return code;
    at += 1;
    return letter;
  });
  expect([at, back === file]).toEqual([letters.length, true]);
});

/** The colours of a picture's only image, at a place told in shares of its width and height. */
function colourAt(svg: string, x: number, y: number): number[] {
  const [, base64] = /href="data:image\/png;base64,([^"]+)"/.exec(svg) ?? ["", ""];
  const { width, height, data, channels } = decode(Buffer.from(base64, "base64"));
  const at = channels * (Math.floor(y * height) * width + Math.floor(x * width));
  return Array.from(data.slice(at, at + channels));
}

const blue = [0, 0, 255, 255];
const white = [255, 255, 255, 255];

test.each([
  ["a heat map", { type: "heatmap" }],
  ["one with gaps", { type: "heatmap", xgap: 8, ygap: 8 }],
  ["an image", { type: "image" }],
])("cells of %s have their colours", async (_, kind) => {
  const isImage = kind.type === "image";
  const cells = [
    [0, 1, 0],
    [1, 0, 1],
  ];
  const z = isImage ? cells.map((line) => line.map((v) => (v === 1 ? blue : white).slice(0, 3))) : cells;
  const scale = isImage
    ? {}
    : {
        colorscale: [
          [0, "white"],
          [1, "#0000ff"],
        ],
      };
  const svg = await picture(figure("cells", [{ ...kind, ...scale, z }] as never, { paper_bgcolor: "#fff" }));
  for (const [row, line] of cells.entries()) {
    for (const [column, value] of line.entries()) {
      // An image has its first line above, a heat map below.
      const y = (isImage ? row + 0.5 : 1.5 - row) / 2;
      expect(colourAt(svg, (column + 0.5) / 3, y)).toEqual(value === 1 ? blue : white);
    }
  }
  const between = colourAt(svg, 1 / 3, 0.25);
  expect(between[3]).toBe("xgap" in kind ? 0 : 255);
});
