import { cloudless, plotlyReady } from "../../display/live/live.ts";
import type { FigureState } from "../../display/live/live-state.ts";
import { inTheme, type PlotlyFigure } from "../../display/live/theme.ts";
import { element, type PartView, text, view } from "./elements.ts";

interface Plotly {
  react(place: HTMLElement, data: unknown, layout: object, config: object): Promise<unknown>;
  purge(place: HTMLElement): void;
  readonly Plots: { resize(place: HTMLElement): void };
}

const page = window as unknown as { Plotly?: Plotly };
let loading: Promise<void> | undefined;

/** Loads plotly.js into the page, once. */
export function loadPlotly(address: string): Promise<void> {
  loading ??= new Promise((resolve, reject) => {
    if (page.Plotly !== undefined) return resolve();
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      loading = undefined;
      reject(new Error(`no plotly.js at ${address}`));
    };
    document.head.append(script);
  });
  return loading;
}

/** How plotly marks an element that it has drawn into. */
const DRAWN = "js-plotly-plot";
/** The width of a figure of which nobody said how wide it is to be: it takes the room that there is. */
const COMMON_WIDTH = 720;

/** The view of a figure; plotly.js has to be there when it is drawn. */
export function figureView(): PartView {
  const node = element("div", "figure");
  node.role = "img";
  let latest: FigureState | undefined;
  let isDrawn = true;
  let isDrawing = false;
  // One drawing at a time, and after it the newest figure.
  const draw = async (): Promise<void> => {
    if (isDrawing || isDrawn || latest === undefined || page.Plotly === undefined || node.clientWidth === 0) return;
    const { json, height } = latest;
    isDrawn = true;
    isDrawing = true;
    const { data, layout } = inTheme(JSON.parse(json) as PlotlyFigure, node);
    const { width: _, ...rest } = layout;
    // Zoom and hidden lines stay as the reader left them.
    const kept = { ...rest, height, autosize: true, uirevision: "mixlens" };
    if (!node.classList.contains(DRAWN)) node.replaceChildren();
    await page.Plotly.react(node, data, kept, { ...cloudless, displaylogo: false }).catch((error: Error) => {
      page.Plotly?.purge(node);
      node.classList.remove(DRAWN);
      node.replaceChildren(text("error", error.message));
    });
    isDrawing = false;
    void draw();
  };
  const drawAnew = (): void => {
    isDrawn = false;
    void draw();
  };
  const watch = new ResizeObserver(() => {
    if (!isDrawn) void draw();
    else if (node.clientWidth > 0 && node.classList.contains(DRAWN)) page.Plotly?.Plots.resize(node);
  });
  watch.observe(node);
  // Told again whenever the page's theme has changed.
  window.addEventListener(plotlyReady, drawAnew);
  return view<FigureState>(
    "figure",
    node,
    (state) => {
      latest = state;
      node.ariaLabel = state.alt;
      node.style.maxWidth = state.width === COMMON_WIDTH ? "" : `${state.width}px`;
      node.style.height = `${state.height}px`;
      drawAnew();
    },
    () => {
      watch.disconnect();
      window.removeEventListener(plotlyReady, drawAnew);
      page.Plotly?.purge(node);
    },
  );
}
