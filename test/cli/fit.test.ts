import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { csv, mixlens, mixlensJson, scratch, type Table, twoLines, typesOf } from "./scratch.ts";

const rows = 80;
const table = twoLines(rows, 1);
const { x1, x2, y, w, o } = table as Record<string, number[]>;
const repeated: Table = Object.fromEntries(
  Object.entries(table).map(([name, cells]) => [name, cells.flatMap((cell, i) => new Array(w[i]).fill(cell))]),
);
const folder = scratch({
  "data.csv": csv(table),
  "repeated.csv": csv(repeated),
  "counts.csv": csv({ ...table, y: y.map((value) => Math.round(Math.exp(value / 2))) }),
  "moved.csv": csv({ ...table, y: y.map((value, i) => value + o[i]) }),
});
const fit = (...flags: string[]) =>
  mixlensJson(folder, "fit", "data.csv", "--response", "y", "--features", "x1,x2", "--starts", "3", ...flags);

/** Least squares with an intercept by Gram and Schmidt's orthogonalisation: coefficients and root mean square error. */
function leastSquares(columns: number[][], response: number[]): { beta: number[]; sigma: number } {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const less = (a: number[], factor: number, b: number[]) => a.map((value, i) => value - factor * b[i]);
  const all = [response.map(() => 1), ...columns];
  const beta = all.map((column, j) => {
    // What of the column the others don't explain.
    const basis: number[][] = [];
    for (const other of all.filter((_, m) => m !== j)) {
      basis.push(basis.reduce((rest, b) => less(rest, dot(rest, b) / dot(b, b), b), other));
    }
    const own = basis.reduce((rest, b) => less(rest, dot(rest, b) / dot(b, b), b), column);
    return dot(own, response) / dot(own, own);
  });
  const residual = all.reduce((rest, column, j) => less(rest, beta[j], column), response);
  return { beta, sigma: Math.sqrt(dot(residual, residual) / response.length) };
}

const byColumn = { "(intercept)": "number", x1: "number", x2: "number" };
const linear = { coefficients: byColumn, sigma: "number" };

test("the document of a linear fit has the agreed fields", async () => {
  const found = await fit();
  expect(typesOf(found)).toEqual({
    rows: "number",
    groups: "number",
    parameters: "number",
    logLikelihood: "number",
    aic: "number",
    bic: "number",
    sabic: "number",
    icl: "number",
    iclSoft: "number",
    iterations: "number",
    result: "string",
    loadEntropy: "number",
    deadExperts: "number",
    seconds: "number",
    messages: [],
    leftOut: [],
    dropped: "number",
    missing: [],
    experts: [{ weight: "number", ...linear }],
    gate: [byColumn],
    contrasts: [{ at: "number", name: "string", against: "string", experts: ["number"] }],
    standardErrors: { experts: [linear], gate: [byColumn] },
    starts: [{ logLikelihood: "number", iterations: "number", result: "string", settled: "boolean" }],
    search: {
      ...{ starts: "number", settled: "number", reached: "number", maxima: "number", unseen: "number" },
      summary: "string",
    },
    trace: ["number"],
  });
  expect(found).toMatchObject({ rows, parameters: 11, result: "converged", gate: [{ x1: 0, x2: 0 }, {}] });
  expect(found.contrasts).toEqual([{ at: 1, name: "gate 2", against: "gate 1", experts: [2] }]);
  expect([found.experts.length, found.gate.length, found.starts.length]).toEqual([2, 2, 3]);
  expect(found.experts[0].weight + found.experts[1].weight).toBeCloseTo(1, 12);
  expect(found.trace.length).toBe(found.iterations + 1);
  expect(found.trace.at(-1)).toBe(found.logLikelihood);
  expect(found.aic).toBeCloseTo(-2 * found.logLikelihood + 22, 9);
  expect(found.bic).toBeCloseTo(-2 * found.logLikelihood + 11 * Math.log(rows), 9);
  expect(found.icl).toBeGreaterThan(found.bic);
  expect(found.iclSoft).toBeGreaterThan(found.icl);
});

