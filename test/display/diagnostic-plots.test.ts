import { expect, test } from "vitest";
import { posteriorPlot } from "../../src/charts/posterior-plot.ts";
import { residualPlot } from "../../src/charts/residual-plot.ts";
import { rootogram } from "../../src/charts/rootogram.ts";
import type { Figure } from "../../src/display/figure.ts";
import { fit } from "../../src/fit/fit.ts";
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
