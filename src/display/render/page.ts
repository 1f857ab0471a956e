import { checkArgument } from "../../errors/arguments.ts";
import { anything, listOf, text } from "../../errors/kinds.ts";
import { escapeHtml } from "../html.ts";
import { mimeBundle } from "../mime.ts";
import { libraryScript } from "../notebook.ts";

/**
 * A web page that shows figures, tables and text, one below the other, and needs no other file.
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
  const bundles = await Promise.all(values.map(mimeBundle));
  const parts = bundles.map(
    (bundle) => bundle["text/html"] ?? `<p style="white-space:pre-wrap">${escapeHtml(bundle["text/plain"])}</p>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>${escapeHtml(title)}</title>`,
    "<style>body{font-family:system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#202124}",
    "th,td{padding:2px 8px}</style></head><body>",
    `<h1>${escapeHtml(title)}</h1>`,
    ...parts,
    libraryScript(),
    "</body></html>",
    "",
  ].join("\n");
}
