import { describe, expect, test } from "vitest";
import { FitFailure, fit } from "../../src/algorithms/fit.ts";
import { spectrum } from "../../src/diagnostics/spectrum.ts";
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
    expect(found.mixture.spec.ridge).toBeGreaterThan(0);
    expect(found.message).toBe(
      `Without a ridge there is no finite maximum of its own: "x" separates the classes of the gate. These are the estimates of ridge ${found.mixture.spec.ridge}.`,
    );
    expect(Math.max(...found.theta.map(Math.abs))).toBeLessThan(50);
    const { observedInformation, standardErrors } = spectrum(found.mixture, found.theta, found.observations);
    expect(observedInformation).toBe("positive definite");
    expect(standardErrors.every(Number.isFinite)).toBe(true);
  });

  test("not where five rows in a hundred are on the other side, nor where a ridge was asked for", () => {
    const options = { response: "y", features: ["v"], gateFeatures: ["x", "v"], starts: 5 };
    const free = fit(twoSides(200, 1, 5), options);
    expect([free.message, free.mixture.spec.ridge]).toEqual(["", 0]);
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
    expect(found.theta.every((value) => Math.abs(value) < 100)).toBe(true);
  });

  test("of one label only, in the rows with a mark: quasi-separation", () => {
    const rng = random(4);
    const mark = Array.from({ length: 90 }, (_, i) => (i < 30 ? 1 : 0));
    const x = mark.map(() => rng.normal());
    const label = mark.map((m) => (m === 1 ? "a" : "abc"[rng.integer(3)]));
    const found = fit({ mark, x, label }, { response: "label", experts: "logistic", k: 1 });
    expect(found.message).toMatch(/: "mark" separates the classes of expert 1\./);
    // The other column is not what separates: its estimate hardly moves with the ridge.
    const other = fit({ mark, x, label }, { response: "label", experts: "logistic", k: 1, ridge: 1e-4 });
    const at = found.mixture.names.indexOf("expert1.b.x");
    expect(Math.abs(found.theta[at] - other.theta[at])).toBeLessThan(1e-3);
  });

  test("of counts: a group without a single event", () => {
    const rng = random(5);
    const group = Array.from({ length: 80 }, (_, i) => i % 2);
    const y = group.map((g) => (g === 1 ? 0 : 1 + rng.integer(4)));
    const found = fit({ group, y }, { response: "y", experts: "poisson", k: 1 });
    expect(found.message).toMatch(/: "group" separates the classes of expert 1\./);
    expect(found.theta[1]).toBeLessThan(-5);
    expect(found.theta.every(Number.isFinite)).toBe(true);
  });

  test("the scale of a column does not matter", () => {
    const data = twoSides(200, 1, 0);
    const options = { response: "y", features: ["v"], gateFeatures: ["x"], starts: 3 };
    for (const unit of [1e-6, 1e6]) {
      const found = fit({ ...data, x: data.x.map((value) => value * unit) }, options);
      expect(found.message).toMatch(/"x" separates the classes of the gate/);
      expect([found.result, found.theta.every(Number.isFinite)]).toEqual(["converged", true]);
    }
  });
});

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
