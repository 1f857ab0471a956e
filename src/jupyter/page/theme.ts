/** A figure as plotly has it. */
export interface PlotlyFigure {
  readonly data: readonly object[];
  readonly layout: Readonly<Record<string, unknown>>;
}

/** The attribute by which JupyterLab says whether its theme is a light one. */
const ATTRIBUTE = "data-jp-theme-light";

function isDark(): boolean {
  return document.body.getAttribute(ATTRIBUTE) === "false";
}

/** How long JupyterLab may take to show the notebook again in its new colours, in milliseconds. */
const REPAINT = 100;

/** Calls back when the page's theme has changed, until what it returns is called. */
export function onTheme(changed: () => void): () => void {
  const watch = new MutationObserver(() => void setTimeout(changed, REPAINT));
  watch.observe(document.body, { attributes: true, attributeFilter: [ATTRIBUTE, "data-jp-theme-name"] });
  return () => watch.disconnect();
}

/** A figure in the colours of the page: as it is in a light theme, on the page's own ground in a dark one. */
export function inTheme(figure: PlotlyFigure): PlotlyFigure {
  if (!isDark()) return figure;
  const ground = getComputedStyle(document.body).getPropertyValue("--jp-layout-color0").trim() || "#111111";
  const { data, layout } = recoloured(figure, colours(ground)) as PlotlyFigure;
  const { template = {} } = layout as { template?: { layout?: object } };
  return {
    data,
    layout: { ...layout, template: { ...template, layout: { ...unstyled(ground), ...template.layout } } },
  };
}

/** What a figure without a template has in a dark theme. */
function unstyled(ground: string): object {
  const axis = { gridcolor: "#3a3d41", zerolinecolor: "#5f6368", linecolor: "#80868b", tickcolor: "#80868b" };
  return { paper_bgcolor: ground, plot_bgcolor: ground, font: { color: "#e3e5e8" }, xaxis: axis, yaxis: axis };
}

/** The colours of the house style on a dark ground, by those on white; the series' stay apart for colour-blind readers. */
function colours(ground: string): Readonly<Record<string, string>> {
  return {
    "#ffffff": ground,
    "#202124": "#e3e5e8",
    "#5f6368": "#a8adb3",
    "#9aa0a6": "#80868b",
    "#e8eaed": "#3a3d41",
    "#0072b2": "#3e97e0",
    "#d55e00": "#f0803a",
    "#009e73": "#1fbf93",
    "#5b5b5b": "#b0b0b0",
    "#56b4e9": "#9bd6ff",
    "#5e2d91": "#b48ae0",
    "#7a4a12": "#c9935a",
    "rgba(255,255,255,0.8)": `color-mix(in srgb, ${ground} 80%, transparent)`,
  };
}

/** A value with colours in the place of others; those with an alpha of their own keep it. */
function recoloured(value: unknown, colours: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string") {
    const lower = value.toLowerCase();
    const [own, alpha] = /^#[0-9a-f]{8}$/.test(lower) ? [lower.slice(0, 7), lower.slice(7)] : [lower, ""];
    return own in colours ? colours[own] + alpha : value;
  }
  if (Array.isArray(value)) return value.map((item) => (typeof item === "number" ? item : recoloured(item, colours)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, recoloured(item, colours)]));
}
