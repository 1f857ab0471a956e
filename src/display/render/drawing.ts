import { type Canvas, fillable } from "./canvas.ts";

/** What to draw: a figure as plotly's JSON, and its size in pixels. */
export interface DrawingRequest {
  readonly figure: string;
  readonly width: number;
  readonly height: number;
}

/** The picture as SVG, or why there is none. */
export type DrawingReply = { readonly svg: string } | { readonly error: string };

interface Port {
  on(event: "message", listener: (request: DrawingRequest) => void): void;
  postMessage(reply: DrawingReply): void;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface SvgNode {
  readonly localName: string;
  readonly children: Iterable<SvgNode>;
  readonly parentElement: SvgNode | null;
  readonly textContent: string;
  readonly style: {
    readonly fontSize: string;
    readonly fontWeight: string;
    readonly textAnchor: string;
  };
  getAttribute(name: string): string | null;
}

interface SvgPrototype {
  getBBox(this: SvgNode): Box;
  getBoundingClientRect(this: SvgNode): Box & { left: number; top: number; right: number; bottom: number };
  getComputedTextLength(this: SvgNode): number;
}

type TraceTypes = Readonly<Record<string, { readonly categories: readonly string[] } | undefined>>;

interface Page {
  readonly document: { write(html: string): void };
  readonly URL: { createObjectURL: () => string };
  readonly HTMLCanvasElement: { readonly prototype: Canvas };
  readonly SVGElement: { readonly prototype: SvgPrototype };
  readonly Plotly: {
    toImage(figure: unknown, options: object): Promise<string>;
    PlotSchema: {
      get(): { readonly traces: TraceTypes };
    };
  };
  matchMedia: () => object;
}

/** The page's own mathematics, whose random numbers plotly takes. */
interface Chance {
  random: () => number;
}

interface Libraries {
  readonly Window: new () => Page;
  readonly encode: Parameters<typeof fillable>[1];
  readonly plotlySource: string;
  /** From another module, whose name no text can be sure of. */
  readonly fillable: typeof fillable;
  /** What a script comes to that is run in a page. */
  readonly runInContext: (source: string, page: Page) => unknown;
}

/**
 * The program of a worker that answers drawing requests, with plotly in a page that has no browser; its data are the
 * address of `browserless.ts` as it is built, and plotly's source.
 *
 * The functions below are its text, which needs no file of its own wherever a bundler puts this module: they refer to
 * each other and to nothing else.
 */
export function drawingProgram(): string {
  const measures = [nowhere, letterWidth, fontSize, isBold, textLength, textBox, number, union, moved, turned, boxOf];
  return `
    const { parentPort, workerData } = require("node:worker_threads");
    const { runInContext } = require("node:vm");
    ${[...measures, measure, fillable, openPage, seed, refuseWebgl].join("\n")}
    import(workerData.browserless).then(({ Window, encode }) =>
      (${serve})(parentPort, { ...workerData, Window, encode, fillable, runInContext }));`;
}

function serve(port: Port, libraries: Libraries): void {
  const page = openPage(libraries);
  const chance = libraries.runInContext("Math", page) as Chance;
  let known: TraceTypes | undefined;
  // Found by the first figure that asks: it takes plotly a tenth of a second.
  const traceTypes = (): TraceTypes => {
    known ??= page.Plotly.PlotSchema.get().traces;
    return known;
  };
  port.on("message", async ({ figure, width, height }) => {
    try {
      const asked = JSON.parse(figure);
      refuseWebgl(traceTypes, asked.data);
      seed(chance, figure);
      const options = { format: "svg", width, height, imageDataOnly: true };
      port.postMessage({ svg: await page.Plotly.toImage(asked, options) });
    } catch (error) {
      // Errors of the page are none of this side's class.
      port.postMessage({ error: (error as Partial<Error> | null)?.message ?? String(error) });
    }
  });
}

function nowhere(): Box {
  return { x: 0, y: 0, width: 0, height: 0 };
}

/** In ems, a little above those of common sans-serif fonts: labels keep clear of each other whatever font there is. */
function letterWidth(letter: string): number {
  if (/[iljI.,:;'|! ]/.test(letter)) return 0.32;
  if (/[frt()[\]{}/\\-]/.test(letter)) return 0.42;
  if (/[mwMW@%—\u2e80-\uffdc]/.test(letter) || letter.length > 1) return 1;
  return /[&<>=+−~]/.test(letter) ? 0.84 : /[A-Z]/.test(letter) ? 0.74 : 0.64;
}

function fontSize(node: SvgNode | null): number {
  if (node === null) return 12;
  const size = node.style.fontSize;
  if (size.endsWith("px")) return Number.parseFloat(size);
  const share = size.endsWith("em") ? Number.parseFloat(size) : size.endsWith("%") ? Number.parseFloat(size) / 100 : 1;
  return share * fontSize(node.parentElement);
}

function isBold(node: SvgNode): boolean {
  return node.style.fontWeight === "bold" || Number(node.style.fontWeight) >= 600;
}

function textLength(node: SvgNode): number {
  const parts = [...node.children];
  if (parts.length > 0) return parts.reduce((sum, part) => sum + textLength(part), 0);
  const ems = [...node.textContent].reduce((sum, letter) => sum + letterWidth(letter), 0);
  return ems * fontSize(node) * (isBold(node) ? 1.08 : 1);
}

function textBox(node: SvgNode): Box {
  if (node.textContent === "") return nowhere();
  const size = fontSize(node);
  const lines = [...node.children].filter((child) => child.getAttribute("class") === "line");
  const width = Math.max(...(lines.length > 0 ? lines : [node]).map(textLength));
  const anchor = node.style.textAnchor || node.getAttribute("text-anchor");
  const shift = anchor === "middle" ? width / 2 : anchor === "end" ? width : 0;
  const height = 1.18 * size + 1.3 * size * Math.max(0, lines.length - 1);
  return {
    x: number(node, "x") - shift,
    y: number(node, "y") - 0.93 * size,
    width,
    height,
  };
}

function number(node: SvgNode, name: string): number {
  return Number.parseFloat(node.getAttribute(name) ?? "") || 0;
}

function union(a: Box, b: Box): Box {
  if (b.width === 0 && b.height === 0) return a;
  if (a.width === 0 && a.height === 0) return b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** The box of a node as its parent sees it: shifted and turned by the node's own transform. */
function moved(node: SvgNode): Box {
  let box = boxOf(node);
  const steps = [...(node.getAttribute("transform") ?? "").matchAll(/(translate|rotate)\(([^)]*)\)/g)];
  for (const [, step, list] of steps.reverse()) {
    const [a = 0, b = 0, c = 0] = list.split(/[\s,]+/).map(Number);
    if (step === "rotate") box = turned(box, (a * Math.PI) / 180, b, c);
    else box = { ...box, x: box.x + a, y: box.y + b };
  }
  return box;
}

function turned(box: Box, angle: number, centreX: number, centreY: number): Box {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const corners = [0, 1, 2, 3].map((corner) => {
    const dx = box.x + (corner & 1) * box.width - centreX;
    const dy = box.y + (corner >> 1) * box.height - centreY;
    return {
      x: centreX + cos * dx - sin * dy,
      y: centreY + sin * dx + cos * dy,
    };
  });
  const x = Math.min(...corners.map((corner) => corner.x));
  const y = Math.min(...corners.map((corner) => corner.y));
  const right = Math.max(...corners.map((corner) => corner.x));
  return {
    x,
    y,
    width: right - x,
    height: Math.max(...corners.map((corner) => corner.y)) - y,
  };
}

function boxOf(node: SvgNode): Box {
  if (node.localName === "text" || node.localName === "tspan") return textBox(node);
  if (node.localName === "rect" || node.localName === "image") {
    return {
      x: number(node, "x"),
      y: number(node, "y"),
      width: number(node, "width"),
      height: number(node, "height"),
    };
  }
  return [...node.children].map(moved).reduce(union, nowhere());
}

/** Ids that plotly draws at random follow from the figure: the same figure gives the same bytes. */
function seed(chance: Chance, text: string): void {
  let state = [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  chance.random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Lets the nodes of a page tell how large they are. */
function measure(svg: SvgPrototype): void {
  svg.getBBox = function () {
    return boxOf(this);
  };
  svg.getBoundingClientRect = function () {
    const box = moved(this);
    return {
      ...box,
      left: box.x,
      top: box.y,
      right: box.x + box.width,
      bottom: box.y + box.height,
    };
  };
  svg.getComputedTextLength = function () {
    return textLength(this);
  };
}

/** A page without a browser: it lacks layout, and what plotly asks of that is how large things are. */
function openPage({ Window, encode, plotlySource, fillable, runInContext }: Libraries): Page {
  const page = new Window();
  page.document.write("<!doctype html><html><head></head><body></body></html>");
  page.URL.createObjectURL = () => "";
  fillable(page.HTMLCanvasElement.prototype, encode);
  page.matchMedia = () => ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
  });
  measure(page.SVGElement.prototype);
  runInContext(plotlySource, page);
  return page;
}

/** Refuses charts that plotly draws with WebGL: those in three dimensions would never end, others lack their marks. */
function refuseWebgl(traceTypes: () => TraceTypes, data: unknown): void {
  // What else is wrong with a figure is for plotly to say.
  const traces: readonly ({ readonly type?: string } | null)[] = Array.isArray(data) ? data : [];
  for (const trace of traces) {
    const type = trace?.type ?? "scatter";
    if (type === "scatter") continue;
    if (traceTypes()[type]?.categories.some((category) => /^gl(3d)?$/.test(category))) {
      throw new Error(`the type ${type}, which only a browser can draw`);
    }
  }
}
