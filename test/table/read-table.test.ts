import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { readCsv } from "../../src/table/csv.ts";
import { readTable } from "../../src/table/read-table.ts";
import { toTable } from "../../src/table/source.ts";
import { place } from "../../src/table/table.ts";
import { cells, columnsOf, copy, duckdb, file, folder, refusal } from "../support/row-files.ts";

const rows = `select i::double / 7 as x, sin(i) * i / 50 as y, ['b', 'a', null][1 + i % 3] as colour, i % 2 = 0 as "even",
  date '2024-01-30' + (i % 40)::int as day from range(200) as r(i) order by i`;
const bent = { formula: "y ~ x + even + day", k: 2, starts: 3, ridge: 0.01, seed: 7 } as const;

describe("the same rows", () => {
  beforeAll(async () => {
    for (const ending of ["csv", "parquet", "jsonl"]) await copy(`same.${ending}`, rows);
    file(
      "same.json",
      `[${(await duckdb.runAndReadAll(`select to_json(r) from (${rows}) r`)).getColumns()[0].join(",\n")}]`,
    );
  });

  test.each(["parquet", "jsonl", "json"])(
    "of CSV and of %s are the same table, and the same fit to the bit",
    (ending) => {
      const [csv, other] = [readTable(join(folder, "same.csv")), readTable(join(folder, `same.${ending}`))];
      expect(columnsOf(other)).toEqual(columnsOf(csv));
      const [one, two] = [csv, join(folder, `same.${ending}`)].map((data) => fit(data, bent));
      expect(Array.from(two.theta)).toEqual(Array.from(one.theta));
      expect(two.logLikelihood).toBe(one.logLikelihood);
      expect(predict(one, readTable(join(folder, `same.${ending}`))).mean).toEqual(predict(one, csv).mean);
    },
  );

  test.each(["csv", "parquet", "jsonl"])(
    "come from a query on %s as from the file, those that it asks for",
    (ending) => {
      const path = join(folder, `same.${ending}`);
      const all = readTable(path);
      expect(columnsOf(readTable(path, { sql: "select * from data" }))).toEqual(columnsOf(all));
      const some = readTable(path, { sql: "select y, x from data where colour = 'a' and day >= date '2024-02-10';" });
      const kept = [...all.columns[2].values.keys()].filter((row) => {
        return all.columns[2].values[row] === "a" && String(all.columns[4].values[row]) >= "2024-02-10";
      });
      expect(kept.length).toBeGreaterThan(20);
      expect(columnsOf(some)).toEqual(
        [1, 0].map((j) => [all.columns[j].name, "numeric", ...kept.map((row) => all.columns[j].values[row])]),
      );
      const where = "select * from data where x > 20";
      expect(fit(path, { ...bent, sql: where }).theta).toEqual(fit(readTable(path, { sql: where }), bent).theta);
    },
  );
});

