import { expect, test } from "vitest";
import { calibrationPlot } from "../../src/charts/calibration-plot.ts";
import { influencePlot } from "../../src/charts/influence-plot.ts";
import { partialEffectPlot } from "../../src/charts/partial-effect-plot.ts";
import { posteriorPlot } from "../../src/charts/posterior-plot.ts";
import { residualPlot } from "../../src/charts/residual-plot.ts";
import { rootogram } from "../../src/charts/rootogram.ts";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import type { Figure } from "../../src/display/figure.ts";
import { picture } from "../../src/display/render/picture.ts";
import { fit } from "../../src/fit/fit.ts";
import { partialEffect } from "../../src/inference/partial-effect.ts";
import { random } from "../../src/math/random.ts";

const series = (figure: Figure, index: number): { x: number[]; y: number[]; base: number[]; customdata: number[] } =>
  JSON.parse(JSON.stringify(figure.data[index]));
const rng = random(3);
const x = Array.from({ length: 300 }, () => rng.normal());
const y = x.map((value, i) => (i % 2 === 0 ? 3 + value : -3 - value) + 0.5 * rng.normal());
const pair = fit({ x, y }, { formula: "y ~ x | 1", starts: 5 });

test("residuals of a fit lie in the band about the line, those of one expert for two do not", () => {
  const outside = (figure: Figure): number => Number(/(\d+) of \d+ points are outside/.exec(figure.alt)?.[1]);
  expect(outside(residualPlot(pair))).toBeLessThan(30);
  expect(outside(residualPlot(fit({ x, y }, { formula: "y ~ x", k: 1 })))).toBeGreaterThan(100);
  const points = series(residualPlot(pair), 2);
  expect(points.x).toHaveLength(300);
  expect([...points.y].sort((a, b) => a - b)).toEqual(points.y);
});

test("responsibilities of experts far apart stand at 1; of a response of labels they are drawn as well", () => {
  const figure = posteriorPlot(pair);
  const [first, second] = [0, 1].map((at) => series(figure, at).customdata);
  expect(first[19] + second[19]).toBeGreaterThan(280);
  first.forEach((count, bar) => {
    expect(series(figure, 0).y[bar] ** 2).toBeCloseTo(count, 2);
  });
});

test("a rootogram hangs the counts from what the fit expects: with one rate for two, too few zeros", () => {
  const counts = x.map((_, i) => (i % 3 === 0 ? 0 : Math.round(4 + rng.normal())));
  const one = rootogram(fit({ counts }, { formula: "counts ~ 1", experts: "poisson", k: 1 }));
  const { base, y: heights, customdata } = series(one, 0);
  expect(customdata[0]).toBe(counts.filter((count) => count === 0).length);
  expect(base[0]).toBeLessThan(-3);
  const expected = series(one, 1).y;
  expect(base.map((from, at) => from + heights[at])).toEqual(expected.map((to) => expect.closeTo(to, 4)));
  const two = rootogram(fit({ counts }, { formula: "counts ~ 1", experts: "poisson", k: 2, starts: 5 }));
  expect(Math.abs(series(two, 0).base[0])).toBeLessThan(0.3);
  expect(() => rootogram(pair)).toThrow("Cannot draw a rootogram: expected a response of counts, got linear experts");
});

test("a calibration is drawn on its line, with a series for each label and bars as long as the intervals", () => {
  const figure = calibrationPlot(pair, { level: 0.999 });
  expect(figure.alt).toBe("9 predicted quantiles: of 9 the interval of 99.9 % holds what the fit says.");
  const label = x.map((value) => (value > 0.3 ? "<b>" : value > -0.5 ? "m" : "z"));
  const noisy = label.map((name, i) => (i % 4 === 0 ? "m" : name));
  const labels = calibrationPlot(fit({ x, noisy }, { formula: "noisy ~ x", experts: "logistic", k: 1, ridge: 0.1 }));
  expect(labels.data.map(({ name }) => name).sort()).toEqual(["&lt;b&gt;", "m", "the fit is the truth", "z"]);
  expect(
    Number(/of (\d+) the interval/.exec(calibrationPlot(fit({ x, y }, { formula: "y ~ x", k: 1 })).alt)?.[1]),
  ).toBeLessThan(6);
});

test("the rows that move a fit most have their numbers", () => {
  const far = { x: [...x, 9], y: [...y, -20] };
  const figure = influencePlot(fit(far, { formula: "y ~ x | 1", starts: 5 }), { top: 3 });
  expect(figure.alt).toMatch(/the largest is that of row 301, which moves expert\d\.x most\.$/);
  const named = JSON.parse(JSON.stringify(figure.layout.annotations));
  expect(named[0]).toMatchObject({ x: 301, text: "301" });
  // A stem of each row, from 0 to its distance.
  const stems = [0, 1].flatMap((z) => series(figure, z).x.filter((_, at) => at % 3 === 1));
  expect(stems.sort((a, b) => a - b)).toEqual(Array.from({ length: 301 }, (_, row) => row + 1));
  expect(Math.max(...series(figure, 0).y, ...series(figure, 1).y)).toBeCloseTo(named[0].y, 4);
});

test("a partial effect is drawn along numbers, dates and levels, whose names are no HTML", async () => {
  const f = x.map((_, i) => ["<script>", "b"][i % 2]);
  const day = x.map((_, i) => `2024-02-${String(1 + (i % 28)).padStart(2, "0")}`);
  const model = fit({ x, y, f, day }, { formula: "y ~ x + f + day | x", starts: 3 });
  const levels = partialEffectPlot(model, { x: "f" });
  expect(levels.layout.xaxis?.ticktext).toEqual(["&lt;script&gt;", "b"]);
  expect(await picture(levels)).not.toContain("<script>");
  expect(partialEffectPlot(model, { x: "day" }).layout.xaxis?.type).toBe("date");
  const gate = partialEffectPlot(model, { x: "x", of: "gate" });
  expect(gate.data.map(({ name }) => name)).toEqual([undefined, undefined, "expert 1", "expert 2"]);
  expect(gate.layout.yaxis?.title).toEqual({ text: "probability" });
});

test("an interval wider than all there is does not hide the curve", () => {
  // One of the experts has no setosa.
  const formula = "petal_width ~ petal_length + species | petal_length";
  const iris = fit(datasetPath("iris"), { formula, starts: 5, seed: 2 });
  const options = { x: "species", of: "experts" } as const;
  expect(Math.max(...partialEffect(iris, options).curves.flatMap(({ upper }) => Array.from(upper)))).toBeGreaterThan(
    10,
  );
  const [low, high] = partialEffectPlot(iris, options).layout.yaxis?.range ?? [];
  expect([low > -0.2, high > 1.7, high < 2.8]).toEqual([true, true, true]);
});
