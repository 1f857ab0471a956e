import { describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { run } from "../../src/fit/run.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { calibration } from "../../src/inference/calibration.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { influence } from "../../src/inference/influence.ts";
import { proportionOf } from "../../src/inference/level.ts";
import { partialEffect } from "../../src/inference/partial-effect.ts";
import { tree } from "../../src/laws/gates/registry.ts";
import { leverages } from "../../src/math/leverage.ts";
import { random } from "../../src/math/random.ts";
import { mean } from "../../src/math/statistics.ts";

const rng = random(11);
const n = 1500;
const x = Array.from({ length: n }, () => rng.normal());
const y = x.map((value, i) => (i % 3 === 0 ? 4 - value : 2 * value - 2) + 0.5 * rng.normal());
const label = x.map((value) => (value + rng.normal() > 0 ? "yes" : rng.uniform() < 0.4 ? "no" : "never"));
const count = x.map((value, i) => Math.round(Math.exp(0.5 * value + (i % 2)) * (1 + rng.uniform())));
const one = x.map((value) => Number(value + rng.normal() > 0.5));
const rows = { x, y, label, count, one };
const two = fit(rows, { formula: "y ~ x | 1", starts: 4 });

describe("a calibration", () => {
  const models = {
    linear: two,
    counts: fit(rows, { formula: "count ~ x | 1", experts: "poisson", starts: 4 }),
    labels: fit(rows, { formula: "label ~ x", experts: "logistic", k: 1 }),
    trials: fit(rows, { formula: "one ~ x", experts: "binomial", k: 1 }),
  };

  test.each(Object.entries(models))("of a model on rows drawn from it is within binomial bounds: %s", (kind, model) => {
    const { response } = model.formula;
    const drawn = simulate(model, { seed: 5 }).response;
    const { labels } = model.formula;
    const column = labels ? Array.from(drawn, (code) => labels[code]) : drawn;
    const { points, of } = calibration(model, { x, [response]: column } as never, { level: 0.999 });
    expect(of).toBe(kind === "labels" || kind === "trials" ? "labels" : "quantiles");
    for (const { expected, lower, upper } of points) {
      expect(expected).toBeGreaterThan(lower);
      expect(expected).toBeLessThan(upper);
    }
    expect(points.length).toBe({ linear: 9, counts: 9, labels: 30, trials: 10 }[kind]);
  });

  test("of one rule for two, of one rate for two, and of labels of other rows is not", () => {
    const missed = ({ points }: ReturnType<typeof calibration>): number =>
      points.filter(({ expected, lower, upper }) => expected < lower || expected > upper).length;
    expect(missed(calibration(two))).toBe(0);
    expect(missed(calibration(fit(rows, { formula: "y ~ x", k: 1 })))).toBeGreaterThan(5);
    expect(missed(calibration(fit(rows, { formula: "count ~ 1", experts: "poisson", k: 1 })))).toBeGreaterThan(5);
    const backwards = { x: x.map((value) => -value), label };
    expect(missed(calibration(models.labels, backwards))).toBeGreaterThan(15);
  });

  test("has bins of about as many rows, in which rows of one probability are together, and weights are numbers of rows", () => {
    const f = x.map((_, i) => "aaab"[i % 4]);
    const weights = x.map((_, i) => 1 + (i % 2));
    const levels = fit({ f, label, weights }, { formula: "label ~ f", experts: "logistic", k: 1, weights: "weights" });
    const { points } = calibration(levels, undefined, { bins: 10 });
    expect(points.map((point) => point.label)).toEqual(
      ["yes", "yes", "no", "no", "never", "never"].sort(byLabels(levels)),
    );
    // Of a factor alone frequencies are what is fitted.
    for (const { expected, estimate } of points) expect(expected).toBeCloseTo(estimate, 6);
    expect(points.slice(0, 2).reduce((sum, point) => sum + point.rows, 0)).toBe(1.5 * n);
    const bins = calibration(models.trials, undefined, { bins: 7 }).points.map((point) => point.rows);
    expect(bins.reduce((sum, size) => sum + size, 0)).toBe(n);
    for (const size of bins) expect(Math.abs(size - n / 7)).toBeLessThan(2);
  });

  const byLabels = (model: typeof models.labels) => (a: string, b: string) =>
    (model.formula.labels ?? []).indexOf(a) - (model.formula.labels ?? []).indexOf(b);

  test("has Wilson's intervals, those of R's prop.test without its correction", () => {
    const found = proportionOf(8, 10, 0.95);
    expect([found.estimate, found.lower, found.upper]).toEqual(
      [0.8, 0.4901625, 0.9433178].map((v) => expect.closeTo(v, 6)),
    );
    expect(proportionOf(0, 10, 0.95).lower).toBe(0);
    expect(proportionOf(10, 10, 0.95).upper).toBe(1);
  });

  test("refuses what belongs to the other kind of response", () => {
    expect(() => calibration(two, undefined, { bins: 3 })).toThrow(
      "expected quantiles of a response of numbers, got bins",
    );
    expect(() => calibration(models.labels, undefined, { quantiles: [0.5] })).toThrow(
      "expected bins of the probabilities",
    );
  });
});

describe("an influence", () => {
  const small = { x: x.slice(0, 120), y: y.slice(0, 120) };
  const model = fit(small, { formula: "y ~ x | x", starts: 4, tolerance: 1e-12 });
  const found = influence(model);
  const { mixture, theta, observations } = model;
  const q = found.names.length;
  const errors = covariance(model).standardErrors;
  /** θ̂ where one row weighs less. */
  const refit = (row: number, weight: number): Float64Array => {
    const weights = Float64Array.from(small.x, (_, i) => (i === row ? weight : 1));
    return run(em(), mixture, theta, { ...observations, weights }, { tolerance: 1e-13, maxIterations: 5000 }).theta;
  };

  test("is the derivative of the estimates by the weight of a row, and the refit without it to first order", () => {
    const share = 1e-3;
    for (const row of [...found.most.slice(0, 3).map(({ row }) => row - 1), 40, 77]) {
      const [less, without] = [refit(row, 1 - share), refit(row, 0)];
      let [missed, moved] = [0, 0];
      for (let j = 0; j < q; j++) {
        const at = mixture.free[j];
        const change = found.changes[row * q + j];
        expect(Math.abs((theta[at] - less[at]) / share - change)).toBeLessThan(0.01 * errors[j]);
        missed += ((theta[at] - without[at] - change) / errors[j]) ** 2;
        moved += ((theta[at] - without[at]) / errors[j]) ** 2;
      }
      expect(Math.sqrt(missed)).toBeLessThan(0.6 * Math.sqrt(moved));
    }
  });

  test("adds up to about 1 over the rows of the truth, and its parts are those of expert and gate", () => {
    expect(found.distances.reduce((sum, distance) => sum + distance, 0)).toBeGreaterThan(0.6);
    expect(found.distances.reduce((sum, distance) => sum + distance, 0)).toBeLessThan(1.6);
    expect(found.parts).toEqual(["expert 1", "expert 2", "gate"]);
    const sums = [0, 1].map((z) => found.leverages.filter((_, at) => at % 2 === z).reduce((sum, own) => sum + own, 0));
    expect(sums).toEqual([expect.closeTo(2, 9), expect.closeTo(2, 9)]);
    const [first] = found.most;
    expect(first.distance).toBe(Math.max(...found.distances));
    expect(first.response).toBe(small.y[first.row - 1]);
    expect(Math.abs(first.change)).toBeGreaterThan(0.2);
  });

  test("of a tree has the nodes of its gate for parts, each by the covariance of its own", () => {
    const deep = fit(rows, { formula: "y ~ x", gate: tree([2, 2]), ridge: 0.5, starts: 2 });
    const { parts, names, changes, partDistances, units } = influence(deep);
    expect(parts).toEqual(["expert 1", "expert 2", "expert 3", "expert 4", "gate", "gate1", "gate2"]);
    const { matrix } = covariance(deep);
    for (const [of, branch] of ["node2", "node1.2", "node2.2"].entries()) {
      const at = 4 + of;
      const [a, b] = ["(intercept)", "x"].map((column) => names.indexOf(`${branch}.${column}`));
      const [p, q] = [matrix[a * names.length + a], matrix[b * names.length + b]];
      const r = matrix[a * names.length + b];
      for (let unit = 0; unit < units; unit += 97) {
        const [u, v] = [changes[unit * names.length + a], changes[unit * names.length + b]];
        const distance = (q * u * u - 2 * r * u * v + p * v * v) / (p * q - r * r) / 2;
        expect(partDistances[unit * parts.length + at] / distance).toBeCloseTo(1, 8);
      }
    }
  });

  test("of a row far off stands out, and names the row, its expert and what it moves", () => {
    const far = { x: [...small.x, 6], y: [...small.y, 4 - 6 + 2.5] };
    const { most, units } = influence(fit(far, { formula: "y ~ x | 1", starts: 4 }));
    expect(most[0].row).toBe(121);
    expect(most[0].leverage).toBeGreaterThan(0.3);
    expect(most[0].distance * units).toBeGreaterThan(30);
    expect(most[0].parameter).toBe(`expert${most[0].expert}.x`);
    // None of the drawn ones has nearly so much of a say.
    expect(most[1].distance).toBeLessThan(0.3 * most[0].distance);
  });

  test("of one line is (X'X)⁻¹x e, its leverages those of the hat matrix, wherever the columns' origin is", () => {
    const near = influence(fit(small, { formula: "y ~ x", k: 1 }));
    const shifted = { x: small.x.map((value) => 1e6 + value), y: small.y };
    const away = influence(fit(shifted, { formula: "y ~ x", k: 1 }));
    const line = fit(small, { formula: "y ~ x", k: 1 });
    const [centre, values] = [mean(small.x), small.x];
    const square = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    for (const row of [0, 5, 119]) {
      const hat = 1 / 120 + (values[row] - centre) ** 2 / square;
      const residual = small.y[row] - predict(line).mean[row];
      expect(near.leverages[row]).toBeCloseTo(hat, 10);
      expect(near.changes[row * 3 + 1]).toBeCloseTo(((values[row] - centre) / square) * residual, 8);
      expect(away.distances[row]).toBeCloseTo(near.distances[row], 6);
      expect(away.leverages[row]).toBeCloseTo(hat, 6);
    }
  });

  test("of a grouped fit is that of whole groups", () => {
    const group = small.x.map((_, i) => `g${Math.floor(i / 3)}`);
    const jointly = small.x.map(
      (value, i) => (Math.floor(i / 3) % 2 === 0 ? 3 + value : -value) + 0.3 * Math.sin(9 * i),
    );
    const grouped = fit({ ...small, y: jointly, group }, { formula: "y ~ x | 1", group: "group", starts: 4 });
    const { units, distances, most } = influence(grouped);
    expect([units, distances.length]).toEqual([40, 40]);
    expect((most[0].row - 1) % 3).toBe(0);
  });

  test("refuses what is no maximum", () => {
    expect(() => influence({ ...model, theta: theta.map((value) => value + 0.3) })).toThrow("Cannot find influences");
  });
});

test("leverages of columns that depend on each other are those without the last of them", () => {
  const columns = [new Float64Array(5).fill(1), Float64Array.of(1, 2, 3, 4, 10)];
  const weights = Float64Array.of(1, 1, 0, 2, 1);
  const doubled = leverages([...columns, columns[1].map((value) => 3 * value - 1)], weights);
  const single = leverages(columns, weights);
  for (const [row, own] of single.entries()) expect(doubled[row]).toBeCloseTo(own, 12);
  expect([single[2], single.reduce((sum, own) => sum + own, 0)]).toEqual([0, expect.closeTo(2, 12)]);
});

describe("a partial effect", () => {
  test("of one line is the line, and its errors are those of the line", () => {
    const line = fit(rows, { formula: "y ~ x + count", k: 1 });
    const { places, curves, kind } = partialEffect(line, { x: "x" });
    const [a, b, c] = line.theta;
    const { matrix, names } = covariance(line);
    const q = names.length;
    expect([kind, places.length]).toEqual(["numbers", 61]);
    expect([places[0], places[60]]).toEqual([Math.min(...x), Math.max(...x)]);
    const usual = mean(count);
    places.forEach((place, at) => {
      const design = [1, Number(place), usual, 0];
      const square = design.reduce(
        (sum, v, i) => sum + v * design.reduce((s, w, j) => s + matrix[i * q + j] * w, 0),
        0,
      );
      expect(curves[0].expected[at]).toBeCloseTo(a + b * Number(place) + c * usual, 9);
      expect(curves[0].standardErrors[at]).toBeCloseTo(Math.sqrt(square), 6);
      expect(curves[0].upper[at] - curves[0].expected[at]).toBeCloseTo(1.959964 * Math.sqrt(square), 5);
    });
  });

  test("of counts has the intervals of the predictor, of a gate those of its log-odds", () => {
    const counts = fit(rows, { formula: "count ~ x", experts: "poisson", k: 1 });
    const { matrix } = covariance(counts);
    const { places, curves } = partialEffect(counts, { level: 0.9 });
    places.forEach((place, at) => {
      const error = Math.sqrt(matrix[0] + 2 * Number(place) * matrix[1] + Number(place) ** 2 * matrix[3]);
      const eta = counts.theta[0] + counts.theta[1] * Number(place);
      expect(Math.log(curves[0].lower[at])).toBeCloseTo(eta - 1.644854 * error, 6);
      expect(Math.log(curves[0].upper[at])).toBeCloseTo(eta + 1.644854 * error, 6);
    });
    const gated = fit(rows, { formula: "y ~ x | x", starts: 4 });
    const gate = partialEffect(gated, { of: "gate" });
    expect(gate.curves.map(({ name }) => name)).toEqual(["expert 1", "expert 2"]);
    gate.places.forEach((place, at) => {
      const [first, second] = gate.curves;
      expect(first.expected[at] + second.expected[at]).toBeCloseTo(1, 12);
      expect(first.expected[at]).toBeCloseTo(predict(gated, { x: [Number(place)] }).gate[0], 12);
      // What one gains the other loses.
      expect(first.lower[at]).toBeCloseTo(1 - second.upper[at], 9);
      expect(first.lower[at]).toBeGreaterThan(0);
      expect(first.upper[at]).toBeLessThan(1);
    });
  });

  test("of a gate that is all but certain has intervals of the log-odds to the last place", () => {
    const steep = { x, y: x.map((value, i) => (value + 0.2 * Math.sin(7 * i) > 0 ? 4 : -4) + 0.5 * Math.sin(i)) };
    const model = fit(steep, { formula: "y ~ 1 | x", starts: 4 });
    const { matrix, names } = covariance(model);
    const [a, b] = [0, 1].map((at) => names.indexOf(model.mixture.names[at]));
    const v = (i: number, j: number): number => matrix[i * names.length + j];
    const { places, curves } = partialEffect(model, { of: "gate" });
    // Somewhere 1 − p is 1e-13 or less.
    expect(Math.min(...curves[0].expected, ...curves[1].expected)).toBeLessThan(1e-13);
    places.forEach((place, at) => {
      const x = Number(place);
      const odds = model.theta[0] + model.theta[1] * x;
      const error = Math.sqrt(v(a, a) + 2 * x * v(a, b) + x * x * v(b, b));
      expect(curves[1].upper[at]).toBeCloseTo(1 / (1 + Math.exp(-(odds + 1.959964 * error))), 5);
      expect(curves[0].lower[at]).toBeCloseTo(1 / (1 + Math.exp(odds + 1.959964 * error)), 5);
    });
  });

  const day = x.map((_, i) => `2024-01-${String(1 + ((5 * i) % 28)).padStart(2, "0")}`);
  const f = x.map((_, i) => (i % 5 === 0 ? "b" : i % 2 === 0 ? "a" : "c"));
  const mixed = { ...rows, day, f, group: x.map((_, i) => `g${i >> 1}`) };

  test("of a factor is that of its levels, of a date along the days; others stand where most rows are", () => {
    const model = fit(mixed, { formula: "y ~ x:f + day + f", k: 1 });
    const levels = partialEffect(model, { x: "f" });
    expect([levels.kind, [...levels.places].sort()]).toEqual(["levels", ["a", "b", "c"]]);
    const days = Array.from(day, (text) => Date.parse(text) / 86_400_000);
    expect(days.length).toBe(n);
    const dates = partialEffect(model, { x: "day" });
    expect([dates.kind, dates.places.length, dates.places[0], dates.places[27]]).toEqual([
      ...["dates", 28, "2024-01-01", "2024-01-28"],
    ]);
    const at = predict(model, { x: [mean(x)], f: ["c"], day: ["2024-01-28"] });
    expect(dates.curves[0].expected[27]).toBeCloseTo(at.mean[0], 9);
  });

  test("of labels has a curve of each, of experts one for each; of grouped rows and trials there is one, too", () => {
    const labels = fit(mixed, { formula: "label ~ x", experts: "logistic", k: 1 });
    expect(partialEffect(labels).curves.map(({ name }) => name)).toEqual(labels.formula.labels);
    const experts = partialEffect(two, { of: "experts", x: "x" });
    const { expertMeans = [] } = predict(two, { x: experts.places as number[] }, { perExpert: true });
    experts.curves.forEach(({ expected }, z) => {
      for (const [at, value] of expected.entries()) expect(value).toBeCloseTo(expertMeans[2 * at + z], 10);
    });
    const grouped = fit(mixed, { formula: "y ~ x | 1", group: "group", starts: 4, missing: "drop" });
    expect(partialEffect(grouped).curves[0].expected.every(Number.isFinite)).toBe(true);
    const trials = { x, n: x.map((_, i) => 3 + (i % 4)), s: x.map((value, i) => (value > 0 ? 2 : i % 2)) };
    const [share] = partialEffect(fit(trials, { formula: "s ~ x", trials: "n", experts: "binomial", k: 1 })).curves;
    expect(Math.max(...share.upper)).toBeLessThan(1);
  });

  test("refuses a column that is not read, and the gate of one expert", () => {
    expect(() => partialEffect(two, { x: "label" })).toThrow('expected x to be a column of the fit: "x", got "label"');
    const single = fit(rows, { formula: "y ~ x", k: 1 });
    expect(() => partialEffect(single, { of: "gate" })).toThrow(
      "expected a gate of two or more experts, got one expert",
    );
    expect(() => partialEffect(fit(rows, { formula: "y ~ 1", k: 1 }))).toThrow("got one that reads none");
  });
});
