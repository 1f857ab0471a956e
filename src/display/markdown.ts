import { cut, isRightAligned, type Table, type TableLimits, textOf } from "../text/table.ts";

/**
 * A table in Markdown, as GitHub and most others read it.
 *
 * @example
 * ```ts
 * import { tableMarkdown } from "mixlens";
 * const text = tableMarkdown({ columns: [{ name: "name" }, { name: "x" }], rows: [["a|b", -0.25]] });
 * if (text !== "| name | x |\n| :-- | --: |\n| a\\|b | −0.25 |") throw new Error(text);
 * ```
 */
export function tableMarkdown(table: Table, limits: TableLimits = {}): string {
  const shown = cut(table, limits);
  const head = shown.columns.map(({ name, note }) => (note === undefined ? name : `${name} (${note})`));
  const rule = shown.columns.map((_, i) => (isRightAligned(shown, i) ? "--:" : ":--"));
  const lines = [head.map(escaped), rule, ...textOf(shown).map((row) => row.map(escaped))];
  const body = lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const notes = [shown.caption, shown.note].filter((text) => text !== undefined).map(escaped);
  return [body, ...notes].join("\n\n");
}

/** Text as it may stand in Markdown, and in a cell of a table. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\\|`*_<>[\]]/g, "\\$&");
}
