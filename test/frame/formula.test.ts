import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { formulaOf } from "../../src/frame/formula-of.ts";
import { observe } from "../../src/frame/observe.ts";
import { written } from "../../src/frame/tokens.ts";
import { coefficients } from "../../src/models/coefficients.ts";
import { readCsv } from "../../src/table/csv.ts";
import { toTable } from "../../src/table/source.ts";
import { deviation } from "../support/differences.ts";
import { reported } from "../support/reports.ts";

const cases = join(import.meta.dirname, "../cases/formulas");
const rows = join(cases, "rows.csv");

/** Formulas as both sides write them; what is ours alone stands in tests of its own. */
const formulas = [
  "y ~ x",
  "y ~ x + age",
  "y ~ f",
  "y ~ f + x",
  "y ~ f - 1",
  "y ~ 0 + f + g",
  "y ~ f * x",
  "y ~ x:f",
  "y ~ x:f - 1",
  "y ~ f:g",
  "y ~ f + f:g",
  "y ~ f * g * x",
  "y ~ (f + g + x)^2",
  "y ~ (f + g + x)^2 - f:x",
  "y ~ log(income) + sqrt(income)*g",
  "y ~ I(x^2) + I(2 * x - age / 3)",
  "y ~ poly(age, 2)",
  "y ~ poly(age, 3) * g",
  "y ~ poly(x, 1) + f",
  "y ~ factor(age) + x",
  "y ~ . - age",
  "y ~ .",
  "y ~ exp(-x^2) + abs(x) + log1p(income) + pmax(x, 0)",
  "y ~ g + x + g:x + age",
  "y ~ x + f:x",
  "log(income) ~ x + g",
];

/** R's design matrices, by formula. */
function designsOfR(): ReadonlyMap<string, { readonly columns: readonly string[]; readonly values: Float64Array[] }> {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-formulas-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "formulas.txt"), `${formulas.join("\n")}\n`);
  const script = [join(cases, "model-matrix.R"), rows, join(folder, "formulas.txt")];
  const { status, stdout, stderr } = spawnSync("Rscript", ["--vanilla", ...script], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  const found = new Map<string, { columns: string[]; values: Float64Array[] }>();
  const lines = stdout.trim().split("\n");
  const perFormula = lines.length / formulas.length;
  formulas.forEach((_, which) => {
    const [head, ...body] = lines.slice(which * perFormula, (which + 1) * perFormula);
    const [formula, ...columns] = head.split("\t");
    const cells = body.map((line) => line.trim().split(/\s+/).map(Number));
    found.set(formula, { columns, values: columns.map((_, j) => Float64Array.from(cells, (row) => row[j])) });
  });
  return found;
}

function designOf(formula: string) {
  const table = readCsv(rows);
  const plan = { formula, gate: "softmax", intercept: true, missing: "refuse" } as const;
  return observe(table, formulaOf(table, plan, "linear"));
}

test("designs have R's columns by R's names, and its numbers to 1e-12", () => {
  const designs = designsOfR();
  expect([...designs.keys()]).toEqual(formulas);
  for (const [formula, { columns, values }] of designs) {
    const { expert } = designOf(formula);
    expect([formula, ...expert.columns]).toEqual([
      formula,
      ...columns.map((name) => name.replace("(Intercept)", "(intercept)")),
    ]);
    values.forEach((of, j) => {
      const size = Math.max(...of.map(Math.abs));
      expect(deviation(expert.values[j], of)).toBeLessThan(1e-12 * Math.max(1, size));
    });
  }
});

test("negative control: one term less is another design", () => {
  expect(designOf("y ~ f * x").expert.columns).not.toEqual(designOf("y ~ f + x").expert.columns);
});

test("a text column among the features is a factor: a public report's right value, by formula and by columns", () => {
  const file = reported("factor");
  const written = fit(file, { formula: "y ~ region + x | 1", k: 2 });
  const named = fit(file, { response: "y", features: ["region", "x"], gate: "constant", k: 2 });
  expect(written.logLikelihood).toBeCloseTo(-244.710181, 5);
  expect(written.criteria.bic).toBeCloseTo(547.701853, 4);
  expect(Array.from(named.theta)).toEqual(Array.from(written.theta));
  const [north] = coefficients(written).experts.filter((expert) => expert.coefficients.x > 0);
  expect(north.coefficients.regionnorth).toBeCloseTo(0.705847, 5);
  expect(north.coefficients.regionsouth).toBeCloseTo(2.023224, 5);
  expect(written.messages).toContain('Coded as factors, each level against the first: "region" against "east".');
});

