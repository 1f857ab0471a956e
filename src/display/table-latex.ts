import { cut, isRightAligned, type Table, type TableLimits, textOf } from "../text/table.ts";

/**
 * A table in LaTeX, as a `tabular` with the rules of booktabs.
 *
 * @throws InputError for what is no table
 * @example
 * ```ts
 * import { tableLatex } from "mixlens";
 * const text = tableLatex({ columns: [{ name: "name" }, { name: "x" }], rows: [["a_b", -0.25]] });
 * if (!text.includes("a\\_b & $-$0.25 \\\\")) throw new Error(text);
 * ```
 */
export function tableLatex(table: Table, limits: TableLimits = {}): string {
  const shown = cut(table, limits);
  const places = shown.columns.map((_, i) => (isRightAligned(shown, i) ? "r" : "l")).join("");
  const head = shown.columns.map(({ name, note }) => (note === undefined ? name : `${name} (${note})`));
  const line = (cells: readonly string[]): string => `${cells.map(escaped).join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{${places}}`,
    "\\toprule",
    line(head),
    "\\midrule",
    ...textOf(shown).map(line),
    "\\bottomrule",
    "\\end{tabular}",
    ...[shown.caption, shown.note].filter((text) => text !== undefined).map((text) => `\n${escaped(text)}`),
  ].join("\n");
}

const SIGNS: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "$<$",
  ">": "$>$",
  "−": "$-$",
  "√": "$\\surd$",
};

/** Text as it may stand in LaTeX. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\\~^<>−√#$%&_{}]/g, (sign) => SIGNS[sign] ?? `\\${sign}`);
}