test("a logistic fit has coefficients by label, the first being the reference", async () => {
  const flags = ["--experts", "logistic", "--ridge", "0.01", "--starts", "2"];
  const found = await mixlensJson(folder, "fit", datasetPath("iris"), "--response", "species", ...flags);
  const columns = ["(intercept)", "sepal_length", "sepal_width", "petal_length", "petal_width"];
  const numbers = Object.fromEntries(columns.map((name) => [name, "number"]));
  const coefficients = [{ label: "string", values: numbers }];
  expect(typesOf(found.experts)).toEqual([{ weight: "number", coefficients }]);
  const labels = found.experts[0].coefficients;
  expect(labels.map(({ label }: { label: string }) => label)).toEqual(["setosa", "versicolor", "virginica"]);
  expect(Object.values(labels[0].values)).toEqual([0, 0, 0, 0, 0]);
  expect(found).toMatchObject({ rows: 150, parameters: 25, result: "converged" });
});

test("a Poisson fit has coefficients and no sigma, and its model file predicts means above 0", async () => {
  const flags = ["--response", "y", "--features", "x1,x2", "--experts", "poisson", "--offset", "o", "--starts", "3"];
  const found = await mixlensJson(folder, "fit", "counts.csv", ...flags, "--model-out", "counts.json");
  expect(typesOf(found.experts)).toEqual([{ weight: "number", coefficients: byColumn }]);
  expect(typesOf(found.standardErrors.experts)).toEqual([{ coefficients: byColumn }]);
  expect(found).toMatchObject({ rows, parameters: 9, result: "converged" });
  const { mean } = await mixlensJson(folder, "predict", "counts.json", "counts.csv");
  expect(mean.length).toBe(rows);
  expect(Math.min(...mean)).toBeGreaterThan(0);
  const signal = await mixlensJson(folder, "snr", "counts.json", "counts.csv");
  expect(signal).toMatchObject({ pairs: [{ experts: [1, 2], predictedRate: null }], predictedRate: null });
});

test("features default to the numeric columns that play no other part", async () => {
  const flags = ["--weights", "w", "--offset", "o", "--start-columns", "r1,r2"];
  const found = await mixlensJson(folder, "fit", "data.csv", "--response", "y", ...flags);
  expect(Object.keys(found.gate[0])).toEqual(["(intercept)", "x1", "x2"]);
});

test("the same seed prints the same document but for its seconds, another seed other starts", async () => {
  const [first, again, other] = await Promise.all([fit("--seed", "5"), fit("--seed", "5"), fit("--seed", "6")]);
  for (const found of [first, again, other]) delete found.seconds;
  expect(again).toEqual(first);
  expect(other.starts).not.toEqual(first.starts);
});

test("--k 1 is least squares", async () => {
  const { beta, sigma } = leastSquares([x1, x2], y);
  const { experts, gate, logLikelihood, parameters } = await fit("--k", "1");
  const { coefficients } = experts[0];
  const found = [coefficients["(intercept)"], coefficients.x1, coefficients.x2, experts[0].sigma];
  for (const [j, value] of [...beta, sigma].entries()) expect(found[j]).toBeCloseTo(value, 10);
  expect(logLikelihood).toBeCloseTo(-0.5 * rows * (Math.log(2 * Math.PI * sigma ** 2) + 1), 9);
  expect([parameters, gate.length]).toEqual([4, 1]);
});

test("whole weights are repeated rows", async () => {
  const start = ["--start-columns", "r1,r2"];
  const response = ["--response", "y", "--features", "x1,x2"];
  const [weighted, rowsRepeated] = await Promise.all([
    fit("--weights", "w", ...start),
    mixlensJson(folder, "fit", "repeated.csv", ...response, ...start),
  ]);
  const numbers = (found: typeof weighted) =>
    [found.logLikelihood, found.aic, found.bic, found.icl, found.iclSoft].concat(
      [...found.experts, ...found.standardErrors.experts].flatMap((expert: { coefficients: object; sigma: number }) => [
        ...Object.values(expert.coefficients),
        expert.sigma,
      ]),
      found.gate.flatMap(Object.values),
    );
  const wanted = numbers(rowsRepeated);
  expect(wanted.length).toBe(5 + 16 + 6);
  expect(Math.max(...numbers(weighted).map((value, j) => Math.abs(value - wanted[j])))).toBeLessThan(1e-8);
  expect([weighted.rows, rowsRepeated.rows]).toEqual([rows, repeated.y.length]);
});

test("an offset is subtracted from the response", async () => {
  const start = ["--features", "x1,x2", "--start-columns", "r1,r2"];
  const moved = await mixlensJson(folder, "fit", "moved.csv", "--response", "y", "--offset", "o", ...start);
  const plain = await fit("--start-columns", "r1,r2");
  expect(moved.logLikelihood).toBeCloseTo(plain.logLikelihood, 9);
  expect(moved.experts[0].coefficients.x1).toBeCloseTo(plain.experts[0].coefficients.x1, 9);
});

