/// <reference lib="dom" />

/** A figure as plotly has it. */
export interface PlotlyFigure {
  readonly data: readonly object[];
  readonly layout: Readonly<Record<string, unknown>>;
}

/**
 * A figure in the colours of its place on a page: as it is where text is dark, on the page's own ground where text is light.
 *
 * What is asked is how the place looks, so that it need not be known whose page it is. The function is sent to pages as text, so it
 * may refer to nothing outside its own body.
 */
export function inTheme(figure: PlotlyFigure, place: Element): PlotlyFigure {
  const [red, green, blue] = (getComputedStyle(place).color.match(/[\d.]+/g) ?? []).map(Number);
  if (!(red + green + blue > 384)) return figure;

  const backgrounds: string[] = [];
  for (let at: Element | null = place; at !== null; at = at.parentElement) {
    backgrounds.push(getComputedStyle(at).backgroundColor);
  }
  // The page of a notebook in VS Code is transparent, and says what is behind it.
  const behind = getComputedStyle(place).getPropertyValue("--vscode-editor-background").trim();
  const ground =
    backgrounds.find((color) => !/^rgba\(.*, 0(\.\d+)?\)$|^transparent$/.test(color)) ?? (behind || "#111111");

  // The series' colours stay apart for colour-blind readers.
  const colours: Record<string, string> = {
    ...{ "#ffffff": ground, "#202124": "#e3e5e8", "#5f6368": "#a8adb3", "#9aa0a6": "#80868b", "#e8eaed": "#3a3d41" },
    ...{ "#0072b2": "#3e97e0", "#d55e00": "#f0803a", "#009e73": "#1fbf93", "#5b5b5b": "#b0b0b0", "#56b4e9": "#9bd6ff" },
    ...{ "#5e2d91": "#b48ae0", "#7a4a12": "#c9935a" },
    "rgba(255,255,255,0.8)": `color-mix(in srgb, ${ground} 80%, transparent)`,
  };
  // Those with an alpha of their own keep it.
  function recoloured(value: unknown): unknown {
    if (typeof value === "string") {
      const lower = value.toLowerCase();
      const [own, alpha] = /^#[0-9a-f]{8}$/.test(lower) ? [lower.slice(0, 7), lower.slice(7)] : [lower, ""];
      return own in colours ? colours[own] + alpha : value;
    }
    if (Array.isArray(value)) return value.map((item) => (typeof item === "number" ? item : recoloured(item)));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, recoloured(item)]));
  }
  const { data, layout } = recoloured(figure) as PlotlyFigure;
  const { template = {} } = layout as { template?: { layout?: object } };
  // What a figure without a template has.
  const axis = { gridcolor: "#3a3d41", zerolinecolor: "#5f6368", linecolor: "#80868b", tickcolor: "#80868b" };
  const plain = { paper_bgcolor: ground, plot_bgcolor: ground, font: { color: "#e3e5e8" }, xaxis: axis, yaxis: axis };
  return { data, layout: { ...layout, template: { ...template, layout: { ...plain, ...template.layout } } } };
}

/** Calls back when the page's theme may have changed, once its new colours are there. It is sent to pages as text, too. */
export function watchTheme(page: Window, changed: () => void): void {
  const REPAINT = 100;
  const soon = (): void => void setTimeout(changed, REPAINT);
  // By these JupyterLab, VS Code and the documentation say which theme they have.
  const attributeFilter = ["data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-id", "data-theme"];
  const { documentElement, body } = page.document;
  for (const element of [documentElement, body]) new MutationObserver(soon).observe(element, { attributeFilter });
  page.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
}
