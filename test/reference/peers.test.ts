import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";

// Examples of R's own pages (glm, lm, warpbreaks, infert …), of Venables and Ripley's book, of nnet, pscl, mixtools and mclust, on
// their own data: R fits them as the test runs, and says the likelihood and the coefficients in the order of its design.

/** An example: what R fits, and what we do. */
interface Example {
  readonly name: string;
  /** R's fit of the data frame `d`, with logLik() and coef(). */
  readonly r: string;
  /** The data frame, in R. */
  readonly data?: string;
  readonly options: FitOptions;
  /** Whether R codes its factors otherwise, so that only the likelihood is the same. */
  readonly isOtherwiseCoded?: boolean;
}

const one = (name: string, r: string, formula: string, more: object = {}, rest: Partial<Example> = {}): Example => ({
  name,
  r,
  options: { formula, k: 1, ...more } as FitOptions,
  ...rest,
});
const counts = { experts: "poisson" };
const labels = { experts: "logistic" };
const shares = (trials: string) => ({ experts: "binomial", trials });

const examples: readonly Example[] = [
  one("cars", "lm(dist ~ speed, d)", "dist ~ speed"),
  one("stackloss", "lm(stack.loss ~ ., d)", "stack.loss ~ ."),
  one("swiss", "lm(Fertility ~ ., d)", "Fertility ~ ."),
  one("mtcars", "lm(mpg ~ wt + qsec + am, d)", "mpg ~ wt + qsec + am"),
  one("ToothGrowth", "lm(len ~ supp * dose, d)", "len ~ supp * dose"),
  one(
    "anorexia",
    "glm(Postwt ~ Prewt + Treat + offset(Prewt), gaussian, d)",
    "Postwt ~ Prewt + Treat + offset(o)",
    {},
    { data: "transform(MASS::anorexia, o = Prewt, Treat = factor(as.character(Treat)))" },
  ),
  one("hills", "lm(time ~ dist + climb, d)", "time ~ dist + climb", {}, { data: "MASS::hills" }),
  one("cement", "lm(y ~ x1 + x2 + x3 + x4, d)", "y ~ x1 + x2 + x3 + x4", {}, { data: "MASS::cement" }),
  one(
    "whiteside",
    "lm(Gas ~ Insul * Temp, d)",
    "Gas ~ Insul * Temp",
    {},
    { data: "MASS::whiteside", isOtherwiseCoded: true },
  ),
  one("cabbages", "lm(HeadWt ~ Cult + Date + VitC, d)", "HeadWt ~ Cult + Date + VitC", {}, { data: "MASS::cabbages" }),
  one(
    "dobson",
    "glm(counts ~ factor(outcome) + factor(treatment), poisson, d)",
    "counts ~ factor(outcome) + factor(treatment)",
    counts,
    {
      data: "data.frame(counts = c(18, 17, 15, 20, 10, 20, 25, 13, 12), outcome = rep(1:3, 3), treatment = rep(1:3, each = 3))",
    },
  ),
  one("warpbreaks", "glm(breaks ~ wool * tension, poisson, d)", "breaks ~ wool * tension", counts, {
    isOtherwiseCoded: true,
  }),
  one("InsectSprays", "glm(count ~ spray, poisson, d)", "count ~ spray", counts),
  one("epil", "glm(y ~ lbase * trt + lage + V4, poisson, d)", "y ~ lbase * trt + lage + V4", counts, {
    data: "transform(MASS::epil, lbase = log(base) - mean(log(base)), lage = log(age) - mean(log(age)))",
    isOtherwiseCoded: true,
  }),
  one(
    "Insurance",
    "glm(Claims ~ factor(District) + Group + Age + offset(log(Holders)), poisson, d)",
    "Claims ~ factor(District) + Group + Age",
    { ...counts, exposure: "Holders" },
    { data: "MASS::Insurance", isOtherwiseCoded: true },
  ),
  one(
    "esoph",
    "glm(cbind(ncases, ncontrols) ~ agegp + tobgp + alcgp, binomial, d)",
    "ncases ~ agegp + tobgp + alcgp",
    shares("n"),
    { data: "transform(esoph, n = ncases + ncontrols)", isOtherwiseCoded: true },
  ),
  one("menarche", "glm(cbind(Menarche, Total - Menarche) ~ Age, binomial, d)", "Menarche ~ Age", shares("Total"), {
    data: "MASS::menarche",
  }),
  one(
    "snails",
    "glm(cbind(Deaths, N - Deaths) ~ Species + Exposure + Rel.Hum + Temp, binomial, d)",
    "Deaths ~ Species + Exposure + Rel.Hum + Temp",
    shares("N"),
    { data: "MASS::snails" },
  ),
  one("infert", "glm(case ~ spontaneous + induced, binomial, d)", "case ~ spontaneous + induced", labels),
  one("bacteria", "glm(y ~ trt + week, binomial, d)", "y ~ trt + week", labels, {
    data: "MASS::bacteria",
    isOtherwiseCoded: true,
  }),
  one("Pima.tr", "glm(type ~ ., binomial, d)", "type ~ .", labels, { data: "MASS::Pima.tr" }),
  one(
    "minn38",
    "nnet::multinom(phs ~ hs + sex + fol, d, weights = f, trace = FALSE, reltol = 1e-14, maxit = 1000)",
    "phs ~ hs + sex + fol",
    { ...labels, weights: "f" },
    { data: "MASS::minn38", isOtherwiseCoded: true },
  ),
  one(
    "fgl",
    "nnet::multinom(kind ~ RI + Na, d, trace = FALSE, reltol = 1e-14, maxit = 2000)",
    "kind ~ RI + Na",
    labels,
    {
      data: "with(MASS::fgl, data.frame(kind = ifelse(type %in% c('WinF', 'WinNF'), as.character(type), 'other'), RI, Na))",
      isOtherwiseCoded: true,
    },
  ),
  one(
    "quine, all interactions of two",
    "MASS::glm.nb(Days ~ (Eth + Sex + Lrn)^2, d, control = glm.control(epsilon = 1e-12, maxit = 100))",
    "Days ~ (Eth + Sex + Lrn)^2",
    { experts: "negative-binomial" },
    { data: "MASS::quine" },
  ),
  one(
    "clotting",
    "gamma(lot1 ~ log(u), d)",
    "lot1 ~ log(u)",
    { experts: "gamma" },
    { data: "data.frame(u = c(5, 10, 15, 20, 30, 40, 60, 80, 100), lot1 = c(118, 58, 42, 35, 27, 25, 21, 19, 18))" },
  ),
  // Columns that nearly determine each other, and powers that do so more.
  one("longley", "lm(Employed ~ ., d)", "Employed ~ ."),
  one("women", "lm(weight ~ height + I(height^2), d)", "weight ~ height + I(height^2)"),
  one("women, polynomials", "lm(weight ~ poly(height, 3), d)", "weight ~ poly(height, 3)", {}, { data: "women" }),
  one("Boston", "lm(medv ~ . + I(rm^2) + lstat:rm, d)", "medv ~ . + I(rm^2) + lstat:rm", {}, { data: "MASS::Boston" }),
  // Factors of 50 levels and of 136, and hundreds of rows to a column.
  one(
    "presidentialElections",
    "lm(demVote ~ state + year + I(year * south), d)",
    "demVote ~ state + year + year:south",
    {},
    {
      data: "as.data.frame(pscl::presidentialElections)[1:4]",
      isOtherwiseCoded: true,
    },
  ),
  one(
    "InstInnovation",
    "glm(cites ~ institutions + log(capital/employment) + log(sales) + industry + year, poisson, d)",
    "cites ~ institutions + log(ratio) + log(sales) + factor(industry) + factor(year)",
    counts,
    {
      data: 'transform(get(data("InstInnovation", package = "sandwich"))[c(2, 5, 6, 12, 16, 17, 18)], ratio = capital / employment)',
      isOtherwiseCoded: true,
    },
  ),
  one("prussian", "glm(y ~ corp + year, poisson, d)", "y ~ corp + year", counts, { data: "pscl::prussian" }),
  one(
    "ships",
    "glm(incidents ~ type + factor(year) + factor(period) + offset(log(service)), poisson, d)",
    "incidents ~ type + factor(year) + factor(period)",
    { ...counts, exposure: "service" },
    { data: "subset(MASS::ships, service > 0)" },
  ),
  one(
    "breslow",
    "glm(y ~ age + smoke + offset(log(n)), poisson, d)",
    "y ~ factor(age) + smoke",
    { ...counts, exposure: "n" },
    { data: "boot::breslow" },
  ),
  one(
    "UCBAdmissions",
    "glm(Admit ~ Dept * Gender, binomial, d, weights = Freq)",
    "Admit ~ Dept * Gender",
    { ...labels, weights: "Freq" },
    {
      data: "as.data.frame(UCBAdmissions)",
      isOtherwiseCoded: true,
    },
  ),
  one("eagles", "glm(cbind(y, n - y) ~ P * A + V, binomial, d)", "y ~ P * A + V", shares("n"), {
    data: "MASS::eagles",
    isOtherwiseCoded: true,
  }),
  one(
    "RockTheVote",
    "glm(cbind(r, n - r) ~ treated + factor(strata), binomial, d)",
    "r ~ treated + factor(strata)",
    shares("n"),
    {
      data: "pscl::RockTheVote[c(1:4)]",
    },
  ),
  one("downs.bc", "glm(cbind(r, m - r) ~ poly(age, 3), binomial, d)", "r ~ poly(age, 3)", shares("m"), {
    data: "boot::downs.bc",
  }),
  ...[
    ["Titanic", "Class ~ Sex + Survived", "as.data.frame(Titanic)", "Freq"],
    ["Cushings", "Type ~ log(Tetrahydrocortisone) + log(Pregnanetriol)", 'subset(MASS::Cushings, Type != "u")'],
    ["vote92", "vote ~ dem + rep + female + persfinance + natlecon + clintondis + bushdis + perotdis", "pscl::vote92"],
  ].map(([name, formula, data, weights]) => {
    const more = { ...labels, ...(weights && { weights }) };
    const control = "trace = FALSE, reltol = 1e-15, abstol = 1e-12, maxit = 5000";
    const r = `nnet::multinom(${formula}, d, ${weights ? `weights = ${weights}, ` : ""}${control})`;
    return one(name, r, formula, more, { data, isOtherwiseCoded: true });
  }),
  one(
    "chem",
    'with(MASS::fitdistr(d$v, "t", df = 5, control = list(reltol = 1e-14)), said(loglik, estimate[1]))',
    "v ~ 1",
    { experts: "student-t", df: 5 },
    {
      data: "data.frame(v = MASS::chem)",
    },
  ),
  one("leuk", "gamma(time ~ ag + log(wbc), d)", "time ~ ag + log(wbc)", { experts: "gamma" }, { data: "MASS::leuk" }),
  // Counts by their frequencies; effects that all experts share; rows of a site; a gate that reads the column of the experts.
  ...[
    [
      "candy",
      "Packages ~ 1",
      "FLXMRglm(family = 'poisson')",
      3,
      "weights = ~Freq",
      { ...counts, weights: "Freq" },
      "Packages ~ 1 | 1",
    ],
    [
      "dmft",
      "End ~ 1",
      "FLXMRglmfix(family = 'poisson', fixed = ~ Gender + Ethnic + Treatment)",
      2,
      "",
      { ...counts, shared: ["Gender", "Ethnic", "Treatment"] },
      "End ~ Gender + Ethnic + Treatment | 1",
    ],
    [
      "Mehta",
      "cbind(Response, Total - Response) ~ 1 | Site",
      "FLXMRglmfix(family = 'binomial', fixed = ~ Drug)",
      3,
      "",
      { ...shares("Total"), group: "Site", shared: "Drug" },
      "Response ~ Drug | 1",
    ],
  ].map(([name, formula, model, k, more, options, ours]) => ({
    name: `flexmix's ${name}`,
    data: `{ data(list = "${name}", package = "flexmix"); ${name} }`,
    r: `flexed(${formula}, d, ${k}, ${model}, ${more})`,
    options: { formula: ours, k, ...(options as object) } as FitOptions,
    isOtherwiseCoded: true,
  })),
  one(
    "mixtools' hierarchical mixture of NOdata",
    "gated(Equivalence ~ NO, d)",
    "Equivalence ~ NO",
    { k: 2 },
    { data: "NOdata", isOtherwiseCoded: true },
  ),
  ...(["poisson", "negbin"] as const).map((law) => ({
    name: `bioChemists, zero-inflated ${law}`,
    data: "pscl::bioChemists",
    r: `pscl::zeroinfl(art ~ fem + mar + kid5 + phd + ment | ment, d, dist = "${law}", control = pscl::zeroinfl.control(reltol = 1e-14))`,
    options: {
      formula: "art ~ fem + mar + kid5 + phd + ment | ment",
      experts: law === "negbin" ? "negative-binomial" : law,
      k: 2,
      zeroInflated: true,
    } as FitOptions,
    isOtherwiseCoded: true,
  })),
  ...[
    ["faithful, waiting", "faithful", "waiting ~ 1", false],
    ["faithful, waiting, one variance", "faithful", "waiting ~ 1", true],
    ["faithful, eruptions", "faithful", "eruptions ~ 1", false],
    ["NOdata", "NOdata", "NO ~ Equivalence", false],
    ["galaxies, one variance", "data.frame(v = MASS::galaxies / 1000)", "v ~ 1", true],
    ["CO2data, one variance", "CO2data", "CO2 ~ GNP", true],
  ].map(([name, data, formula, sharedVariance]) => ({
    name: `${name}: two experts`,
    data: String(data),
    r: `mixture(${formula}, d, ${sharedVariance ? "TRUE" : "FALSE"})`,
    options: { formula: `${formula} | 1`, k: 2, sharedVariance } as FitOptions,
    isOtherwiseCoded: true,
  })),
  ...[
    ["acidity", "acidity", "E"],
    ["acidity", "acidity", "V", 3],
    ["faithful, eruptions", "faithful$eruptions", "E"],
    ["thyroid, T4", "thyroid$T4", "E"],
    ["thyroid, RT3U", "thyroid$RT3U", "V"],
    ["diabetes, glucose", "diabetes$glucose / 100", "E"],
    ["diabetes, glucose", "diabetes$glucose / 100", "V"],
    ["diabetes, sspg", "diabetes$sspg / 100", "E"],
    ["diabetes, sspg", "diabetes$sspg / 100", "V"],
    ["banknote, diagonal", "banknote$Diagonal", "E"],
    ["banknote, diagonal", "banknote$Diagonal", "V"],
    ["banknote, bottom", "banknote$Bottom", "V"],
    ["EuroUnemployment, TUR", "EuroUnemployment$TUR", "E"],
    ["EuroUnemployment, YUR", "EuroUnemployment$YUR", "V"],
    ["wdbc, radius", "wdbc$Radius_mean", "E"],
    ["wdbc, radius", "wdbc$Radius_mean", "V"],
  ].map(([name, column, variances, k = 2]) => ({
    name: `mclust's ${variances} of ${k}: ${name}`,
    data: `data.frame(v = as.vector(${column}))`,
    r: `normal(d$v, ${k}, "${variances}")`,
    options: { formula: "v ~ 1 | 1", k, sharedVariance: variances === "E" } as FitOptions,
    isOtherwiseCoded: true,
  })),
];

