import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { FitFailure } from "../../src/fit/fit-failure.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { separations } from "../../src/models/separation.ts";

type Columns = Record<string, number[]>;

/** Two lines, one left and one right of x = 0; `overlap` rows of a hundred are on the other's side. */
function twoSides(rows: number, seed: number, overlap: number): Columns {
  const rng = random(seed);
  const x = Array.from({ length: rows }, () => 3 * rng.normal());
  const v = x.map(() => rng.normal());
  const y = x.map((value, i) => {
    const left = value < 0 !== rng.uniform() < overlap / 100;
    return (left ? 20 + v[i] : -20 - v[i]) + 0.5 * rng.normal();
  });
  return { x, v, y };
}

describe("perfect separation is a result that names the columns", () => {
  test("of the gate: the fit is that of a stated ridge, and finite", () => {
    const found = fit(twoSides(200, 1, 0), { response: "y", features: ["v"], gateFeatures: ["x", "v"], starts: 5 });
    expect(found.result).toBe("converged");
    expect(Object.keys(found.mixture.spec.priors ?? {})).toEqual(["gate"]);
    expect(found.message).toMatch(
      /^There is no finite maximum: "x" separates the classes of the gate\. These are the estimates of a prior of precision 1e-\d+ on each row's predictor there, which costs less than 1e-\d+ nats per row\.$/,
    );
    // What it costs is at the most what it takes off the objective.
    expect(found.logLikelihood - found.objective).toBeLessThan(1e-3);
    expect(found.iterations).toBeLessThan(100);
    const { observedInformation, standardErrors } = spectrum(found.mixture, found.theta, found.observations);
    expect(observedInformation).toBe("positive definite");
    expect(standardErrors.every(Number.isFinite)).toBe(true);
  });

  test("not where five rows in a hundred are on the other side, nor where a ridge was asked for", () => {
    const options = { response: "y", features: ["v"], gateFeatures: ["x", "v"], starts: 5 };
    const free = fit(twoSides(200, 1, 5), options);
    expect([free.message, free.mixture.spec.priors]).toEqual(["", undefined]);
    expect(separations(free.mixture, free.theta, free.observations)).toEqual([]);
    expect(fit(twoSides(200, 1, 0), { ...options, ridge: 0.1 }).message).toBe("");
  });

  test("of labels: one expert whose labels a column tells apart", () => {
    const rng = random(3);
    const x = Array.from({ length: 60 }, () => rng.normal());
    const v = x.map(() => rng.normal());
    const label = x.map((value) => (value > 0.2 ? "high" : "low"));
    const found = fit({ x, v, label }, { response: "label", experts: "logistic", k: 1 });
    expect(found.message).toMatch(
      /: "x"( and "v" separate| separates) the classes of expert 1\. These are the estimates/,
    );
    expect(found.theta.every((value) => Math.abs(value) < 1e4)).toBe(true);
    expect(found.logLikelihood).toBeGreaterThan(-1e-4);
  });

  test("of one label only, in the rows with a mark: quasi-separation", () => {
    const rng = random(4);
    const mark = Array.from({ length: 90 }, (_, i) => (i < 30 ? 1 : 0));
    const x = mark.map(() => rng.normal());
    const label = mark.map((m) => (m === 1 ? "a" : "abc"[rng.integer(3)]));
    const found = fit({ mark, x, label }, { response: "label", experts: "logistic", k: 1 });
    expect(found.message).toMatch(/: "mark" separates the classes of expert 1\./);
    // The other column is not what separates: its estimates are those from the rows without a mark.
    const rest = (values: readonly (number | string)[]) => values.filter((_, i) => mark[i] === 0);
    const other = fit({ x: rest(x), label: rest(label) }, { response: "label", experts: "logistic", k: 1 });
    for (const name of ["expert1.b.x", "expert1.c.x"]) {
      const [here, there] = [found, other].map(({ theta, mixture }) => theta[mixture.names.indexOf(name)]);
      expect(Math.abs(here - there)).toBeLessThan(1e-5);
    }
  });

  test("of counts: a group without a single event", () => {
    const rng = random(5);
    const group = Array.from({ length: 80 }, (_, i) => i % 2);
    const y = group.map((g) => (g === 1 ? 0 : 1 + rng.integer(4)));
    const found = fit({ group, y }, { response: "y", experts: "poisson", k: 1 });
    expect(found.message).toMatch(/: every count of expert 1 is 0 where group = 1\./);
    expect(found.theta[1]).toBeLessThan(-5);
    expect(found.theta.every(Number.isFinite)).toBe(true);
  });

  test("of counts: those of the first level of a factor, and those of one cell of two", () => {
    const f = [..."ppqqrrpqrq"];
    const d = [0, 1, 0, 1, 0, 1, 1, 1, 1, 0];
    const said = (formula: string, isZero: (row: number) => boolean): string =>
      fit({ f, d, y: f.map((_, i) => (isZero(i) ? 0 : 2 + (i % 3))) }, { formula, experts: "poisson", k: 1 }).message;
    const first = said("y ~ f", (i) => f[i] === "p");
    expect(first).toMatch(/every count of expert 1 is 0 where fq = 0 and fr = 0\. /);
    const cell = said("y ~ f * d", (i) => f[i] === "q" && d[i] === 0);
    expect(cell).toMatch(/every count of expert 1 is 0 where fq = 1 and fq:d = 0\. /);
  });

  test("of counts: all those of one expert", () => {
    const rng = random(6);
    const x = Array.from({ length: 120 }, () => rng.normal());
    const y = x.map((value) => (value < 0 ? 0 : 20 + rng.integer(9)));
    const found = fit({ x, y }, { response: "y", features: [], gateFeatures: ["x"], experts: "poisson", starts: 5 });
    expect(found.message).toMatch(/every count of expert [12] is 0[.;]/);
    expect([found.result, found.theta.every(Number.isFinite)]).toEqual(["converged", true]);
  });

  test("of an expert whose rows have one label only", () => {
    const rng = random(7);
    const x = Array.from({ length: 150 }, () => 3 * rng.normal());
    const label = x.map((value) => (value < 0 ? "left" : rng.uniform() < 0.5 ? "left" : "right"));
    const options = { response: "label", experts: "logistic", features: [], gateFeatures: ["x"], starts: 5 } as const;
    const found = fit({ x, label }, options);
    expect(found.message).toMatch(/every row of expert [12] has the label "left"/);
  });

  test("the separating column of a small group is found, whatever the other columns do", () => {
    const rng = random(9);
    const rare = Array.from({ length: 400 }, (_, i) => (i < 6 ? 1 : 0));
    const x = rare.map(() => rng.normal());
    const label = rare.map((r, i) => (r === 1 || rng.uniform() < 1 / (1 + Math.exp(-x[i])) ? "yes" : "no"));
    const found = fit({ rare, x, label }, { response: "label", experts: "logistic", k: 1 });
    expect(found.message).toMatch(/: "rare" separates the classes of expert 1\./);
  });
});

