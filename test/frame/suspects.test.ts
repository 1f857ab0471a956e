import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";
import { parseCsv } from "../../src/table/csv.ts";

const rng = random(3);
const x = Array.from({ length: 60 }, () => Math.round(1000 * rng.normal()) / 1000);
const y = x.map((value) => 2 * value + 0.3 * rng.normal());
const at = <T>(values: readonly T[], rows: readonly number[], value: T): T[] =>
  values.map((each, row) => (rows.includes(row) ? value : each));
const said = (columns: { x: readonly number[]; y?: readonly number[] }, options = {}): readonly string[] =>
  fit({ y: [...(columns.y ?? y)], x: [...columns.x] }, { response: "y", k: 1, ...options }).messages;
const codes = (messages: readonly string[]) => messages.filter((each) => each.includes("stands for a missing value"));

test.each([-999, -99, -9999, 9999, -9])(
  "%d in some rows, far from all others, may stand for a missing value",
  (code) => {
    expect(said({ x: at(x, [3, 7], code) })).toContain(
      `"x" is ${code} in 2 rows, far from its other numbers: if that stands for a missing value, leave these cells blank.`,
    );
  },
);

test("the advice works: the fit of blank cells is that of the other rows", () => {
  const csv = (missing: string) =>
    `x,y\n${x.map((value, i) => `${i % 20 === 0 ? missing : value},${y[i]}`).join("\n")}\n`;
  expect(codes(fit(parseCsv(csv("-999")), { response: "y", k: 1 }).messages)).toHaveLength(1);
  const dropped = fit(parseCsv(csv("")), { response: "y", k: 1, missing: "drop" });
  const others = [...x.keys()].filter((i) => i % 20 > 0);
  const known = fit({ x: others.map((i) => x[i]), y: others.map((i) => y[i]) }, { response: "y", k: 1 });
  expect(dropped.theta).toEqual(known.theta);
  expect(codes(dropped.messages)).toEqual([]);
});

test("a code is named in the response, within terms, and once for all columns", () => {
  const other = at(x, [5, 6], -999);
  expect(codes(said({ x, y: at(y, [1], -9999) }))[0]).toMatch(/^"y" is -9999 in 1 row, /);
  const both = fit(
    { y, x: other, z: other.map((value, i) => (i % 7 === 1 ? 999 : value / 9 + i / 99)) },
    { formula: "y ~ x + I(z^2)", k: 1 },
  );
  expect(codes(both.messages)).toEqual([expect.stringMatching(/^"x" is -999 in 2 rows, .*, as in 1 other column: if/)]);
});

test.each([
  ["no code", at(x, [3, 7], -998)],
  ["a number among others", x.map((value, i) => (i % 9 === 0 ? -999 : 1000 * value))],
  ["as many as all others", x.map((value, i) => (i % 2 === 0 ? 99 : value))],
  ["an age", x.map((_, i) => 40 + i)],
  ["two values", x.map((_, i) => (i % 10 === 0 ? 99 : 1))],
])("it says nothing of %s", (_, column) => {
  expect(codes(said({ x: column }))).toEqual([]);
});

const thousands = (messages: readonly string[]) => messages.filter((each) => each.includes("thousands"));
const prices = Array.from({ length: 60 }, (_, i) => 500 + 37 * ((i * 17) % 60));
const grouped = (price: number): string => String(price).replace(/(\d)(\d{3})$/, "$1.$2");

test("points of thousands that were read as those of decimals are named, and without them the fit is right", () => {
  const csv = (write: (price: number) => string) =>
    `x,y\n${prices.map((price, i) => `${write(price)},${y[i]}`).join("\n")}\n`;
  const options = { response: "y", k: 1 } as const;
  expect(thousands(fit(parseCsv(csv(grouped)), options).messages)).toEqual([
    '"x" has whole numbers beside some with three decimals, such as 1.129: if points separate thousands, write 1129.',
  ]);
  expect(fit(parseCsv(csv(String)), options).messages).toEqual([]);
});

test.each([
  ["numbers with three decimals throughout", prices.map((price) => price / 1000 + 1)],
  ["whole numbers", prices],
  ["numbers with fewer decimals among them", prices.map((price, i) => (i % 3 === 0 ? price : price / 100))],
  ["shares beside whole numbers", prices.map((price, i) => (i % 2 === 0 ? 300 + i : price / 10_000))],
  ["counts, one of which was filled in with a mean", prices.map((price, i) => (i % 20 === 0 ? 333.333 : price % 500))],
])("it says nothing of thousands where there are %s", (_, column) => {
  expect(thousands(said({ x: column }))).toEqual([]);
});

const patients = { id: x.map((_, i) => `p${i % 12}`), patient_id: x.map((_, i) => i % 12), x, y };
const read = (messages: readonly string[]) => messages.filter((each) => each.includes("is read as a feature"));

test.each(["y ~ x + id", "y ~ x | patient_id", "y ~ x:patient_id"])(
  "%s reads an identifier that comes again: its rows may be of one unit",
  (formula) => {
    const name = formula.includes("patient") ? "patient_id" : "id";
    const found = fit(patients, { formula, k: 2, starts: 1, maxIterations: 5, ridge: 0.1 });
    expect(read(found.messages)).toEqual([
      `"${name}" is read as a feature: if rows with the same ${name} are of one expert, set group to "${name}" (--group) and leave it out of the features.`,
    ]);
    const grouped = fit(patients, { formula: "y ~ x", group: name, k: 2, starts: 2 });
    expect(read(grouped.messages)).toEqual([]);
  },
);

