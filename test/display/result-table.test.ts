import { inspect } from "node:util";
import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { type MimeBundle, mimeBundle } from "../../src/display/mime.ts";
import { show } from "../../src/display/notebook.ts";
import { classify } from "../../src/fit/classify.ts";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { calibration } from "../../src/inference/calibration.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { predictWithErrors } from "../../src/inference/delta.ts";
import { influence } from "../../src/inference/influence.ts";
import { confint } from "../../src/inference/intervals.ts";
import { partialEffect } from "../../src/inference/partial-effect.ts";
import { selectModel } from "../../src/inference/select-model.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { summary } from "../../src/inference/summary.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { random } from "../../src/math/random.ts";
import { coefficients } from "../../src/models/coefficients.ts";
import { expertShares } from "../../src/models/shares.ts";
import { readCsv } from "../../src/table/csv.ts";
import { describe } from "../../src/table/describe.ts";
import { formatEigenvalue, formatNumber, formatRate } from "../../src/text/number.ts";
import { certify } from "../../src/theory/certificate.ts";

const hostile = '<img src=x onerror="alert(1)">';

/** Rows of two lines that cross, the features under names of choice. */
function rows(...names: string[]): Record<string, number[]> {
  const draw = random(7);
  const x = names.map(() => Array.from({ length: 80 }, () => draw.normal()));
  const y = x[0].map((value) => (draw.uniform() < 0.5 ? value : -value) * 3 + 0.3 * draw.normal());
  return { ...Object.fromEntries(names.map((name, at) => [name, x[at]])), y };
}

/** Rows of the page's table, and the text below it. */
async function read(value: unknown): Promise<{ cells: string[][]; page: Document; below: string; text: string }> {
  const { "text/html": html, "text/plain": text } = await mimeBundle(value);
  const page = new JSDOM(html).window.document;
  // Numbers do not break from their signs and errors over two lines.
  const textOf = (cell: Element): string => (cell.textContent ?? "").replaceAll("\u00a0", " ");
  const cells = [...page.querySelectorAll("tr")].map((row) => [...row.children].map(textOf));
  const below = [...page.querySelectorAll("p")].map((line) => line.textContent).join("\n");
  return { cells, page, below, text };
}

test("a fit shows its coefficients, sigma, weights, likelihood, criteria and how it ended", async () => {
  const found = fit(rows("x"), { response: "y", k: 2, starts: 3 });
  const { cells, below, text } = await read(found);
  const { experts, gate } = coefficients(found.mixture, found.theta);
  const named = await read(coefficients(found));
  expect(named.cells).toEqual(cells.filter(([, name]) => name !== "weight").map((row) => row.slice(0, 3)));
  expect(inspect(coefficients(found))).toBe(named.text);
  const shares = expertShares(found.responsibilities, 2, found.observations);
  const row = (part: string, name: string, value: unknown): string[] => [part, name, formatNumber(Number(value))];
  const [head, ...body] = cells;
  expect([head, ...body.map((cells) => cells.slice(0, 3))]).toEqual([
    ["part", "column", "coefficient", "standard error", "lower95 %", "upper95 %"],
    ...Object.entries(gate[1]).map(([name, value]) => row("gate 2", name, value)),
    ...experts.flatMap(({ coefficients: values, sigma }, z) => [
      ...Object.entries(values).map(([name, value]) => row(`expert ${z + 1}`, name, value)),
      row(`expert ${z + 1}`, "sigma", sigma),
      row(`expert ${z + 1}`, "weight", shares[z]),
    ]),
  ]);
  const { aic, bic } = found.criteria;
  expect(aic).toBeCloseTo(-2 * found.logLikelihood + 2 * 8, 9);
  expect(bic).toBeCloseTo(-2 * found.logLikelihood + 8 * Math.log(80), 9);
  for (const part of [
    "2 linear experts, 80 rows, 8 parameters",
    `log-likelihood ${found.logLikelihood.toFixed(2).replace("-", "−")}, AIC ${aic.toFixed(2)}, BIC ${bic.toFixed(2)}`,
    `converged after ${found.iterations} steps`,
  ]) {
    expect(below).toContain(part);
    expect(text).toContain(part);
  }
});

test("predictions, classes, errors, intervals, a choice and what is read show as tables", async () => {
  const data = rows("x");
  const found = fit(data, { response: "y", k: 2, starts: 3 });
  const heads = await Promise.all(
    [
      predict(found, { x: [1, 2] }),
      classify(found),
      covariance(found),
      confint(found),
      selectModel(data, { response: "y", k: [1, 2], starts: 2 }),
      predictWithErrors(found, { x: [1] }),
      readCsv(datasetPath("iris")),
      describe(data),
    ].map(async (value) => (await read(value)).cells[0].slice(0, 2)),
  );
  expect(heads).toEqual([
    ["row", "mean"],
    ["row", "expert"],
    ["parameter", "standard error (observed)"],
    ["parameter", "estimate"],
    ["k", "log-likelihood"],
    ["row", "expected"],
    ["row", expect.stringMatching(/^sepal_length/)],
    ["column", "type"],
  ]);
});

