import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { summary } from "../../src/inference/summary.ts";

// Examples of the pages and papers of flexmix, mixtools, MASS and nnet, on their own data, in R's order of labels by the alphabet.
// Numbers: R 4.2.2 with flexmix 2.3-18 (the best of ten fits, tolerance 1e-12, seed 1), mixtools 2.0.0
// (regmixEM from the paper's start, epsilon 1e-13), MASS 7.3-58 and nnet 7.3-18.

const folder = mkdtempSync(join(tmpdir(), "mixlens-published-"));
const file = (name: string): string => join(folder, `${name}.csv`);

beforeAll(() => {
  const script = `
    suppressMessages({ library(flexmix); library(MASS) })
    mixtures <- c("patent", "bioChemists", "salmonellaTA98", "seizure", "tribolium", "Mehta", "trypanosome", "fabricfault", "BregFix")
    data(list = mixtures)
    load(system.file("data", "CO2data.RData", package = "mixtools"))
    BregFix$total <- BregFix$yes + BregFix$no
    visits <- ifelse(birthwt$ftv == 0, "0", ifelse(birthwt$ftv == 1, "1", "2+"))
    birthwt <- transform(birthwt, race = c("white", "black", "other")[race], ptd = as.integer(ptl > 0), visits = visits, low = ifelse(low == 1, "low", "fine"))
    for (name in c(mixtures, "CO2data", "birthwt", "housing", "quine")) write.csv(get(name), file.path(commandArgs(TRUE), paste0(name, ".csv")))`;
  const { status, stderr } = spawnSync("Rscript", ["--vanilla", "-e", script, folder], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A mixture, and what R's flexmix prints of it. */
interface Published {
  readonly name: string;
  readonly options: FitOptions;
  readonly logLikelihood: number;
  readonly parameters: number;
  readonly bic: number;
  readonly icl: number;
  /** Coefficients of all experts, whichever is which. */
  readonly coefficients: Readonly<Record<string, readonly number[]>>;
}

const published: readonly Published[] = [
  {
    name: "patent",
    options: { formula: "Patents ~ lgRD | RDS", experts: "poisson", k: 3 },
    ...{ logLikelihood: -197.6750222, parameters: 10, bic: 437.8349968, icl: 453.4227929 },
    coefficients: {
      "(intercept)": [-2.6470466, 0.5063338, 1.9619523],
      lgRD: [0.6719301, 0.8800911, 1.5886748],
    },
  },
  {
    name: "bioChemists",
    options: { formula: "art ~ fem + mar + kid5 + phd + ment | 1", experts: "poisson", k: 2 },
    ...{ logLikelihood: -1561.070871, parameters: 13, bic: 3210.787755, icl: 3526.839886 },
    coefficients: {
      femWomen: [-0.3018245, -0.1397704],
      kid5: [-0.2118227, -0.1802208],
      phd: [-0.0268489, 0.09189646],
      ment: [0.0253985, 0.03174759],
    },
  },
  {
    name: "salmonellaTA98",
    options: { formula: "y ~ x + log(x + 10) | 1", shared: ["x", "log(x + 10)"], experts: "poisson", k: 2 },
    ...{ logLikelihood: -60.90707116, parameters: 5, bic: 136.26600111, icl: 137.13888473 },
    coefficients: { "(intercept)": [1.90966, 2.476971], x: [-0.001259916, -0.001259916] },
  },
  {
    name: "seizure",
    options: { formula: "Seizures ~ Treatment * log(Day) | 1", exposure: "Hours", experts: "poisson", k: 2 },
    ...{ logLikelihood: -376.1762051, parameters: 9, bic: 796.827192, icl: 804.432654 },
    coefficients: {
      "(intercept)": [2.070401, 2.844898],
      TreatmentYes: [1.302257, 7.431963],
      "log(Day)": [-0.4062459, -0.2706454],
      "TreatmentYes:log(Day)": [-2.2762059, -0.4310457],
    },
  },
  {
    name: "tribolium",
    options: {
      ...{ formula: "Remaining ~ Species | factor(Replicate)", trials: "Total", shared: "Species" },
      ...{ experts: "binomial", k: 2 },
    },
    ...{ logLikelihood: -79.23062259, parameters: 7, bic: 181.53210324, icl: 184.1650506 },
    coefficients: {
      "(intercept)": [-0.7204469, 0.1680626],
      SpeciesConfusum: [-0.4791381, -0.4791381],
      SpeciesMadens: [0.09075446, 0.09075446],
    },
  },
  {
    name: "trypanosome",
    options: { formula: "Dead ~ log(Dose) | 1", shared: "log(Dose)", experts: "binomial", k: 2 },
    ...{ logLikelihood: -177.368568, parameters: 4, bic: 378.9548935, icl: 592.8053132 },
    coefficients: { "(intercept)": [-205.6823, -196.1513], "log(Dose)": [124.7845, 124.7845] },
  },
  {
    name: "fabricfault",
    options: { formula: "Faults ~ log(Length) | 1", shared: "log(Length)", experts: "poisson", k: 2 },
    ...{ logLikelihood: -86.33108652, parameters: 4, bic: 186.52511665, icl: 192.2930376 },
    coefficients: { "(intercept)": [-3.128086, -2.362149], "log(Length)": [0.7991405, 0.7991405] },
  },
  {
    name: "BregFix",
    options: { formula: "yes ~ x | 1", trials: "total", shared: "x", experts: "binomial", k: 2 },
    ...{ logLikelihood: -628.2999791, parameters: 4, bic: 1277.7932276, icl: 1279.5433638 },
    coefficients: { "(intercept)": [-2.360389, 1.832833], x: [0.4507016, 0.4507016] },
  },
];

test.each(published)("$name: flexmix's maximum, criteria and coefficients", (example) => {
  const found = fit(file(example.name), example.options);
  expect(found.result).toBe("converged");
  // flexmix stops when a step gains next to nothing: never above the maximum, and by less than this below.
  expect(found.logLikelihood).toBeGreaterThan(example.logLikelihood - 1e-6);
  expect(found.logLikelihood).toBeCloseTo(example.logLikelihood, 4);
  expect(found.mixture.free).toHaveLength(example.parameters);
  expect(found.criteria.bic).toBeCloseTo(example.bic, 4);
  expect(Math.abs(found.criteria.icl - example.icl)).toBeLessThan(0.02);
  for (const [name, values] of Object.entries(example.coefficients)) {
    const ours = found.coefficients.experts.map(({ coefficients }) => (coefficients as Record<string, number>)[name]);
    ours.sort((a, b) => a - b);
    for (const [z, value] of [...values].sort((a, b) => a - b).entries()) {
      expect(Math.abs(ours[z] - value)).toBeLessThan(2e-4 * Math.max(1, Math.abs(value)));
    }
  }
});

test("CO2data: three experts of one variance come to the maximum that MoEClust's start leads to, for most seeds", () => {
  const heights = [1, 2, 3, 4, 5].map(
    (seed) => fit(file("CO2data"), { formula: "CO2 ~ GNP | 1", k: 3, sharedVariance: true, seed }).logLikelihood,
  );
  for (const height of heights) expect(height).toBeLessThan(-65.60647);
  expect(heights.filter((height) => Math.abs(height + 65.6065) < 1e-4).length).toBeGreaterThanOrEqual(3);
});

test("CO2data: the maximum and the parameters that mixtools finds", () => {
  const found = fit(file("CO2data"), { formula: "CO2 ~ GNP | 1", k: 2 });
  expect(found.result).toBe("converged");
  expect(found.logLikelihood).toBeCloseTo(-66.9397678, 6);
  const theirs = {
    ...{
      "expert1.(intercept)": 8.6789709724,
      "expert1.GNP": -0.0233434693,
      "expert1.log(sigma)": Math.log(2.049318056),
    },
    ...{ "expert2.(intercept)": 1.41514313, "expert2.GNP": 0.67659641, "expert2.log(sigma)": Math.log(0.809388108) },
    "gate2.(intercept)": Math.log(0.245077591 / 0.754922409),
  };
  for (const [name, value] of Object.entries(theirs)) {
    expect(found.theta[found.mixture.names.indexOf(name)]).toBeCloseTo(value, 6);
  }
});

// One start in a hundred comes to it.
test("Mehta, centres of a trial with a common effect: flexmix's best of ten fits is 2.6 nats lower", () => {
  const found = fit(file("Mehta"), {
    ...{ formula: "Response ~ Drug | 1", trials: "Total", group: "Site", shared: "Drug" },
    ...{ experts: "binomial", k: 2, starts: 300 },
  });
  expect(found.result).toBe("converged");
  expect(found.mixture.free).toHaveLength(4);
  expect(found.logLikelihood).toBeCloseTo(-69.15725, 4);
  expect(found.logLikelihood).toBeGreaterThan(-71.75683212);
});

/** A regression of MASS or nnet: one expert. */
interface Regression {
  readonly name: string;
  readonly by: string;
  readonly options: FitOptions;
  readonly logLikelihood: number;
  /** Estimates, with standard errors where R's are those of the observed information. */
  readonly parameters: Readonly<Record<string, readonly [estimate: number, standardError?: number]>>;
}

const regressions: readonly Regression[] = [
  {
    name: "birthwt",
    by: "glm",
    options: {
      formula: "low ~ age + lwt + race + smoke + ptd + ht + ui + factor(visits)",
      ...{ experts: "logistic", k: 1 },
    },
    logLikelihood: -97.73775914,
    parameters: {
      "expert1.low.age": [-0.03723429226, 0.038702384],
      "expert1.low.lwt": [-0.01565300839, 0.00708041],
      "expert1.low.racewhite": [-1.19241321422, 0.535964576],
      "expert1.low.smoke": [0.75552837102, 0.425016647],
      "expert1.low.ptd": [1.34376338121, 0.480620703],
      "expert1.low.ht": [1.91316585746, 0.720736861],
      "expert1.low.factor(visits)2+": [0.17900851992, 0.456377772],
    },
  },
  {
    name: "housing",
    by: "multinom",
    options: { formula: "Sat ~ Infl + Type + Cont", weights: "Freq", experts: "logistic", k: 1 },
    logLikelihood: -1735.041933,
    parameters: {
      "expert1.Low.InflLow": [1.6126310016, 0.1671317082],
      "expert1.Low.TypeTower": [-0.7356317193, 0.15527143],
      "expert1.Low.ContLow": [0.4818269712, 0.1241370649],
      "expert1.Medium.InflMedium": [0.6592283886, 0.1596156286],
      "expert1.Medium.TypeAtrium": [0.2394053395, 0.1804443422],
      "expert1.Medium.ContLow": [0.1209751261, 0.1293136858],
    },
  },
  {
    name: "quine",
    by: "glm.nb",
    options: { formula: "Days ~ Eth + Sex + Age + Lrn", experts: "negative-binomial", k: 1 },
    logLikelihood: -546.5755091,
    parameters: {
      "expert1.(intercept)": [2.89457999025],
      "expert1.EthN": [-0.56937169736],
      "expert1.AgeF1": [-0.44842814988],
      "expert1.LrnSL": [0.29210915704],
      "expert1.dispersion": [1 / 1.2748926451],
    },
  },
];

test.each(regressions)("$name: the likelihood, estimates and standard errors of $by", (example) => {
  const found = fit(file(example.name), example.options);
  expect(found.result).toBe("converged");
  expect(found.logLikelihood).toBeCloseTo(example.logLikelihood, 5);
  const { parameters } = summary(found);
  for (const [name, [estimate, standardError]] of Object.entries(example.parameters)) {
    const ours = parameters.find((parameter) => parameter.name === name);
    expect(Math.abs((ours?.estimate ?? Number.NaN) - estimate)).toBeLessThan(1e-6);
    if (standardError === undefined) continue;
    expect(Math.abs((ours?.standardError ?? Number.NaN) / standardError - 1)).toBeLessThan(1e-4);
  }
});
