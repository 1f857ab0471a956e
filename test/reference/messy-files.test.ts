import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { predict } from "../../src/fit/predict.ts";
import { readTable } from "../../src/table/read-table.ts";
import { duckdb, folder } from "../support/row-files.ts";

// Public files as they are: data sets of R as write.csv writes them, and those of the package vega-datasets. Each is fitted by
// options alone, without code for its data, and with one expert beside R's lm or glm on the same rows.

const published = join(import.meta.dirname, "../../node_modules/vega-datasets/data");

interface Messy {
  /** What is messy about it. */
  readonly why: string;
  /** A data set of R, or a file of vega-datasets. */
  readonly file: string;
  readonly options: Omit<FitOptions, "k">;
  /** What two experts take besides, as the fit says that is refused without it. */
  readonly two?: Omit<FitOptions, "k">;
  /** The same in R. */
  readonly formula: string;
  readonly family?: "binomial" | "poisson";
  /** Rows of the file, and those that miss nothing. */
  readonly rows: number;
  readonly complete: number;
}

const files: readonly Messy[] = [
  {
    why: "row names without a header, NA in two columns",
    file: "airquality",
    options: { response: "Ozone", missing: "drop" },
    formula: "Ozone ~ Solar.R + Wind + Temp + Month + Day",
    rows: 153,
    complete: 111,
  },
  {
    why: "row names, labels 0 and 1, a factor called 0-5yrs, 6-11yrs and 12+ yrs",
    file: "infert",
    options: { formula: "case ~ age + parity + education + spontaneous", experts: "logistic" },
    formula: "case ~ age + parity + education + spontaneous",
    family: "binomial",
    rows: 248,
    complete: 248,
  },
  {
    why: "row names, counts, factors of letters",
    file: "warpbreaks",
    options: { formula: "breaks ~ wool + tension", experts: "poisson" },
    formula: "breaks ~ wool + tension",
    family: "poisson",
    rows: 54,
    complete: 54,
  },
  {
    why: "10,000 rows, blanks and dollar signs in the names, missing speeds",
    file: "birdstrikes.csv",
    options: {
      response: "Speed IAS in knots",
      features: ["Phase of flight", "Wildlife Size", "Cost Total $"],
      missing: "drop",
    },
    formula: "`Speed IAS in knots` ~ `Phase of flight` + `Wildlife Size` + `Cost Total $`",
    rows: 10_000,
    complete: 7164,
  },
  {
    why: "dates, weather in words",
    file: "seattle-weather.csv",
    options: { response: "temp_max", features: ["temp_min", "wind", "weather", "date"] },
    // It has days of all five kinds of weather, and an expert for the rows of some kinds alone.
    two: { ridge: 0.01 },
    formula: "temp_max ~ temp_min + wind + weather + as.numeric(as.Date(date))",
    rows: 1461,
    complete: 1461,
  },
  {
    why: "JSON with titles that are numbers, null in most columns, blanks in the names, budgets of 218 to 3e8",
    file: "movies.json",
    options: {
      response: "IMDB Rating",
      features: ["Production Budget", "Running Time min", "Major Genre"],
      missing: "drop",
    },
    formula: "`IMDB Rating` ~ `Production Budget` + `Running Time min` + `Major Genre`",
    rows: 3201,
    complete: 1141,
  },
  {
    why: "JSON with brackets in the names, null, and a sex that is a point",
    file: "penguins.json",
    options: { response: "Body Mass (g)", features: ["Flipper Length (mm)", "Species", "Sex"], missing: "drop" },
    formula: "`Body Mass (g)` ~ `Flipper Length (mm)` + Species + Sex",
    rows: 344,
    complete: 333,
  },
  {
    why: "Parquet of three million rows, of which a query takes some",
    file: "flights-3m.parquet",
    options: {
      response: "delay",
      features: ["distance", "origin"],
      sql: "select delay, distance, origin from data where date < '2001-01-03' and origin in ('SEA', 'JFK', 'ORD')",
    },
    formula: "delay ~ distance + origin",
    rows: 2708,
    complete: 2708,
  },
];

