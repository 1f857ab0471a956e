import { describe, expect, test } from "vitest";
import { selectionPlot } from "../../src/charts/selection-plot.ts";
import { searchOf } from "../../src/fit/evidence.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { observe } from "../../src/frame/observe.ts";
import { crossValidate } from "../../src/inference/cross-validation.ts";
import { likelihoodRatioTest } from "../../src/inference/likelihood-ratio.ts";
import { merges, splits } from "../../src/inference/neighbours.ts";
import { drawn } from "../../src/inference/replicates.ts";
import { selectionTable, selectModel } from "../../src/inference/select-model.ts";
import { random } from "../../src/math/random.ts";
import { toTable } from "../../src/table/source.ts";

const LINES = [(x: number) => 4 + x, (x: number) => -4 - x, (x: number) => 0.5 + 4 * x];

/** Rows of some of the lines, each as likely anywhere. */
function rowsOf(k: number, rows: number, seed: number): { x: number[]; y: number[] } {
  const rng = random(seed);
  const x = Array.from({ length: rows }, () => rng.normal());
  return { x, y: x.map((value) => LINES[rng.integer(k)](value) + 0.6 * rng.normal()) };
}

const options = { response: "y", features: "x", gate: "constant", starts: 4 } as const;

describe("a choice of the number of experts", () => {
  test.each([
    [1, 4],
    [2, 5],
    [3, 6],
  ])("is the truth by BIC and ICL, where there are %i", (truth, seed) => {
    const rows = rowsOf(truth, 300, seed);
    const found = selectModel(rows, { ...options, k: [1, 2, 3, 4] });
    expect([found.best, found.by, found.fit.mixture.spec.k]).toEqual([truth, "bic", truth]);
    expect(found.models.map(({ k }) => k)).toEqual([1, 2, 3, 4]);
    const own = found.models[truth - 1];
    expect(own).toMatchObject({ k: truth, result: "converged", parameters: found.fit.mixture.free.length });
    const { logLikelihood, criteria } = fit(rows, { ...options, k: truth, starts: 20 });
    expect(own.logLikelihood).toBeCloseTo(logLikelihood, 5);
    expect(own.bic).toBeCloseTo(criteria.bic, 5);
    const heights = found.models.map((model) => model.logLikelihood!);
    for (let k = 1; k < 4; k++) expect(heights[k]).toBeGreaterThan(heights[k - 1] - 0.01);
    const icl = found.models.filter(({ result }) => result === "converged").toSorted((a, b) => a.icl! - b.icl!);
    expect(icl[0].k).toBe(truth);
  });

  test("by cross-validation and by tests is the truth as well", () => {
    const rows = rowsOf(2, 200, 11);
    const byRows = selectModel(rows, { ...options, k: [3, 1, 2], by: "cv", folds: 5 });
    expect(byRows.models.map(({ k }) => k)).toEqual([1, 2, 3]);
    const scores = byRows.models.map(({ crossValidated = Number.NEGATIVE_INFINITY }) => crossValidated);
    expect(byRows.best).toBe(scores.indexOf(Math.max(...scores)) + 1);
    expect([byRows.best, byRows.fit.mixture.spec.k]).toEqual([2, 2]);
    expect(scores[1] - scores[0]).toBeGreaterThan(50);
    expect(scores[1]).toBe(crossValidate(byRows.fit, { folds: 5 }).logLikelihood);
    const byTest = selectModel(rows, { ...options, k: [1, 2, 3], by: "blrt", replicates: 19 });
    expect([byTest.best, byTest.models[0].p]).toEqual([2, 0.05]);
    expect(byTest.models[1].p).toBeGreaterThan(0.05);
    expect(byTest.models[2].p).toBeUndefined();
  });

  test("has only fits that converged to choose from, and the others in its table", () => {
    const rows = rowsOf(2, 200, 12);
    expect(() => selectModel(rows, { ...options, k: [2], maxIterations: 1 })).toThrow(
      /^Cannot choose the number of experts: expected a fit that converges, got .+; raise maxIterations or try more starts$/,
    );
    const cut = selectModel(rows, { ...options, k: [1, 2], maxIterations: 1 });
    expect(cut.models.map(({ result }) => result)).toEqual(["converged", "max-iterations"]);
    expect(cut.best).toBe(1);
    const exact = { x: [0, 1, 2, 3, 4, 5], y: [0, 1.1, 1.9, 3.2, 3.8, 5.1] };
    const failed = selectModel(exact, { response: "y", k: [1, 5], starts: 2 });
    expect([failed.best, failed.models[1].result]).toEqual([1, "failed"]);
    expect(failed.models[1].messages[0]).toMatch(/^Cannot fit: expected /);
    const chart = selectionPlot(failed);
    expect(chart.data.map((series) => (series as { x: number[] }).x)).toEqual([[1], [1], [1]]);
  });

  test("shows as a table, and as a chart with what it was chosen by", () => {
    const found = selectModel(rowsOf(1, 60, 1), { ...options, k: [1, 2], by: "sabic", starts: 2 });
    const { columns, rows, note } = selectionTable(found);
    expect(columns.map(({ name }) => name)).toEqual([
      "k",
      "log-likelihood",
      "parameters",
      "AIC",
      "BIC",
      "ICL",
      "SABIC",
      "result",
    ]);
    const n = 60;
    const [{ logLikelihood, parameters, sabic }] = found.models;
    expect(sabic).toBeCloseTo(-2 * logLikelihood! + parameters! * Math.log((n + 2) / 24), 10);
    expect([rows[0][6], note]).toEqual([sabic, `${found.best} expert${found.best === 1 ? "" : "s"} by sabic`]);
    const { data, alt } = selectionPlot(found);
    const series = data as { name: string; y: number[] }[];
    expect(series.map(({ name }) => name)).toEqual(["AIC", "BIC", "ICL", "SABIC"]);
    expect(series[3].y).toEqual(found.models.map((model) => model.sabic));
    expect(alt).toBe(`AIC, BIC, ICL, SABIC of 1, 2 experts; ${found.best} by sabic.`);
  });

  test.each([
    [{ k: [] }, "expected k to be a list of different whole numbers from 1 on, got an empty array"],
    [{ k: [1, 1] }, "expected k to be a list of different whole numbers from 1 on, got [1, 1]"],
    [{ k: [1, 2.5] }, "got [1, 2.5]"],
    [{ by: "bick" }, 'got "bick"; did you mean "bic"?'],
    [{ start: [1, 2] }, "expected no start, which is of one k, got start; leave it out"],
    [{ nStarts: 2 }, 'got "nStarts"; did you mean "starts"?'],
    [{ k: [1, 500] }, "expected k to be a whole number from 1 to 60, the number of rows, got 500"],
  ])("with %o is refused", (own, message) => {
    expect(() => selectModel(rowsOf(1, 60, 1), { ...options, ...own } as never)).toThrow(message);
  });
});

