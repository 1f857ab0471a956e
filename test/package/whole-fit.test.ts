import { describe, expect, test } from "vitest";
import * as mixlens from "../../src/index.ts";
import { EXPERT_KINDS, type ExpertKind, lawOf } from "../../src/laws/registry.ts";
import type { Predicts, ScaleOf } from "../../src/laws/results.ts";

// What a function says of a fit is what it says of the fit's parts; of a loaded model it wants the rows.
const x = Array.from({ length: 90 }, (_, i) => 3 * Math.sin(i));
const y = x.map((value, i) => (i % 2 === 0 ? value : 2 - value) + Math.cos(7 * i));
const count = x.map((value, i) => Math.floor(Math.exp(0.3 * value + 0.4 * (i % 3))));
const label = x.map((value, i) => (value + Math.cos(5 * i) > 0 ? "high" : "low"));
const rows = { x, y, count, label };
const found = mixlens.fit(rows, { response: "y", features: "x", starts: 4 });
const { mixture, theta, observations, start, formula } = found;
const loaded = { formula, mixture, theta };

describe("a fit whole", () => {
  test("has the spectrum, the ratios, the criteria and the coefficients of its parts", () => {
    expect(mixlens.spectrum(found)).toEqual(mixlens.spectrum(mixture, theta, observations));
    expect(mixlens.topSpectrum(found, { top: 2 })).toEqual(
      mixlens.topSpectrum(mixture, theta, observations, { top: 2 }),
    );
    expect(mixlens.snr(found)).toEqual(mixlens.snr({ mixture, theta }, observations));
    expect(mixlens.criteria(found)).toEqual(found.criteria);
    expect(mixlens.coefficients(found)).toEqual(mixlens.coefficients(mixture, theta));
    expect(mixlens.coefficients(found)).toEqual(found.coefficients);
  });

  test("is certified from where it began", () => {
    const options = { steps: 3, limit: theta };
    expect(mixlens.certify(found, options)).toEqual(mixlens.certify(mixture, start, observations, options));
  });

  test("predicts its own rows, classifies and draws them", () => {
    const predicted = mixlens.predict(found);
    expect(predicted).toEqual(mixlens.predict(found, rows));
    expect(predicted.responsibilities).toEqual(mixture.posterior(theta, observations).responsibilities);
    const { experts, responsibilities } = mixlens.classify(found);
    for (let i = 0; i < x.length; i++) {
      const row = [...predicted.responsibilities!.subarray(2 * i, 2 * i + 2)];
      expect([experts[i], responsibilities[i]]).toEqual([row.indexOf(Math.max(...row)) + 1, Math.max(...row)]);
    }
    const blank = mixlens.classify(found, { x: [1, -2] });
    const { gate } = mixlens.predict(found, { x: [1, -2] });
    expect([...blank.responsibilities]).toEqual([Math.max(gate[0], gate[1]), Math.max(gate[2], gate[3])]);
    expect(mixlens.simulate(found, { seed: 3 })).toEqual(
      mixlens.simulate(mixture, theta, observations, mixlens.random(3)),
    );
    expect(mixlens.simulate(found)).not.toEqual(mixlens.simulate(found, { seed: 2 }));
    expect(mixlens.simulate(found, { rows: { x: [1, 2, 3] } }).response.length).toBe(3);
  });

  test("is drawn: its path, its coefficients with intervals, its spectrum", () => {
    const logLikelihood = found.trace.map((step) => step.logLikelihood);
    expect(mixlens.convergencePlot(found)).toEqual(mixlens.convergencePlot([{ name: "fit", logLikelihood }]));
    const other = mixlens.run("anderson", found);
    const [mine, its] = mixlens.convergencePlot([found, other]).data as { name: string; y: unknown[] }[];
    expect([mine.name, its.name]).toEqual(["fit", "anderson"]);
    const spectrum = mixlens.spectrum(found);
    expect(mixlens.spectrumPlot(found)).toEqual(mixlens.spectrumPlot(spectrum.eigenvalues));
    expect(mixlens.spectrumPlot(spectrum)).toEqual(mixlens.spectrumPlot(spectrum.eigenvalues));
    const chart = mixlens.coefficientPlot(found);
    const [first, second] = chart.data as { name: string; x: number[]; error_x: { array: number[] } }[];
    expect([first.name, second.name]).toEqual(["expert 1", "expert 2"]);
    expect(first.x).toEqual(Object.values(found.coefficients.experts[0].coefficients));
    const at = mixture.experts[0][0].at[0];
    expect(first.error_x.array[1]).toBeCloseTo(1.96 * spectrum.standardErrors[at + 1], 12);
  });

  test("of labels has a series for each label but the first", () => {
    const labels = mixlens.fit(rows, { response: "label", features: "x", experts: "logistic", ridge: 0.5, starts: 2 });
    const names = mixlens.coefficientPlot(labels).data.map((series) => (series as { name: string }).name);
    expect(names).toEqual(["expert 1, low", "expert 2, low"]);
  });
});

describe("a model without rows", () => {
  const acts: readonly [string, (model: typeof loaded) => unknown, (model: typeof loaded) => unknown][] = [
    ["spectrum(model, rows)", (model) => mixlens.spectrum(model), (model) => mixlens.spectrum(model, rows)],
    ["snr(model, rows)", (model) => mixlens.snr(model), (model) => mixlens.snr(model, rows)],
    ["predict(model, rows)", (model) => mixlens.predict(model), (model) => mixlens.predict(model, rows)],
    ["predict(model, rows)", (model) => mixlens.classify(model), (model) => mixlens.classify(model, rows)],
    ["simulate(model, { rows })", (model) => mixlens.simulate(model), (model) => mixlens.simulate(model, { rows })],
    [
      "topSpectrum(model, { rows })",
      (model) => mixlens.topSpectrum(model),
      (model) => mixlens.topSpectrum(model, { rows }),
    ],
  ];
  test.each(acts)("is asked for them, and reads them: %s", (call, without, given) => {
    const wanted = `expected a fit with its rows, got a model without any; give the data, too: ${call}`;
    expect(() => without(loaded)).toThrow(wanted);
    expect(given(loaded)).toEqual(without(found as never));
  });

  test("is not certified, run, drawn by its spectrum or scored, and why is said", () => {
    for (const act of [mixlens.certify, mixlens.spectrumPlot, mixlens.criteria] as ((model: unknown) => unknown)[]) {
      expect(() => act(loaded)).toThrow(/expected a fit with its rows, got a model without any; give/);
    }
    expect(() => mixlens.run("em", loaded as never)).toThrow(/got a model without them; give its parts: run\(/);
  });
});

test("types tell what kinds of experts predict and report as their laws do", () => {
  const told: {
    readonly [E in ExpertKind]: readonly [Predicts<E>, [ScaleOf<E>] extends [never] ? undefined : ScaleOf<E>];
  } = {
    linear: ["mean", "sigma"],
    logistic: ["labels", undefined],
    poisson: ["mean", undefined],
    gamma: ["mean", "shape"],
    "negative-binomial": ["mean", "dispersion"],
    binomial: ["successes", undefined],
    "student-t": ["mean", "sigma"],
  };
  for (const kind of EXPERT_KINDS) {
    const { response, scale } = lawOf(kind, { labels: ["a", "b"] });
    const predicts = response.isLabel ? "labels" : response.hasTrials ? "successes" : "mean";
    expect([kind, predicts, scale?.name]).toEqual([kind, ...told[kind]]);
  }
});
