import { expect, test } from "vitest";
import { curvePlot } from "../../src/display/curve-plot.ts";
import { tableMarkdown } from "../../src/display/markdown.ts";
import { htmlPage } from "../../src/display/render/page.ts";
import { InputError } from "../../src/errors.ts";

const axes = { title: "Errors", x: "step", y: "error" };

test("a curve is a line through its points; what a logarithmic axis cannot show is a gap", () => {
  const values = [1, 0, Number.NaN, null, -1, 2];
  const y = (logarithmic: boolean) => {
    const [trace] = curvePlot([{ name: "a", y: values }], { ...axes, logarithmic }).data;
    return (trace as { y: unknown }).y;
  };
  expect(y(false)).toEqual([1, 0, null, null, -1, 2]);
  expect(y(true)).toEqual([1, null, null, null, null, 2]);
});

test("points are where they are told to be, and the chart says in words where each curve goes", () => {
  const { data, alt } = curvePlot([{ name: "a", x: [3, 5], y: [1, 0.5] }], axes);
  expect(data[0]).toMatchObject({ name: "a", x: [3, 5], y: [1, 0.5] });
  expect(alt).toBe("Errors: a from 1 to 0.5.");
  const error = new InputError("plot curves", "a point that can be drawn", "none");
  expect(() => curvePlot([{ name: "a", y: [0, -1] }], { ...axes, logarithmic: true })).toThrow(error);
});

test.each([
  [[0.07, 0.9], { tickformat: "~g", dtick: "D2" }],
  [[0.2, 0.9], { tickformat: "~g" }],
  [[1e-3, 3], { exponentformat: "power", dtick: 1 }],
  [[1e-16, 1], { exponentformat: "power", dtick: 2 }],
])("ticks of a logarithmic axis say their whole value, and are some eight: %j", (y, wanted) => {
  const { layout } = curvePlot([{ name: "a", y }], { ...axes, logarithmic: true });
  const { type, tickformat, exponentformat, dtick } = layout.yaxis ?? {};
  const said = { tickformat, exponentformat, dtick };
  expect(type).toBe("log");
  expect(said).toEqual({ tickformat: undefined, exponentformat: undefined, dtick: undefined, ...wanted });
});

test("on two logarithmic axes a point at 0 is a gap in either", () => {
  const curves = [{ name: "a", x: [0, 1, 10, 100], y: [1, 0, 2, 3] }];
  const { data, layout } = curvePlot(curves, { ...axes, logarithmic: "both" });
  expect(data[0]).toMatchObject({ x: [0, 1, 10, 100], y: [null, null, 2, 3] });
  expect([layout.xaxis?.type, layout.yaxis?.type]).toEqual(["log", "log"]);
});

test("a table in Markdown has every cell as text, on one line", () => {
  const rows = [
    ["a|b\n*c*", 1],
    [null, -0.5],
  ];
  const text = tableMarkdown({ columns: [{ name: "<x>" }, { name: "y", note: "m" }], rows, caption: "Two_rows" });
  expect(text.split("\n")).toEqual([
    "| \\<x\\> | y (m) |",
    "| :-- | --: |",
    "| a\\|b \\*c\\* | 1 |",
    "| – | −0.5 |",
    "",
    "Two\\_rows",
  ]);
});

test("a page holds what it shows and asks for no other file", async () => {
  const chart = curvePlot([{ name: "<b>", y: [1, 2] }], axes);
  const page = await htmlPage("A & B", [chart, { columns: [{ name: "x" }], rows: [[1]] }, "1 < 2"]);
  expect(page).toMatch(/^<!doctype html>[\s\S]*<h1>A &amp; B<\/h1>[\s\S]*<table[\s\S]*1 &lt; 2[\s\S]*<\/html>\n$/);
  expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="(?!data:)/);
});