describe("starts from neighbours", () => {
  const rows = rowsOf(3, 240, 6);
  const three = fit(rows, { ...options, k: 3, starts: 12 });

  test("keep every row's total, and leave what is not split or merged as it is", () => {
    const [k, n] = [3, 240];
    for (const [z, split] of splits(three, three.observations).entries()) {
      for (let i = 0; i < n; i++) {
        const own = split.subarray(i * 4, i * 4 + 4);
        expect(own[z] + own[3]).toBeCloseTo(three.responsibilities[i * k + z], 12);
        for (let y = 0; y < k; y++) if (y !== z) expect(own[y]).toBe(three.responsibilities[i * k + y]);
      }
    }
    const merged = merges(three);
    expect(merged.length).toBe(3);
    for (const one of merged) {
      for (let i = 0; i < n; i++) expect(one[2 * i] + one[2 * i + 1]).toBeCloseTo(1, 12);
    }
  });

  test("lead to the maximum where one random start may miss it", () => {
    const found = selectModel(rows, { ...options, k: [1, 2, 3], starts: 1, seed: 3 });
    expect(found.models[2].logLikelihood).toBeCloseTo(three.logLikelihood, 5);
    const same = selectModel(rows, { ...options, k: [1, 2, 3], starts: 1, seed: 3 });
    expect(same.models).toEqual(found.models);
  });

  test("are told from those that are drawn, which alone say how likely a new maximum is", () => {
    const { fit: found } = selectModel(rows, { ...options, k: [2, 3], starts: 6 });
    const drawn = found.starts.filter(({ isWarm }) => !isWarm);
    expect(drawn).toHaveLength(6);
    expect(found.starts.length - drawn.length).toBe(2);
    expect(found.search.unseen).toBe(searchOf(drawn, false).unseen);
  });

  test("of a fit with an expert more come after the starts that were drawn before", () => {
    // One random start of two experts misses their maximum, to which two of three that are made one lead.
    const two = selectModel(rows, { ...options, k: [2, 3], starts: 1, seed: 3, by: "aic" }).models[0];
    const alone = fit(rows, { ...options, k: 2, starts: 1, seed: 3 });
    expect(two.logLikelihood).toBeGreaterThan(alone.logLikelihood + 0.1);
    expect(two.messages.join(" ")).toMatch(/1 of 4 starts came to this maximum/);
  });
});

