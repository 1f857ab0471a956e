import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { STRETCH_ROWS } from "../../../src/compute/blocks.ts";
import { setEngine } from "../../../src/compute/engine.ts";
import { fit } from "../../../src/fit/fit.ts";
import type { FitOptions } from "../../../src/fit/fit-options.ts";
import { type SourceProgress, source } from "../../../src/fit/source/source.ts";
import { observe } from "../../../src/frame/observe.ts";
import { covariance } from "../../../src/inference/covariance.ts";
import { spectrum } from "../../../src/inference/spectrum.ts";
import { random } from "../../../src/math/random.ts";
import { momentsOf } from "../../../src/rows/scaled.ts";
import { toTable } from "../../../src/table/source.ts";

/** Rows of two lines, by columns in any units. */
function rows(count: number, seed: number) {
  const rng = random(seed);
  const columns = {
    x: [] as number[],
    year: [] as number[],
    w: [] as number[],
    y: [] as number[],
    a: [] as number[],
    b: [] as number[],
  };
  const id: string[] = [];
  for (let i = 0; i < count; i++) {
    const [x, z] = [rng.normal(), rng.normal()];
    const isFirst = rng.uniform() < 1 / (1 + Math.exp(-1.5 * z));
    columns.x.push(1e4 * x + 300);
    columns.year.push(2000 + 5 * z);
    columns.w.push(1 + rng.integer(3));
    columns.y.push((isFirst ? 1 + x : -1 - x + 0.3 * z) + 0.8 * rng.normal());
    columns.a.push(isFirst ? 0.8 : 0.1);
    columns.b.push(isFirst ? 0.3 : 1.2);
    id.push(`p${Math.floor(i / 3)}`);
  }
  return { ...columns, id };
}

const large = rows(STRETCH_ROWS + 7000, 1);
const few = rows(5000, 2);

test.each(["expert", "gate"] as const)(
  "moments of a source's columns are those of memory, to the bit (%s)",
  (design) => {
    const options = { formula: "y ~ x + year | year", k: 2, starts: 1, weights: "w", maxIterations: 2 } as const;
    const found = fit(source(large), options);
    const own = momentsOf(found.observations, design);
    const data = observe(toTable(large), found.formula);
    expect(own).toEqual(momentsOf(data, design));
    expect(own.ones).toBe(0);
    const year = data[design].columns.indexOf("year");
    const total = large.w.reduce((sum, w) => sum + w, 0);
    const mean = large.year.reduce((sum, value, i) => sum + large.w[i] * value, 0) / total;
    const square = large.year.reduce((sum, value, i) => sum + large.w[i] * (value - mean) ** 2, 0) / total;
    expect(own.means[year] / mean).toBeCloseTo(1, 13);
    expect(own.deviations[year] / Math.sqrt(square)).toBeCloseTo(1, 12);
  },
);

