import { type Figure, figureHeight, figureJson, figureWidth } from "./figure.ts";
import { escapeHtml, escapeJson } from "./html.ts";
import { figureClass, plotlyConfig, plotlyReady, upgrade } from "./live/live.ts";
import { type FigureState, figureMime } from "./live/live-state.ts";
import { drawn } from "./render/picture.ts";

/** A figure as it is now, whatever becomes of its data. */
export function figureState(figure: Figure): FigureState {
  const [width, height] = [figureWidth(figure), figureHeight(figure)];
  return { kind: "figure", json: figureJson(figure), alt: altText(figure), width, height };
}

/**
 * A figure in all its forms: HTML with something that stands still, the figure's data, and a script that draws them in pages
 * that have plotly.js; and the type by which JupyterLab's extension draws them.
 *
 * @param still its picture, or what stands in its place
 */
export function figureBundle(state: FigureState, still: string = stillText(state)): Record<string, string> {
  const { json, alt, height } = state;
  const given = [plotlyReady, plotlyConfig, figureClass].map((one) => JSON.stringify(one)).join(", ");
  const html = [
    `<div class="${figureClass}" style="max-width:100%">`,
    still,
    `<div style="height:${height}px;display:none"></div>`,
    `<script type="application/json">${escapeJson(json)}</script>`,
    `<script>(${upgrade})(document.currentScript.parentElement, window, ${given})</script>`,
    "</div>",
  ];
  return { "text/html": html.join("\n"), "text/plain": `[figure] ${alt}`, [figureMime]: "text/html" };
}

/** Draws a figure's picture. A chart that only a browser can draw is named, and comes alive with plotly.js. */
export async function pictureHtml(state: FigureState): Promise<string> {
  const alt = escapeHtml(state.alt);
  return drawn(state).then(
    (svg) =>
      `<img class="mixlens-picture" src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}" alt="${alt}" style="display:block;max-width:100%;height:auto">`,
    (error: Error) => `<p>${alt} (no static picture: ${escapeHtml(error.message)})</p>`,
  );
}

/** What stands in the place of a picture until there is one. */
function stillText({ alt, height }: FigureState): string {
  return `<p style="min-height:${height}px">${escapeHtml(alt)}</p>`;
}

function altText(figure: Figure): string {
  const title: unknown = figure.layout.title;
  if (figure.alt !== undefined) return figure.alt;
  if (typeof title === "object" && title !== null && "text" in title) return String(title.text);
  return "a chart without a description";
}
