import { escapeHtml } from "../src/display/html.ts";
import type { Cell, Notebook, Output } from "../src/jupyter/run/notebook.ts";

/** A page in Markdown, and the HTML that stands for its marks once the page is made. */
export interface NotebookPage {
  readonly title: string;
  readonly markdown: string;
  /** Outputs as HTML, by their marks: Markdown would change what is in them, and the search would find their numbers. */
  readonly outputs: ReadonlyMap<string, string>;
}

/**
 * An executed notebook as a page: its text, its code, and what each cell showed when it was run.
 *
 * @param names of all notebooks, so that "notebook 05" and "chapter 05" lead there
 */
export function notebookPage(name: string, notebook: Notebook, names: readonly string[]): NotebookPage {
  const outputs = new Map<string, string>();
  const link = (words: string, number: string): string => {
    const target = names.find((other) => other.startsWith(number) && other !== name);
    return target === undefined ? words : `[${words}](${target}.md)`;
  };
  const parts = notebook.cells.flatMap((cell, at) => {
    if (cell.cell_type !== "code") return [cell.source.replace(/\b(?:notebook|chapter) (\d\d)\b/gi, link)];
    const html = cell.outputs.map(outputHtml).join("\n");
    if (html === "") return [fence(cell)];
    const mark = `<div class="outputs" id="${name}-${at}"></div>`;
    outputs.set(mark, `<div class="outputs">${html}</div>`);
    return [fence(cell), mark];
  });
  const title = /^# (.+)/.exec(parts[0])?.[1] ?? name;
  return { title, markdown: parts.join("\n\n").replace(/^# .+\n/, ""), outputs };
}

function fence({ source }: Cell): string {
  return `\`\`\`ts\n${source}\n\`\`\``;
}

/** What a page shows of an output: the richest of its types that needs no kernel. */
function outputHtml(output: Output): string {
  if (output.output_type === "stream") return pre(output.text);
  if (output.output_type === "error") return pre(`${output.ename}: ${output.evalue}`);
  if (output.data["text/html"] === undefined) return pre(output.data["text/plain"]);
  return whole(output.data["text/html"]);
}

function pre(text: unknown): string {
  return `<pre class="output">${escapeHtml(whole(text).trimEnd())}</pre>`;
}

/** Text of an output, which the file has line by line. */
function whole(text: unknown): string {
  return [text].flat().join("");
}
