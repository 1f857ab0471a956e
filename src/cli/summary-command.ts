import type { Command } from "commander";
import { tableHtml } from "../display/html.ts";
import { tableMarkdown } from "../display/markdown.ts";
import { tableLatex } from "../display/table-latex.ts";
import { oneOf } from "../errors/kinds.ts";
import { type Defaulted, defaulted, optional } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { BootstrapTable } from "../inference/bootstrap.ts";
import { ERRORS } from "../inference/covariance.ts";
import { LEVEL } from "../inference/level.ts";
import { REPLICATES } from "../inference/replicates.ts";
import { type SummaryOptions, summary, summaryTable } from "../inference/summary.ts";
import { type Table, type TableLimits, tableText } from "../text/table.ts";
import { type ModelFlags, modelCommand, withRows } from "./model-rows.ts";
import { addFlags } from "./options.ts";
import { print, printJson } from "./output.ts";

/** What a table is printed as. */
const FORMATS: Readonly<Record<string, (table: Table, limits: TableLimits) => string>> = {
  text: tableText,
  markdown: tableMarkdown,
  latex: tableLatex,
  html: tableHtml,
};

const SUMMARY = {
  errors: optional(oneOf(["observed", "sandwich", "bootstrap"]), "how standard errors are found", {
    otherwise: "sandwich where there is a column of clusters, else observed",
  }),
  cluster: ERRORS.cluster,
  level: LEVEL.level,
  format: defaulted(oneOf(Object.keys(FORMATS)), "text", "what the table is printed as"),
};

const { replicates } = new BootstrapTable();
const { seed, workers } = REPLICATES;
const OF_BOOTSTRAP = { replicates: withoutDefault(replicates), seed: withoutDefault(seed), workers };

interface Flags extends ModelFlags, Pick<SummaryOptions, "cluster"> {
  readonly errors?: "observed" | "sandwich" | "bootstrap";
  readonly level: number;
  readonly format: string;
  readonly replicates?: number;
  readonly seed?: number;
  readonly workers?: number;
}

/** `mixlens summary MODEL DATA` */
export function addSummary(program: Command): void {
  const command = modelCommand(program, "summary", "every parameter with its standard error, z, p and interval");
  addFlags(command, { ...SUMMARY, ...OF_BOOTSTRAP });
  command.action(run);
}

/** The same option, so that it shows whether it was given. */
function withoutDefault({ value, help = "", ...kind }: Defaulted<number>): ReturnType<typeof optional<number, number>> {
  return optional(kind, help, { otherwise: String(value) });
}

function run(model: string, data: string, flags: Flags): void {
  const options = errorsOf(flags);
  const found = summary(withRows(model, data, flags), { level: flags.level, ...options });
  if (flags.json) {
    const { parameters, shares, logLikelihood, criteria, rate, certificate, messages } = found;
    printJson({ parameters, shares, logLikelihood, ...criteria, rate, certificate, messages });
  } else print(FORMATS[flags.format](summaryTable(found), { rows: Number.POSITIVE_INFINITY }));
}

/** What the library calls the errors that are asked for. */
function errorsOf({ errors, cluster, replicates, seed, workers }: Flags): SummaryOptions {
  const given = Object.entries({ replicates, seed, workers }).filter(([, value]) => value !== undefined);
  if (errors === "bootstrap") {
    if (cluster !== undefined) refuse("--cluster with --errors sandwich only", `--cluster ${quote(cluster)}`);
    return { bootstrap: Object.fromEntries(given) };
  }
  for (const [name, value] of given) refuse(`--${name} with --errors bootstrap only`, `--${name} ${value}`);
  if (cluster === undefined) return errors === "sandwich" ? { type: "robust" } : {};
  if (errors === "observed") refuse("--cluster with --errors sandwich only", `--cluster ${quote(cluster)}`);
  return { cluster };
}

function refuse(expected: string, got: string): never {
  throw new InputError("run mixlens", expected, got);
}
