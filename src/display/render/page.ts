import { checkArgument } from "../../errors/arguments.ts";
import { anything, type Kind, listOf, text } from "../../errors/kinds.ts";
import { type Optional, optional, type PlanOf, readOptions } from "../../errors/options.ts";
import { escapeHtml } from "../html.ts";
import { mimeBundle } from "../mime.ts";
import { libraryScript } from "./plotly-library.ts";

/** A part of a page with a heading of its own. */
export interface PageSection {
  readonly heading: string;
  readonly values: readonly unknown[];
}

/** How a page is made. */
export interface PageOptions {
  /** File of plotly.js that the page links to, relative to it and ending in .js; default: within the page. */
  readonly plotly?: string;
}

const A_PLACE = /^(?![\\/]|[a-z][a-z\d+.-]*:)[^\\]*[^\\/]\.js$/i;
const besideThePage: Kind<string> = {
  wanted: 'the relative path of a file that ends in .js, with "/" between folders',
  accepts: (value) => text.accepts(value) && A_PLACE.test(value as string),
  written: "file",
};

/** Table of these options. */
export class PageTable {
  readonly plotly: Optional<string> = optional(
    besideThePage,
    "file of plotly.js that the page links to, relative to it and ending in .js",
    { otherwise: "within the page" },
  );
}

const PAGE: PageTable = new PageTable();

/**
 * A web page that shows figures, tables and text, one below the other, and needs no other file, unless it is told to link to one.
 *
 * Figures are live where scripts run, and pictures where they don't. The page may load nothing else: it says so to the browser.
 * It holds plotly.js once, 4.8 MB; with `plotly` it holds a link to that file instead, relative to itself, and where there is
 * none it says that its figures are pictures. What such a file holds is `plotlyLibrary()`.
 *
 * @param title name of the page
 * @param values what to show, each as `mimeBundle` has it
 * @throws InputError for values that can't be shown, and for a file that is not named by a relative path: by rejecting the
 *   promise
 * @example
 * ```ts
 * import { htmlPage, spectrumPlot } from "mixlens";
 * const page = await htmlPage("Spectrum", [spectrumPlot([0.56, 0.31, 0.02])]);
 * if (!page.startsWith("<!doctype html>")) throw new Error("a page");
 * ```
 */
export async function htmlPage(title: string, values: readonly unknown[], options: PageOptions = {}): Promise<string> {
  checkArgument("make a page", "title", title, text);
  checkArgument("make a page", "values", values, listOf(anything, "a list of what it shows"));
  const plan = readOptions("make a page", options, PAGE);
  return pageOf(title, await partsOf(values), plan);
}

/** The same in sections, with links to them at its top. */
export async function sectionPage(
  title: string,
  lead: readonly unknown[],
  sections: readonly PageSection[],
  plan: PlanOf<PageTable>,
): Promise<string> {
  const links = sections.map(({ heading }, at) => `<a href="#part-${at + 1}">${escapeHtml(heading)}</a>`);
  const parts = [...(await partsOf(lead)), `<nav>${links.join("\n")}</nav>`];
  for (const [at, { heading, values }] of sections.entries()) {
    const shown = await partsOf(values);
    parts.push(`<section id="part-${at + 1}"><h2>${escapeHtml(heading)}</h2>`, ...shown, "</section>");
  }
  return pageOf(title, parts, plan);
}

async function partsOf(values: readonly unknown[]): Promise<readonly string[]> {
  const bundles = await Promise.all(values.map(mimeBundle));
  return bundles.map(
    (bundle) => bundle["text/html"] ?? `<p style="white-space:pre-wrap">${escapeHtml(bundle["text/plain"])}</p>`,
  );
}

/** What a page may load: what it holds itself, pictures that it draws, and files beside it where it links to one. */
const policy = (files: string): string =>
  [
    "default-src 'none'",
    `script-src 'unsafe-inline'${files}`,
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

/** The id of what is said where the file of plotly.js is not there. */
const NO_PLOTLY = "without-plotly";

/** A link to plotly.js, and what is said where nothing comes of it. */
function linked(file: string): string[] {
  const address = file.split("/").map(encodeURIComponent).join("/");
  return [
    `<p id="${NO_PLOTLY}" hidden>Figures are pictures here: there is no plotly.js at ${escapeHtml(file)}, beside this page.</p>`,
    `<script src="${escapeHtml(address)}"></script>`,
    `<script>document.getElementById("${NO_PLOTLY}").hidden = "Plotly" in window</script>`,
  ];
}

function pageOf(title: string, parts: readonly string[], { plotly }: PlanOf<PageTable>): string {
  // Pages that are opened as files have no origin of their own.
  const files = plotly === undefined ? "" : " 'self' file:";
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy(files)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...parts,
    ...(plotly === undefined ? [libraryScript()] : linked(plotly)),
    "</body></html>",
    "",
  ].join("\n");
}
