import { expect, test } from "vitest";
import { coefficientPlot } from "../../src/charts/coefficient-plot.ts";
import { convergencePlot } from "../../src/charts/convergence-plot.ts";
import { spectrumPlot } from "../../src/charts/spectrum-plot.ts";
import { type Figure, palette } from "../../src/display/figure.ts";

const series = (figure: Figure, index: number): { x: number[]; y: (number | null)[]; name: string } =>
  JSON.parse(JSON.stringify(figure.data[index]));

test("gaps to the best are drawn, those of rounding size are left out, and the axis ends with the last drawn", () => {
  const logLikelihood = [-110, Number.NaN, -101, -100 - 1e-15, -100, Number.NaN];
  const figure = convergencePlot([{ name: "EM", logLikelihood }]);
  expect(series(figure, 0)).toMatchObject({ x: [0, 1, 2], y: [10, null, 1] });
  expect(figure.alt).toMatch(/EM down to 1 nats in 5 iterations\.$/);
});

test("a run that is at the best from its start on has its entry in the legend", () => {
  const runs = [
    [-100, -100],
    [-101, -100.5],
  ].map((logLikelihood, at) => ({ name: `${at}`, logLikelihood }));
  expect(series(convergencePlot(runs), 0)).toMatchObject({ name: "0", x: [0], y: [null] });
});

test("the predicted line falls by λ² per iteration and lies on a run of that rate", () => {
  const logLikelihood = Array.from({ length: 20 }, (_, t) => -100 - 0.36 ** t);
  const { x, y, name } = series(convergencePlot([{ name: "EM", logLikelihood }], { best: -100, rate: 0.6 }), 1);
  expect(name).toBe("predicted, λ² = 0.36");
  x.forEach((t, i) => {
    expect(y[i]! / 0.36 ** t).toBeCloseTo(1, 4);
  });
});

test("a wrong prediction does not set the scale", () => {
  const logLikelihood = Array.from({ length: 200 }, (_, t) => -100 - 0.9 ** t);
  const { y } = series(convergencePlot([{ name: "EM", logLikelihood }], { best: -100, rate: 0.1 }), 1);
  expect(y[0]).toBeLessThan(10.1);
  expect(y[1]).toBeGreaterThan(0.09 * 0.9 ** 199);
});

test("a long run is drawn without overflowing the stack", () => {
  const logLikelihood = Float64Array.from({ length: 300_000 }, (_, t) => -1 / (t + 1));
  expect(series(convergencePlot([{ name: "slow", logLikelihood }], { best: 0 }), 0).y).toHaveLength(300_000);
});

test("a spectrum is sorted, and impossible values stay where they are", () => {
  const figure = spectrumPlot([-0.01, 1.02, 0.5]);
  expect(series(figure, 1).y).toEqual([1.02, 0.5, -0.01]);
  const [low, high] = figure.layout.yaxis?.range ?? [];
  expect(low).toBeLessThan(-0.01);
  expect(high).toBeGreaterThan(1.02);
});

test("an eigenvalue within rounding of 0 is 0, on either side", () => {
  const { data, alt } = spectrumPlot([0.5, -1e-16, 3e-17]);
  expect(data[1]).toMatchObject({ y: [0.5, 0, 0], marker: { color: [palette[0], palette[0], palette[0]] } });
  expect(alt).toMatch(/from 0.5 to 0\.$/);
});

test("a rate next to 1 is not rounded to 1", () => {
  expect(spectrumPlot([0.99999]).alt).toContain("1 − 1e−5");
});

test("every coefficient stands at its name, with 1.96 standard errors around it", () => {
  const figure = coefficientPlot([
    { name: "expert 1", coefficients: { a: 1, b: 2 }, standardErrors: { b: 0.5 } },
    { name: "expert 2", coefficients: { c: 3 } },
  ]);
  expect(figure.layout.yaxis?.ticktext).toEqual(["a", "b", "c"]);
  expect(figure.data[0]).toMatchObject({ x: [1, 2], error_x: { array: [0, 0.98] } });
  expect(Math.round(series(figure, 1).y[0]!)).toBe(2);
});

test("what cannot be drawn is refused", () => {
  expect(() => convergencePlot([])).toThrow("expected a run with a finite log-likelihood, got none");
  expect(() => convergencePlot([{ name: "EM", logLikelihood: [1, 2] }], { rate: 1 })).toThrow("got 1");
  expect(() => spectrumPlot([])).toThrow("got none");
  expect(() => spectrumPlot([Number.NaN])).toThrow("got NaN");
  expect(() => coefficientPlot([])).toThrow("got none");
});