describe("cross-validation", () => {
  test("judges each row by the others alone, by hand with as many folds as rows", () => {
    const rows = rowsOf(1, 25, 2);
    const line = fit(rows, { ...options, k: 1 });
    const { logLikelihood, folds } = crossValidate(line, { folds: 25 });
    const by = rows.x.map((_, i) => {
      const rest = { x: rows.x.toSpliced(i, 1), y: rows.y.toSpliced(i, 1) };
      const [{ coefficients, sigma }] = fit(rest, { ...options, k: 1 }).coefficients.experts;
      const residual = (rows.y[i] - coefficients["(intercept)"] - coefficients.x * rows.x[i]) / sigma;
      return -0.5 * residual ** 2 - Math.log(sigma) - 0.5 * Math.log(2 * Math.PI);
    });
    expect(logLikelihood).toBeCloseTo(
      by.reduce((sum, own) => sum + own, 0),
      7,
    );
    expect(folds.length).toBe(25);
    expect(() => crossValidate(line, { folds: 26 })).toThrow(
      /expected folds to be from 2 to 25, the number of units, got 26/,
    );
  });

  test.each(["poisson", "gamma", "student-t", "linear"] as const)(
    "is of nothing where only a part's own rows tell of a level: %s",
    (experts) => {
      const f = Array.from({ length: 20 }, (_, i) => Number(i === 4));
      const rows = { f, y: f.map((own, i) => 1 + own + ((3 * i) % 4)) };
      const own = { response: "y", features: "f", experts, k: 1 } as const;
      const none =
        /^Cannot cross-validate: expected a fit of the rows without part \d+ of 20, got none: they leave the coefficient open of "f", which is 0 in every row; leave the column out, or fit with a ridge$/;
      expect(() => crossValidate(fit(rows, own), { folds: 20 })).toThrow(none);
      // With a ridge it is that of the ridge alone: the rows of the level are predicted as those of the other.
      const ridge = crossValidate(fit(rows, { ...own, ridge: 0.01 }), { folds: 20 });
      const others = { f: f.toSpliced(4, 1), y: rows.y.toSpliced(4, 1) };
      const rest = fit(others, { ...own, features: [], ridge: 0.01 });
      const row = observe(toTable({ f: [0], y: [rows.y[4]] }), rest.formula);
      expect(ridge.folds).toContainEqual(expect.closeTo(rest.mixture.posterior(rest.theta, row).logLikelihood, 5));
      const choice = () => selectModel(rows, { ...own, k: [1], by: "cv", folds: 20 });
      expect(choice).toThrow(
        /expected a fit that can be judged by cv, got Cannot cross-validate: .+, or fit with a ridge$/,
      );
    },
  );

  test("leaves out whole groups", () => {
    const rows = { ...rowsOf(2, 60, 4), id: Array.from({ length: 60 }, (_, i) => i % 12) };
    const grouped = fit(rows, { formula: "y ~ x | 1", group: "id", starts: 4 });
    expect(crossValidate(grouped, { folds: 12 }).folds.length).toBe(12);
    expect(() => crossValidate(grouped, { folds: 13 })).toThrow(/from 2 to 12/);
  });
});