const script = `
  args <- commandArgs(TRUE)
  data <- read.csv(args[1], check.names = FALSE, stringsAsFactors = TRUE, na.strings = c("NA", "", "."))
  names(data)[names(data) == ""] <- "row names"
  family <- if (args[3] == "gaussian") gaussian() else if (args[3] == "poisson") poisson() else binomial()
  found <- glm(as.formula(args[2]), family, data, control = list(epsilon = 1e-14, maxit = 100))
  if (args[3] == "gaussian") found <- lm(as.formula(args[2]), data)
  cat(nobs(found), "\\n")
  for (name in names(coef(found))) cat(gsub("\`", "", name), "\\t", sprintf("%.17g", coef(found)[[name]]), "\\n", sep = "")`;

function runR(...args: string[]): string {
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const { status, stdout, stderr } = spawnSync("Rscript", ["--vanilla", "-e", ...args], { encoding: "utf8", env });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

/** The file itself, and one of CSV of the same rows, which is the same unless R can't read it. */
async function pathsOf({ file, options }: Messy): Promise<readonly [own: string, csv: string]> {
  const own = file.includes(".") ? join(published, file) : join(folder, `${file}.csv`);
  if (file.endsWith("csv") || !file.includes(".")) return [own, own];
  const csv = join(folder, `${file}.csv`);
  const query = options.sql?.replace("from data", `from '${own}'`) ?? `from '${own}'`;
  await duckdb.run(`copy (${query}) to '${csv}'`);
  return [own, csv];
}

beforeAll(() => {
  const sets = files.map(({ file }) => file).filter((file) => !file.includes("."));
  runR(
    "for (name in commandArgs(TRUE)[-1]) write.csv(get(name), file.path(commandArgs(TRUE)[1], paste0(name, '.csv')))",
    folder,
    ...sets,
  );
});

/** The coefficients of the one expert, by their names in R. */
function coefficientsOf({ mixture, theta }: Fit, dates: string): Record<string, number> {
  const names = mixture.spec.expertColumns.map((name) => {
    return name === "(intercept)" ? "(Intercept)" : name === "date" ? dates : name;
  });
  return Object.fromEntries(names.map((name, j) => [name, theta[j]]));
}

describe.each(files)("$file: $why", (messy) => {
  test("one expert has R's coefficients, of R's rows", async () => {
    const [own, csv] = await pathsOf(messy);
    const found = fit(own, { ...messy.options, k: 1 } as FitOptions) as Fit;
    const [count, ...lines] = runR(script, csv, messy.formula, messy.family ?? "gaussian")
      .trim()
      .split("\n");
    const right = Object.fromEntries(lines.map((line) => line.split("\t")).map(([name, text]) => [name, Number(text)]));
    expect([found.observations.rows, found.dropped.rows.length]).toEqual([Number(count), messy.rows - messy.complete]);
    expect(Number(count)).toBe(messy.complete);
    const estimates = coefficientsOf(found, "as.numeric(as.Date(date))");
    expect(Object.keys(estimates).sort()).toEqual(Object.keys(right).sort());
    for (const [name, value] of Object.entries(right)) {
      expect(Math.abs(estimates[name] - value) / Math.abs(value), name).toBeLessThan(1e-6);
    }
  });

  test("two experts converge, and predict every row that misses nothing", async () => {
    const [own] = await pathsOf(messy);
    const { sql } = messy.options;
    if (messy.two) {
      expect(() => fit(own, { ...messy.options, k: 2, starts: 3 } as FitOptions)).toThrow("set a ridge above 0");
    }
    const found = fit(own, { ...messy.options, ...messy.two, k: 2, starts: 3 } as FitOptions);
    expect([found.result, Number.isFinite(found.logLikelihood)]).toEqual(["converged", true]);
    const { rows, mean, probabilities } = predict(found, readTable(own, sql ? { sql } : {}));
    expect(rows).toBe(messy.rows);
    const values = mean ?? probabilities!.filter((_, at) => at % 2 === 0);
    expect(values.filter(Number.isFinite).length).toBeGreaterThanOrEqual(messy.complete);
  });
});