const R = readFileSync(new URL("peers.R", import.meta.url), "utf8");

const folder = mkdtempSync(join(tmpdir(), "mixlens-peers-"));
let theirs: readonly (readonly number[])[] = [];
beforeAll(() => {
  const reports = examples.map(({ name, data = name, r }, at) => `report(${at}, function() ${data}, function(d) ${r})`);
  const script = [R, ...reports].join("\n");
  const { status, stdout, stderr } = spawnSync("Rscript", ["--vanilla", "-", folder], {
    input: script,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  theirs = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("\t").map(Number));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test.each(examples.map((example, at) => ({ ...example, at })))(
  "$name: R's likelihood and coefficients",
  ({ at, options, isOtherwiseCoded }) => {
    const [logLikelihood, ...coefficients] = theirs[at];
    const found = fit(join(folder, `${at}.csv`), options);
    expect(found.result).toBe("converged");
    expect(found.logLikelihood).toBeGreaterThan(logLikelihood - 1e-5);
    expect(found.logLikelihood).toBeCloseTo(logLikelihood, 4);
    if (isOtherwiseCoded) return;
    for (const [j, value] of coefficients.entries()) {
      expect(Math.abs(found.theta[j] - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    }
  },
);

test("there are seventy examples and more", () => {
  expect(examples.length).toBeGreaterThanOrEqual(70);
});
