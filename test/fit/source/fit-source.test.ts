import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { STRETCH_ROWS } from "../../../src/compute/blocks.ts";
import { setEngine, setThreads } from "../../../src/compute/engine.ts";
import { InputError } from "../../../src/errors.ts";
import { fit } from "../../../src/fit/fit.ts";
import { predict } from "../../../src/fit/predict.ts";
import { fillTiles } from "../../../src/fit/source/fill.ts";
import { source } from "../../../src/fit/source/source.ts";
import { observe } from "../../../src/frame/observe.ts";
import { covariance } from "../../../src/inference/covariance.ts";
import { influence } from "../../../src/inference/influence.ts";
import { confint } from "../../../src/inference/intervals.ts";
import { snr } from "../../../src/inference/snr.ts";
import { spectrum } from "../../../src/inference/spectrum.ts";
import { summary } from "../../../src/inference/summary.ts";
import { random } from "../../../src/math/random.ts";
import { toTable } from "../../../src/table/source.ts";
import type { DataTable } from "../../../src/table/table.ts";
import { certify } from "../../../src/theory/certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-source-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

/** Rows of two lines, which one is a matter of z. */
function rows(count: number, seed: number) {
  const rng = random(seed);
  const columns = {
    x: new Float64Array(count),
    z: new Float64Array(count),
    w: new Float64Array(count),
    y: new Float64Array(count),
  };
  const f: string[] = [];
  for (let i = 0; i < count; i++) {
    columns.x[i] = rng.normal();
    columns.z[i] = rng.normal();
    columns.w[i] = 1 + rng.integer(3);
    f.push(["north", "south", "west"][rng.integer(3)]);
    const isFirst = rng.uniform() < 1 / (1 + Math.exp(0.5 - 2 * columns.z[i]));
    columns.y[i] = (isFirst ? 1 + 2 * columns.x[i] : -1 - columns.x[i]) + 0.7 * rng.normal();
  }
  return { ...columns, f };
}

type Columns = ReturnType<typeof rows>;

function csvOf({ x, z, w, y, f }: Columns): string {
  return ["x,z,w,f,y", ...Array.from(x, (value, i) => [value, z[i], w[i], f[i], y[i]].join(","))].join("\n");
}

const count = STRETCH_ROWS + 9000;
const data = rows(count, 1);
const csv = join(folder, "rows.csv");
writeFileSync(csv, csvOf(data));
const formula = "y ~ x + f | z";
const options = { formula, k: 2, weights: "w", starts: 3 } as const;

describe("the sums of a source are those of memory, to the bit:", () => {
  const fitted = fit(source(csv), { ...options, maxIterations: 2 });
  const inMemory = observe(toTable(csv), fitted.formula);

  test.each([1, 2, 7])("%i threads", (threads) => {
    setThreads(threads);
    const { mixture, theta } = fitted;
    const found = mixture.stepSums(theta, fitted.observations);
    const known = mixture.stepSums(theta, inMemory);
    expect(found).toEqual(known);
    expect(mixture.stepFrom(theta, found.sums)).toEqual(mixture.stepFrom(theta, known.sums));
    expect(mixture.gradient(theta, fitted.observations)).toEqual(mixture.gradient(theta, inMemory));
  });

  test("by the plain code, and second derivatives", () => {
    const { mixture, theta } = fitted;
    expect(mixture.information(theta, fitted.observations)).toEqual(mixture.information(theta, inMemory));
    setEngine("reference");
    expect(mixture.stepSums(theta, fitted.observations)).toEqual(mixture.stepSums(theta, inMemory));
  });
});

