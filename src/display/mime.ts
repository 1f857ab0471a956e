import { inspect } from "node:util";
import { isTable, tableText } from "../text/table.ts";
import { isFigure } from "./figure.ts";
import { figureBundle, figureState, pictureHtml } from "./figure-html.ts";
import { frameTable, isFrame } from "./frame-table.ts";
import { tableHtml } from "./html.ts";
import { isMathjsValue, isTensor, mathjsLatex, mathjsText } from "./library-value.ts";
import { isLatex } from "./matrix-latex.ts";
import { checkedBundle } from "./render/bundle.ts";
import { resultTable } from "./result-table.ts";

/** One value in several forms by MIME type, always with `text/plain`: a reader's program takes the best it can show. */
export type MimeBundle = Record<string, string>;

/**
 * The name under which a value carries a function that gives its own MIME bundle; Deno's kernel knows it too.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, mimeBundle } from "mixlens";
 * const note = { [jupyterDisplay]: () => ({ "text/markdown": "**well**", "text/plain": "well" }) };
 * if ((await mimeBundle(note))["text/markdown"] !== "**well**") throw new Error("a value shows itself");
 * ```
 */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/**
 * A value as a notebook shows it: figures, tables, danfo frames, and what `fit`, `spectrum` and `snr` find as HTML,
 * formulas, and expressions and small matrices of mathjs, as LaTeX, a value with `Symbol.for("Jupyter.display")` as it says,
 * anything else as text.
 *
 * A figure is a static picture that turns into a live chart in JupyterLab with our extension, and in pages where plotly.js
 * was loaded (see `initPlotly`).
 *
 * @throws InputError if what the value says is no object of text by MIME type: bytes become base64, and the types of JSON
 * take what JSON can hold
 * @example
 * ```ts
 * import { mimeBundle } from "mixlens";
 * const bundle = await mimeBundle({ columns: [{ name: "x" }], rows: [[1]] });
 * if (Object.keys(bundle).join() !== "text/html,text/plain") throw new Error("HTML and text");
 * ```
 */
export async function mimeBundle(value: unknown): Promise<MimeBundle> {
  return checkedBundle(await formsOf(value)) as MimeBundle;
}

async function formsOf(value: unknown): Promise<unknown> {
  if (showsItself(value)) {
    const own = checkedBundle(await value[jupyterDisplay]());
    return "text/plain" in own ? own : { "text/plain": text(value), ...own };
  }
  if (isFigure(value)) {
    const state = figureState(value);
    return figureBundle(state, await pictureHtml(state));
  }
  if (isLatex(value)) return { "text/latex": `$$${value.latex}$$`, "text/plain": value.latex };
  const table = isFrame(value) ? frameTable(value) : (resultTable(value) ?? value);
  if (isTable(table)) return { "text/html": tableHtml(table), "text/plain": tableText(table) };
  if (isMathjsValue(value)) {
    const formula = await mathjsLatex(value);
    return { ...(formula && { "text/latex": `$$${formula.latex}$$` }), "text/plain": mathjsText(value) };
  }
  return { "text/plain": text(value) };
}

interface ShowsItself {
  [jupyterDisplay](): unknown;
}

export function showsItself(value: unknown): value is ShowsItself {
  return (
    typeof value === "object" &&
    value !== null &&
    jupyterDisplay in value &&
    typeof value[jupyterDisplay] === "function"
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : isTensor(value) ? value.toString() : inspect(value);
}
