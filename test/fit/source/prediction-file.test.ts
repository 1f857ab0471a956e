import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classify } from "../../../src/fit/classify.ts";
import { fit } from "../../../src/fit/fit.ts";
import { predict } from "../../../src/fit/predict.ts";
import { predictionRows } from "../../../src/fit/prediction-rows.ts";
import { source } from "../../../src/fit/source/source.ts";
import { selectModel } from "../../../src/inference/select-model.ts";
import { random } from "../../../src/math/random.ts";
import { readTable } from "../../../src/table/read-table.ts";
import { csvText } from "../../../src/text/csv.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-predictions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const COUNT = 150_000;
const rng = random(3);
// Long enough for a file to come in two pieces.
const pad = "-".repeat(40);
const lines = ["x,f,pad,y,label,id"];
for (let i = 0; i < COUNT; i++) {
  const [x, up] = [rng.normal(), rng.uniform() < 0.5];
  const y = (up ? 1 + x : -2 * x) + 0.5 * rng.normal();
  // Rows without a response, here and there, and many of them in a row.
  const isKnown = i % 7 > 0 && (i < 100_000 || i > 140_000);
  lines.push([x, "abc"[rng.integer(3)], pad, isKnown ? y : "", y > 0 ? '"so ""high"", yes"' : "low", i >> 1].join(","));
}
const csv = at("rows.csv");
const parquet = at("rows.parquet");
const few = at("few.csv");
writeFileSync(csv, `${lines.join("\n")}\n`);
writeFileSync(few, `${lines.slice(0, 2001).join("\n")}\n`);
beforeAll(async () => {
  const duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run(`copy (select * from read_csv('${csv}')) to '${parquet}'`);
  duckdb.closeSync();
});

const linear = fit(few, { formula: "y ~ x + f | x", k: 2, starts: 2, missing: "drop" });
const logistic = fit(few, { formula: "label ~ x", experts: "logistic", k: 2, starts: 2, ridge: 0.1 });

/** The lines that rows in memory are predicted as. */
const inMemory = (model: typeof linear | typeof logistic, file: string, quantiles?: readonly number[]): string => {
  const options = quantiles === undefined ? {} : { quantiles, perExpert: true };
  return csvText(predictionRows(model, predict(model, readTable(file), options), quantiles));
};

describe("predictions of a source are those of memory, to the bit:", () => {
  test.each([
    ["CSV", csv],
    ["Parquet", parquet],
  ])("numbers of %s", async (_, file) => {
    const found = await predict(linear, source(file), { out: at("p.csv") });
    expect(found).toEqual({
      out: at("p.csv"),
      rows: COUNT,
      columns: expect.arrayContaining(["mean", "responsibility2"]),
    });
    expect(readFileSync(at("p.csv"), "utf8")).toBe(inMemory(linear, file));
  });

  test("quantiles, and means of experts", async () => {
    await predict(linear, source(few), { out: at("q.csv"), quantiles: [0.05, 0.95], perExpert: true });
    const text = readFileSync(at("q.csv"), "utf8");
    expect(text).toBe(inMemory(linear, few, [0.05, 0.95]));
    expect(text.split("\n")[0]).toContain("quantile.0.95,mean1,mean2,gate1");
  });

  test("labels", async () => {
    await predict(logistic, source(parquet), { out: at("l.csv") });
    expect(readFileSync(at("l.csv"), "utf8")).toBe(inMemory(logistic, parquet));
  });

  test.each([
    ["numbers", linear],
    ["labels", logistic],
  ])("%s in a Parquet file", async (_, model) => {
    await predict(model, source(parquet), { out: at("p.parquet") });
    const [table, wanted] = [readTable(at("p.parquet")), predict<"linear" | "logistic">(model, readTable(parquet))];
    const column = (name: string) => Array.from<unknown>(table.columns.find((own) => own.name === name)?.values ?? []);
    expect(table.rows).toBe(COUNT);
    expect(column("gate2")).toEqual(Array.from({ length: COUNT }, (_, i) => wanted.gate[2 * i + 1]));
    expect(column(wanted.mean ? "mean" : "label")).toEqual(Array.from<unknown>(wanted.mean ?? wanted.labels));
    expect(column("responsibility1")).toEqual(
      Array.from({ length: COUNT }, (_, i) => wanted.responsibilities?.[2 * i]),
    );
  });
});

