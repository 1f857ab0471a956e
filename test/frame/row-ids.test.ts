import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { leftOutOf } from "../../src/frame/default-features.ts";
import { random } from "../../src/math/random.ts";
import { tableFromColumns } from "../../src/table/columns.ts";

const rng = random(3);
const x = Array.from({ length: 40 }, () => rng.normal());
const y = x.map((value) => 2 * value + 0.3 * rng.normal());
const count = x.map((_, i) => i);
/** 0 … 39 in another order. */
const shuffled = count.map((i) => (i * 17 + 5) % 40);
const readOf = (columns: Record<string, readonly unknown[]>) =>
  fit({ ...columns, x, y } as never, { response: "y", k: 1 });

test.each([
  ["patient", count.map((i) => i + 1)],
  ["nr", count],
  ["case", shuffled],
  ["case", shuffled.map((i) => i + 1)],
])("a column %s that numbers the rows, in any order, is no feature unless it is named", (name, values) => {
  const found = readOf({ [name]: values });
  expect(found.formula.features).toEqual(["x"]);
  expect(found.leftOut).toEqual([{ column: name, reason: "it numbers the rows" }]);
  expect(found.messages).toEqual([`Left out of the features: "${name}" (it numbers the rows).`]);
  const named = fit({ [name]: values, x, y } as never, { response: "y", k: 1, features: ["x", name] });
  expect([named.formula.features, named.messages]).toEqual([["x", name], []]);
  expect(fit({ [name]: values, x, y } as never, { formula: "y ~ .", k: 1 }).formula.features).toContain(name);
});

test.each(["id", "ID", "index", "patient_id", "user.id", "userId", "row number"])(
  "a column named %s is none where it is different in every row",
  (name) => {
    const values = count.map((i) => 7003 + 11 * i);
    expect(readOf({ [name]: values }).leftOut).toEqual([{ column: name, reason: "an id, another in every row" }]);
    // Rows of one person, or a price index, are something to read.
    expect(readOf({ [name]: values.map((value, i) => values[i % 20] ?? value) }).leftOut).toEqual([]);
    expect(readOf({ [name]: values.map((value) => value + 0.5) }).leftOut).toEqual([]);
  },
);

test.each([
  ["t", count],
  ["week", count.map((i) => i + 1)],
  ["dayNumber", count.map((i) => i + 1)],
  ["rank", shuffled],
  ["income", count.map((i) => i + 20)],
  ["size", count.map((i) => 3 * i)],
  ["half", count.map((i) => Math.floor(i / 2))],
  ["price_index", count.map((i) => 100 + 3 * i)],
  ["idea", count.map((i) => 100 + 3 * i)],
])("the column %s is a feature", (name, values) => {
  const found = readOf({ [name]: values });
  expect(found.formula.features).toEqual([name, "x"]);
  expect(found.leftOut).toEqual([]);
});

test("the only numbers that there are, and those of few rows, are features", () => {
  expect(fit({ n: count, y }, { response: "y", k: 1 }).formula.features).toEqual(["n"]);
  const few = { n: count.slice(0, 12), x: x.slice(0, 12), y: y.slice(0, 12) };
  expect(fit(few, { response: "y", k: 1 }).formula.features).toEqual(["n", "x"]);
});

test("numbers of rows are known where rows were left out for missing values", () => {
  const holes = x.map((value, i) => (i % 4 === 0 ? null : value));
  const found = fit({ nr: shuffled, x: holes, y }, { response: "y", k: 1, missing: "drop" });
  expect([found.observations.rows, found.formula.features]).toEqual([30, ["x"]]);
});

test("text that is different in every row is left out, and refused where it is named", () => {
  const name = count.map((i) => `person ${i}`);
  expect(leftOutOf(tableFromColumns({ name, x, y }), ["y"])).toEqual([
    { column: "name", reason: 'text, such as "person 0"' },
  ]);
  expect(() => fit({ name, x, y }, { response: "y", k: 1, features: ["name", "x"] })).toThrow(
    'got another in each of the 40 rows of column "name"; leave it out of the features',
  );
});