describe("what is not separated is not tamed", () => {
  test("steep, and one row on the other side", () => {
    const rng = random(10);
    const x = Array.from({ length: 200 }, () => rng.normal());
    const label = x.map((value, i) => (i === 0 || value > 0 !== (i === 1) ? "a" : "b"));
    x[0] = -1;
    x[1] = 1;
    const found = fit({ x, label }, { response: "label", experts: "logistic", k: 1 });
    expect([found.message, found.result, found.mixture.spec.priors]).toEqual(["", "converged", undefined]);
    expect(spectrum(found.mixture, found.theta, found.observations).observedInformation).toBe("positive definite");
  });
});

/** A separated problem, and how it is fitted. */
const separated: Readonly<Record<string, { readonly data: Columns; readonly options: Omit<FitOptions, "response"> }>> =
  {
    gate: { data: twoSides(120, 5, 0), options: { features: ["v"], gateFeatures: ["x", "v"], starts: 4 } },
    "years with a jump": { data: jump(), options: { features: ["x"] } },
    labels: { data: signs(60, 3), options: { features: ["x", "v"], experts: "logistic", k: 1 } },
    "two experts on labels": { data: signs(60, 3), options: { features: ["x", "v"], experts: "logistic", starts: 4 } },
    counts: { data: groups(), options: { features: ["x", "v"], experts: "poisson", k: 1 } },
  };

function jump(): Columns {
  const rng = random(1);
  const x = Array.from({ length: 136 }, (_, i) => 1880 + i);
  return { x, y: x.map((t) => (t < 1964 ? 0.006 * (t - 1900) : 0.021 * (t - 1970)) + 0.11 * rng.normal()) };
}

function signs(rows: number, seed: number): Columns {
  const rng = random(seed);
  const x = Array.from({ length: rows }, () => rng.normal());
  return { x, v: x.map(() => rng.normal()), y: x.map((value) => (value > 0.2 ? 1 : 0)) };
}

function groups(): Columns {
  const rng = random(5);
  const v = Array.from({ length: 80 }, (_, i) => i % 2);
  return { x: v.map(() => rng.normal()), v, y: v.map((group) => (group === 1 ? 0 : 1 + rng.integer(4))) };
}

