import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fit } from "../../../src/fit/fit.ts";
import type { FitOptions } from "../../../src/fit/fit-options.ts";
import { load, save } from "../../../src/fit/model-file.ts";
import { fingerprint, originOf, otherRows } from "../../../src/fit/origin.ts";
import { sampleOf } from "../../../src/fit/source/sample.ts";
import { type SourceProgress, source } from "../../../src/fit/source/source.ts";
import { bootstrap } from "../../../src/inference/bootstrap.ts";
import { summary } from "../../../src/inference/summary.ts";
import { random } from "../../../src/math/random.ts";
import { unitCount } from "../../../src/rows/units.ts";
import { readTable } from "../../../src/table/read-table.ts";
import { copy, folder } from "../../support/row-files.ts";

// The same file in memory and as a source: its units have the same numbers, by which they are drawn, and its rows are the same
// by their hash, however far apart rows of a unit stand, and whatever units are called.

const names: Readonly<Record<string, (unit: number) => string>> = {
  text: (unit) => `unit ${unit}`,
  numbers: (unit) => String(1e9 - 7 * unit),
  fractions: (unit) => `${unit - 100}.50`,
  zeros: (unit) => `00${unit}`,
  dates: (unit) => new Date(Date.UTC(2020, 0, 1 + unit)).toISOString().slice(0, 10),
  quoted: (unit) => `"a ""b"", ${unit}"`,
};

/** Lines of visits, in an order in which those of a unit are anywhere; some miss a value, the first of most units among them. */
function lines(nameOf: (unit: number) => string, hasGaps: boolean): string {
  const rng = random(5);
  const ages = Array.from({ length: 120 }, () => rng.normal());
  const seen = new Set<number>();
  const text = Array.from({ length: 1500 }, () => {
    const unit = rng.integer(ages.length);
    const x = rng.normal();
    const y = (unit % 3 === 0 ? 2 + x : -1 - x) + rng.normal();
    const isFirst = !seen.has(unit);
    seen.add(unit);
    const isGap = (chance: number): boolean => hasGaps && rng.uniform() < chance;
    return [isGap(isFirst ? 0.6 : 0.05) ? "" : x, ages[unit], y, isGap(0.03) ? "" : nameOf(unit)].join(",");
  });
  return `x,age,y,id\n${text.join("\n")}\n`;
}

const options: FitOptions = { formula: "y ~ x | age", group: "id", k: 2, starts: 2, missing: "drop" };

describe.each(Object.keys(names))("units that are called by %s", (kind) => {
  test.each([
    ["CSV", false],
    ["CSV", true],
    ["Parquet", true],
  ])("are the same, of %s (with gaps: %s)", async (format, hasGaps) => {
    const csv = join(folder, `${kind}-${hasGaps}.csv`);
    writeFileSync(csv, lines(names[kind], hasGaps));
    const query = `select * from read_csv('${csv}')`;
    const file = format === "CSV" ? csv : await copy(`${kind}.parquet`, query);
    const [ours, theirs] = [fit(source(file), options), fit(file, { ...options, algorithm: "one-pass-em" })];
    const [streamed, held] = [ours.observations, theirs.observations];
    expect(hasGaps).toBe(ours.dropped.count > 0);
    expect([ours.dropped.count, unitCount(streamed)]).toEqual([theirs.dropped.count, unitCount(held)]);
    expect(fingerprint(streamed)).toEqual(fingerprint(held));
    expect(otherRows({ origin: originOf(streamed, 1, undefined) }, held)).toEqual([]);
    // The first units, and those drawn by any seed, to the bit.
    for (const seed of [1, 2]) expect(sampleOf(streamed, 300, seed)).toEqual(sampleOf(held, 300, seed));
    // Starts are drawn by units, too.
    ours.starts.forEach(({ objective, iterations }, start) => {
      expect(Math.abs(objective / theirs.starts[start].objective - 1)).toBeLessThan(1e-9);
      expect(iterations).toBeGreaterThan(0);
    });
    expect(Math.abs(ours.logLikelihood / theirs.logLikelihood - 1)).toBeLessThan(1e-12);
  });
});

test.each([
  [
    "has other units",
    (csv: string) =>
      writeFileSync(
        csv,
        lines((unit) => `other ${unit}`, false),
      ),
  ],
  ["has more rows", (csv: string) => writeFileSync(csv, `${lines(names.text, false)}1,2,3,unit 1\n`)],
  ["is gone", (csv: string) => rmSync(csv)],
])("a file that %s when it is read again is refused, and no cache is left", (_, change) => {
  const csv = join(folder, "changing.csv");
  const cache = join(folder, "changing.tiles");
  writeFileSync(csv, lines(names.text, false));
  let isFirst = true;
  const onProgress = ({ stage }: SourceProgress): void => {
    if (isFirst && stage === "look") change(csv);
    isFirst = false;
  };
  expect(() => fit(source(csv, { cache, onProgress }), options)).toThrow(
    /^Cannot read "[^"]*changing.csv": expected files that stay as they are while they are read, got "[^"]*", which has changed; run it again/,
  );
  expect(existsSync(cache)).toBe(false);
});

test("a fit of units of a source has a checkpoint, and its model a file that knows the rows in memory", async () => {
  const csv = join(folder, "saved.csv");
  writeFileSync(csv, lines(names.text, true));
  const noted = { ...options, checkpoint: join(folder, "units.checkpoint"), resume: true };
  const found = fit(source(csv), noted);
  expect(fit(source(csv), noted).theta).toEqual(found.theta);
  await save(found, join(folder, "units.json"));
  const rows = readTable(csv);
  expect(summary(load(join(folder, "units.json")), { rows }).messages.join(" ")).not.toContain("fitted to");
});

test("replicates are drawn alike of rows that stand apart, and of the same unit by unit", () => {
  const file = join(folder, "apart.csv");
  const [head, ...apart] = lines(names.numbers, false).trim().split("\n");
  writeFileSync(file, [head, ...apart].join("\n"));
  const first = new Map<string, number>();
  const unitOf = (line: string): string => line.slice(line.lastIndexOf(",") + 1);
  apart.forEach((line, at) => {
    if (!first.has(unitOf(line))) first.set(unitOf(line), at);
  });
  const together = join(folder, "together.csv");
  const byUnit = apart.toSorted((a, b) => first.get(unitOf(a))! - first.get(unitOf(b))!);
  writeFileSync(together, [head, ...byUnit].join("\n"));
  const found = fit(source(file), options);
  const { theta } = found;
  const known = [file, together].map((path) => ({
    ...fit(path, { ...options, start: theta, maxIterations: 1 }),
    theta,
  }));
  for (const type of ["nonparametric", "parametric"] as const) {
    const asked = { replicates: 3, type, seed: 4, tolerance: 1e-10, workers: 1 } as const;
    const [ours, ...theirs] = [found, ...known].map((whole) => bootstrap(whole, asked).estimates);
    for (const other of theirs) {
      for (const [j, value] of ours.entries()) expect(Math.abs(value - other[j])).toBeLessThan(1e-9);
    }
  }
  // Another order of units is other draws.
  const other = join(folder, "other.csv");
  writeFileSync(other, [head, ...byUnit.toReversed()].join("\n"));
  const asked = { replicates: 2, type: "parametric", seed: 4, workers: 1 } as const;
  const odd = bootstrap({ ...fit(other, { ...options, start: theta, maxIterations: 1 }), theta }, asked);
  expect(Math.abs(odd.estimates[0] - bootstrap(found, asked).estimates[0])).toBeGreaterThan(1e-6);
});
