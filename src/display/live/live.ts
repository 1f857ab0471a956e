interface Part {
  readonly style: { display: string };
  readonly textContent: string | null;
}

interface FigureElement {
  readonly isConnected: boolean;
  closest(selector: string): FigureElement | null;
  querySelector(selector: string): FigureElement | null;
  /** The static picture, the place of the live chart, the figure's data, and the script itself. */
  readonly children: ArrayLike<Part>;
}

interface PlotlyPage {
  readonly Plotly?: {
    newPlot(place: Part, data: object, layout: object, config: object): Promise<unknown>;
  };
  addEventListener(event: string, listener: () => void, options: { once: boolean }): void;
}

/** The event by which a page learns that `window.Plotly` is there. */
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
 * Puts a live chart in the place of its static picture, now or as soon as the page has plotly.js.
 *
 * The function is sent to the page as text, so it may refer to nothing outside its own body.
 *
 * @param parent the element that the script is in: the figure's, or, where a front end (VS Code) runs a copy of the script,
 * the one around it
 */
export function upgrade(
  parent: FigureElement,
  page: PlotlyPage,
  readyEvent: string,
  config: object,
  figureClass: string,
): void {
  const element = parent.closest(`.${figureClass}`) ?? parent.querySelector(`.${figureClass}`) ?? parent;
  const [still, live, json] = Array.from(element.children);

  function show(isLive: boolean): void {
    still.style.display = isLive ? "none" : "block";
    live.style.display = isLive ? "block" : "none";
  }

  function draw(): void {
    if (page.Plotly === undefined || !element.isConnected) return;
    show(true);
    const { data, layout } = JSON.parse(json.textContent ?? "");
    // Without a width of its own the chart follows that of its place.
    const { width: _, ...rest } = layout;
    page.Plotly.newPlot(live, data, { ...rest, autosize: true }, config).catch(() => show(false));
  }

  // Where the extension of JupyterLab draws it, too.
  if (element.closest(".mixlens-output") !== null) return;
  if (page.Plotly === undefined) page.addEventListener(readyEvent, draw, { once: true });
  else draw();
}
