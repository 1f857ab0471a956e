import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
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

// What R lacks, or has in packages that are not here, written in R: the maximum of a gamma law by its shape, and EM for
// mixtures of regressions, the best of twenty starts from two parts.
const R = `
  options(warn = -1)
  for (name in c("CO2data", "NOdata")) load(paste0("/usr/lib/R/site-library/mixtools/data/", name, ".RData"))
  suppressPackageStartupMessages(library(mclust))
  for (name in c("acidity", "thyroid", "diabetes", "banknote", "EuroUnemployment", "wdbc")) data(list = name, package = "mclust")
  normal <- function(x, k, variances) {
    control <- emControl(tol = c(1e-13, 1e-14), itmax = c(1e5, 1e5))
    said(Mclust(x, G = k, modelNames = variances, control = control, verbose = FALSE)$loglik, 0)
  }
  said <- function(value, at) structure(list(value = value, at = at), class = "said")
  logLik.said <- function(object, ...) object$value
  coef.said <- function(object, ...) object$at
  gamma <- function(formula, d) {
    f <- glm(formula, Gamma("log"), d, control = glm.control(epsilon = 1e-14, maxit = 100))
    y <- f$y; mu <- fitted(f)
    ll <- function(shape) sum(dgamma(y, shape, shape / mu, log = TRUE))
    said(optimize(ll, c(0.01, 1e4), maximum = TRUE, tol = 1e-10)$objective, coef(f))
  }
  mixture <- function(formula, d, equal, k = 2) {
    x <- model.matrix(formula, d); y <- model.response(model.frame(formula, d)); n <- length(y)
    best <- -Inf
    set.seed(1)
    for (start in 1:20) {
      cut <- if (start %% 2) y else rnorm(n); low <- ifelse(cut < quantile(cut, runif(1, 0.1, 0.9)), 0.95, 0.05); r <- cbind(low, 1 - low)
      before <- -Inf
      for (step in 1:1500) {
        fits <- lapply(1:k, function(z) solve(crossprod(x, r[, z] * x), crossprod(x, r[, z] * y)))
        e <- sapply(fits, function(b) y - x %*% b)
        v <- colSums(r * e^2) / colSums(r); if (equal) v <- rep(sum(r * e^2) / n, k)
        p <- sapply(1:k, function(z) mean(r[, z]) * dnorm(e[, z], 0, sqrt(v[z])))
        ll <- sum(log(rowSums(p))); r <- p / rowSums(p)
        if (!is.finite(ll) || min(v) < 1e-4 * var(y) || ll - before < 1e-10) break
        before <- ll
      }
      if (is.finite(ll) && min(v) > 1e-4 * var(y)) best <- max(best, ll)
    }
    said(best, 0)
  }
  out <- commandArgs(TRUE)[1]
  report <- function(at, d, fitted) {
    d <- d()
    write.csv(d, file.path(out, paste0(at, ".csv")), row.names = FALSE)
    f <- fitted(d)
    cat(sprintf("%.15g", c(as.numeric(logLik(f)), as.vector(coef(f)))), sep = "\\t"); cat("\\n")
  }`;

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

test("there are forty examples and more", () => {
  expect(examples.length).toBeGreaterThanOrEqual(40);
});
