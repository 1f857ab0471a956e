import { checkArgument } from "../errors/arguments.ts";
import { type Kind, listOf, number, objectOf, oneOf, required, text } from "../errors/kinds.ts";
import { type Declared, type PlanOf, partOf, readOptions } from "../errors/options.ts";
import { attempt, InputError, quote, reasonOf } from "../errors.ts";
import { type Criteria, criteriaOf } from "../fit/criteria.ts";
import { fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { otherRows } from "../fit/origin.ts";
import { DENSE } from "../models/information.ts";
import type { Mixture } from "../models/mixture.ts";
import { tallyOf } from "../models/tally.ts";
import { zeroExpert } from "../models/zero-expert.ts";
import type { Observations } from "../rows/observations.ts";
import { formatHundredths, formatRate } from "../text/number.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { certifiedRows, certify } from "../theory/certificate.ts";
import type { Bootstrap, BootstrapOptions } from "./bootstrap.ts";
import { type Covariance, covarianceFor, ERRORS, type ErrorOptions, type ErrorTable } from "./covariance.ts";
import { bootstrapOf, confint, type Intervals, replicated, scaleName } from "./intervals.ts";
import { estimateOf, LEVEL, percent } from "./level.ts";
import { spectrum } from "./spectrum.ts";

/** How a summary is made: the coverage of its intervals, default 0.95, and how standard errors are found. */
export interface SummaryOptions extends ErrorOptions {
  readonly level?: number;
  /** Replicates that standard errors and the ends of intervals (percentiles) are of, or how they are made; default: none. */
  readonly bootstrap?: Bootstrap | Omit<BootstrapOptions, "rows">;
}

/** A parameter of a fit, and how sure it is; null where that is not known. */
export interface SummaryRow {
  /** Such as `expert1.x`; a scale by its own name, `expert1.sigma`. */
  readonly name: string;
  readonly estimate: number;
  readonly standardError: number | null;
  /** The estimate in standard errors, and the two-sided p-value of 0; null of a scale, which is never 0. */
  readonly z: number | null;
  readonly p: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** All there is to say of a fit in one page. */
export interface FitSummary {
  readonly level: number;
  readonly parameters: readonly SummaryRow[];
  /** Share of the rows, by their weights, that each expert answers for (k). */
  readonly shares: readonly number[];
  readonly logLikelihood: number;
  readonly criteria: Criteria;
  /** EM's rate of convergence there; null where it is not known. */
  readonly rate: number | null;
  /** Whether EM's first steps were those of mirror descent; null of a law that has no natural form, and where a step has no certificate. */
  readonly certificate: "holds" | "fails" | null;
  /** What should be known about the fit and its errors. */
  readonly messages: readonly string[];
}

const OPTIONS = { ...LEVEL, ...ERRORS, bootstrap: replicated } satisfies Declared<SummaryOptions>;
const ACT = "summarise a fit";
const CALL = "summary(model, { rows })";
/** Steps that are certified: each costs some E-steps. */
const STEPS = 3;

/**
 * A fit in one page: every parameter with its standard error, z, p and interval, shares, criteria, rate and certificate.
 *
 * Standard errors are those of {@link covariance}, or of replicates; of a scale by the delta method, its interval the
 * exponential of its logarithm's. Where there are none the numbers are null, and a message says why; another says where the
 * rows are not those that a model from a file was fitted to.
 *
 * @returns prints as text; `summaryTable` makes a table of it for Markdown, HTML and LaTeX
 * @throws InputError for a model without rows where none are given, and for a covariance that can't be asked for
 * @remarks cost: that of `covariance` and `spectrum`, and three certified steps, of more than 20,000 rows those of so many
 * @example
 * ```ts
 * import { datasetPath, fit, summary } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { parameters, certificate } = summary(iris);
 * const slope = parameters.find(({ name }) => name === "expert1.petal_length");
 * if (!(slope?.p !== undefined && slope.p !== null && slope.p < 0.01) || certificate !== "holds") throw new Error("a slope");
 * ```
 */
export function summary(fit: Whole, options: SummaryOptions = {}): FitSummary {
  const { level, ...given } = readOptions(ACT, options, OPTIONS);
  const { mixture, theta } = fittedParts(ACT, fit);
  const data = rowsOfFit(ACT, fit, given.rows, CALL);
  const errors =
    given.bootstrap === undefined ? curvatureErrors(fit, partOf(given, ERRORS)) : replicateErrors(fit, given, level);
  const tally = tallyOf(mixture, theta, data);
  const { messages = [] } = fit as { readonly messages?: readonly string[] };
  const certificate = certificateOf(fit, data);
  return tabled<FitSummary>(
    {
      level,
      parameters: rowsOf(mixture, theta, errors, level),
      shares: tally.shares,
      logLikelihood: tally.logLikelihood,
      criteria: criteriaOf({ parameters: mixture.free.length, ...tally }),
      rate: rateOf(mixture, theta, data),
      certificate: certificate.found,
      messages: [...messages, ...otherRows(fit, data), ...errors.messages, ...certificate.messages],
    },
    summaryTable,
  );
}

/** Standard errors by name, with ends of intervals where they are not so many of them away; none where a message says why. */
interface Errors extends Partial<Pick<Covariance, "names" | "standardErrors">> {
  readonly ends?: Intervals["intervals"];
  readonly messages: readonly string[];
}

/** Errors by the curvature; of a saddle, say, there are none. */
function curvatureErrors(fit: Whole, asked: PlanOf<ErrorTable>): Errors {
  const { type = "observed", cluster, ...where } = asked;
  const { found, reason } = observedErrors(fit, where);
  if (found === undefined) return { messages: [`No standard errors: ${reason}.`] };
  if (type === "observed" && cluster === undefined) return found;
  // What is wrong now is the options' fault.
  return covarianceFor(ACT, CALL, fit, asked).covariance;
}

/** The covariance by the curvature alone, or why there is none. */
function observedErrors(
  fit: Whole,
  where: PlanOf<ErrorTable>,
): { readonly found?: Covariance; readonly reason?: string } {
  const tried = attempt(() => covarianceFor(ACT, CALL, fit, where).covariance);
  return "refusal" in tried ? { reason: reasonOf(tried.refusal) } : tried;
}

function replicateErrors(fit: Whole, { bootstrap = {}, rows, type, cluster }: SummaryOptions, level: number): Errors {
  if ((type ?? cluster) !== undefined) {
    const got = type === undefined ? `the cluster column ${quote(cluster)}` : `the type ${quote(type)}`;
    throw new InputError(ACT, "a type or clusters without a bootstrap", got, "leave one of them out");
  }
  const found = bootstrapOf(fit, bootstrap, rows);
  const { intervals } = confint(fit, { method: "bootstrap", bootstrap: found, level });
  const { reason } = observedErrors(fit, rows === undefined ? {} : { rows });
  const notes = reason === undefined ? [] : [`By the curvature there are no standard errors: ${reason}.`];
  return { ...found, ends: intervals, messages: [...found.messages, ...notes] };
}

function rowsOf(mixture: Mixture, theta: Float64Array, errors: Errors, level: number): readonly SummaryRow[] {
  const { names, spec, experts } = mixture;
  // What is always 0 has nothing to tell.
  const silent = new Set(experts[zeroExpert(spec) ?? -1]?.flatMap(({ at }) => at));
  const told = Array.from(names.keys()).filter((at) => !silent.has(at));
  return told.map((at): SummaryRow => {
    const scale = scaleName(mixture, at);
    const estimate = scale === undefined ? theta[at] : Math.exp(theta[at]);
    const name = scale ?? names[at];
    const standardError = errors.standardErrors?.[errors.names?.indexOf(names[at]) ?? -1];
    if (standardError === undefined) {
      return { name, estimate, standardError: null, z: null, p: null, lower: null, upper: null };
    }
    const found = { ...estimateOf(theta[at], standardError, level), ...errors.ends?.[names[at]] };
    if (scale === undefined) return { name, ...found };
    const [lower, upper] = [Math.exp(found.lower), Math.exp(found.upper)];
    return { name, estimate, standardError: estimate * found.standardError, z: null, p: null, lower, upper };
  });
}

/** Where the fit's best start began; of a model that was read, where it is. */
function rateOf(mixture: Mixture, theta: Float64Array, data: Observations): number | null {
  if (mixture.free.length > DENSE) return null;
  const { found } = attempt(() => spectrum(mixture, theta, data));
  return found?.observedInformation === "positive definite" ? found.rate : null;
}

/** Whether EM's first steps from where the fit began are certified, and of which rows, where these are some of many. */
function certificateOf(
  fit: Whole,
  data: Observations,
): { readonly found: FitSummary["certificate"]; readonly messages: readonly string[] } {
  const { mixture, theta: limit } = fit;
  if (mixture.law.natural === undefined) return { found: null, messages: [] };
  const { start = limit, seed = 1 } = fit as { readonly start?: Float64Array; readonly seed?: number };
  const { found } = attempt(() => {
    const rows = certifiedRows(data, seed);
    // Some of the rows have a limit of their own.
    return certify(mixture, start, rows, {
      steps: STEPS,
      sample: rows.rows,
      ...(rows.rows === data.rows && { limit }),
    });
  });
  if (found === undefined) return { found: null, messages: [] };
  const ofSome = `The certificate is that of ${found.rows} of the ${data.rows} rows, drawn at random.`;
  return { found: found.holds ? "holds" : "fails", messages: found.rows < data.rows ? [ofSome] : [] };
}

/** What is null where it is not known. */
function orNull<T>(kind: Kind<T>): Kind<T | null> {
  return { wanted: `${kind.wanted}, or null`, accepts: (value) => value === null || kind.accepts(value) };
}

const aSummary: Kind<FitSummary> = objectOf(
  {
    level: required(number),
    parameters: required(listOf(objectOf<SummaryRow>({ name: required(text) }, "a row"), "a list of rows")),
    shares: required(listOf(number, "a list of numbers")),
    logLikelihood: required(number),
    criteria: required(
      objectOf<Criteria>({ aic: required(number), bic: required(number), icl: required(number) }, "criteria"),
    ),
    rate: orNull(number),
    certificate: orNull(oneOf(["holds", "fails"])),
    messages: required(listOf(text, "a list of sentences")),
  },
  "a summary, as summary(fit) returns it",
);

/**
 * The parameters of a summary as a table, with the rest of it below.
 *
 * @throws InputError for what is no summary
 * @example
 * ```ts
 * import { datasetPath, fit, summary, summaryTable, tableMarkdown } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const text = tableMarkdown(summaryTable(summary(iris)));
 * if (!text.includes("expert1.sigma")) throw new Error(text);
 * ```
 */
export function summaryTable(summary: FitSummary): Table {
  checkArgument("make a table", "the summary", summary, aSummary);
  const { level, parameters, shares, logLikelihood, criteria, rate, certificate, messages } = summary;
  const scores = [
    `log-likelihood ${formatHundredths(logLikelihood)}`,
    `AIC ${formatHundredths(criteria.aic)}`,
    `BIC ${formatHundredths(criteria.bic)}`,
    `ICL ${formatHundredths(criteria.icl)}`,
  ];
  const more = [
    scores.join(", "),
    `shares ${shares.map((share) => `${(100 * share).toFixed(1)} %`).join(", ")}`,
    ...(rate === null ? [] : [`EM's rate ${formatRate(rate)}`]),
    ...(certificate === null ? [] : [`EM as mirror descent: ${certificate}`]),
  ];
  return {
    columns: [
      { name: "parameter" },
      ...["estimate", "standard error", "z"].map((name) => ({ name, align: "right" as const })),
      { name: "p", align: "right", floor: 1e-4 },
      ...["lower", "upper"].map((name) => ({ name, note: percent(level), align: "right" as const })),
    ],
    rows: parameters.map(({ name, estimate, standardError, z, p, lower, upper }) => {
      return [name, estimate, standardError, z, p, lower, upper];
    }),
    caption: more.join("; "),
    ...(messages.length > 0 && { note: messages.join(" ") }),
  };
}