describe("a fit of a source", () => {
  const found = fit(source(csv), options);
  const known = fit(csv, { ...options, algorithm: "one-pass-em", starts: 3 });

  test("comes to memory's maximum, with its criteria, shares and standard errors", () => {
    expect(found.result).toBe("converged");
    expect(Math.abs(found.logLikelihood / known.logLikelihood - 1)).toBeLessThan(1e-12);
    found.theta.forEach((value, j) => void expect(value).toBeCloseTo(known.theta[j], 9));
    for (const name of ["aic", "bic", "icl", "iclSoft"] as const)
      expect(found.criteria[name]).toBeCloseTo(known.criteria[name], 4);
    found.shares.forEach((share, z) => void expect(share).toBeCloseTo(known.shares[z], 9));
    const [errors, wanted] = [covariance(found).standardErrors, covariance(known).standardErrors];
    errors.forEach((error, j) => void expect(error / wanted[j]).toBeCloseTo(1, 9));
    expect(spectrum(found).rate).toBeCloseTo(spectrum(known).rate, 9);
  });

  test("says what its starts were run on, and holds no number of a row", () => {
    expect(found.messages.join(" ")).toContain(`The starts were run on 20000 of the ${count} rows`);
    expect(String(found.observations.rows)).toBe(String(count));
    expect(() => found.responsibilities).toThrow(InputError);
    expect(() => found.table).toThrow(
      /^Cannot do this row by row: expected rows in memory, got a source of 49960 rows/,
    );
    expect(() => found.observations.response).toThrow(InputError);
  });

  test("from a start is memory's from there, step by step to the bit", () => {
    const start = found.start;
    const one = fit(source(csv), { ...options, start, maxIterations: 6 });
    const other = fit(csv, { ...options, start, maxIterations: 6, algorithm: "one-pass-em" });
    expect(one.trace.map(({ logLikelihood }) => logLikelihood)).toEqual(
      other.trace.map(({ logLikelihood }) => logLikelihood),
    );
    expect(one.theta).toEqual(other.theta);
  });
});

describe("questions to a fit of a source", () => {
  const few = { x: data.x.slice(0, 3000), z: data.z.slice(0, 3000), y: data.y.slice(0, 3000) };
  const asked = { formula: "y ~ x | z", k: 2, starts: 3 } as const;
  const [found, known] = [fit(source(few), asked), fit(few, asked)];

  test("are answered by sums over its rows: the summary is memory's, but for the certificate", () => {
    const [ours, theirs] = [summary(found), summary(known)];
    expect([ours.certificate, theirs.certificate]).toEqual([null, "holds"]);
    for (const [j, parameter] of ours.parameters.entries()) {
      const { name, estimate, standardError } = theirs.parameters[j];
      expect(parameter.name).toBe(name);
      expect(parameter.estimate).toBeCloseTo(estimate, 8);
      expect(parameter.standardError).toBeCloseTo(standardError ?? Number.NaN, 8);
    }
    for (const [z, share] of ours.shares.entries()) expect(share).toBeCloseTo(theirs.shares[z], 8);
    for (const [name, value] of Object.entries(ours.criteria)) {
      expect(value).toBeCloseTo(theirs.criteria[name as keyof typeof theirs.criteria], 5);
    }
  });

  test("signal-to-noise, and robust standard errors, are those of memory's rows", () => {
    const [[ours], [theirs]] = [snr(found), snr(known)];
    for (const name of ["snr", "gate", "angle", "predictedRate"] as const)
      expect(ours[name]).toBeCloseTo(theirs[name], 7);
    const [own, wanted] = [found, known].map((one) => covariance(one, { type: "robust" }).standardErrors);
    own.forEach((error, j) => void expect(error / wanted[j]).toBeCloseTo(1, 7));
  });

  test("a certificate is that of a sample, and says of how many rows", () => {
    const certificate = certify(found, { steps: 3 });
    expect([certificate.rows, certificate.holds]).toEqual([3000, true]);
    const many = fit(source(csv), { ...options, maxIterations: 30 });
    expect(certify(many, { steps: 2 })).toMatchObject({ rows: 20_000, holds: true });
  });

  test.each<[string, () => unknown]>([
    ["profiles", () => confint(found, { method: "profile" })],
    ["influence", () => influence(found)],
    ["predictions of its own rows", () => predict(found)],
    ["responsibilities", () => found.responsibilities],
  ])("that read rows one by one are refused, by the plain code, too: %s", (_, ask) => {
    const refused = /expected rows in memory, got a source of 3000 rows; give a sample of the rows in memory/;
    expect(ask).toThrow(refused);
    setEngine("reference");
    expect(ask).toThrow(refused);
  });

  test("are answered of rows that are given", () => {
    const [ours, theirs] = [found, known].map((one) => predict(one, { x: [0.5, -1], z: [0, 2] }).mean);
    for (const [i, mean] of theirs.entries()) expect(ours[i]).toBeCloseTo(mean, 8);
  });
});

