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
  const body = textOf(shown).map((row) => `<tr>${row.map((text, i) => td(text, aligned[i])).join("")}</tr>`);
  const notes = [shown.caption, shown.note].flatMap((text) =>
    text === undefined ? [] : [`<p style="margin:4px 0">${escapeHtml(text)}</p>`],
  );
  return [
    '<div style="overflow-x:auto"><table border="1" class="dataframe" style="border-collapse:collapse">',
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody></table>`,
    `${notes.join("")}</div>`,
  ].join("\n");
}

function td(text: string, style: string): string {
  return `<td style="${style}">${escapeHtml(text)}</td>`;
}

function remark(note: string): string {
  return `<br><span style="font-weight:normal;opacity:0.7">${escapeHtml(note)}</span>`;
}
