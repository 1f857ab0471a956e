import { Bool, DateDay, Float64, Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { DataFrame } from "danfojs-node";
import { beforeAll, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { predict } from "../../src/fit/predict.ts";
import { source } from "../../src/fit/source/source.ts";
import { random } from "../../src/math/random.ts";
import { copy, file, refusal } from "../support/row-files.ts";

// The same rows, whichever way they come in, are the same fit, the same messages and the same predictions.

const rng = random(5);
const ROWS = 160;
const of = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
const x = of(() => Number(rng.normal().toFixed(6)));
const first = of(() => rng.uniform() < 0.5);
const columns: Record<string, (number | string | boolean | null)[]> = {
  y: of((i) => Number(((first[i] ? 2 + x[i] : -2 - x[i]) + 0.5 * rng.normal()).toFixed(6))),
  x,
  m: of((i) => (i % 29 === 3 ? null : Number((x[i] + rng.normal()).toFixed(4)))),
  big: of(() => 2 ** 52 + Math.round(1e12 * rng.normal())),
  b: of(() => rng.uniform() < 0.4),
  d: of((i) => new Date(Date.UTC(2020, 0, 1 + ((i * 7) % 300))).toISOString().slice(0, 10)),
  s: of(() => ["south", "north", "East", "a b"][rng.integer(4)]),
  c: of(() => rng.integer(4)),
  label: first.map((isFirst, i) => (isFirst !== (i % 9 === 0) ? "yes" : "no")),
  g: of((i) => `g${Math.floor(i / 4)}`),
  w: of(() => 1 + rng.integer(3)),
};
const names = Object.keys(columns);
const rows = of((i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));

/** Of the types that the values are, days among them. */
function arrow(kind: "file" | "stream"): Uint8Array {
  const vectors = names.map((name) => {
    const values = columns[name];
    if (name === "d")
      return vectorFromArray(
        values.map((day) => new Date(String(day))),
        new DateDay(),
      );
    const is = typeof values.find((value) => value !== null);
    if (is === "boolean") return vectorFromArray(values, new Bool());
    return is === "number" ? vectorFromArray(values, new Float64()) : vectorFromArray(values, new Utf8());
  });
  return tableToIPC(new Table(Object.fromEntries(names.map((name, j) => [name, vectors[j]])) as never), kind);
}

const ways: Record<string, unknown> = { columns, rows };
beforeAll(async () => {
  const lines = rows.map((row) => names.map((name) => row[name] ?? "").join(","));
  ways.csv = file("ways.csv", `${[names.join(","), ...lines].join("\n")}\n`);
  ways.json = file("ways.json", JSON.stringify(rows));
  ways.lines = file("ways.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
  ways.arrow = file("ways.arrow", arrow("file"));
  ways.stream = file("ways.feather", arrow("stream"));
  ways.parquet = await copy("ways.parquet", `select * replace (big::bigint as big) from '${ways.lines}'`);
  const cells = rows.map((row) => names.map((name) => row[name] ?? Number.NaN));
  ways.frame = new DataFrame(cells as never, { columns: names });
  for (const name of ["csv", "lines", "arrow", "parquet"]) ways[`source of ${name}`] = source(ways[name] as string);
});

const fitted = (way: string, options: Partial<FitOptions>) =>
  fit(ways[way] as typeof columns, { k: 2, starts: 2, seed: 3, gate: "constant", ...options } as FitOptions);

test.each<[string, Partial<FitOptions>]>([
  ["a factor of text", { formula: "y ~ s + x" }],
  ["a factor of numbers", { formula: "y ~ factor(c) + x" }],
  ["true and false", { formula: "y ~ b + x" }],
  ["days", { formula: "y ~ d + x" }],
  ["whole numbers of sixteen digits", { formula: "y ~ big + x" }],
  ["missing values", { formula: "y ~ m + x", missing: "drop" }],
  ["labels", { formula: "label ~ x + s", experts: "logistic", ridge: 0.1 }],
  ["groups", { formula: "y ~ x", group: "g" }],
  ["weights", { formula: "y ~ x", weights: "w" }],
])("%s", (_, options) => {
  const wanted = fitted("columns", options);
  const expected = predict(wanted, { ...columns, m: columns.m.map((value) => value ?? 0) });
  for (const way of Object.keys(ways)) {
    const found = fitted(way, options);
    expect([way, found.mixture.names]).toEqual([way, wanted.mixture.names]);
    const off = Math.abs(found.logLikelihood / wanted.logLikelihood - 1);
    expect([way, off < (way.startsWith("source") ? 1e-8 : 1e-13)]).toEqual([way, true]);
    // How starts of a source ended is not counted.
    const said = (messages: readonly string[]) => messages.filter((message) => !/starts came to/.test(message));
    expect([way, said(found.messages)]).toEqual([way, said(wanted.messages)]);
    if (way === "frame" || way.startsWith("source") || options.missing === "drop") continue;
    const { mean, probabilities } = predict(wanted, ways[way] as typeof columns);
    expect([way, mean, probabilities]).toEqual([way, expected.mean, expected.probabilities]);
  }
});

test("names that are numbers of more digits than a number has are refused, of which two would be one", () => {
  const id = columns.g.map((_, i) => `900719925474099${2 + (i % 4)}`);
  const path = file("ids.csv", `y,x,id\n${rows.map((row, i) => `${row.y},${row.x},${id[i]}`).join("\n")}\n`);
  const wanted =
    'expected names, or whole numbers up to 9007199254740991, in column "id", got 9007199254740992 at row 1';
  for (const data of [path, source(path)]) {
    expect(refusal(() => fit(data, { formula: "y ~ x", group: "id" }))).toContain(wanted);
    expect(refusal(() => fit(data, { formula: "y ~ factor(id)" }))).toContain(wanted);
  }
  const units = fit({ y: columns.y, x, id }, { formula: "y ~ x", group: "id", k: 1 }).observations.units;
  expect(new Set(units).size).toBe(4);
});