describe("columns that are scaled, or centred for being far from 0, are so as they are read:", () => {
  const cases: readonly (readonly [string, Partial<FitOptions>])[] = [
    ["scaled", { scale: true }],
    ["scaled, with a ridge", { scale: true, ridge: 3 }],
    ["scaled, of one design", { formula: "y ~ x + year", scale: true }],
    ["scaled, one coefficient fixed", { formula: "y ~ x + year", scale: true, fixed: { "expert1.year": 0.01 } }],
    ["years", {}],
    ["years, of one design", { formula: "y ~ x + year", weights: "w" }],
    ["scaled, in groups", { formula: "y ~ x + year | 1", scale: true, group: "id" }],
  ];

  test.each(cases)("a fit from a start goes memory's way, to the bit: %s", (_, more) => {
    const options: FitOptions = { formula: "y ~ x | year", k: 2, starts: 2, ...more };
    const start = fit(large, { ...options, maxIterations: 3 }).start;
    const steps = { ...options, start, maxIterations: 5, algorithm: "one-pass-em" } as const;
    const [ours, theirs] = [fit(source(large), steps), fit(large, steps)];
    const of = (found: typeof ours) => found.trace.map(({ logLikelihood }) => logLikelihood);
    if (options.group === undefined) {
      expect(of(ours)).toEqual(of(theirs));
      expect(ours.theta).toEqual(theirs.theta);
    } else {
      of(ours).forEach((value, t) => void expect(Math.abs(value / of(theirs)[t] - 1)).toBeLessThan(1e-13));
    }
    expect(ours.mixture.spec).toEqual(theirs.mixture.spec);
  });

  test.each(cases.slice(0, 6))("its maximum, standard errors and spectrum are memory's: %s", (_, more) => {
    const options: FitOptions = { formula: "y ~ x | year", k: 2, starts: 3, ...more };
    const [ours, theirs] = [fit(source(few), options), fit(few, { ...options, algorithm: "one-pass-em" })];
    expect(Math.abs(ours.objective / theirs.objective - 1)).toBeLessThan(1e-12);
    const [own, known] = [covariance(ours), covariance(theirs)];
    expect(own.names).toEqual(known.names);
    known.names.forEach((name, j) => {
      const at = ours.mixture.names.indexOf(name);
      expect(Math.abs(ours.theta[at] - theirs.theta[at])).toBeLessThan(1e-6 * known.standardErrors[j]);
      expect(own.standardErrors[j] / known.standardErrors[j]).toBeCloseTo(1, 6);
    });
    expect(spectrum(ours).rate).toBeCloseTo(spectrum(theirs).rate, 6);
  });

  test("by the plain code, too", () => {
    setEngine("reference");
    const options: FitOptions = {
      formula: "y ~ x | year",
      k: 2,
      start: fit(few, { formula: "y ~ x | year", k: 2, starts: 1 }).theta,
      maxIterations: 3,
      algorithm: "one-pass-em",
    };
    const thetas = [source(few), few].map((data) => fit(data as typeof few, options).theta);
    setEngine("relaxed");
    expect(thetas[0]).toEqual(thetas[1]);
  });
});

describe("start columns of a source", () => {
  test("lead where they lead in memory, and are no features", () => {
    const options: FitOptions = { response: "y", k: 2, startColumns: ["a", "b"] };
    const { id: _, ...numbers } = few;
    const [ours, theirs] = [fit(source(numbers), options), fit(numbers, { ...options, algorithm: "one-pass-em" })];
    expect(ours.formula.features).toEqual(theirs.formula.features);
    ours.start.forEach((value, j) => void expect(value).toBeCloseTo(theirs.start[j], 6));
    expect(Math.abs(ours.logLikelihood / theirs.logLikelihood - 1)).toBeLessThan(1e-11);
    expect(ours.starts.length).toBe(1);
  });

  test("of many rows are read of some, and it is said", () => {
    const found = fit(source(large), { formula: "y ~ x | year", k: 2, startColumns: ["a", "b"], maxIterations: 2 });
    expect(found.messages.join(" ")).toMatch(
      /The start was made of the start columns in \d+ of the 47960 rows, drawn at random\./,
    );
  });

  test("take no reading of their own but where the rows come from a cache, and start there from the same", () => {
    const folder = mkdtempSync(join(tmpdir(), "mixlens-start-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const options: FitOptions = { formula: "y ~ x | year", k: 2, startColumns: ["a", "b"], maxIterations: 2 };
    const fits = ["filled", "found"].map(() => {
      const read = { look: 0, keep: 0 };
      const onProgress = ({ rows, stage }: SourceProgress): void => {
        read[stage] = rows;
      };
      return { found: fit(source(few, { cache: join(folder, "rows.tiles"), onProgress }), options), read };
    });
    const rows = few.x.length;
    expect(fits.map(({ read }) => read)).toEqual([
      { look: rows, keep: rows },
      { look: rows, keep: 0 },
    ]);
    expect(fits[1].found.start).toEqual(fits[0].found.start);
  });

  test("that are none are refused as in memory", () => {
    const ask = (names: string[]) => () => fit(source(few), { formula: "y ~ x | year", k: 2, startColumns: names });
    expect(ask(["a"])).toThrow(/expected 2 start columns, one for each expert, got 1/);
    expect(ask(["a", "y"])).toThrow(/start columns of 0 or more/);
  });
});
