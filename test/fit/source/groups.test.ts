import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { STRETCH_ROWS } from "../../../src/compute/blocks.ts";
import { readTiles } from "../../../src/compute/tiled.ts";
import { InputError } from "../../../src/errors.ts";
import { fit } from "../../../src/fit/fit.ts";
import { sampleOf } from "../../../src/fit/source/sample.ts";
import { source } from "../../../src/fit/source/source.ts";
import { UnitCensus } from "../../../src/fit/source/unit-census.ts";
import { unitWriter } from "../../../src/fit/source/unit-writer.ts";
import { observe } from "../../../src/frame/observe.ts";
import { covariance } from "../../../src/inference/covariance.ts";
import { spectrum } from "../../../src/inference/spectrum.ts";
import { random } from "../../../src/math/random.ts";
import { planOf, shapeOf } from "../../../src/rows/tile-rows.ts";
import { unitCount } from "../../../src/rows/units.ts";
import { toTable } from "../../../src/table/source.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-groups-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of persons with several visits, which come in any order: those of one are as far apart as the file is long. */
function rows(count: number, persons: number, seed: number) {
  const rng = random(seed);
  const ages = Float64Array.from({ length: persons }, () => rng.normal());
  const kinds = Array.from(ages, (age) => (rng.uniform() < 1 / (1 + Math.exp(-1.5 * age)) ? 0 : 1));
  const weights = Array.from(ages, () => 1 + rng.integer(3));
  const columns = {
    x: [] as number[],
    age: [] as number[],
    w: [] as number[],
    y: [] as number[],
    hits: [] as number[],
  };
  const id: string[] = [];
  for (let i = 0; i < count; i++) {
    const person = rng.integer(persons);
    const x = rng.normal();
    columns.x.push(x);
    columns.age.push(ages[person]);
    columns.w.push(weights[person]);
    columns.y.push((kinds[person] === 0 ? 1 + x : -0.5 - x) + rng.normal());
    columns.hits.push(Math.floor(3 * rng.uniform() * (kinds[person] === 0 ? 1 : 3)));
    id.push(`p${person}`);
  }
  return { ...columns, id };
}

function write(name: string, { x, age, w, y, hits, id }: ReturnType<typeof rows>): string {
  const file = join(folder, name);
  const lines = x.map((value, i) => [value, age[i], w[i], y[i], hits[i], id[i]].join(","));
  writeFileSync(file, `x,age,w,y,hits,id\n${lines.join("\n")}\n`);
  return file;
}

const count = 2 * STRETCH_ROWS + 5000;
const large = write("large.csv", rows(count, 9000, 1));

describe("sums over groups of a source are those of memory:", () => {
  const options = { formula: "y ~ x | age", group: "id", weights: "w", k: 2, starts: 2, maxIterations: 5 } as const;
  const found = fit(source(large), options);
  const { mixture } = found;
  // Away from the maximum, where the gradient would be rounding.
  const theta = found.theta.map((value) => value + 0.1);
  const inMemory = observe(toTable(large), found.formula);
  const near = (values: ArrayLike<number>, wanted: ArrayLike<number>): void => {
    const size = Math.max(...Array.from(wanted, Math.abs));
    Array.from(values).forEach((value, j) => void expect(Math.abs(value - wanted[j])).toBeLessThan(1e-12 * size));
  };

  test("all units are there, whole", () => {
    expect(found.observations.rows).toBe(count);
    expect(unitCount(found.observations)).toBe(unitCount(inMemory));
    expect(mixture.totalWeight(found.observations)).toBe(mixture.totalWeight(inMemory));
  });

  test("those of a step, of the gradient and of the informations", () => {
    near(mixture.stepSums(theta, found.observations).sums, mixture.stepSums(theta, inMemory).sums);
    const one = mixture.stepSums(theta, found.observations).logLikelihood;
    expect(Math.abs(one / mixture.stepSums(theta, inMemory).logLikelihood - 1)).toBeLessThan(1e-12);
    const [slope, known] = [found.observations, inMemory].map((data) => mixture.gradient(theta, data).gradient);
    near(slope, known);
    const [ours, theirs] = [found.observations, inMemory].map((data) => mixture.information(theta, data));
    near(ours.complete, theirs.complete);
    near(ours.missing, theirs.missing);
  });

  test("what reads numbers of units is refused, and not taken for one of rows", () => {
    expect(() => found.observations.units).toThrow(InputError);
  });

  test("a sample has whole units", () => {
    const sample = sampleOf(found.observations, 3000, 1);
    const sizes = (units: Int32Array = new Int32Array()): number[] => {
      const counts = new Array<number>(unitCount({ rows: units.length, units })).fill(0);
      for (const unit of units) counts[unit]++;
      return counts;
    };
    const all = new Map<string, number>();
    sizes(inMemory.units).forEach((size, unit) => {
      const row = inMemory.units?.indexOf(unit) ?? -1;
      all.set(`${inMemory.gate.values[1][row]}`, size);
    });
    const first = (unit: number): number => sample.units?.indexOf(unit) ?? -1;
    const own = sizes(sample.units);
    expect(own.length).toBe(Math.ceil((3000 * unitCount(inMemory)) / count));
    own.forEach((size, unit) => void expect(all.get(`${sample.gate.values[1][first(unit)]}`)).toBe(size));
  });
});

