import { cut, isRightAligned, type Table, type TableLimits, textOf } from "../text/table.ts";

/** Text as it may stand in HTML, between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  const codes: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (letter) => codes[letter]);
}

/** JSON as it may stand inside a script element: no tag, comment or line end in disguise. */
export function escapeJson(json: string): string {
  return json.replace(/[<\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * A table as HTML that looks the same in trusted and untrusted notebooks: inline styles only, all text escaped.
 *
 * @example
 * ```ts
 * import { tableHtml } from "mixlens";
 * const html = tableHtml({ columns: [{ name: "<x>" }], rows: [[1], [2.5]] });
 * if (!html.includes("&lt;x&gt;")) throw new Error("names are escaped");
 * ```
 */
export function tableHtml(table: Table, limits: TableLimits = {}): string {
  const shown = cut(table, limits);
  const aligned = shown.columns.map((_, i) => `text-align:${isRightAligned(shown, i) ? "right" : "left"}`);
  const head = shown.columns.map(
    ({ name, note }, i) =>
      `<th style="${aligned[i]}">${escapeHtml(name)}${note === undefined ? "" : remark(note)}</th>`,
  );
  const texts = textOf(shown);
  const short = shortBy(shown, texts);
  const body = texts.map((row, at) => `<tr>${row.map((text, i) => td(text, aligned[i], short[at][i])).join("")}</tr>`);
  const notes = [shown.caption, shown.note].flatMap((text) =>
    text === undefined ? [] : [`<p style="margin:4px 0">${escapeHtml(text)}</p>`],
  );
  return [
    '<div style="overflow-x:auto"><table border="1" class="dataframe" style="border-collapse:collapse;font-variant-numeric:tabular-nums">',
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody></table>`,
    `${notes.join("")}</div>`,
  ].join("\n");
}

/** A cell that ends so many characters before the longest number of its column; a point is half as wide as a digit. */
function td(text: string, style: string, short: number): string {
  const room = short === 0 ? "" : `;padding-right:calc(0.5em + ${text.includes(".") ? short : short - 0.5}ch)`;
  return `<td style="${style}${room}">${escapeHtml(unbroken(text))}</td>`;
}

/** Text whose numbers stay on one line with their errors, bounds and units. */
function unbroken(text: string): string {
  return text.replace(/(?<=[\d%]) ± (?=\d)|(?<=[<>≥≤]) (?=\d)|(?<=\d) (?=%)/g, (gap) => gap.replaceAll(" ", "\u00a0"));
}

function remark(note: string): string {
  return `<br><span style="font-weight:normal;opacity:0.7">${escapeHtml(note)}</span>`;
}

/** A number as it is written: what stands before its point, and after. */
const WRITTEN = /^(?:< )?[−-]?\d[\d\u2009]*((?:\.\d+)?(?:e[−-]?\d+)?)$/;

/**
 * How many characters each cell of a table lacks at its right end to stand at the points of the column's other numbers, of
 * columns that stand right.
 */
function shortBy(table: Table, texts: readonly (readonly string[])[]): readonly (readonly number[])[] {
  const ends = texts.map((row) => row.map((text) => (text === "–" ? 0 : WRITTEN.exec(text)?.[1].length)));
  const longest = table.columns.map((_, i) =>
    isRightAligned(table, i) ? ends.reduce((most, row) => Math.max(most, row[i] ?? 0), 0) : 0,
  );
  return ends.map((row) => row.map((end, i) => (end === undefined ? 0 : Math.max(0, longest[i] - end))));
}