test("the gate may read other columns, or none but the intercept", async () => {
  const [narrow, none] = await Promise.all([fit("--gate-features", "x1"), fit("--gate-features", "")]);
  expect(Object.keys(narrow.gate[1])).toEqual(["(intercept)", "x1"]);
  expect(narrow.parameters).toBe(10);
  expect(Object.keys(none.gate[1])).toEqual(["(intercept)"]);
  // Without features the gate is the experts' weights.
  const odds = none.experts[1].weight / none.experts[0].weight;
  expect(none.gate[1]["(intercept)"]).toBeCloseTo(Math.log(odds), 8);
});

test("a shared variance is one parameter fewer, and one number", async () => {
  const found = await fit("--shared-variance");
  expect(found.parameters).toBe(10);
  expect(found.experts[1].sigma).toBe(found.experts[0].sigma);
});

test("a fixed parameter keeps its value, counts for none and has no error", async () => {
  const found = await fit("--fix", "expert1.x1=0.5", "--fix", "gate2.x2=0", "--model-out", "fixed.json");
  expect(found.parameters).toBe(9);
  expect([found.experts[0].coefficients.x1, found.gate[1].x2]).toEqual([0.5, 0]);
  expect([found.standardErrors.experts[0].coefficients.x1, found.standardErrors.gate[1].x2]).toEqual([0, 0]);
  const { eigenvalues, missingFraction } = await mixlensJson(folder, "spectrum", "fixed.json", "data.csv");
  expect(eigenvalues.length).toBe(9);
  expect(missingFraction["gate2.x2"]).toBe(0);
});

test("without an intercept there is none", async () => {
  const found = await fit("--no-intercept");
  expect(found.parameters).toBe(8);
  expect(Object.keys(found.experts[0].coefficients)).toEqual(["x1", "x2"]);
});

test("a fit that was cut short says so, and is no failure", async () => {
  const run = await mixlens(
    folder,
    "fit",
    "data.csv",
    "--response",
    "y",
    "--features",
    "x1,x2",
    "--max-iterations",
    "2",
  );
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("max-iterations after 2 steps");
  expect(run.stderr).toMatch(/^Stopped after 2 steps, .*raise maxIterations\.\n/);
  const found = await fit("--max-iterations", "2");
  expect(found).toMatchObject({
    result: "max-iterations",
    iterations: 2,
    messages: expect.arrayContaining([expect.stringMatching(/^Stopped after 2 steps/)]),
  });
});

test("gradient descent climbs towards the same maximum", async () => {
  const best = await fit();
  const found = await fit("--algorithm", "gradient-descent", "--step-size", "0.05", "--max-iterations", "300");
  expect(found.trace.at(-1)).toBeGreaterThan(found.trace[0]);
  expect(found.logLikelihood).toBeLessThanOrEqual(best.logLikelihood + 1e-9);
});

test.each([
  ["generalised-em", "--inner-steps", "2"],
  ["gradient-em", "--step-size", "0.1", "--gate-step-size", "2", "--inner-steps", "5"],
  ["gradient-descent", "--step-size", "0.1", "--gate-step-size", "2"],
  ["line-search", "--step-size", "0.5"],
  ["adam", "--step-size", "0.02", "--gate-step-size", "0.03"],
  ["anderson"],
  ["warm-restarts"],
  ["mini-batch-em", "--batch-rows", "40", "--step-size", "0.1", "--gate-step-size", "0.1", "--inner-steps", "2"],
])("%s reaches the maximum that EM does", async (...algorithm) => {
  const start = ["--start-columns", "r1,r2", "--ridge", "0.1"];
  const limit = ["--max-iterations", "3000", "--tolerance", "1e-6"];
  const [best, found] = await Promise.all([fit(...start), fit(...start, ...limit, "--algorithm", ...algorithm)]);
  // Adam's steps don't shrink with the slope.
  expect(found.logLikelihood).toBeCloseTo(best.logLikelihood, algorithm[0] === "adam" ? 1 : 4);
});