describe.each(Object.entries(separated))(
  "a separated fit is the same whatever its units: %s",
  (_, { data, options }) => {
    const run = (columns: Columns, more: Partial<FitOptions> = {}): Fit =>
      fit(columns, { ...options, ...more, response: "y" });
    const plain = run(data);
    const relative = (value: number): number =>
      Math.abs(value - plain.logLikelihood) / (1 + Math.abs(plain.logLikelihood));
    const tidy = (message: string): string => message.replace(/\d+ of \d+ starts.*$/, "");

    test("converged, and within a thousandth of a nat of its supremum", () => {
      expect(plain.result).toBe("converged");
      expect(plain.message).toContain("There is no finite maximum");
      expect(plain.logLikelihood - plain.objective).toBeLessThan(1e-2);
    });

    test.each([
      ["moved by 1000", (x: number) => x + 1000],
      ["in millionths", (x: number) => 1e6 * x],
      ["in thousands", (x: number) => x / 1000],
      ["turned round", (x: number) => -x],
    ])("a column %s: log-likelihood to 1e-12, the same message", (_name, change) => {
      const moved = run({ ...data, x: data.x.map(change) });
      expect(relative(moved.logLikelihood)).toBeLessThan(1e-12);
      expect(tidy(moved.message)).toBe(tidy(plain.message));
    });

    test.each([1e-3, 1000])("weights × %s: log-likelihood to 1e-11, the same message", (factor) => {
      const weighted = run({ ...data, w: data.y.map(() => factor) }, { weights: "w" });
      expect(relative(weighted.logLikelihood / factor)).toBeLessThan(1e-11);
      expect(tidy(weighted.message)).toBe(tidy(plain.message));
    });

    test("every row twice is every weight 2, to 1e-11", () => {
      const start = plain.start;
      const twice = Object.fromEntries(Object.entries(data).map(([name, column]) => [name, [...column, ...column]]));
      const one = run(twice, { start });
      const other = run({ ...data, w: data.y.map(() => 2) }, { weights: "w", start });
      expect(Math.abs(one.logLikelihood - other.logLikelihood)).toBeLessThan(1e-11 * (1 + Math.abs(one.logLikelihood)));
    });

    test("a control: a ridge on the coefficients as they are does depend on units", () => {
      const ridge = 1e-2;
      const [here, there] = [run(data, { ridge }), run({ ...data, x: data.x.map((x) => x / 1000) }, { ridge })];
      expect(Math.abs(here.logLikelihood - there.logLikelihood)).toBeGreaterThan(1e-3);
    });
  },
);

describe("columns that determine each other in an expert's rows are named", () => {
  const data = twoSides(200, 7, 0);
  const mark = data.x.map((value, i) => (value < 0 ? 0 : i % 2));
  const first = data.x.map((value) => (value < 0 ? 1 : 0));
  const second = first.map((r) => 1 - r);
  const start = { features: ["v", "mark"], gateFeatures: ["v"], startColumns: ["r1", "r2"] };

  test("a linear expert cannot be fitted, and says why", () => {
    const run = () => fit({ ...data, mark, r1: first, r2: second }, { response: "y", ...start });
    expect(run).toThrow(FitFailure);
    expect(run).toThrow(/the columns of expert 1 determine each other: in its rows "mark" is 0/);
    expect(fit({ ...data, mark, r1: first, r2: second }, { response: "y", ...start, ridge: 0.1 }).result).toBe(
      "converged",
    );
  });

  test("an expert without a row to itself has emptied, also where its rows weigh nothing", () => {
    const w = first.map((r) => 1 - r);
    expect(() => fit({ ...data, mark, w, r1: first, r2: second }, { response: "y", ...start, weights: "w" })).toThrow(
      /expert 1 emptied.*the fit is that of/,
    );
  });
});

// A table of counts, as it is printed: with three experts one takes nothing but zeros, by and by.
describe("rows that stand for many", () => {
  const table = { y: [0, 1, 2, 3, 4], n: [2387, 273, 36, 3, 3] };
  const options = { response: "y", experts: "poisson", gate: "constant", features: [], k: 3, starts: 2 } as const;

  test.each([0.001, 1, 1000])("an expert of zeros is found in five rows with weights, %d times as large", (times) => {
    const weighted = { ...table, n: table.n.map((n) => times * n) };
    const found = fit(weighted, { ...options, weights: "n" });
    expect(found.message).toMatch(
      /^There is no finite maximum: every count of expert [123] is 0\. These are the estimates/,
    );
    expect(found.logLikelihood / times).toBeCloseTo(-1119.7915, 3);
    expect(Math.min(...found.theta)).toBeGreaterThan(-40);
    const { observedInformation, standardErrors } = spectrum(found);
    expect(observedInformation).toBe("positive definite");
    expect(standardErrors.every(Number.isFinite)).toBe(true);
  });

  test("and in the same rows written out, at the same place", () => {
    const y = table.y.flatMap((count, i) => new Array<number>(Math.round(table.n[i] / 3)).fill(count));
    const written = fit({ y }, options);
    const weighted = fit({ y: table.y, n: table.n.map((n) => Math.round(n / 3)) }, { ...options, weights: "n" });
    expect(written.message).toMatch(/every count of expert [123] is 0/);
    expect(written.logLikelihood).toBeCloseTo(weighted.logLikelihood, 4);
  });

  test.each([
    [1, 2],
    [3, 0],
    [5, 0],
  ])("and where the run with a prior came elsewhere: a %dth of the rows, seed %d", (part, seed) => {
    const y = table.y.flatMap((count, i) => new Array<number>(Math.round(table.n[i] / part)).fill(count));
    const found = fit({ y }, { ...options, seed });
    expect(found.message).toMatch(/^There is no finite maximum: every count of expert [123] is 0/);
    expect(Math.min(...found.theta)).toBeGreaterThan(-40);
  });
});
