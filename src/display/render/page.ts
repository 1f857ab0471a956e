import { checkArgument } from "../../errors/arguments.ts";
import { anything, listOf, text } from "../../errors/kinds.ts";
import { escapeHtml } from "../html.ts";
import { mimeBundle } from "../mime.ts";
import { libraryScript } from "../notebook.ts";

/** A part of a page with a heading of its own. */
export interface PageSection {
  readonly heading: string;
  readonly values: readonly unknown[];
}

/**
 * A web page that shows figures, tables and text, one below the other, and needs no other file.
 *
 * Figures are live where scripts run, and pictures where they don't. The page may load nothing: it says so to the browser.
 *
 * @param title name of the page
 * @param values what to show, each as `mimeBundle` has it
 * @example
 * ```ts
 * import { htmlPage, spectrumPlot } from "mixlens";
 * const page = await htmlPage("Spectrum", [spectrumPlot([0.56, 0.31, 0.02])]);
 * if (!page.startsWith("<!doctype html>")) throw new Error("a page");
 * ```
 */
export async function htmlPage(title: string, values: readonly unknown[]): Promise<string> {
  checkArgument("make a page", "title", title, text);
  checkArgument("make a page", "values", values, listOf(anything, "a list of what it shows"));
  return pageOf(title, await partsOf(values));
}

/** The same in sections, with links to them at its top. */
export async function sectionPage(
  title: string,
  lead: readonly unknown[],
  sections: readonly PageSection[],
): Promise<string> {
  const links = sections.map(({ heading }, at) => `<a href="#part-${at + 1}">${escapeHtml(heading)}</a>`);
  const parts = [...(await partsOf(lead)), `<nav>${links.join("\n")}</nav>`];
  for (const [at, { heading, values }] of sections.entries()) {
    const shown = await partsOf(values);
    parts.push(`<section id="part-${at + 1}"><h2>${escapeHtml(heading)}</h2>`, ...shown, "</section>");
  }
  return pageOf(title, parts);
}

async function partsOf(values: readonly unknown[]): Promise<readonly string[]> {
  const bundles = await Promise.all(values.map(mimeBundle));
  return bundles.map(
    (bundle) => bundle["text/html"] ?? `<p style="white-space:pre-wrap">${escapeHtml(bundle["text/plain"])}</p>`,
  );
}

/** What a page may load: what it holds itself, and pictures that it draws. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #202124; }
h1, h2 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 2em; padding-top: .4em; border-top: 1px solid #dadce0; }
p, pre { overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .2em 1.2em; margin: 1em 0; }
a { color: #0b57d0; }
pre { background: #f1f3f4; padding: .6em .8em; white-space: pre-wrap; font-size: 14px; }
table.dataframe { border: 0; font-size: 14px; font-variant-numeric: tabular-nums; margin: .6em 0; }
.dataframe th, .dataframe td { border: 0; border-bottom: 1px solid #e8eaed; padding: 3px 10px; vertical-align: bottom; }
.dataframe th { border-bottom: 2px solid #9aa0a6; }
@media print { section { break-inside: auto; } img, table { break-inside: avoid; } nav { display: none; } }
`;

function pageOf(title: string, parts: readonly string[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...parts,
    libraryScript(),
    "</body></html>",
    "",
  ].join("\n");
}