test("without a feature list a text column is left out, and a message names it", () => {
  const { messages, leftOut } = fit(reported("factor"), { response: "y", k: 1 });
  expect(leftOut.map(({ column }) => column)).toEqual(["region"]);
  expect(messages.join(" ")).toContain('"region"');
});

const table = () => ({
  y: [1, 2.5, 2, 4.5, 3, 6, 5.5, 7, 6.5, 9.5],
  x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  on: ["true", "FALSE", "true", "true", "false", "true", "false", "false", "true", "false"],
  day: Array.from({ length: 10 }, (_, i) => `2024-03-${String(((7 * i) % 10) + 1).padStart(2, "0")}`),
  f: ["a", "b", "c", "a", "b", "c", "a", "b", "c", "a"],
  "a b": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3],
});

test("a model's file keeps levels, products and polynomials: it predicts other rows as the fit does", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-formulas-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const found = fit(table(), {
    formula: "log(y) ~ f + poly(x, 2) + log(x):on + `a b`",
    k: 1,
    ridge: 0.1,
    sigmaFloor: 0.1,
  });
  await save(found, join(folder, "model.json"));
  const other = { x: [2.5, 11], on: ["true", "true"], f: ["c", "a"], "a b": [1, 1] };
  const [before, after] = [predict(found, other).mean, predict(load(join(folder, "model.json")), other).mean];
  expect(Array.from(after ?? [])).toEqual(Array.from(before));
  // The rows of the fit, read again, have its own design: a polynomial's basis is that of the fit.
  expect(deviation(predict(found, table()).mean, predict(found).mean)).toBeLessThan(1e-12);
});

test("true is 1 and false 0, and a date is its days since 1970-01-01, as a message says", () => {
  const { observations, messages } = fit(table(), { formula: "y ~ on + day", k: 1 });
  const [, on, day] = observations.expert.values;
  expect(Array.from(on)).toEqual([1, 0, 1, 1, 0, 1, 0, 0, 1, 0]);
  expect(day[0]).toBe(Date.UTC(2024, 2, 1) / 86_400_000);
  expect(messages).toEqual([
    'Read as 1 where it is true, and else as 0: "on".',
    'Read as days since 1970-01-01: "day".',
  ]);
});

test("a day that there is not is refused, in the rows of a fit and in others", () => {
  const rows = table();
  const found = fit(rows, { formula: "y ~ day", k: 1 });
  for (const day of ["2024-02-30", "2023-02-29", "2024-04-31T12:00:00", "2024-13-01", "2024-01-01T25:00"]) {
    expect(() => predict(found, { day: [day] })).toThrow(
      `a date such as 2024-01-31 in column "day", got "${day}" at row 1`,
    );
    const days = Array.from({ length: 10 }, (_, row) => (row === 3 ? day : `2024-02-${10 + row}`));
    const others = { y: days.map((_, row) => row % 3), day: days };
    expect(() => fit(others, { formula: "y ~ day", k: 1 })).toThrow(`in column "day", got "${day}" at row 4`);
  }
  expect(predict(found, { day: ["2024-02-29"] }).mean.length).toBe(1);
});

test("what stands after the bar the gate reads; 1 alone is a constant gate", () => {
  const read = (formula: string) => {
    const { expert, gate } = designOf(formula);
    return [expert.columns, gate.columns];
  };
  expect(read("y ~ x | g")).toEqual([
    ["(intercept)", "x"],
    ["(intercept)", "gb"],
  ]);
  expect(read("y ~ x - 1 | 1")).toEqual([["x"], ["(intercept)"]]);
  expect(read("y ~ x | 0 + g")).toEqual([
    ["(intercept)", "x"],
    ["ga", "gb"],
  ]);
  expect(read("y ~ x + I(x^2)")[0]).toEqual(read("y ~ x + x^2")[0]);
  expect(read("y ~ x")[1]).toEqual(["(intercept)", "x"]);
});

test("an offset in a formula is the option's", () => {
  const rows = { n: [3, 1, 4, 1, 5, 9, 2, 6], x: [1, 2, 3, 4, 5, 6, 7, 8], time: [1, 2, 1, 3, 2, 4, 2, 1] };
  const options = { experts: "poisson", k: 1 } as const;
  const written = fit(rows, { ...options, formula: "n ~ x + offset(log(time))" });
  const named = fit(
    { ...rows, log: rows.time.map(Math.log) },
    { ...options, response: "n", features: "x", offset: "log" },
  );
  expect(Array.from(written.theta)).toEqual(Array.from(named.theta));
});

