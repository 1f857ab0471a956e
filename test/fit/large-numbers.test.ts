import { Table, tableToIPC, vectorFromArray } from "apache-arrow";
import { DataFrame } from "danfojs-node";
import { beforeAll, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { source } from "../../src/fit/source/source.ts";
import { random } from "../../src/math/random.ts";
import { copy, file, refusal } from "../support/row-files.ts";

// Whole numbers of more than 2⁵³, of which two may be one number, come in alike by every way.

const rng = random(3);
const ROWS = 48;
const of = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
const x = of(() => Number(rng.normal().toFixed(3)));
const y = of((i) => Number((x[i] + rng.normal()).toFixed(3)));
/** Four names, of which doubles make three. */
const id = of((i) => 9_007_199_254_740_992n + BigInt(i % 4));
/** A number of as many digits, with an end that is lost. */
const t = of((i) => 2n ** 60n + BigInt(i % 7) * 10n ** 17n + 1n);
const rows = of((i) => ({ x: x[i], y: y[i], t: t[i], id: id[i] }));

type Data = Parameters<typeof fit>[0];
const ways: Record<string, Data> = { columns: { x, y, t, id }, rows, typed: { x, y, t, id: BigInt64Array.from(id) } };
beforeAll(async () => {
  const json = rows.map((row) => `{"x": ${row.x}, "y": ${row.y}, "t": ${row.t}, "id": ${row.id}}`);
  const arrow = new Table({
    x: vectorFromArray(x),
    y: vectorFromArray(y),
    t: vectorFromArray(t),
    id: vectorFromArray(BigInt64Array.from(id)),
  });
  const files = {
    csv: file("large.csv", `x,y,t,id\n${rows.map((row) => `${row.x},${row.y},${row.t},${row.id}`).join("\n")}\n`),
    json: file("large.json", `[${json.join(",")}]`),
    ndjson: file("large.ndjson", json.join("\n")),
    arrow: file("large.arrow", tableToIPC(arrow, "file")),
    stream: file("large.feather", tableToIPC(arrow, "stream")),
    parquet: await copy("large.parquet", `select * from read_json_auto('${file("to.ndjson", json.join("\n"))}')`),
  };
  Object.assign(ways, files);
  for (const [kind, path] of Object.entries(files)) ways[`source of ${kind}`] = source(path);
  ways.frame = new DataFrame(rows.map((row) => [row.x, row.y, row.t, row.id]) as never, {
    columns: ["x", "y", "t", "id"],
  });
});

/** What each way comes to. */
function all<T>(make: (data: Data) => T): readonly (readonly [string, T])[] {
  return Object.entries(ways).map(([way, data]) => [way, make(data)] as const);
}

const NAMES = 'expected names, or whole numbers up to 9007199254740991, in column "id", got 9007199254740992 at row 1';

test("they stop no fit that does not read them", () => {
  const wanted = fit({ x, y }, { formula: "y ~ x", k: 1 }).logLikelihood;
  for (const [way, found] of all((data) => fit(data, { formula: "y ~ x", k: 1 })))
    expect([way, Math.abs(found.logLikelihood - wanted) < 1e-9, found.messages]).toEqual([way, true, []]);
});

test("as a feature or a response they are rounded, which a message says", () => {
  const said = '"t" holds whole numbers above 2^53, which are rounded to 16 digits: if they are names, leave them out';
  for (const formula of ["y ~ x + t", "y ~ x + log(t)", "t ~ x"])
    for (const [way, found] of all((data) => fit(data, { formula, k: 1 })))
      expect([way, formula, found.messages.join()]).toEqual([way, formula, expect.stringContaining(said)]);
});

test.each<FitOptions>([
  { formula: "y ~ x", group: "id", k: 1 },
  { formula: "y ~ x + factor(id)", k: 1 },
  { formula: "id ~ x", experts: "logistic", k: 1 },
])("as names they are refused: %j", (options) => {
  for (const [way, said] of all((data) => refusal(() => fit(data, options))))
    expect([way, said]).toEqual([way, expect.stringContaining(NAMES)]);
});

test("and the next step keeps all of their digits", () => {
  const formula = "y ~ x + factor(id)";
  const sql = 'select * replace ("id"::varchar as "id") from data';
  const [first] = all((data) => refusal(() => fit(data, { formula, k: 1 })))[0].slice(1);
  expect(first).toContain(sql);
  const text = { x, y, id: id.map(String) };
  const lettered = file("lettered.csv", `x,y,id\n${rows.map((row) => `${row.x},${row.y},n${row.id}`).join("\n")}\n`);
  const found = [
    fit(text, { formula, k: 1 }),
    fit(lettered, { formula, k: 1 }),
    ...["json", "ndjson", "parquet"].map((way) => fit(ways[way], { formula, k: 1, sql })),
  ];
  for (const each of found) expect(each.mixture.names.filter((name) => name.includes("id"))).toHaveLength(3);
});

test("and by their name alone they are no default features", () => {
  const found = fit({ x, y, id }, { response: "y", k: 1 });
  expect(found.formula.features).toEqual(["x"]);
  expect(found.messages).toEqual(['Left out of the features: "id" (an id of more digits than a number has).']);
});

test("and a query is refused that names them where they have been read before it", () => {
  const said = 'up to 9007199254740991 in column "id", which it names, got 9007199254740992 at row 1';
  for (const way of ["columns", "rows", "csv", "arrow"]) {
    const by = (sql: string) => fit(ways[way], { formula: "y ~ x", k: 1, sql });
    for (const sql of [
      "select id::varchar as id, x, y from data",
      'select avg(x) as x, avg(y) as y from data group by "ID"',
    ])
      expect([way, refusal(() => by(sql))]).toEqual([way, expect.stringContaining(said)]);
    expect(by("select * from data where x > -9").observations.rows).toBe(ROWS);
    expect(by("select x, y, 1 as identity from data").observations.rows).toBe(ROWS);
  }
});

test("numbers that are measured, and not counted, are rounded without a word", () => {
  const mass = of((i) => 5.97e24 * (1 + i));
  expect(fit({ mass, y }, { formula: "y ~ mass", k: 1 }).messages).toEqual([]);
});