describe("a fit of groups of a source", () => {
  const few = rows(6000, 700, 2);
  const file = write("few.csv", few);

  test.each([
    ["linear", { formula: "y ~ x | age" }],
    ["weighted", { formula: "y ~ x | age", weights: "w" }],
    ["poisson", { formula: "hits ~ x | age", experts: "poisson" }],
    ["of a constant gate", { formula: "y ~ x | 1" }],
  ] as const)("comes to memory's maximum, with its criteria and standard errors: %s", (_, asked) => {
    const options = { ...asked, group: "id", k: 2, starts: 3 };
    const found = fit(source(file), options);
    const known = fit(file, { ...options, algorithm: "one-pass-em" });
    expect(found.result).toBe("converged");
    expect(Math.abs(found.logLikelihood / known.logLikelihood - 1)).toBeLessThan(1e-12);
    const [errors, wanted] = [covariance(found).standardErrors, covariance(known).standardErrors];
    found.theta.forEach((value, j) => {
      expect(Math.abs(value - known.theta[j])).toBeLessThan(1e-7 * wanted[j]);
      expect(errors[j] / wanted[j]).toBeCloseTo(1, 7);
    });
    expect(found.criteria.bic).toBeCloseTo(known.criteria.bic, 4);
    expect(found.criteria.icl).toBeCloseTo(known.criteria.icl, 2);
    expect(spectrum(found).rate).toBeCloseTo(spectrum(known).rate, 6);
  });

  test("from a start goes memory's way", () => {
    const options = { formula: "y ~ x | age", group: "id", k: 2, starts: 2, maxIterations: 6 };
    const start = fit(file, options).theta;
    const [ours, theirs] = [source(file), file].map((data) =>
      fit(data as string, { ...options, start, algorithm: "one-pass-em" }),
    );
    ours.trace.forEach(({ logLikelihood }, t) => {
      expect(Math.abs(logLikelihood / theirs.trace[t].logLikelihood - 1)).toBeLessThan(1e-13);
    });
  });

  test("has by default the gate's columns that memory's has, and goes on from its cache", () => {
    const cache = join(folder, "groups.tiles");
    const options = { response: "y", features: ["x", "age"], group: "id", k: 2, starts: 2 };
    const found = fit(source(file, { cache }), options);
    expect(found.formula.gateFeatures).toEqual(["age"]);
    const again = fit(source(file, { cache }), options);
    expect(again.messages.join(" ")).not.toContain("filled anew");
    expect(again.theta).toEqual(found.theta);
    const { group: _, ...alone } = options;
    expect(fit(source(file, { cache }), { ...alone, maxIterations: 2 }).messages.join(" ")).toContain(
      "it has other columns",
    );
  });

  test("leaves rows with missing values out, as memory does", () => {
    const gaps = { ...few, x: few.x.map((value, i) => (i % 50 === 0 ? Number.NaN : value)) };
    const options = { formula: "y ~ x | age", group: "id", k: 2, starts: 2, missing: "drop" } as const;
    const [found, known] = [fit(source(gaps), options), fit(gaps, { ...options, algorithm: "one-pass-em" })];
    expect(found.dropped.count).toBe(120);
    expect(unitCount(found.observations)).toBe(unitCount(known.observations));
    expect(Math.abs(found.logLikelihood / known.logLikelihood - 1)).toBeLessThan(1e-12);
  });

  test.each<[string, (columns: typeof few) => object, object, RegExp]>([
    [
      "a gate's column that changes within a group",
      (columns) => ({ ...columns, age: columns.age.map((age, i) => (i === 5990 ? age + 1 : age)) }),
      {},
      /expected columns of the gate that are the same in all rows with one "id", got "age" with \S+ at row \d+ and \S+ at row \d+; leave it out of the gate's$/,
    ],
    [
      "weights that do",
      (columns) => ({ ...columns, w: columns.w.map((w, i) => (i === 5990 ? w + 1 : w)) }),
      { weights: "w" },
      /expected weights that are the same .* got "w" with \d at row \d+ and \d at row \d+; weigh whole groups$/,
    ],
    [
      "a group that no stretch has room for",
      () => {
        const many = rows(STRETCH_ROWS + 9000, 40, 4);
        return { ...many, id: many.id.map((id, i) => (i % 9 === 0 ? id : "all")) };
      },
      { formula: "y ~ x | 1" },
      /^Cannot fit a source: expected groups of at most 40960 rows in column "id", got 44408 rows of "all"; give the rows without source/,
    ],
  ])("is refused for %s, and leaves nothing behind", (_, spoilt, more, message) => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("mixlens-units"));
    const options = { formula: "y ~ x | age", group: "id", k: 2, starts: 2, ...more };
    const ask = () => fit(source(spoilt(few) as never), options);
    expect(ask).toThrow(message);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("mixlens-units"))).toEqual(before);
  });
});

