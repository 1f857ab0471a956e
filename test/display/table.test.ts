import { DataFrame, Series } from "danfojs-node";
import { expect, test } from "vitest";
import { frameTable, isFrame } from "../../src/display/frame-table.ts";
import { tableHtml } from "../../src/display/html.ts";
import { tableMarkdown } from "../../src/display/markdown.ts";
import { matrixLatex } from "../../src/display/matrix-latex.ts";
import { formatNumber, formatRate } from "../../src/text/number.ts";
import { type Cell, isTable, type Table, tableText } from "../../src/text/table.ts";

test.each([
  [0, "0"],
  [-0, "0"],
  [-3, "−3"],
  [123456789, "123456789"],
  [0.1 + 0.2, "0.3"],
  [-0.123456, "−0.1235"],
  [999.99, "1000"],
  [-9962.2335, "−9962.2"],
  [1.5e-7, "1.5e−7"],
  [1e21, "1e21"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("%d reads %s", (x, text) => {
  expect(formatNumber(x)).toBe(text);
});

test("rates next to 1 read by their distance", () => {
  expect([0.5, 0.99998, 1, 1 + 3e-7].map(formatRate)).toEqual(["0.5", "1 − 2e−5", "1", "1 + 3e−7"]);
});

const table: Table = {
  columns: [{ name: "name" }, { name: "x", note: "nats" }],
  rows: [
    ["a", 1],
    ["bb", -2.5],
    ["c", null],
  ],
  caption: "Three rows",
};

test("text is aligned, and says what it leaves out", () => {
  expect(tableText(table, { rows: Number.POSITIVE_INFINITY })).toBe(tableText(table));
  expect(tableText(table, { rows: 2 })).toBe(
    "name  x (nats)\na            1\nbb        −2.5\nThree rows\n… 1 more row",
  );
});

test("what is rounding in a column is less than its floor, and still a number that stands right", () => {
  const column = [1e-12, -9e-13, 0, 5e-324, -2e-12, null, Number.NaN];
  const rows = column.map((cell) => [cell, cell]);
  const rounded: Table = { columns: [{ name: "x", floor: 1e-12 }, { name: "y" }], rows };
  const shown = ["1e−12", "< 1e−12", "< 1e−12", "< 1e−12", "−2e−12", "–", "NaN"];
  const plain = ["1e−12", "−9e−13", "0", "4.941e−324", "−2e−12", "–", "NaN"];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = shown.map((text, at) => line([text.replace("<", "\\<"), plain[at]]));
  expect(tableMarkdown(rounded)).toBe([line(["x", "y"]), "| --: | --: |", ...lines].join("\n"));
  expect(tableHtml(rounded)).toContain('<td style="text-align:right">&lt;\u00a01e−12</td>');
  expect(tableText(rounded).split("\n").slice(0, 3)).toEqual([
    "      x           y",
    "  1e−12       1e−12",
    "< 1e−12      −9e−13",
  ]);
});

test("HTML escapes every text and has no style element", () => {
  const hostile = `</td><script>"'&`;
  const html = tableHtml({ columns: [{ name: hostile, note: hostile }], rows: [[hostile]], caption: hostile });
  expect(html.match(/&lt;\/td&gt;&lt;script&gt;&quot;&#39;&amp;/g)).toHaveLength(4);
  expect(html).not.toMatch(/<script|<style/);
  expect(html).toContain('<table border="1" class="dataframe"');
});

test("numbers of a column stand at their points in HTML, whatever they end with", () => {
  const cells: Cell[] = [1, -2.5, 0.1234, 1.5e-7, null, 12.5];
  const html = tableHtml({ columns: [{ name: "x" }, { name: "s" }], rows: cells.map((cell) => [cell, "1.2"]) });
  const room = [...html.matchAll(/<td style="text-align:right([^"]*)">/g)].map(([, style]) => style);
  const of = (characters: number): string => `;padding-right:calc(0.5em + ${characters}ch)`;
  expect(room).toEqual([of(4.5), of(3), "", "", of(4.5), of(3)]);
  expect(html).not.toMatch(/text-align:left;padding/);
});

test("HTML is cut to its limits", () => {
  const wide: Table = {
    columns: Array.from({ length: 30 }, (_, i) => ({ name: `c${i}` })),
    rows: Array.from({ length: 80 }, () => new Array<Cell>(30).fill(1)),
  };
  const html = tableHtml(wide);
  expect(html.match(/<tr>/g)).toHaveLength(51);
  expect(html.match(/<th /g)).toHaveLength(20);
  expect(html).toContain("… 30 more rows, 10 more columns");
});

test("terminal control characters do not reach the terminal", () => {
  expect(tableText({ columns: [{ name: "x" }], rows: [["\u001b[2J\na\u2028"]] })).toBe("x\n [2J a");
});

test("the head of a danfo frame, though its columns shadow danfo's own names", () => {
  const frame = new DataFrame({ shape: [1.5, 2], values: ["a", "<b>"], columns: [true, false] }, { index: ["i", "j"] });
  expect(frameTable(frame, { rows: 1 })).toEqual({
    columns: [
      { name: "" },
      { name: "shape", note: "float32" },
      { name: "values", note: "string" },
      { name: "columns", note: "boolean" },
    ],
    rows: [["i", 1.5, "a", true]],
    caption: "2 rows × 3 columns",
    note: "… 1 more row",
  });
});

test("a danfo series is a table of one column", () => {
  expect(frameTable(new Series([1, 2])).rows).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test("of a large frame only the rows shown are read", () => {
  const row = new Proxy([1], { get: () => expect.fail("a row beyond those shown was read") });
  const frame = { $data: [[1], [2], row], $columns: ["x"], $index: [0, 1, 2], $dtypes: ["int32"], $isSeries: false };
  expect(frameTable(frame, { rows: 2 }).rows).toHaveLength(2);
});

test("other values are neither frames nor tables", () => {
  for (const value of [null, 1, [], {}, { columns: ["x"], rows: [[1]] }, { columns: [{ name: "x" }], rows: 3 }]) {
    expect(isFrame(value) || isTable(value)).toBe(false);
  }
  expect(() => frameTable({ $isSeries: false })).toThrow("expected a danfo DataFrame or Series");
});

test("a matrix in LaTeX, with names escaped", async () => {
  const rowNames = ["a_b", "\\^"];
  const { latex } = await matrixLatex(
    [
      [1, -1 / 3],
      [1.5e10, Number.NaN],
    ],
    { rowNames, columnNames: ["x", "50%"] },
  );
  expect(latex).toBe(`\\begin{array}{l|rr}
 & \\text{x} & \\text{50\\%} \\\\
\\hline
\\text{a\\_b} & 1 & -0.3333 \\\\
\\text{$\\backslash$$\\hat{}$} & 1.5\\cdot10^{10} & \\text{NaN}
\\end{array}`);
});

test("a ragged or misnamed matrix is refused", async () => {
  await expect(matrixLatex([[1], [1, 2]])).rejects.toThrow("expected rows of equal length (1), got 2 at position 2");
  await expect(matrixLatex([[1]], { rowNames: [] })).rejects.toThrow("expected a name per row (1), got 0");
});

test("in HTML a number stays on one line with its error, bound and unit, and words may break", () => {
  const cells = ["0.0273 ± 0.0011", "95.7 % ± 0.3", "> 300 (0 arrive)", "a ± b, < c"];
  const html = tableHtml({ columns: [{ name: "x" }], rows: cells.map((cell) => [cell]) });
  const shown = [...html.matchAll(/<td[^>]*>([^<]*)</g)].map(([, text]) => text.replaceAll("\u00a0", "_"));
  expect(shown).toEqual(["0.0273_±_0.0011", "95.7_%_±_0.3", "&gt;_300 (0 arrive)", "a ± b, &lt; c"]);
});
