import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { confint } from "../../src/inference/intervals.ts";
import { type SummaryOptions, summary } from "../../src/inference/summary.ts";
import { tableFromColumns } from "../../src/table/columns.ts";
import { csv, mixlens, mixlensJson, scratch, twoLines } from "./scratch.ts";

// What the command says of a model file and its rows, beside what the library says of the fit itself.
const table = { ...twoLines(90, 5), person: Array.from({ length: 90 }, (_, i) => `p${Math.floor(i / 3)}`) };
const school = table.person.map((_, i) => (i < 45 ? "north" : `s${i % 4}`));
const folder = scratch({ "data.csv": csv({ ...table, school }) });
const formula = "y ~ x1 + x2 | x1";
const found = fit(tableFromColumns({ ...table, school }), { formula, starts: 5 });
const run = (...args: string[]) => mixlensJson(folder, "summary", ...args);

beforeAll(async () => {
  const base = ["fit", "data.csv", "--starts", "5"];
  await mixlensJson(folder, ...base, "--formula", formula, "--model-out", "model.json");
  await mixlensJson(folder, ...base, "--formula", "y ~ x1 | 1", "--group", "person", "--model-out", "grouped.json");
  await mixlensJson(folder, ...base, "--formula", formula, "--max-iterations", "2", "--model-out", "early.json");
});

describe("the errors of a fit are the library's, as JSON:", () => {
  test.each<[string[], SummaryOptions]>([
    [[], {}],
    [["--level", "0.9"], { level: 0.9 }],
    [["--errors", "sandwich"], { type: "robust" }],
    [["--cluster", "school"], { cluster: "school" }],
    [["--errors", "sandwich", "--cluster", "school"], { cluster: "school" }],
    [["--errors", "bootstrap", "--replicates", "12", "--seed", "4"], { bootstrap: { replicates: 12, seed: 4 } }],
  ])("%j", async (flags, options) => {
    const { parameters, logLikelihood, criteria, rate, certificate } = summary(found, options);
    const { aic, bic, icl } = criteria;
    const printed = await run("model.json", "data.csv", ...flags);
    expect(printed).toMatchObject({ logLikelihood, aic, bic, icl, certificate, messages: [] });
    expect(printed.parameters).toEqual(parameters);
    expect(printed.rate).toBeCloseTo(rate!, 12);
  });
});

test("the ends of bootstrap intervals are percentiles, and the errors those of the replicates", () => {
  const bootstrap = { replicates: 12 };
  const { intervals } = confint(found, { method: "bootstrap", bootstrap, level: 0.8 });
  for (const { name, lower, upper } of summary(found, { bootstrap, level: 0.8 }).parameters) {
    expect([lower, upper]).toEqual([intervals[name].lower, intervals[name].upper]);
  }
  expect(() => summary(found, { bootstrap, type: "robust" })).toThrow('got the type "robust"');
  expect(() => summary(found, { bootstrap, cluster: "school" })).toThrow('got the cluster column "school"');
});

test("groups are units, may lie in clusters and not be cut by them", async () => {
  const one = await run("grouped.json", "data.csv");
  expect(one.parameters.every(({ standardError }: { standardError: number }) => standardError > 0)).toBe(true);
  const whole = await run("grouped.json", "data.csv", "--cluster", "person");
  expect(whole.parameters).not.toEqual(one.parameters);
  const { code, stderr } = await mixlens(folder, "summary", "grouped.json", "data.csv", "--cluster", "school");
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^Cannot summarise a fit: expected .*school.*\n$/)]);
});

test("where there is no maximum the errors are null, and a message says why", async () => {
  const { parameters, messages } = await run("early.json", "data.csv");
  const { name, estimate, ...unknown } = parameters[0];
  expect([name, typeof estimate]).toEqual(["gate2.(intercept)", "number"]);
  expect(unknown).toEqual({ standardError: null, z: null, p: null, lower: null, upper: null });
  expect(messages).toEqual([expect.stringMatching(/^No standard errors: expected .* at the maximum/)]);
  const drawn = await run("early.json", "data.csv", "--errors", "bootstrap", "--replicates", "5");
  expect(drawn.parameters[0].standardError).toBeGreaterThan(0);
  expect(drawn.messages.at(-1)).toMatch(/^By the curvature there are no standard errors: /);
});

test("the table is printed as text, Markdown, LaTeX or HTML, whole", async () => {
  const printed = async (...flags: string[]): Promise<string> => {
    const { code, stdout } = await mixlens(folder, "summary", "model.json", "data.csv", ...flags);
    expect(code).toBe(0);
    return stdout;
  };
  expect(await printed()).toMatch(/^parameter .*\n(.*\n){9,}log-likelihood .*EM's rate/);
  expect(await printed("--format", "markdown")).toContain("| expert1.x1 |");
  expect(await printed("--format", "latex")).toContain(String.raw`\begin{tabular}`);
  expect(await printed("--format", "html")).toMatch(/<table.*<td.*expert2\.sigma/s);
});

describe("what can't be summarised is refused in a line:", () => {
  writeFileSync(join(folder, "other.csv"), "a,b\n1,2\n");
  test.each([
    [["other.csv"], 'the column "x1" that the model reads'],
    [["data.csv", "--errors", "bootstrap", "--cluster", "school"], "--cluster with --errors sandwich only"],
    [["data.csv", "--errors", "observed", "--cluster", "school"], "--cluster with --errors sandwich only"],
    [["data.csv", "--replicates", "9"], "--replicates with --errors bootstrap only"],
    [["data.csv", "--errors", "robust"], "--errors to be observed, sandwich or bootstrap"],
    [["data.csv", "--level", "95"], "--level to be a number above 0 and below 1"],
    [["data.csv", "--cluster", "scool"], 'a column such as "school"'],
  ])("%j", async (args, wanted) => {
    const { code, stderr, stdout } = await mixlens(folder, "summary", "model.json", ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^Cannot .*\n$/);
    expect(stderr).toContain(`expected ${wanted}`);
  });
});

test("how columns were read, and rows that were left out, are said below", async () => {
  const rows = ["y,x,g", "1,0,a", "2,1,b", "3.1,2,a", "4,3,b", "5.2,NA,a", "6,5,b", "7.1,6,a", "8.3,7,b"];
  writeFileSync(join(folder, "gaps.csv"), `${rows.join("\n")}\n`);
  const flags = ["--formula", "y ~ x + g", "--k", "1", "--missing", "drop"];
  await mixlensJson(folder, "fit", "gaps.csv", ...flags, "--model-out", "gaps.json");
  const said = [
    'Left out for missing values: 1 of 8 rows (1 in "x").',
    'Coded as factors, each level against the first: "g" against "a".',
  ];
  expect((await run("gaps.json", "gaps.csv")).messages).toEqual(said);
  expect((await mixlens(folder, "summary", "gaps.json", "gaps.csv")).stdout).toContain(said.join(" "));
});
