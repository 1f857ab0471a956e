import { expect, test } from "vitest";
import { coefficientPlot } from "../../src/charts/coefficient-plot.ts";
import { convergencePlot } from "../../src/charts/convergence-plot.ts";
import { fitPlot } from "../../src/charts/fit-plot.ts";
import { selectionPlot } from "../../src/charts/selection-plot.ts";
import { spectrumPlot } from "../../src/charts/spectrum-plot.ts";
import { curvePlot } from "../../src/display/curve-plot.ts";
import { type Figure, palette } from "../../src/display/figure.ts";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";

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

test("the names of many runs stand below the chart, where they cannot cover its title", () => {
  const runs = Array.from({ length: 6 }, (_, at) => ({ name: `a long name ${at}`, logLikelihood: [-2 - at, -1 - at] }));
  expect(convergencePlot(runs.slice(0, 3)).layout.legend).toMatchObject({ yanchor: "bottom" });
  expect(convergencePlot(runs).layout.legend).toMatchObject({ y: -0.2, yanchor: "top" });
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

test("one curve has no legend, and an axis of few whole numbers no ticks between them", () => {
  const options = { title: "t", x: "iteration", y: "error" };
  const [one, two] = [1, 2].map((count) =>
    curvePlot(
      Array.from({ length: count }, (_, at) => ({ name: `run ${at}`, y: [3, 2, 1] })),
      options,
    ),
  );
  expect([one.layout.showlegend, two.layout.showlegend]).toEqual([false, true]);
  expect(one.layout.xaxis).toMatchObject({ tick0: 0, dtick: 1 });
  const half = curvePlot([{ name: "a", x: [0, 0.5, 1], y: [3, 2, 1] }], options);
  const long = curvePlot([{ name: "a", y: Array.from({ length: 90 }, (_, at) => at) }], options);
  for (const { layout } of [half, long]) expect(layout.xaxis).not.toHaveProperty("dtick");
  expect(convergencePlot([{ name: "EM", logLikelihood: [-3, -2, -1] }]).layout.showlegend).toBe(false);
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

/** Rows of y = 2 + 3x + z and, beyond x = 0, of y = 2 − 3x + z. */
function bentRows(rows: number): { x: number[]; z: number[]; y: number[] } {
  const x = Array.from({ length: rows }, (_, i) => -1 + (2 * i + 1) / rows);
  const z = x.map((_, i) => 10 + Math.sin(7 * i));
  return { x, z, y: x.map((value, i) => 2 - 3 * Math.abs(value) + z[i] + 0.05 * Math.cos(11 * i)) };
}

test("a fit's rows have the colour of their expert, whose line holds the other columns at their means over them", () => {
  const bent = bentRows(200);
  const found = fit(bent, { response: "y", features: ["x", "z"], gateFeatures: ["x"], starts: 5 });
  const figure = fitPlot(found);
  expect(figure.layout.xaxis?.title).toEqual({ text: "x" });
  for (const z of [0, 1]) {
    const [points, line] = [series(figure, 2 * z), series(figure, 2 * z + 1)];
    const sign = Math.sign(points.x[0]);
    expect(points.x.length).toBeGreaterThan(90);
    expect(points.x.filter((x) => Math.sign(x) !== sign && Math.abs(x) > 0.1)).toEqual([]);
    const own = bent.z.filter((_, row) => points.x.includes(Number(bent.x[row].toPrecision(6))));
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    expect([line.x[0], line.x[60]]).toEqual([Math.min(...points.x), Math.max(...points.x)]);
    line.x.forEach((x, i) => {
      expect(Math.abs(line.y[i]! - (2 - 3 * sign * x + mean))).toBeLessThan(0.1);
    });
    expect(figure.data[2 * z]).toMatchObject({ marker: { color: palette[z] } });
    expect(figure.data[2 * z + 1]).toMatchObject({ line: { color: palette[z] } });
  }
  expect(series(fitPlot(found, { x: "z" }), 1).x[0]).toBeCloseTo(9, 1);
});

test("a curve follows its column through all terms that read it; texts stand at their most frequent one", () => {
  const rng = random(6);
  const x = Array.from({ length: 120 }, () => 4 * rng.uniform() - 2);
  const group = x.map((_, i) => (i % 3 === 0 ? "a" : "b"));
  const y = x.map((value, i) => value * value + (group[i] === "b" ? 5 * value : 0) + 0.01 * rng.normal());
  const found = fit({ x, group, y }, { formula: "y ~ x + x^2 + group + x:group", k: 1 });
  const line = series(fitPlot(found), 1);
  line.x.forEach((value, i) => {
    expect(line.y[i]).toBeCloseTo(value * value + 5 * value, 1);
  });
  expect(() => fitPlot(found, { x: "group" })).toThrow('expected x to be a column of the fit: "x", got "group"');
});

test("the curve of a count stands at the mean offset, and of many rows some are drawn", () => {
  const rows = 4001;
  const x = Array.from({ length: rows }, (_, i) => Math.sin(i));
  const exposure = x.map(() => Math.log(2));
  const y = x.map((value, i) => Math.round(2 * Math.exp(1 + value) + 0.5 * Math.cos(3 * i)));
  const found = fit(
    { x, y, exposure },
    { response: "y", features: ["x"], offset: "exposure", experts: "poisson", k: 1 },
  );
  const figure = fitPlot(found);
  expect(series(figure, 0).x).toHaveLength(1334);
  expect(figure.alt).toContain("1334 of 4001 rows");
  const { x: places, y: curve } = series(figure, 1);
  expect(curve[30]! / (2 * Math.exp(1 + places[30]))).toBeCloseTo(1, 1);
});

test("a fit whose rows no plane can hold is refused with the next step", () => {
  const bent = bentRows(40);
  const line = fit(bent, { response: "y", features: ["x"], k: 1 });
  expect(() => fitPlot(line, { x: "w" })).toThrow('expected x to be a column of the fit: "x", got "w"');
  const half = bent.x.map((value, i) => (value + 0.5 * Math.sin(5 * i) > 0 ? "a" : "b"));
  const labels = fit({ x: bent.x, half }, { response: "half", experts: "logistic", k: 1 });
  expect(() => fitPlot(labels)).toThrow("got labels; coefficientPlot draws");
});

test("what cannot be drawn is refused", () => {
  expect(() => convergencePlot([])).toThrow("expected a run with a finite log-likelihood, got none");
  expect(() => convergencePlot([{ name: "EM", logLikelihood: [1, 2] }], { rate: 1 })).toThrow("got 1");
  expect(() => spectrumPlot([])).toThrow("got none");
  expect(() => spectrumPlot([Number.NaN])).toThrow("got NaN");
  expect(() => coefficientPlot([])).toThrow("got none");
});

test("a choice is drawn by its criteria, with open circles where a fit did not converge, and a line at what was chosen", () => {
  const model = { logLikelihood: -10, parameters: 2, aic: 24, bic: 25, icl: 26, messages: [] };
  const models = [
    { ...model, k: 1, result: "converged", crossValidated: -11 },
    { ...model, k: 3, result: "max-iterations", bic: 20 },
    { k: 4, result: "failed", messages: ["Cannot fit"] },
  ] as const;
  const figure = selectionPlot({ models, best: 1, by: "cv", fit: {} as never, messages: [] });
  expect(figure.data.map((_, at) => series(figure, at).name)).toEqual(["AIC", "BIC", "ICL", "−2 × cross-validated"]);
  expect([series(figure, 1).x, series(figure, 1).y, series(figure, 3).y]).toEqual([
    [1, 3],
    [25, 20],
    [22, null],
  ]);
  expect(figure.data[0]).toMatchObject({ marker: { symbol: ["circle", "circle-open"] } });
  expect(figure.layout.shapes).toMatchObject([{ x0: 1, x1: 1 }]);
});