test("in words: a table of coefficients and how the starts ended", async () => {
  const { code, stdout, stderr } = await mixlens(folder, "fit", "data.csv", "--response", "y", "--features", "x1,x2");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^2 linear experts, 80 rows, 11 parameters\nlog-likelihood -\d+\.\d{4}, AIC /);
  expect(stdout).toMatch(/\nconverged after \d+ steps\n\d+ of \d+ starts came to this maximum/);
  expect(stdout).toMatch(/; chance that another start finds a new one: (about \d+|below 1) %\n/);
  expect(stdout).toMatch(/\nexpert 2 +sigma +0\.\d+ +0\.\d+\n$/);
});

test("what the default features leave out is said on stderr and in the document", async () => {
  const args = ["fit", datasetPath("iris"), "--response", "petal_width", "--k", "1"];
  const sentence = 'Left out of the features: "species" (text, such as "setosa").';
  expect((await mixlens(folder, ...args)).stderr).toBe(`${sentence}\n`);
  const { leftOut, messages } = await mixlensJson(folder, ...args);
  expect([leftOut, messages]).toEqual([[{ column: "species", reason: 'text, such as "setosa"' }], [sentence]]);
});

test("rows with missing values are dropped where that is asked, and counted", async () => {
  const text = "x,y\n1,1\nNA,2\n3,2.5\n4,\n5,5.5\n6,5\n";
  const made = scratch({ "gaps.csv": text });
  const { code, stdout, stderr } = await mixlens(
    made,
    "fit",
    "gaps.csv",
    "--response",
    "y",
    "--k",
    "1",
    "--missing",
    "drop",
  );
  expect([code, stderr]).toEqual([0, 'Left out for missing values: 2 of 6 rows (1 in "x", 1 in "y").\n']);
  expect(stdout).toContain("1 linear expert, 4 of 6 rows,");
  const flags = ["--response", "y", "--k", "1", "--missing", "drop", "--model-out", "gaps.json"];
  const found = await mixlensJson(made, "fit", "gaps.csv", ...flags);
  expect([found.rows, found.dropped, found.missing]).toEqual([
    4,
    2,
    [
      { column: "x", rows: 1 },
      { column: "y", rows: 1 },
    ],
  ]);
  const predicted = await mixlens(made, "predict", "gaps.json", "gaps.csv");
  expect(predicted.stdout.split("\n")[2]).toBe(",,");
  const refused = await mixlens(made, "predict", "gaps.json", "gaps.csv", "--missing", "refuse");
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--missing drop")]);
});

test("a tree of gates has as many experts as it says, and names what its gates lead to", async () => {
  const found = await fit("--gate", "tree:2x2", "--ridge", "0.5");
  expect([found.experts.length, found.gate.length, found.parameters]).toEqual([4, 6, 25]);
  expect(found.contrasts.map(({ name }: { name: string }) => name)).toEqual(["node 2", "node 1.2", "node 2.2"]);
  expect(found.standardErrors === null || found.standardErrors.gate.length === 6).toBe(true);
  const flags = ["fit", "data.csv", "--response", "y", "--features", "x1,x2", "--starts", "2", "--ridge", "0.5"];
  const { stdout } = await mixlens(folder, ...flags, "--gate", "tree:2x2");
  expect(stdout).toMatch(/^4 linear experts in a tree 2x2, 80 rows, 25 parameters\n/);
  expect(stdout).toContain(
    "\nExperts of the branches: node 2 with 3, 4; node 1.2 with 2; node 2.2 with 4; each against",
  );
});

test.each([
  [
    "tree:1",
    "--gate to be softmax, constant or tree:2x2, or another tree: 2 or more branches a level, 1024 experts at most",
  ],
  ["tree", "--gate to be softmax, constant or tree:2x2, or another tree"],
  ["tree:2x0", "--gate to be softmax, constant or tree:2x2, or another tree"],
  ["tree:axb", "--gate to be softmax, constant or tree:2x2, or another tree"],
])("the tree %s is refused in one line", async (gate, sentence) => {
  const { code, stderr } = await mixlens(folder, "fit", "data.csv", "--response", "y", "--gate", gate);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^Cannot [^\n]*\n$/);
  expect(stderr).toContain(sentence);
});

test("a tree and a number of experts that disagree are refused in one line", async () => {
  const { code, stderr } = await mixlens(
    folder,
    "fit",
    "data.csv",
    "--response",
    "y",
    "--gate",
    "tree:2x2",
    "--k",
    "3",
  );
  expect(code).toBe(2);
  expect(stderr).toBe("Cannot fit: expected k of 4, the experts of gate tree:2x2, got k = 3; leave k out (--k)\n");
});
