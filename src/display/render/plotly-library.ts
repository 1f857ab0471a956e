import { cloudless, plotlyReady } from "../live/live.ts";
import { inTheme, watchTheme } from "../live/theme.ts";
import { plotlySource } from "./picture.ts";

/**
 * plotly.js as a script for pages, 4.8 MB of text: what the file holds that a page links to, where `htmlPage` or `report` is told
 * its name (`plotly`).
 *
 * It is kept from module loaders, so that it lands on `window` whatever the page has, and no chart of the page sends its data
 * to a company's server. Figures of this library are drawn in the page's colours where it is dark.
 *
 * @example
 * ```ts
 * import { htmlPage, plotlyLibrary, spectrumPlot } from "mixlens";
 * const page = await htmlPage("Spectrum", [spectrumPlot([0.56, 0.31, 0.02])], { plotly: "plotly.js" });
 * // Beside page.html, a file plotly.js with this text makes its figures live.
 * if (plotlyLibrary().length < 50 * page.length) throw new Error("nearly all of a page is plotly.js");
 * ```
 */
export function plotlyLibrary(): string {
  const news = JSON.stringify(plotlyReady);
  return [
    "if (!window.Plotly) (function (module, exports, define, require) {",
    plotlySource(),
    // Of charts that others draw with it, too.
    `}).call(window); window.Plotly.setPlotConfig?.(${JSON.stringify(cloudless)});`,
    `window.mixlensTheme = ${inTheme};`,
    `{ const news = () => window.dispatchEvent(new Event(${news})); (${watchTheme})(window, news); news(); }`,
  ].join("\n");
}

/** The same as an element of a page. */
export function libraryScript(): string {
  const code = plotlyLibrary().replaceAll("<!--", "<\\!--").replaceAll("</script", "<\\/script");
  return `<script>${code}</script>`;
}