describe("several files", () => {
  test.each(["csv", "parquet", "jsonl"])(
    "of %s are one below the other, in the order of their names",
    async (ending) => {
      // Columns in another order, and numbers of another type, are the same columns.
      await copy(`parts-${ending}/2024-02.${ending}`, "select 2.5 as x, 'b' as s union all select null, 'c'");
      await copy(`parts-${ending}/2024-01.${ending}`, "select 'a' as s, 1 as x union all select 'd', 9");
      await copy(`parts-${ending}/.hidden.${ending}`, "select 1 as other");
      const pattern = join(folder, `parts-${ending}`, `*.${ending}`);
      const expected = [
        ["s", "text", "a", "d", "b", "c"],
        ["x", "numeric", 1, 9, 2.5, Number.NaN],
      ];
      expect(cells(pattern)).toEqual(expected);
      expect(cells(pattern, { sql: "select s, x from data" })).toEqual(expected);
      expect(cells(join(folder, `parts-${ending}`, `2024-0[2-9].${ending}`))[0]).toHaveLength(4);
      const line = ending === "csv" ? " (line 3)" : "";
      expect(place(readTable(pattern), 3)).toBe(
        `row 2 of ${JSON.stringify(join(folder, `parts-${ending}`, `2024-02.${ending}`))}${line}`,
      );
      expect(refusal(() => fit(pattern, { response: "x", features: [], k: 1 }))).toContain(
        `a missing value in 1 of 4 rows, at row 2 of "/parts-${ending}/2024-02.${ending}"${line}; fill it in`,
      );
    },
  );

  const first = "select 1 as x, 'a' as s";
  const differing: [string, string, string, string][] = [
    ["lacks a column", "select 1 as x", 'the column "s" in every file', "none"],
    ["has one more", `${first}, 2 as z`, "the same columns in every file", '"z", too,'],
    ["has text for numbers", "select 'one' as x, 'a' as s", 'numbers in column "x" of every file', "text"],
  ];
  describe.each(["csv", "parquet", "jsonl"])("of %s", (ending) => {
    test.each(differing)("one of which %s are refused, by its name", async (why, query, wanted, got) => {
      await copy(`${why}/a.${ending}`, first);
      await copy(`${why}/b.${ending}`, query);
      const message = `: expected ${wanted}, as in "/${why}/a.${ending}", got ${got} in "/${why}/b.${ending}"`;
      for (const options of [{}, { sql: "select x from data" }]) {
        expect(refusal(() => readTable(join(folder, why, `*.${ending}`), options))).toContain(message);
      }
    });

    test("one of which has no value in a column agree, whatever the column is in the others", async () => {
      await copy(`gaps/a.${ending}`, "select 1 as x, null::varchar as s, null::double as y");
      await copy(`gaps/b.${ending}`, "select null::integer as x, 'b' as s, 2.5 as y");
      await copy(`gaps/c.${ending}`, "select null::varchar as x, null::integer as s, null::varchar as y");
      expect(cells(join(folder, "gaps", `*.${ending}`))).toEqual([
        ["x", "numeric", 1, Number.NaN, Number.NaN],
        ["s", "text", null, "b", null],
        ["y", "numeric", Number.NaN, 2.5, Number.NaN],
      ]);
    });
  });

  test("are found below folders, and are refused where there is none, or of two kinds", async () => {
    for (const name of ["deep/b/c/2", "deep/a/1", "deep/3"]) file(`${name}.csv`, `x\n${name.slice(-1)}\n`);
    expect(cells(join(folder, "deep/**/*.csv"))).toEqual([["x", "numeric", 3, 1, 2]]);
    expect(cells(join(folder, "deep/?/*.csv"))).toEqual([["x", "numeric", 1]]);
    expect(refusal(() => readTable(join(folder, "deep/*.parquet")))).toBe(
      'read "/deep/*.parquet": expected files whose names match it, got none',
    );
    file("deep/3.jsonl", '{"x":1}');
    expect(refusal(() => readTable(join(folder, "deep/3*")))).toBe(
      'read "/deep/3*": expected files of one kind, got a CSV file in "/deep/3.csv" and a JSON file in "/deep/3.jsonl"',
    );
  });
});