test("weights are shares of the rows' weight: a row counted twice is two rows", () => {
  const data = rows("x");
  const weights = data.x.map((_, i) => 1 + (i % 2));
  const start = fit(data, { response: "y", k: 2, starts: 2 }).theta;
  const once = fit({ ...data, w: weights }, { response: "y", features: ["x"], weights: "w", start });
  const repeat = (column: number[]): number[] => column.flatMap((value, i) => new Array(weights[i]).fill(value));
  const twice = fit({ x: repeat(data.x), y: repeat(data.y) }, { response: "y", start });
  expect(once.shares[0] + once.shares[1]).toBeCloseTo(1, 12);
  once.shares.forEach((share, z) => void expect(share).toBeCloseTo(twice.shares[z], 6));
  expect(once.criteria.bic).toBeCloseTo(twice.criteria.bic, 5);
});

test("what a fit has to say stands below its table", async () => {
  const found = fit(rows("x"), { response: "y", k: 2, starts: 1, maxIterations: 2 });
  expect(found.message).not.toBe("");
  const { below, text } = await read(found);
  expect(below).toContain("max-iterations after 2 steps");
  expect(below).toContain(found.message);
  expect(text).toContain(found.message);
});

test("names of columns and labels are text, whatever they are", async () => {
  const data = rows(hostile, "__proto__", "</table><script>");
  const found = fit(data, { response: "y", k: 2, starts: 2 });
  const labels = data.y.map((y) => (y + (Math.abs(y) < 1.5 ? -2 * y : 0) > 0 ? "<b>up</b>" : "!"));
  const classes = fit({ ...data, y: labels }, { response: "y", experts: "logistic", k: 2, starts: 2, ridge: 1 });
  for (const value of [found, classes]) {
    const { page, cells } = await read(value);
    expect(page.querySelectorAll("img, script, b")).toHaveLength(0);
    const names = cells.map(([, name]) => name);
    for (const name of [hostile, "__proto__", "</table><script>"]) {
      expect(names.filter((found) => found === name)).toHaveLength(3);
    }
  }
  expect((await read(classes)).cells.map(([part]) => part)).toContain("expert 1, <b>up</b>");
});

test("spectra show eigenvalues, rate and steps for each digit, whole and from the top", async () => {
  const { mixture, theta, observations } = fit(rows("x"), { response: "y", k: 2, starts: 3 });
  const whole = spectrum(mixture, theta, observations);
  const { cells, below } = await read(whole);
  expect(cells.slice(1)).toEqual(
    Array.from(whole.eigenvalues, (value, at) => [String(at + 1), formatEigenvalue(value)]),
  );
  expect(below).toContain(`EM's rate ${formatRate(whole.rate)}`);
  expect(below).toContain(`${formatNumber(Math.log(10) / -Math.log(whole.rate))} steps for each digit`);
  expect(below).toContain("observed information positive definite");
  const top = await read(topSpectrum(mixture, theta, observations, { top: 2 }));
  expect(top.cells).toEqual(cells.slice(0, 3));
});

test("signal-to-noise shows a row for each pair, and a dash where no rate is predicted", async () => {
  const found = fit(rows("x"), { response: "y", k: 2, starts: 3 });
  const pairs = snr(found, found.observations);
  const [{ snr: signal, gate, angle, predictedRate }] = pairs;
  expect((await read(pairs)).cells[1]).toEqual([
    "1 and 2",
    ...[signal, gate, angle].map(formatNumber),
    formatRate(predictedRate),
  ]);
  expect((await read([{ ...pairs[0], predictedRate: Number.NaN }])).cells[1].at(-1)).toBe("–");
});

test("show gives a fit as HTML and text, and values that only look alike stay text", async () => {
  const shown: MimeBundle[] = [];
  await show(fit(rows("x"), { response: "y", k: 1 }), { display: (bundle) => shown.push(bundle) });
  expect(Object.keys(shown[0]).sort()).toEqual(["text/html", "text/plain"]);
  for (const value of [[], [{ snr: 1 }], { eigenvalues: [1], rate: 0.5 }, { mixture: 1, shares: [] }]) {
    expect(Object.keys(await mimeBundle(value))).toEqual(["text/plain"]);
  }
});

test("what has a table of its own shows as that, and prints as it", async () => {
  const found = fit(rows(hostile), { response: "y", features: [hostile], gate: "constant", starts: 3 });
  for (const value of [summary(found), calibration(found), influence(found), partialEffect(found), certify(found)]) {
    const { cells, page, text } = await read(value);
    expect(cells.length).toBeGreaterThan(5);
    expect(page.querySelector("img")).toBeNull();
    expect(text).not.toContain("[Object");
    expect(inspect(value)).toBe(inspect(value).trim());
    expect(inspect(value).split("\n")[0].replace(/\s+/g, " ")).toBe(text.split("\n")[0].replace(/\s+/g, " "));
    // JSON has the numbers alone.
    expect(Object.keys(JSON.parse(JSON.stringify(value)))).toEqual(Object.keys(value));
  }
});