test("nothing is said of an identifier of each row, nor of other names", () => {
  const once = { ...patients, userId: x.map((_, i) => i), grid: x.map((_, i) => i % 12) };
  expect(read(fit(once, { formula: "y ~ x + userId + grid", k: 1 }).messages)).toEqual([]);
});

test("no more experts than groups", () => {
  const options = { formula: "y ~ x", group: "id" } as const;
  expect(() => fit(patients, { ...options, k: 13 })).toThrow(
    'k to be a whole number from 1 to 12, the number of groups in column "id", got 13',
  );
  expect(() => fit({ ...patients, id: x.map(() => "one") }, { ...options, k: 2 })).toThrow(
    "from 1 to 1, the number of groups",
  );
  expect(fit({ ...patients, id: x.map(() => "one") }, { ...options, k: 1 }).result).toBe("converged");
});

const trials = x.map((_, i) => 3 + (i % 4));
const success = x.map((value, i) => Math.min(trials[i], Math.max(0, Math.round(2 + value))));
const fail = success.map((count, i) => trials[i] - count);
const binomial = { experts: "binomial", trials: "trials", k: 1 } as const;

test("failures are no feature beside successes and trials, and whoever reads them is told", () => {
  const table = { x, success, fail, trials };
  const found = fit(table, { ...binomial, response: "success" });
  expect([found.formula.features, found.leftOut]).toEqual([
    ["x"],
    [{ column: "fail", reason: "the rest of the trials" }],
  ]);
  const shares = { x, share: success.map((count, i) => count / trials[i]), fail, trials };
  expect(fit(shares, { ...binomial, response: "share" }).formula.features).toEqual(["x"]);
  const named = fit(table, { ...binomial, formula: "success ~ x + fail" });
  expect(named.messages.join()).toContain(
    '"fail" is the rest of "trials" in every row, and says what "success" is: leave',
  );
  const other = fail.map((count, i) => (i === 4 ? count + 1 : count));
  expect(fit({ x, success, fail: other, trials }, { ...binomial, response: "success" }).formula.features).toEqual([
    "x",
    "fail",
  ]);
});

test("starts that come to rows on one line are named beside the maximum that another finds, and a sigmaFloor finds the lines", () => {
  const at = Array.from({ length: 30 }, (_, i) => i);
  const lines = { x: at, y: at.map((value, i) => (i % 2 === 0 ? -value : 2 * value)) };
  const exact = (messages: readonly string[]) => messages.filter((each) => each.includes("many rows exactly"));
  const found = fit(lines, { response: "y" });
  expect(exact(found.messages)).toEqual([
    expect.stringMatching(
      /^In \d+ of 20 starts an expert came to fit many rows exactly, .*: if they are one of the experts, set a sigmaFloor\.$/,
    ),
  ]);
  const floored = fit(lines, { response: "y", sigmaFloor: 0.5 });
  expect(exact(floored.messages)).toEqual([]);
  expect(floored.logLikelihood).toBeGreaterThan(found.logLikelihood + 100);
  const slopes = [1, 2].map((z) => floored.theta[floored.mixture.names.indexOf(`expert${z}.x`)]).sort((a, b) => a - b);
  expect(slopes[0]).toBeCloseTo(-1, 6);
  expect(slopes[1]).toBeCloseTo(2, 6);
});

test("labels and levels that differ in case alone are named", () => {
  const label = x.map((value, i) => (value > 0 !== (i % 5 === 0) ? (i % 3 === 0 ? "Yes" : "yes") : "no"));
  const alike = (messages: readonly string[]) => messages.filter((each) => each.includes("case alone"));
  const logistic = { response: "label", experts: "logistic", features: ["x"], k: 1 } as const;
  expect(alike(fit({ x, label }, logistic).messages)).toEqual([
    expect.stringMatching(
      /^"label" has "(yes" and "Yes|Yes" and "yes)", which differ in case alone: if they are one, write them alike\.$/,
    ),
  ]);
  const lower = label.map((word) => word.toLowerCase());
  expect(alike(fit({ x, label: lower }, logistic).messages)).toEqual([]);
  expect(alike(fit({ x, y, label }, { formula: "y ~ x + label", k: 1 }).messages)).toHaveLength(1);
  expect(alike(fit({ x, y, label: lower }, { formula: "y ~ x + label", k: 1 }).messages)).toEqual([]);
});

test.each([
  ["a", "a ", "blanks"],
  ["a b", "a\u00a0 b", "blanks"],
  ["a", " A", "case and blanks"],
  ["\u00e9", "e\u0301", "the codes of their letters"],
  ["a", "a\u200b", "the codes of their letters"],
  ["1", "1.0", "how a number is written"],
  ["1", "1 ", "blanks"],
])("labels, levels and groups %j and %j differ in %s alone, which is said", (one, other, what) => {
  const s = x.map((_, i) => [one, other, "b"][i % 3]);
  const label = x.map((value, i) => (value > 0 !== (i % 5 === 0) ? s[i - (i % 3)] : s[i - (i % 3) + 1]));
  const said = (fitted: { readonly messages: readonly string[] }) =>
    fitted.messages.filter((each) =>
      each.endsWith(`which differ in ${what} alone: if they are one, write them alike.`),
    );
  const found = [
    fit({ x, y, s }, { formula: "y ~ x + factor(s)", k: 1 }),
    fit({ x, y, s }, { formula: "y ~ x", group: "s", k: 1 }),
    fit({ x, label }, { formula: "label ~ x", experts: "logistic", k: 1 }),
  ];
  for (const each of found) expect(said(each)).toHaveLength(1);
  expect(found[0].mixture.names.filter((name) => name.includes("(s)"))).toHaveLength(2);
});