describe("a value", () => {
  const typed: [string, string, "numeric" | "text", unknown][] = [
    ...[
      "tinyint",
      "smallint",
      "integer",
      "bigint",
      "hugeint",
      "utinyint",
      "uinteger",
      "ubigint",
      "uhugeint",
      "bignum",
    ].map((type): [string, string, "numeric", number] => [type, `7::${type}`, "numeric", 7]),
    ["float", "0.5::float", "numeric", 0.5],
    ["double", "0.1::double", "numeric", 0.1],
    ["an infinite double", "'-inf'::double", "numeric", Number.NEGATIVE_INFINITY],
    ["decimal", "1.10::decimal(4, 2)", "numeric", 1.1],
    [
      "a long decimal",
      "12345678901234567890.123456789::decimal(38, 9)",
      "numeric",
      Number("12345678901234567890.123456789"),
    ],
    ["the largest whole number", "9007199254740992", "numeric", 2 ** 53],
    ["a whole number that is too large", "9007199254740993", "numeric", 2 ** 53],
    ["boolean", "true", "text", "true"],
    ["text", "'b;\"ö'", "text", 'b;"ö'],
    ["enum", "'b'::enum('a', 'b')", "text", "b"],
    ["uuid", "'550e8400-e29b-41d4-a716-446655440000'::uuid", "text", "550e8400-e29b-41d4-a716-446655440000"],
    ["date", "date '2024-02-29'", "text", "2024-02-29"],
    ["timestamp", "timestamp '2024-02-29 01:02:03.5'", "text", "2024-02-29 01:02:03.5"],
    [
      "timestamp in nanoseconds",
      "timestamp_ns '2024-02-29 01:02:03.000000001'",
      "text",
      "2024-02-29 01:02:03.000000001",
    ],
    ["point in time", "timestamptz '2024-02-29 01:02:03+05:30'", "text", "2024-02-28 19:32:03Z"],
    ["time of day", "time '01:02:03'", "text", "01:02:03"],
  ];

  test.each(typed)("of type %s is read as CSV files have it, and NULL is missing", (_, sql, kind, value) => {
    const missing = kind === "numeric" ? Number.NaN : null;
    const query = `select ${sql} as v union all select null`;
    expect(columnsOf(toTable({ x: [1] }, { sql: query }))).toEqual([["v", kind, value, missing]]);
  });

  test("that is a date or a point in time is a day, wherever it was read", () => {
    const sql =
      "select date '2024-03-01' + i::int as d, timestamptz '2024-03-01 06:00:00+00' + to_days(i::int) as t, i * 2 + sin(i) as y from range(99) r(i)";
    for (const column of ["d", "t"]) {
      const found = fit({ x: [1] }, { formula: `y ~ ${column}`, k: 1, sql });
      expect(found.messages.join()).toContain(`Read as days since 1970-01-01: "${column}"`);
      expect(found.theta[1]).toBeCloseTo(2, 2);
    }
  });

  test.each([
    [
      "a day that never comes",
      "select d::date as day from (values ('2024-01-01'), ('infinity')) v(d)",
      'a date of the years 0 to 9999 in column "day", got "5881580-07-11" at row 2',
      "between",
    ],
    ["a list", "select [1, 2] as l, 1 as y", 'dates in column "l", got lists (INTEGER[])', '"l"[1]'],
    ["an object", "select {'a': 1} as s, 1 as y", 'dates in column "s", got objects (STRUCT("a" INTEGER))', "unnest"],
    ["bytes", "select 'a'::blob as b, 1 as y", 'dates in column "b", got bytes (BLOB)', "exclude"],
    ["a span of time", "select interval 1 day as i, 1 as y", 'column "i", got spans of time (INTERVAL)', "epoch"],
  ])("that is %s is refused, and the next step works", async (what, query, message, step) => {
    const path = await copy(`${what.replace(/\W/g, "-")}.parquet`, query);
    const said = refusal(() => readTable(path));
    expect(said).toContain(message);
    expect(said).toContain(step);
    const next = /set sql \(--sql\) to (.*? from data(?: where .*)?)(?:, which.*)?$/.exec(said);
    expect(readTable(path, { sql: next![1] }).rows).toBeGreaterThan(0);
    expect(refusal(() => toTable({ x: [1] }, { sql: query }))).toContain(message);
    expect(refusal(() => readTable(path, { sql: "select * from data" }))).toMatch(/^run the query on .* \(the query\)/);
  });

  test("of several kinds in JSON is text; an object there is refused", () => {
    expect(cells(file("mixed.jsonl", '{"x":1}\n{"x":"a"}\n{"x":true}\n{"x":null}\n{}'))).toEqual([
      ["x", "text", "1", "a", "true", null, null],
    ]);
    expect(refusal(() => readTable(file("nested.jsonl", '{"x":1}\n{"x":{"a":1}}\n')))).toContain(
      'expected one value in column "x", got "{\\"a\\":1}" at row 2; set sql',
    );
  });

  test("with decimals is the double next to it", () => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 37 }));
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1, maxLength: 20 }), (drawn) => {
        const texts = drawn.map(([value, scale]) => {
          const all = String(value < 0n ? -value : value).padStart(scale + 1, "0");
          return `${value < 0n ? "-" : ""}${all.slice(0, all.length - scale)}.${all.slice(all.length - scale)}0`;
        });
        const sql = `select ${texts.map((text, j) => `'${text}'::decimal(38, ${drawn[j][1]}) as "${j}"`).join(", ")}`;
        const { columns } = toTable({ x: [1] }, { sql });
        expect(columns.map(({ values }) => values[0])).toEqual(texts.map((text) => Number(text) + 0));
      }),
      { numRuns: 10 },
    );
  });

  test("that misses is dropped, and counted, as in CSV files", async () => {
    const path = await copy(
      "missing.parquet",
      "select case when i % 5 > 0 then i end as x, i + sin(i) as y from range(50) r(i)",
    );
    expect(refusal(() => fit(path, { response: "y", k: 1 }))).toContain(
      "a missing value in 10 of 50 rows, the first at row 1",
    );
    const { dropped, messages } = fit(path, { response: "y", k: 1, missing: "drop" });
    expect(dropped.rows.length).toBe(10);
    expect(messages[0]).toBe('Left out for missing values: 10 of 50 rows (10 in "x").');
  });
});