test("rows that come together again are held against each other, by their numbers in the source", () => {
  const census = new UnitCensus("id");
  const ids = ["b", "a", "b", "a", "c"];
  const units = census.count(toTable({ id: ids }));
  expect(Array.from(units)).toEqual([0, 1, 0, 1, 2]);
  const written = (ages: readonly number[]) => {
    const gate = { columns: ["age"], values: [Float64Array.from(ages)] };
    const expert = { columns: ["x"], values: [Float64Array.of(1, 2, 3, 4, 5)] };
    const data = { rows: 5, expert, gate, response: Float64Array.of(6, 7, 8, 9, 10) };
    const shape = { ...shapeOf(data), areGrouped: true };
    const stretches: Float64Array[] = [];
    const plan = planOf(shape);
    const room = Array.from({ length: plan.columns }, () => new Float64Array(5));
    const keep = (tiles: Uint8Array) => stretches.push(new Float64Array(tiles.slice().buffer));
    const writer = unitWriter(undefined, plan, shape, census, { group: "id" }, keep);
    writer.add(data, units, (row) => 101 + row);
    try {
      return { ...writer.finish(), columns: readTiles(stretches[0], 5, room).map((column) => Array.from(column)) };
    } finally {
      writer.close();
    }
  };
  expect(written([1, 2, 1, 2, 3])).toEqual({
    parts: [{ rows: 5, units: 3 }],
    totalWeight: 3,
    columns: [
      [1, 3, 2, 4, 5],
      [1, 1, 2, 2, 3],
      [6, 8, 7, 9, 10],
      [0, 0, 1, 1, 2],
    ],
  });
  expect(() => written([1, 2, 1, 9, 3])).toThrow(/got "age" with 2 at row 102 and 9 at row 104/);
});