describe("the bootstrap test of more experts", () => {
  test("has its level: under one expert p is uniform, as far as 14 data sets tell", () => {
    const ps = Array.from({ length: 14 }, (_, seed) => {
      const rows = rowsOf(1, 30, 100 + seed);
      const [one, two] = [1, 2].map((k) => fit(rows, { ...options, sharedVariance: true, starts: 2, k }));
      return likelihoodRatioTest(one, two, { replicates: 9, seed: seed + 1, starts: 1 }).p;
    });
    // Of 14 tests at 20 %, 2.8 with a standard deviation of 1.5; at 50 %, 7 with one of 1.9.
    const rejected = (level: number): number => ps.filter((p) => p <= level + 1e-9).length;
    expect(rejected(0.2)).toBeLessThan(8);
    expect(rejected(0.5)).toBeGreaterThan(1);
    expect(rejected(0.5)).toBeLessThan(13);
  });

  test("draws from the smaller fit, the same for any number of threads, and finds two where there are two", () => {
    const rows = rowsOf(2, 120, 9);
    const [one, two] = [1, 2].map((k) => fit(rows, { ...options, k }));
    const [first, second] = [1, 2].map((workers) =>
      likelihoodRatioTest(one, two, { replicates: 9, workers, starts: 8 }),
    );
    expect(second).toEqual(first);
    expect([first.k, first.p, first.ratios.length]).toEqual([[1, 2], 0.1, 9]);
    expect(first.ratio).toBeCloseTo(2 * (two.logLikelihood - one.logLikelihood), 9);
    const { mixture, theta, observations } = one;
    const again = { ...rows, y: Array.from(drawn("parametric", mixture, theta, observations, random(1, 0)).response) };
    const [below, above] = [1, 2].map((k) => fit(again, { ...options, k, starts: 8 }));
    expect(first.ratios[0]).toBeGreaterThan(2 * (above.logLikelihood - below.logLikelihood) - 1e-3);
  });

  test("is refused of fits that are not of one another", () => {
    const rows = rowsOf(2, 60, 9);
    const [one, two] = [1, 2].map((k) => fit(rows, { ...options, k }));
    const other = fit(rowsOf(2, 60, 10), { ...options, k: 2 });
    expect(() => likelihoodRatioTest(two, one)).toThrow(/expected more experts than 2 in the larger fit, got 1/);
    expect(() => likelihoodRatioTest(one, other)).toThrow(/expected two fits of the same rows, got other responses/);
    const { formula, mixture, theta } = two;
    expect(() => likelihoodRatioTest(one, { formula, mixture, theta })).toThrow(/expected a fit with its rows/);
  });

  test.each<[string, FitOptions, FitOptions]>([
    ["same rows, got other columns of the experts", {}, { features: ["v"] }],
    ["same rows, got other columns of the experts", {}, { features: ["x", "v"] }],
    ["same rows, got other columns of the gate", {}, { gateFeatures: ["v"] }],
    ["same rows, got other weights", {}, { weights: "w" }],
    ["same rows, got other offsets", {}, { offset: "v" }],
    ["same rows, got other groups", {}, { group: "g" }],
    ["got one with ridge 0, and 1 in the larger; fit both alike", {}, { ridge: 1 }],
    ["got one with df 4, and 9 in the larger", { experts: "student-t" }, { experts: "student-t", df: 9 }],
    ["got one with a variance for each expert, and sharedVariance in the larger", { k: 2 }, { sharedVariance: true }],
    ['got one with a coefficient of "x" for each expert, and a shared one', { k: 2 }, { shared: ["x"] }],
  ])("is refused where it says %s", (got, less, more) => {
    const { x, y } = rowsOf(2, 60, 9);
    const [v, w, g] = [x.map((value) => value * value), x.map((_, i) => 1 + (i % 2)), x.map((_, i) => `g${i >> 1}`)];
    const of = (own: FitOptions): Fit =>
      fit({ x, y, v, w, g }, { response: "y", features: ["x"], gateFeatures: [], starts: 2, ...own });
    const [smaller, larger] = [of({ k: 1, ...less }), of({ k: 3, ...more })];
    expect(() => likelihoodRatioTest(smaller, larger, { replicates: 9, workers: 1 })).toThrow(got);
  });

  test("takes a smaller fit that is a part of the larger one by its options", () => {
    const { x, y } = rowsOf(2, 60, 9);
    const of = (own: FitOptions): Fit =>
      fit({ x, y, w: x.map(() => 1) }, { response: "y", features: ["x"], gateFeatures: [], starts: 2, ...own });
    const one = of({ k: 1, experts: "student-t" });
    for (const more of [{}, { df: 4 }, { shared: ["x"] }, { weights: "w" }]) {
      const larger = of({ k: 2, experts: "student-t", ...more });
      const { ratio } = likelihoodRatioTest(one, larger, { replicates: 9, workers: 1, starts: 0 });
      expect(ratio).toBeCloseTo(2 * (larger.logLikelihood - one.logLikelihood), 9);
    }
  });
});