describe("a file", () => {
  test.each([
    ["none.parquet", "a Parquet file, got no such file"],
    ["s3://bucket/x.parquet", "a Parquet file, got no such file; fetch it first: only files of this machine are read"],
    ["https://example.org/x.csv", "a CSV file, got no such file; fetch it first"],
    ["s3://bucket/*.parquet", "a Parquet file, got no such file; fetch it first"],
    ["https://example.org/x?part=1", "a CSV file, got no such file; fetch it first"],
  ])("that is not there is said to be: %s", (path, message) => {
    for (const options of [{}, { sql: "select * from data" }]) {
      expect(refusal(() => readTable(path, options))).toContain(`expected ${message}`);
    }
  });

  test.each([
    ["broken.parquet", "PAR1 and nothing more", "a Parquet file, got Invalid Input Error: "],
    ["broken.jsonl", '{"x":1}\n{"x":', 'a JSON file, got Invalid Input Error: Malformed JSON in file "/broken.jsonl"'],
    ["empty.jsonl", "", "at least one row, got none"],
    ["empty.parquet", "", "a Parquet file, got Invalid Input Error: "],
    ["scalars.json", "[[1, 2], [3]]", 'dates in column "json", got lists (BIGINT[])'],
    ["rows.feather", "ARROW1", "got one that was cut short; write it anew, in Python pyarrow.feather.write_feather("],
    ["called.bin", "ARROW1", "got one that was cut short"],
  ])("that is none of its kind is refused: %s", (name, contents, message) => {
    for (const options of [{}, { sql: "select * from data" }]) {
      expect(refusal(() => readTable(file(name, contents), options))).toContain(message);
    }
  });

  test("is known by how it begins where its name does not say it", async () => {
    const path = await copy("known.parquet", "select 1 as x");
    await duckdb.run(`copy (select 1 as x) to '${join(folder, "called")}' (format parquet)`);
    expect(cells(join(folder, "called"))).toEqual(cells(path));
  });

  test("that is a folder is refused, and the next step works", async () => {
    await copy("spark.parquet/part-0.parquet", "select 1 as x");
    const said = refusal(() => readTable(join(folder, "spark.parquet")));
    expect(said).toBe(
      'read "/spark.parquet": expected a Parquet file, got a folder; name the files in it, such as "/spark.parquet/*.parquet"',
    );
    expect(cells(join(folder, "spark.parquet/*.parquet"))).toEqual([["x", "numeric", 1]]);
  });

  test("of another kind than CSV has no separator, and is told so", async () => {
    const path = await copy("plain.parquet", "select 1 as x");
    expect(refusal(() => readTable(path, { separator: ";" }))).toContain(
      "expected separator for a CSV file, got it for a Parquet file",
    );
  });

  test("of JSON has a column for every name that a row has, packed or not", () => {
    const wide = Array.from({ length: 300 }, (_, i) => JSON.stringify({ [`k${i}`]: i })).join("\n");
    expect(
      readTable(file("wide.jsonl", wide)).columns.map(({ values }) => values.findIndex((value) => Number(value) >= 0)),
    ).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(cells(file("packed.jsonl.gz", gzipSync('{"x":1}\n{"x":2.5}')))).toEqual([["x", "numeric", 1, 2.5]]);
  });

  test("of folders named by a value has it as a column", async () => {
    await copy("by/year=2023/a.parquet", "select 1 as x");
    await copy("by/year=2024/a.parquet", "select 2 as x");
    expect(cells(join(folder, "by/*/*.parquet"))).toEqual([
      ["x", "numeric", 1, 2],
      ["year", "numeric", 2023, 2024],
    ]);
  });
});

test("readTable reads CSV files as readCsv does", () => {
  const options = { separator: ";", decimal: "." } as const;
  const path = file("points.csv", "x;y\n1.5;a,b\n");
  expect(columnsOf(readTable(path, options))).toEqual(columnsOf(readCsv(path, options)));
});
