/// <reference lib="dom" />
import type { PlotlyFigure } from "./theme.ts";

interface PlotlyPage extends Window {
  readonly Plotly?: {
    newPlot(place: Element, data: readonly object[], layout: object, config: object): Promise<unknown>;
  };
  /** Comes with plotly.js from this library. */
  readonly mixlensTheme?: (figure: PlotlyFigure, place: Element) => PlotlyFigure;
}

/** The event by which a page learns that `window.Plotly` is there, or that the theme in which it draws has changed. */
export const plotlyReady = "mixlens:plotly";

/** Settings of every chart, whoever makes it: nothing that would send a reader's data to a company's server. */
export const cloudless: Readonly<Record<string, boolean | string>> = {
  showSendToCloud: false,
  // Of plotly.js before version 4.
  showEditInChartStudio: false,
  plotlyServerURL: "",
};

/** Settings of the charts that are drawn here. */
export const plotlyConfig: Readonly<Record<string, unknown>> = { ...cloudless, responsive: true, displaylogo: false };

/** The class of a figure's element in HTML, by which its script finds it. */
export const figureClass = "mixlens-still-figure";

/**
 * Puts a live chart in the place of its static picture, now or as soon as the page has plotly.js, and has either follow the
 * page's theme.
 *
 * The function is sent to the page as text, so it may refer to nothing outside its own body.
 *
 * @param parent the element that the script is in: the figure's, or, where a front end (VS Code) runs a copy of the script,
 * the one around it
 */
export function upgrade(
  parent: Element,
  page: PlotlyPage,
  readyEvent: string,
  config: object,
  figureClass: string,
): void {
  const element = parent.closest(`.${figureClass}`) ?? parent.querySelector(`.${figureClass}`) ?? parent;
  // The static picture, the place of the live chart, and the figure's data.
  const [still, live, json] = Array.from(element.children) as HTMLElement[];

  function show(isLive: boolean): void {
    still.style.display = isLive ? "none" : "block";
    live.style.display = isLive ? "block" : "none";
  }

  function draw(): void {
    if (!element.isConnected) return;
    const [red, green, blue] = (page.getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number);
    const isDark = still.tagName === "IMG" && red + green + blue > 384;
    still.style.filter = isDark ? "invert(0.93) hue-rotate(180deg)" : "";
    if (page.Plotly === undefined) return;
    show(true);
    // A page that is hidden as yet measures no words.
    if (live.clientWidth === 0) {
      new ResizeObserver((_, watch) => {
        if (live.clientWidth === 0) return;
        watch.disconnect();
        draw();
      }).observe(live);
      return;
    }
    const figure = JSON.parse(json.textContent ?? "");
    const { data, layout } = page.mixlensTheme?.(figure, live) ?? figure;
    // Without a width of its own the chart follows that of its place.
    const { width: _, ...rest } = layout;
    // A finger that moves over a chart scrolls the page, and where the chart is narrow, its names stand below it.
    const isTouched = page.matchMedia("(pointer: coarse)").matches;
    const { text: words = "", ...style } = rest.title ?? {};
    // No tag may stand in the text of a script.
    const text = words.replace(/^(.{20,34}) (?=.{9})/, ["$1", "br>"].join("<"));
    const title = { ...style, text, font: { size: 14 } };
    const narrow = { title, legend: { orientation: "v", x: 0, y: -0.2, yanchor: "top" } };
    const fitted = { ...rest, ...(isTouched && { dragmode: false }), ...(live.clientWidth < 480 && narrow) };
    const touched = isTouched ? { ...config, displayModeBar: false } : config;
    page.Plotly.newPlot(live, data, { ...fitted, autosize: true }, touched).catch(() => show(false));
  }

  // Where the extension of JupyterLab draws it, too.
  if (element.closest(".mixlens-output") !== null) return;
  page.addEventListener(readyEvent, draw);
  draw();
}