test("rows that miss a value keep their place", async () => {
  const gaps = at("gaps.csv");
  writeFileSync(gaps, "x,f\n1,a\n,b\n2,c\n");
  await predict(linear, source(gaps), { out: at("g.parquet"), missing: "drop" });
  const [mean] = readTable(at("g.parquet")).columns;
  expect(Array.from<unknown>(mean.values)).toEqual(
    Array.from(predict(linear, readTable(gaps), { missing: "drop" }).mean),
  );
  expect(mean.values[1]).toBeNaN();
});

test("rows in memory, and those of the fit, are written, too", async () => {
  const rows = { x: [0, 1], f: ["a", "b"] };
  await predict(linear, rows, { out: at("m.csv") });
  expect(readFileSync(at("m.csv"), "utf8")).toBe(csvText(predictionRows(linear, predict(linear, rows))));
  const { rows: own } = await predict(linear, undefined, { out: at("m.csv") });
  expect(own).toBe(linear.observations.rows);
});

describe("a file is written whole or not at all:", () => {
  const odd = at("odd.csv");
  writeFileSync(odd, `${lines.slice(0, 148_000).join("\n")}\nmany,a,1,0,low,1\n`);

  test.each(["csv", "parquet"])("what was there stays where a row is refused (%s)", async (ending) => {
    const out = at(`kept.${ending}`);
    writeFileSync(out, "old");
    const before = readdirSync(folder);
    await expect(predict(linear, source(odd), { out })).rejects.toThrow(/column "x"|"x"/);
    expect(readFileSync(out, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(before);
  });

  test("a link is followed", async () => {
    symlinkSync(at("target.parquet"), at("link.parquet"));
    await predict(linear, source(few), { out: at("link.parquet") });
    expect(readTable(at("target.parquet")).rows).toBe(2000);
  });
});

test("the file of the rows is not written over", async () => {
  writeFileSync(at("rows.csv"), lines.slice(0, 50).join("\n"));
  for (const rows of [source(at("rows.csv")), at("rows.csv")] as const) {
    const asked = predict(linear, rows, { out: at("rows.csv") });
    await expect(asked).rejects.toThrow("expected a file that can be written, got one that is read");
  }
  expect(readFileSync(at("rows.csv"), "utf8")).toBe(lines.slice(0, 50).join("\n"));
});

describe("is refused in words:", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "no file",
      () => predict(linear, source(few) as never),
      /^Cannot predict: expected a file for the predictions of a source, got none; name one: predict\(fit, source\(…\), \{ out: "predicted.parquet" \}\)$/,
    ],
    ["classes", () => classify(linear, source(few) as never), /name one: predict\(fit, source/],
    [
      "a choice of k",
      () => selectModel(source(few) as never, { response: "y" }),
      /expected rows in memory, got a source, ".*few.csv"; give some of them: readTable\(/,
    ],
  ])("%s", (_, ask, message) => void expect(ask).toThrow(message));

  test.each<[string, string, RegExp]>([
    [
      "another kind of file",
      at("a.json"),
      /expected the name of a CSV or Parquet file, got one that ends in .json; let it end/,
    ],
    ["no folder", at("none/a.csv"), /no folder/],
  ])(
    "%s",
    async (_, out, message) => void (await expect(predict(linear, source(few), { out })).rejects.toThrow(message)),
  );

  test("groups whose response is known; without it the same numbers come", async () => {
    const grouped = fit(few, { formula: "y ~ x | 1", group: "id", k: 2, starts: 2, missing: "drop" });
    const asked = predict(grouped, source(parquet), { out: at("u.csv"), missing: "drop" });
    await expect(asked).rejects.toThrow(
      /expected rows without a response, got the response "y" of groups by "id"; rename "y" in the rows, or give them/,
    );
    const without = 'select * exclude (y), y as "known" from data';
    await predict(grouped, source(parquet, { sql: without }), { out: at("u.csv") });
    const { mean, gate } = predict(grouped, readTable(parquet, { sql: without }));
    const text = csvText([
      ["mean", "gate1", "gate2"],
      ...Array.from(mean, (y, i) => [y, gate[2 * i], gate[2 * i + 1]]),
    ]);
    expect(readFileSync(at("u.csv"), "utf8")).toBe(text);
  });
});