describe("weights", () => {
  const [w, none] = [data.w.map((weight, i) => (i < STRETCH_ROWS + 4000 ? 0 : weight)), data.w.map(() => 0)];
  const asked = { formula: "y ~ x | z", k: 2, starts: 3, weights: "w" } as const;
  const file = join(folder, "weights.csv");
  writeFileSync(file, csvOf({ ...data, w: Float64Array.from(w) }));

  test.each([
    ["a table", { ...data, w }],
    ["a file", file],
  ])("that are 0 in all rows of a stretch leave these out, as in memory: %s", (_, rows) => {
    const [ours, theirs] = [fit(source(rows), asked), fit(rows, { ...asked, algorithm: "one-pass-em" })];
    expect(Math.abs(ours.logLikelihood / theirs.logLikelihood - 1)).toBeLessThan(1e-12);
    expect(ours.result).toBe("converged");
  });

  test("that are 0 in a batch are no reason to refuse it", () => {
    const shape = { expert: ["(intercept)"], gate: null, hasWeights: true, hasOffset: false, hasTrials: false };
    const tables = [none.slice(0, 50), data.w.slice(0, 50), none.slice(0, 50)].map((own) =>
      toTable({ w: Array.from(own), y: Array.from(data.y.slice(0, 50)) }),
    );
    const batches = { source: "rows", files: [], each: (visit: (table: DataTable) => void) => tables.forEach(visit) };
    const own = { response: "y", features: [], gateFeatures: [], intercept: true, weights: "w" };
    const kept: Uint8Array[] = [];
    const found = fillTiles(batches, tables[0], own, shape, { add: (tiles) => kept.push(tiles) }, () => {});
    expect([found.rows, found.totalWeight]).toEqual([150, data.w.slice(0, 50).reduce((sum, each) => sum + each, 0)]);
    tables.splice(1, 1);
    const ask = () => fillTiles(batches, tables[0], own, shape, { add: () => {} }, () => {});
    expect(ask).toThrow(/expected a weight above 0, got 0 in every row of column "w"/);
  });

  test("none of which is above 0 are refused", () => {
    expect(() => fit(source({ ...data, w: none }), asked)).toThrow(/expected a weight above 0, got 0 in every row/);
  });
});

describe("a cache", () => {
  const cache = join(folder, "rows.tiles");
  const few = rows(3000, 2);
  const file = join(folder, "few.csv");
  writeFileSync(file, csvOf(few));
  const own = { formula, k: 2, starts: 2 } as const;
  const note = (of: { readonly messages: readonly string[] }): string =>
    of.messages.find((each) => each.startsWith("The cache")) ?? "";
  const first = fit(source(file, { cache }), own);

  test("serves the next fit, without a word and to the same bits, whatever k is", () => {
    const bytes = readFileSync(cache);
    let asked = 0;
    const again = fit(source(file, { cache, onProgress: () => asked++ }), own);
    expect(asked).toBe(0);
    expect(note(again)).toBe("");
    expect(again.theta).toEqual(first.theta);
    expect(fit(source(file, { cache }), { ...own, k: 1 }).result).toBe("converged");
    expect(readFileSync(cache).equals(bytes)).toBe(true);
  });

  test.each([
    ["it is cut short", () => truncateSync(cache, readFileSync(cache).length - 5000)],
    ["it is cut short", () => truncateSync(cache, 100)],
    [
      "it is damaged",
      () => {
        const bytes = readFileSync(cache);
        bytes[9000] ^= 1;
        writeFileSync(cache, bytes);
      },
    ],
    ["the rows have changed since, or are others", () => utimesSync(file, new Date(), new Date(1e12))],
  ])("of which %s is named, and filled anew", (fault, spoil) => {
    spoil();
    const again = fit(source(file, { cache }), own);
    expect(note(again)).toBe(`The cache ${JSON.stringify(cache)} was filled anew: ${fault}.`);
    expect(again.theta).toEqual(first.theta);
    expect(note(fit(source(file, { cache }), own))).toBe("");
  });

  test("of other columns is filled anew, and a file that is none is left alone", () => {
    expect(note(fit(source(file, { cache }), { ...own, formula: "y ~ x | z" }))).toContain("it has other columns");
    expect(() => fit(source(file, { cache: file }), own)).toThrow(
      `Cannot use the cache ${JSON.stringify(file)}: expected a cache that mixlens wrote, or no file yet, got another file; name another`,
    );
    expect(readFileSync(file, "utf8")).toBe(csvOf(few));
  });

  test("of rows that are refused leaves nothing behind", () => {
    const odd = join(folder, "odd.csv");
    writeFileSync(odd, csvOf(few).replace(/\n[^,]+,/, "\nNA,"));
    const before = readdirSync(folder);
    expect(() => fit(source(odd, { cache: join(folder, "odd.tiles") }), own)).toThrow(
      /missing values, the first at row 1 \(line 2\)/,
    );
    expect(readdirSync(folder)).toEqual(before);
    const dropped = fit(source(odd), { ...own, missing: "drop" });
    expect(dropped.dropped.count).toBe(1);
    expect(dropped.observations.rows).toBe(2999);
  });
});
