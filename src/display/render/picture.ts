import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { checkArgument } from "../../errors/arguments.ts";
import { positive } from "../../errors/kinds.ts";
import { type Declared, readOptions } from "../../errors/options.ts";
import { InputError, quote } from "../../errors.ts";
import { aFigure, type Figure, figureHeight, figureJson, figureWidth } from "../figure.ts";
import type { FigureState } from "../live/live-state.ts";
import { notebookHost } from "../notebook-host.ts";
import { type DrawingReply, type DrawingRequest, drawingProgram } from "./drawing.ts";

/** What may be told to a picture. */
export interface PictureOptions {
  /** Milliseconds until plotly is given up; none unless told otherwise: a machine may be slow. */
  readonly timeLimit?: number;
}

const OPTIONS = { timeLimit: positive } satisfies Declared<PictureOptions>;

/** How long the thread that draws may wait for another figure, in milliseconds: it takes 130 MB, and most of a second to start. */
const REST = 600_000;

let renderer: Worker | undefined;
let leave: NodeJS.Timeout | undefined;
let lastPicture: Promise<unknown> = Promise.resolve();

/**
 * Draws a figure as a static SVG document, without a browser.
 *
 * The same figure always gives the same bytes. Pictures are drawn one after the other in a worker thread that is
 * started by the first one (most of a second's work), ends when there was nothing to draw for ten minutes, and does not keep the
 * process alive.
 *
 * @throws InputError if plotly cannot draw the figure without a browser, as what takes WebGL, or not in the time told
 * @example
 * ```ts
 * import { picture, spectrumPlot } from "mixlens";
 * const svg = await picture(spectrumPlot([0.56, 0.31, 0.02]));
 * if (!svg.startsWith("<svg")) throw new Error("not an SVG document");
 * ```
 */
export async function picture(figure: Figure, options: PictureOptions = {}): Promise<string> {
  checkArgument("draw a picture", "figure", figure, aFigure);
  const { timeLimit } = readOptions("draw a picture", options, OPTIONS);
  const request = { figure: figureJson(figure), width: figureWidth(figure), height: figureHeight(figure) };
  return svgOf(await drawIn(request, timeLimit), figure.alt);
}

/** The picture of a figure as it was. */
export async function drawn({ json, width, height, alt }: FigureState): Promise<string> {
  return svgOf(await drawIn({ figure: json, width, height }), alt);
}

/** Draws in the thread of the notebook's host, where there is one: it needs no second one. */
function drawIn(request: DrawingRequest, timeLimit?: number): Promise<DrawingReply> {
  const host = notebookHost();
  return host === undefined ? drawNext(request, timeLimit) : host.draw(request, timeLimit);
}

/** Draws after all that was to be drawn before. */
export function drawNext(request: DrawingRequest, timeLimit?: number): Promise<DrawingReply> {
  const reply = lastPicture.then(() => draw(request, timeLimit));
  lastPicture = reply.catch(() => {});
  return reply;
}

function svgOf(reply: DrawingReply, alt: string): string {
  if ("svg" in reply) return rounded(reply.svg);
  throw new InputError(`draw ${quote(alt)}`, "a chart plotly can draw", reply.error);
}

/** Coordinates to a hundredth of a pixel: the file is half as large, and looks the same. */
function rounded(svg: string): string {
  return svg.replace(/ (?:d|transform|x|y|points)="[^"]*"/g, (attribute) =>
    attribute.replace(/\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2)))),
  );
}

function draw(request: DrawingRequest, timeLimit: number | undefined): Promise<DrawingReply> {
  clearTimeout(leave);
  renderer ??= startWorker();
  const worker = renderer;
  return new Promise((resolve) => {
    const giveUp = (limit: number): void => {
      settle({ error: `none within ${limit / 1000} s without a browser` });
      stopWorker(worker);
    };
    const timer = timeLimit === undefined ? undefined : setTimeout(giveUp, timeLimit, timeLimit);
    const onError = (error: Error): void => settle({ error: error.message });
    const settle = (reply: DrawingReply): void => {
      clearTimeout(timer);
      worker.off("message", settle).off("error", onError).unref();
      leave = setTimeout(() => stopWorker(worker), REST).unref();
      resolve(reply);
    };
    // The process stays alive while a picture is awaited, and only then.
    worker.on("message", settle).on("error", onError).ref();
    worker.postMessage(request);
  });
}

function startWorker(): Worker {
  const root = dirname(createRequire(import.meta.url).resolve("mixlens/package.json"));
  const browserless = pathToFileURL(join(root, "dist", "browserless.mjs")).href;
  const workerData = { browserless, plotlySource: plotlySource() };
  // Flags of this process (--input-type=module, loaders) are not for the worker, nor as much room for what is new.
  const resourceLimits = { maxYoungGenerationSizeMb: 4 };
  const worker = new Worker(drawingProgram(), { eval: true, execArgv: [], workerData, resourceLimits });
  return worker.on("error", () => stopWorker(worker));
}

function stopWorker(worker: Worker): void {
  if (renderer === worker) renderer = undefined;
  void worker.terminate();
}

/**
 * The source of plotly.js, about 4.8 MB, for a page that has none.
 *
 * Its few letters beyond ASCII are escaped, and never make a string: with one of them it takes twice the memory, and
 * copies of this one are sent from thread to thread.
 */
export function plotlySource(): string {
  const bytes = readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "latin1");
  return bytes.replace(/[\x80-\xff]+/g, (letters) =>
    Buffer.from(letters, "latin1")
      .toString("utf8")
      .replace(/[\s\S]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

/** The version of plotly.js that draws the figures. */
export function plotlyVersion(): string {
  return createRequire(import.meta.url)("plotly.js-dist-min/package.json").version;
}