test.each<[string, (row: { x: number; time: number }) => number]>([
  ["log(time)/2", ({ time }) => Math.log(time) / 2],
  ["I(x/10)", ({ x }) => x / 10],
  ["0.5*x", ({ x }) => 0.5 * x],
  ["log(time) + x", ({ x, time }) => Math.log(time) + x],
  ["(x - 1)*(x + 1)", ({ x }) => x * x - 1],
  ["log(time)", ({ time }) => Math.log(time)],
])("an offset is any arithmetic: offset(%s), which a model file keeps", async (offset, of) => {
  const [x, time] = [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [1, 2, 1, 3, 2, 4, 2, 1],
  ];
  const rows = { n: [3, 1, 4, 1, 5, 9, 2, 6], z: [0, 1, 0, 0, 1, 1, 0, 1], x, time };
  const options = { experts: "poisson", k: 1 } as const;
  const written = fit(rows, { ...options, formula: `n ~ z + offset(${offset})` });
  const o = x.map((value, i) => of({ x: value, time: time[i] }));
  const named = fit({ ...rows, o }, { ...options, formula: "n ~ z", offset: "o" });
  expect(deviation(written.theta, named.theta)).toBeLessThan(1e-9);
  const folder = mkdtempSync(join(tmpdir(), "mixlens-offset-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await save(written, join(folder, "m.json"));
  expect(predict(load(join(folder, "m.json")), rows).mean).toEqual(predict(written, rows).mean);
});

test.each([
  ["y ~ regoin", 'a column such as "region"'],
  ["y ~ foo(x)", 'got "foo"(…)'],
  ["y ~ x +", 'a column after "y ~ x +", got its end'],
  ["y x", 'formula to be a formula such as y ~ x1 + x2, got "y x"'],
  ["y x ~ x", 'expected ~ after "y", got "x"'],
  ["y ~ 2*x", "write I(…) for arithmetic"],
  ["y ~ I(2 x)", "a sign between numbers and columns"],
  ["y ~ log(x)", 'where "x" is -0.571'],
  ["y ~ constructor(x)", '"constructor"(…)'],
  ["y ~ toString(x)", '"toString"(…)'],
  ["y ~ import(x)", '"import"(…)'],
  ["y ~ I(x.constructor)", '"x.constructor"'],
  ["y ~ I(__proto__)", '"__proto__"'],
  ["y ~ I(f = 2)", 'got "="'],
  ["y ~ x; y", 'got ";"'],
  ["y ~ I(x[1])", 'got "["'],
  ["y ~ I('x')", 'got "\'"'],
  ["y ~ poly(x)", "poly(column, degree)"],
  ["y ~ poly(x, 99)", "poly(column, degree)"],
  ["~ x", "the response at its start"],
  ["y ~ (x + region", "+ or )"],
  ["y ~ x | region | x", 'got "|"'],
  ["y ~ region:", "a column"],
  ["y ~ x + offset(x) + offset(x)", "one offset"],
  ["y ~ I(1/0*x)", "got Infinity at row 1 (line 2)"],
  ["y ~ y", 'got "y" as both'],
  ["y ~ log(y + 99)", 'features other than the response, got "log(y + 99)" and "y", both of "y"'],
  ["log(y + 99) ~ y", 'features other than the response, got "y" and "log(y + 99)", both of "y"'],
  ["y ~ x | poly(y, 2)", 'gate features other than the response, got "poly(y, 2)" and "y"'],
  ["factor(region) ~ x", "name the column alone: logistic experts take it for labels (--experts logistic)"],
  ["cbind(y, x) ~ region", "name the column of successes, and that of trials as trials (--trials)"],
  ["y ~ as.factor(region)", 'got "as.factor"(…); write factor(…)'],
  ["y ~ s(x)", 'got "s"(…); write poly(…, 3), a polynomial'],
  [
    "y ~ x + (1 | region)",
    'got "|"; for rows that are of one expert together, name the column of their groups as group',
  ],
  ["y ~ x**2", 'got "*"; write ^ for a power'],
  ["y ~ x / 2", 'got "/"; write I(…) for arithmetic'],
  ["y ~ my column", 'got "column"; write a name of several words in backticks'],
  ["y ~ poly(x, 2, raw = TRUE)", 'got "="; functions take columns and numbers alone, such as poly(x, 2)'],
  ["y ~ x %in% f", 'got "%"; write a:b for a %in% b'],
  ["y ~ 😀", 'got "😀"; write a name with other characters in backticks'],
  ["y ~ x^99", "a whole power from 1 to 9"],
  [`y ~ ${"(".repeat(50)}x`, "+ or )"],
  [`y ~ ${"(".repeat(100_000)}x`, "at most 100 parentheses in one another"],
  [`y ~ (${Array.from({ length: 60 }, (_, i) => `a${i}`).join(" + ")})^9`, "at most 10000 terms"],
])("the formula %s is refused in a sentence that says where and what", (formula, words) => {
  let message = "accepted";
  try {
    fit(reported("factor"), { formula, k: 1 });
  } catch (error) {
    message = `${(error as Error).name}: ${(error as Error).message}`;
  }
  expect(message).toMatch(/^InputError: Cannot /);
  expect(message).toContain(words);
});

test.each([
  [{ formula: "y ~ x", response: "y" }, "either a formula or response"],
  [{ formula: "y ~ x", features: ["x"] }, "either a formula or features"],
  [{ formula: "y ~ x + offset(x)", offset: "x" }, "one offset"],
  [{}, "a response, or a formula such as y ~ x, got neither"],
])("options that do not go together are refused: %o", (options, words) => {
  expect(() => fit(reported("factor"), { ...options, k: 1 })).toThrow(words);
});

test("a new level is named, with the known ones; one level or another in each row is no factor", () => {
  const found = fit(reported("factor"), { formula: "y ~ region + x | 1", k: 1 });
  expect(() => predict(found, { region: ["east", "west"], x: [1, 2] })).toThrow(
    'the level "east", "north" or "south" in column "region", got "west" at row 2',
  );
  const rows = { y: [1, 3, 2, 5], id: ["p", "q", "r", "s"], one: ["a", "a", "a", "a"] };
  expect(() => fit(rows, { formula: "y ~ id", k: 1 })).toThrow("another in each of the 4 rows");
  expect(() => fit(rows, { formula: "y ~ one", k: 1 })).toThrow('a factor of two or more levels, got only "a"');
});

test("a column that is called like an expression is read by its name in backticks", () => {
  const rows = { y: [1, 3, 2, 5, 4], "log(x)": [5, 1, 4, 2, 3] };
  expect(fit(rows, { response: "y", features: ["log(x)"], k: 1 }).mixture.names[1]).toBe("expert1.log(x)");
  expect(fit(rows, { formula: "y ~ `log(x)`", k: 1 }).mixture.names[1]).toBe("expert1.log(x)");
  expect(toTable(rows).columns[1].name).toBe("log(x)");
});

test("columns may have the names that every object has", () => {
  const rows = {
    y: [1, 3, 2, 5, 4, 4],
    constructor: [5, 1, 4, 2, 3, 3],
    __proto__x: [1, 1, 2, 2, 3, 1],
    toString: ["a", "b", "a", "b", "b", "a"],
  };
  const { mixture } = fit(rows, {
    formula: "y ~ constructor * toString + __proto__x",
    k: 1,
    ridge: 0.1,
    sigmaFloor: 0.1,
  });
  expect(mixture.names).toContain("expert1.constructor:toStringb");
});

test("a difference or a ratio of columns may go with one of them", () => {
  const rows = { before: [1, 2, 3, 4, 6], after: [2, 2.5, 5, 4, 9] };
  expect(fit(rows, { formula: "I(after - before) ~ before", k: 1 }).result).toBe("converged");
});

test.each(["a`b", "`", "a\\b", "a\\", "\\`", "a\nb", "😀 1", "a`:`b"])(
  "a column called %j is written in backticks",
  (name) => {
    const rows = { y: [1, 3, 2, 5, 4, 7], [name]: [1, 1, 2, 2, 3, 3] };
    const found = fit(rows, { formula: `y ~ ${written(name)}`, k: 1 });
    expect(found.mixture.names[1]).toBe(`expert1.${name}`);
    const asFactor = fit(rows, { formula: `y ~ factor(${written(name)})`, k: 1 });
    expect(asFactor.mixture.names).toHaveLength(4);
    expect(predict(asFactor, { [name]: [3] }).mean[0]).toBeCloseTo(5.5, 10);
  },
);
