import { expect, test } from "vitest";
import { csv, mixlens, mixlensJson, scratch, twoLines } from "./scratch.ts";

const { x1, x2, y, label } = twoLines(60, 3);
const names: [what: string, name: string, flag: string][] = [
  ["a quote", 'say "x"', 'say "x"'],
  ["a comma", "x, in m", '"x, in m"'],
  ["a comma and a quote", 'a "b", c', '"a ""b"", c"'],
  ["a dot", "x.1", "x.1"],
  ["blanks", "first x", " first x "],
  ["letters of many scripts", "größe_β̂_身長", "größe_β̂_身長"],
  ["a name every object has", "__proto__", "__proto__"],
  ["another", "constructor", "constructor"],
  ["a name like a number", "1", "1"],
  ["a dash first", "-x", "-x"],
];
// Entries, for `{ __proto__: … }` would set the prototype.
const table = (name: string) =>
  csv(
    Object.fromEntries([
      [name, x1],
      ["b", x2],
      ["y", y],
    ]),
  );
const strange: Record<string, string> = { high: "__proto__", low: 'a "b", c' };
const folder = scratch({
  ...Object.fromEntries(names.map(([, name], at) => [`${at}.csv`, table(name)])),
  "labels.csv": csv({ x1, x2, label: label.map((text) => strange[text]) }),
  "years.csv": csv({ b: x2, 2020: x1, 1: x1.map((value, i) => Number(value) * Number(x2[i])), y }),
  "(intercept).csv": table("(intercept)"),
  "log(sigma).csv": table("log(sigma)"),
});

test.concurrent.each(names.map((entry, at) => [...entry, at] as const))(
  "a feature may have %s in its name: %s",
  async (_, name, flag, at) => {
    const args = ["fit", `${at}.csv`, "--response", "y", "--starts", "2", "--model-out", `${at}.json`];
    const found = await mixlensJson(folder, ...args, `--features=${flag},b`);
    const columns = ["(intercept)", name, "b"];
    for (const part of [
      ...found.gate,
      ...found.experts.map((expert: { coefficients: object }) => expert.coefficients),
    ]) {
      expect(Object.keys(part).sort()).toEqual(columns.toSorted());
    }
    const { missingFraction } = await mixlensJson(folder, "spectrum", `${at}.json`, `${at}.csv`);
    expect(Object.keys(missingFraction)).toEqual(
      ["gate2", "expert1", "expert2"].flatMap((owner) =>
        [...columns, ...(owner === "gate2" ? [] : ["log(sigma)"])].map((column) => `${owner}.${column}`),
      ),
    );
    expect((await mixlensJson(folder, "predict", `${at}.json`, `${at}.csv`)).mean.length).toBe(60);
  },
);

test("labels may have commas, quotes and other names of trouble", async () => {
  const flags = ["--response", "label", "--experts", "logistic", "--ridge", "0.1", "--starts", "2"];
  const found = await mixlensJson(folder, "fit", "labels.csv", ...flags, "--model-out", "labels.json");
  const labels = found.experts[0].coefficients.map(({ label }: { label: string }) => label);
  expect(labels).toEqual(["__proto__", 'a "b", c']);
  const { stdout } = await mixlens(folder, "predict", "labels.json", "labels.csv");
  expect(stdout).toMatch(/^label,probability\.__proto__,"probability\.a ""b"", c",gate1,/);
});

test("columns named by years stand in the order of the features: in JSON, table and predictions", async () => {
  const args = ["fit", "years.csv", "--response", "y", "--features", "b,2020,1", "--starts", "2"];
  const { stdout } = await mixlens(folder, ...args, "--json");
  const order = '"\\(intercept\\)": \\S+,\\s+"b": \\S+,\\s+"2020": \\S+,\\s+"1": \\S+';
  // Two experts, two rows of the gate, and their standard errors: the keys of a parsed document would be sorted anew.
  expect(stdout.match(new RegExp(order, "g"))?.length).toBe(8);
  const table = (await mixlens(folder, ...args)).stdout;
  expect(table.match(/^expert 1 +(?!sigma)(\S+)/gm)?.map((line) => line.split(/ +/).at(-1))).toEqual([
    "(intercept)",
    "b",
    "2020",
    "1",
  ]);
});

test.each([
  ["(intercept)", "gate2.(intercept)"],
  ["log(sigma)", "expert1.log(sigma)"],
])("a feature called %s is refused: a parameter has that name", async (name, parameter) => {
  const { code, stderr } = await mixlens(folder, "fit", `${name}.csv`, "--response", "y");
  expect(code).toBe(2);
  expect(stderr).toBe(
    `Cannot fit: expected a name of its own for each parameter, got "${parameter}" twice; rename the column\n`,
  );
});
