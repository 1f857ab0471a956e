import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Fit } from "../../src/fit/fit-result.ts";
import * as library from "../../src/index.ts";
import * as notebook from "../../src/notebook.ts";
import * as paper from "../../src/paper.ts";
import * as theory from "../../src/theory.ts";

const mixlens = { ...library, ...theory, ...paper, ...notebook };

// Whatever a function of the library is given in place of an argument, it works or says what it wants in one sentence.
const x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const columns = { x, y: x.map((v) => v + Math.sin(5 * v)), n: x.map((v) => v % 3) };
const found = mixlens.fit(columns, { response: "y", features: ["x"], k: 2, starts: 2, ridge: 0.1 });
const { mixture, theta, observations } = found;
const counts = mixlens.fit({ y: [0, 1, 0, 4, 5, 7] }, { formula: "y ~ 1", experts: "poisson", k: 1 });
const single = mixlens.fit(columns, { response: "y", features: "x", k: 1, ridge: 0.1 });
const labelled = mixlens.fit(
  { ...columns, y: ["a", "a", "b", "a", "b", "b", "a", "b", "b", "b"] },
  { formula: "y ~ x", experts: "logistic", k: 1, ridge: 0.1 },
);
const choice = mixlens.selectModel(columns, { response: "y", features: "x", k: [1], ridge: 0.1 });
const table = mixlens.tableFromColumns(columns);
const names = ["(intercept)", "x"];
const pairSpec = { experts: "linear", gateColumns: names, expertColumns: names } as const;
const pair = mixlens.symmetricPair(pairSpec);
const truth = Float64Array.of(0, 1, 0.5, 1);
const pairSettings = { experts: "linear", rows: 5, features: 2, gateNorm: 1, expertNorm: 1 } as const;
const method = mixlens.em();
const near = { radius: 1e-3, samples: 1, random: mixlens.random(1) };
const stop = { tolerance: 1e-3, maxIterations: 3 };
const images = { rows: 2, images: Uint8Array.of(0, 10, 200, 250), labels: Uint8Array.of(0, 1) };
const imageSpec = { k: 1, labels: ["a", "b"], pixels: 2, ridge: 1 };
const imageModel = mixlens.imageMixture(imageSpec);
const routeSpec = { layers: 1, k: 2, hidden: 2, labels: ["a", "b"], pixels: 2, beam: 1 };
const routeModel = mixlens.routeMixture(routeSpec);
const routeStart = routeModel.start(mixlens.random(1));
const lifted = mixlens.lift(mixture);
const means = lifted.means(lifted.natural(theta, observations));
const picture = { width: 2, alt: "two pictures" };
const range = { label: "l", min: 0, max: 1 };
const shownTable = { columns: [{ name: "a", note: "n" }], rows: [[1], ["b"]], caption: "c", note: "n" };
const axis = { title: "a", from: 0, to: 1 };

// Where a name that is a file's after all is written.
const folder = mkdtempSync(join(tmpdir(), "mixlens-rubbish-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (path: string): string => (typeof path === "string" && path !== "" ? join(folder, path) : path);

/** Each function with arguments that it takes. */
const calls: readonly [name: string, of: (...given: never[]) => unknown, given: readonly unknown[]][] = [
  ["fit", mixlens.fit, [columns, { response: "y", k: 1 }]],
  ["fitAsync", mixlens.fitAsync, [columns, { response: "y", k: 1 }]],
  ["predict", mixlens.predict, [found, columns, { missing: "drop", quantiles: [0.5], perExpert: true }]],
  ["classify", mixlens.classify, [found, columns, { missing: "drop", quantiles: [0.5], perExpert: true }]],
  ["spectrum of a fit", mixlens.spectrum, [found, columns]],
  ["topSpectrum of a fit", mixlens.topSpectrum, [found, { top: 1, rows: columns }]],
  ["certify a fit", mixlens.certify, [found, { steps: 1, limit: theta }]],
  ["covariance", mixlens.covariance, [found, { type: "cluster", cluster: "n", rows: columns }]],
  ["confint", mixlens.confint, [found, { level: 0.9, method: "wald", parameters: "expert1.x", rows: columns }]],
  [
    "confint of replicates",
    mixlens.confint,
    [found, { method: "bootstrap", bootstrap: { replicates: 2, workers: 1 } }],
  ],
  ["bootstrap", mixlens.bootstrap, [found, { replicates: 2, workers: 1, starts: 0, seed: 1, rows: columns }]],
  ["crossValidate", mixlens.crossValidate, [found, { folds: 2, seed: 1, starts: 0 }]],
  ["likelihoodRatioTest", mixlens.likelihoodRatioTest, [single, single, { replicates: 9, workers: 1, starts: 0 }]],
  ["selectModel", mixlens.selectModel, [columns, { response: "y", features: "x", k: [1, 2], starts: 1, by: "bic" }]],
  ["tree", mixlens.tree, [[2, 2]]],
  ["treePlot", mixlens.treePlot, [found, { title: "t" }]],
  ["selectionPlot", mixlens.selectionPlot, [choice, { title: "t" }]],
  ["summary", mixlens.summary, [found, { level: 0.9, type: "robust", rows: columns }]],
  ["summaryTable", mixlens.summaryTable, [mixlens.summary(found)]],
  ["contrast", mixlens.contrast, [found, { "expert1.x": 1 }, { level: 0.9, type: "robust" }]],
  ["predictWithErrors", mixlens.predictWithErrors, [found, columns, { level: 0.9, rows: columns }]],
  ["averageEffect", mixlens.averageEffect, [found, { x: [1] }, { x: [2] }, { level: 0.9 }]],
  ["simulate a fit", mixlens.simulate, [found, { seed: 1, rows: columns }]],
  ["coefficients of a fit", mixlens.coefficients, [found]],
  ["criteria of a fit", mixlens.criteria, [found]],
  ["spectrumPlot of a fit", mixlens.spectrumPlot, [found, { title: "t" }]],
  ["coefficientPlot of a fit", mixlens.coefficientPlot, [found, { title: "t" }]],
  ["quantileResiduals", mixlens.quantileResiduals, [found, columns, { seed: 1 }]],
  ["residualPlot", mixlens.residualPlot, [found, { title: "t", seed: 1 }]],
  ["posteriorPlot", mixlens.posteriorPlot, [found, { title: "t" }]],
  ["calibration", mixlens.calibration, [found, columns, { quantiles: [0.5], level: 0.9, seed: 1 }]],
  ["calibration of labels", mixlens.calibration, [labelled, columns, { bins: 2 }]],
  ["calibrationPlot", mixlens.calibrationPlot, [found, { title: "t", rows: columns, quantiles: [0.5] }]],
  ["deployed", mixlens.deployed, [found, columns, { activeExperts: 1 }]],
  ["influence", mixlens.influence, [found, columns, { top: 2 }]],
  ["influencePlot", mixlens.influencePlot, [found, { title: "t", rows: columns, top: 2 }]],
  ["partialEffect", mixlens.partialEffect, [found, { x: "x", of: "gate", level: 0.9, rows: columns }]],
  ["partialEffectPlot", mixlens.partialEffectPlot, [found, { title: "t", x: "x", of: "experts", type: "robust" }]],
  ["report", mixlens.report, [single, { title: "t", rows: columns, level: 0.9, seed: 1 }]],
  ["rootogram", mixlens.rootogram, [counts, { title: "t" }]],
  ["convergencePlot of a fit", mixlens.convergencePlot, [found, { title: "t" }]],
  ["spectrum", mixlens.spectrum, [mixture, theta, observations]],
  ["topSpectrum", mixlens.topSpectrum, [mixture, theta, observations, { top: 1 }]],
  ["snr", mixlens.snr, [found, observations]],
  ["certify", mixlens.certify, [mixture, theta, observations, { steps: 1, limit: theta }]],
  ["relativeConvexity", mixlens.relativeConvexity, [mixture, theta, observations, near]],
  ["secantConvexity", mixlens.secantConvexity, [pair, truth, observations, near]],
  ["bregman", mixlens.bregman, [pair, truth, truth, observations]],
  ["posteriorDivergence", mixlens.posteriorDivergence, [mixture, theta, theta, observations]],
  ["observedRate", mixlens.observedRate, [found.trace]],
  ["align", mixlens.align, [found, theta]],
  ["alignPair", mixlens.alignPair, [pair, truth, truth]],
  ["recoveryError", mixlens.recoveryError, [found, theta]],
  ["criteria", mixlens.criteria, [{ ...found, parameters: 3, rows: 10 }]],
  ["symmetricRate", mixlens.symmetricRate, [{ experts: "linear", expertNorm: 1, gateNorm: 1, angle: 90, features: 2 }]],
  ["coefficients", mixlens.coefficients, [mixture, theta, Math.exp]],
  ["coefficientTable", mixlens.coefficientTable, [found.coefficients, found.coefficients, found.shares]],
  ["save", (model: Fit, path: string) => mixlens.save(model, inFolder(path)), [found, "no such folder/file"]],
  ["load", mixlens.load, ["no such file"]],
  ["mixture", mixlens.mixture, [mixture.spec]],
  ["symmetricPair", mixlens.symmetricPair, [pairSpec]],
  ["imageMixture", mixlens.imageMixture, [imageSpec]],
  ["routeMixture", mixlens.routeMixture, [routeSpec]],
  ["predictRoutes", mixlens.predictRoutes, [routeModel, routeStart, images, { routes: 1 }]],
  [
    "trainRoutes",
    (...given) => mixlens.trainRoutes(...(given as unknown as Parameters<typeof mixlens.trainRoutes>)).next(),
    [routeModel, routeStart, images, { passes: 1 }],
  ],
  ["drawPair", mixlens.drawPair, [pairSettings, mixlens.random(1)]],
  ["drawStart", mixlens.drawStart, [truth, 0.5, mixlens.random(1)]],
  ["imageStart", mixlens.imageStart, [imageModel, images, mixlens.random(1)]],
  ["predictImages", mixlens.predictImages, [imageModel, new Float64Array(imageModel.names.length), images]],
  ["randomInvert", mixlens.randomInvert, [images, mixlens.random(1)]],
  ["simulate", mixlens.simulate, [mixture, theta, observations, mixlens.random(1)]],
  ["lift", mixlens.lift, [mixture]],
  ["bregmanProjection", mixlens.bregmanProjection, [lifted, means, theta, observations]],
  ["random", mixlens.random, [1, 0]],
  [
    "iterate",
    (...given) => [...mixlens.iterate(...(given as unknown as Parameters<typeof mixlens.iterate>))],
    [method, mixture, theta, observations, stop],
  ],
  [
    "stepGrid",
    mixlens.stepGrid,
    [mixlens.gradientDescent, mixture, theta, observations, { stepSizes: [0.1], steps: 2 }],
  ],
  ["run", mixlens.run, ["em", found, { from: "theta", maxIterations: 2 }]],
  ["run on a model", mixlens.run, [method, mixture, theta, observations, stop]],
  ["adam", mixlens.adam, [{ stepSize: 0.1, betas: [0.9, 0.9] }]],
  ["anderson", mixlens.anderson, [{ memory: 3 }]],
  ["balancedEm", mixlens.balancedEm, [{ floor: 0.5, until: 5 }]],
  ["sparseEm", mixlens.sparseEm, [{ activeExperts: 2, finish: true }]],
  ["deployedEm", mixlens.deployedEm, [{ activeExperts: 2 }]],
  ["em", mixlens.em, []],
  ["generalisedEm", mixlens.generalisedEm, [{ innerSteps: 1 }]],
  ["onePassEm", mixlens.onePassEm, [{}]],
  ["source", mixlens.source, [{ x: [1, 2], y: [1, 2] }, {}]],
  ["gradientDescent", mixlens.gradientDescent, [{ stepSize: 1 }]],
  ["gradientEm", mixlens.gradientEm, [{ stepSize: 1 }]],
  ["lineSearch", mixlens.lineSearch, [{ stepSize: 1 }]],
  ["miniBatchEm", mixlens.miniBatchEm, [{ batchRows: 4 }]],
  ["mirrorDescent", mixlens.mirrorDescent, [{ stepSize: 1 }]],
  ["projectedMirrorDescent", mixlens.projectedMirrorDescent, [{ stepSize: 1 }]],
  ["emWithWarmRestarts", mixlens.emWithWarmRestarts, [{ period: 8 }]],
  ["toTable", mixlens.toTable, [columns, { separator: ";" }]],
  [
    "readTable",
    mixlens.readTable,
    ["no such file", { sql: "select 1", encoding: "latin1", separator: ";", decimal: "," }],
  ],
  ["tableFromRows", mixlens.tableFromRows, [[{ x: 1 }, { x: null }]]],
  ["head", mixlens.head, [columns, 2]],
  ["filter", mixlens.filter, [columns, () => true]],
  ["selectColumns", mixlens.selectColumns, [columns, ["x"]]],
  ["dropMissing", mixlens.dropMissing, [columns, ["x"]]],
  ["describe", mixlens.describe, [columns]],
  ["tableFromColumns", mixlens.tableFromColumns, [columns]],
  ["tableFromFrame", mixlens.tableFromFrame, [columns]],
  ["column", mixlens.column, [table, "x"]],
  ["numericColumn", mixlens.numericColumn, [table, "x"]],
  ["numericColumnNames", mixlens.numericColumnNames, [table, ["y"]]],
  ["labelColumn", mixlens.labelColumn, [table, "n"]],
  ["observe", mixlens.observe, [table, found.formula, "required"]],
  ["parseCsv", mixlens.parseCsv, ["x\n1\n", "the text", { decimal: "," }]],
  ["readCsv", mixlens.readCsv, ["no such file", { encoding: "latin1", separator: ";", decimal: "," }]],
  ["readIdx", mixlens.readIdx, ["no such file"]],
  ["datasetPath", mixlens.datasetPath, ["iris", {}]],
  ["setThreads", mixlens.setThreads, [1]],
  ["coefficientPlot", mixlens.coefficientPlot, [[{ name: "a", coefficients: { x: 1 } }], { title: "t" }]],
  ["convergencePlot", mixlens.convergencePlot, [[{ name: "a", logLikelihood: [-3, -2, -1] }], { best: -1, rate: 0.5 }]],
  ["fitPlot", mixlens.fitPlot, [found, { title: "t", x: "x" }]],
  ["curvePlot", mixlens.curvePlot, [[{ name: "a", y: [1, 2] }], { title: "t", x: "x", y: "y" }]],
  ["spectrumPlot", mixlens.spectrumPlot, [[0.5, 0.1], { title: "t" }]],
  [
    "heatMap",
    mixlens.heatMap,
    [(a: number, b: number) => a + b, { title: "t", x: axis, y: axis, value: "v", points: 2 }],
  ],
  ["pixelGrid", mixlens.pixelGrid, [[{ pixels: [0, 1, 2, 3] }], picture]],
  ["figure", mixlens.figure, ["a chart", [{ x: [1], y: [2] }], { title: { text: "t" } }]],
  ["plain", mixlens.plain, ["a < b"]],
  ["picture", mixlens.picture, [mixlens.figure("nothing", [], {}), { timeLimit: 1 }]],
  ["liveFigure", mixlens.liveFigure, [[mixlens.slider(range)], () => mixlens.figure("nothing", [], {})]],
  ["slider", mixlens.slider, [{ ...range, step: 0.1, value: 0.5 }]],
  ["select", mixlens.select, [{ label: "l", options: ["a", "b"], value: "b", format: String }]],
  ["button", mixlens.button, [{ label: "l", onClick: () => 1 }]],
  ["progress", mixlens.progress, [{ label: "l", total: 2 }]],
  ["matrixLatex", mixlens.matrixLatex, [[[1, 2]], { rowNames: ["a"], columnNames: ["b", "c"], precision: 3 }]],
  ["formatNumber", mixlens.formatNumber, [1.5]],
  ["formatRate", mixlens.formatRate, [0.5]],
  ["frameTable", mixlens.frameTable, [columns as never, { rows: 1, columns: 1 }]],
  ["tableText", mixlens.tableText, [shownTable, { rows: 1, columns: 1 }]],
  ["tableHtml", mixlens.tableHtml, [shownTable, { rows: 1, columns: 1 }]],
  ["tableMarkdown", mixlens.tableMarkdown, [shownTable, { rows: 1, columns: 1 }]],
  ["tableLatex", mixlens.tableLatex, [shownTable, { rows: 1, columns: 1 }]],
  ["htmlPage", mixlens.htmlPage, ["title", ["text"], { plotly: "plotly.js" }]],
  ["mimeBundle", mixlens.mimeBundle, ["text"]],
  ["show", mixlens.show, ["text", { display: () => {} }]],
  ["initPlotly", mixlens.initPlotly, [{ display: () => {} }]],
  ["reproduce", mixlens.reproduce, ["nothing", {}]],
  ["fetchDataset", mixlens.fetchDataset, ["iris", {}]],
  [
    "invertedRun",
    (...given) => mixlens.invertedRun(...(given as unknown as Parameters<typeof mixlens.invertedRun>)).next(),
    ["nothing", {}],
  ],
];

/** Exports that are no function of arguments: what they are instead. */
const others: Readonly<Record<string, string>> = {
  InputError: "an error",
  WorkFailure: "an error",
  FitFailure: "an error",
  INVERTED_SETTINGS: "a table",
  EXPERT_KINDS: "a list",
  GATE_KINDS: "a list",
  jupyterDisplay: "a symbol",
  computing: "takes nothing",
  listDatasets: "takes nothing",
  notebookHost: "takes nothing",
  notebookSink: "takes nothing",
  plotlyLibrary: "takes nothing",
  invertedFashion: "takes a seed, and 55 MB of images: refusals are below",
  fashionMnist: "takes 55 MB of images: refusals are below",
};

test("every function of the library is tried", () => {
  const tried = new Set<string>([...calls.map(([name]) => name), ...Object.keys(others)]);
  expect(Object.keys(mixlens).filter((name) => !tried.has(name))).toEqual([]);
});

test.each([
  [
    () => mixlens.fashionMnist({ dataDri: "." } as never),
    'the name of an option, got "dataDri"; did you mean "dataDir"?',
  ],
  [() => mixlens.fashionMnist({ dataDir: 3 } as never), "dataDir to be text, got 3"],
  [() => mixlens.invertedFashion("one" as never), 'seed to be a number, got "one"'],
])("what reads images refuses wrong options first: %#", async (of, message) => {
  expect(await of().catch((error: Error) => error.message)).toContain(`expected ${message}`);
});

const rubbish: readonly [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["0", 0],
  ["-1.5", -1.5],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["true", true],
  ["a text", "starts"],
  ["no text", ""],
  ["a big number", 10n],
  ["a symbol", Symbol("s")],
  ["a function", () => 1],
  ["an empty array", []],
  ["an array", ["x", 1, null]],
  ["an empty object", {}],
  ["an object", { nStarts: 3, rows: 2, names: ["x"] }],
  ["an object without a prototype", Object.assign(Object.create(null), { columns: [1], rows: 1 })],
  ["a Float64Array", Float64Array.of(1, 2)],
  ["a BigInt64Array", BigInt64Array.of(1n)],
  ["a date", new Date(0)],
  ["a fit", found],
  ["a table", table],
  ["rows", observations],
];

/** What the library made: an argument of a kind, whose own parts nobody writes. */
const made: readonly unknown[] = [mixture, pair, imageModel, lifted, table, found, single, method];

/** How a call ended: nothing where it worked or was refused in a sentence. */
async function ending(of: (...given: never[]) => unknown, given: readonly unknown[]): Promise<string | undefined> {
  try {
    await of(...(given as never[]));
    return undefined;
  } catch (error) {
    const isSentence =
      (error instanceof mixlens.InputError || error instanceof mixlens.WorkFailure) &&
      /^Cannot [^\n]+: expected [^\n]+, got [^\n]+$/.test(error.message);
    return isSentence ? undefined : (error as Error).stack?.split("\n").slice(0, 4).join("\n");
  }
}

describe.each(calls)("%s", (_, of, given) => {
  test.each(rubbish)("given %s", async (__, value) => {
    for (let at = 0; at <= given.length; at++) {
      expect([at, await ending(of, given.toSpliced(at, 1, value))]).toEqual([at, undefined]);
    }
  });

  test("given any of its options as anything", async () => {
    for (const [at, options] of given.entries()) {
      if (made.includes(options) || Object.getPrototypeOf(options ?? 0) !== Object.prototype) continue;
      for (const name of Object.keys(options as object)) {
        for (const [what, value] of rubbish) {
          const changed = given.with(at, { ...(options as object), [name]: value });
          expect([name, what, await ending(of, changed)]).toEqual([name, what, undefined]);
        }
      }
    }
  });

  test("given nothing", async () => {
    expect(await ending(of, [])).toBeUndefined();
  });
});
