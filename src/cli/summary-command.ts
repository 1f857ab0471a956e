import type { Command } from "commander";
import { tableHtml } from "../display/html.ts";
import { tableMarkdown } from "../display/markdown.ts";
import { tableLatex } from "../display/table-latex.ts";
import { oneOf } from "../errors/kinds.ts";
import { type Defaulted, defaulted, optional, partOf } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { type BootstrapOptions, BootstrapTable } from "../inference/bootstrap.ts";
import { ERRORS } from "../inference/covariance.ts";
import { LEVEL } from "../inference/level.ts";
import { REPLICATES } from "../inference/replicates.ts";
import { type SummaryOptions, summary, summaryTable } from "../inference/summary.ts";
import { type Table, type TableLimits, tableText } from "../text/table.ts";
import { type ModelFlags, modelCommand, modelWithRows } from "./model-rows.ts";
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

const { replicates, checkpoint, resume } = new BootstrapTable();
const { seed, workers } = REPLICATES;
const OF_BOOTSTRAP = {
  replicates: withoutDefault(replicates),
  seed: withoutDefault(seed),
  workers,
  checkpoint,
  resume,
};

interface Flags extends ModelFlags, Pick<SummaryOptions, "cluster">, OfBootstrap {
  readonly errors?: "observed" | "sandwich" | "bootstrap";
  readonly level: number;
  readonly format: string;
}

type OfBootstrap = Pick<BootstrapOptions, keyof typeof OF_BOOTSTRAP>;

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
  const found = summary(modelWithRows(model, data, flags), { level: flags.level, ...options });
  if (flags.json) {
    const { parameters, shares, logLikelihood, criteria, rate, certificate, messages } = found;
    printJson({ parameters, shares, logLikelihood, ...criteria, rate, certificate, messages });
  } else print(FORMATS[flags.format](summaryTable(found), { rows: Number.POSITIVE_INFINITY }));
}

/** What the library calls the errors that are asked for. */
function errorsOf({ errors, cluster, ...flags }: Flags): SummaryOptions {
  const given = Object.entries(partOf(flags, OF_BOOTSTRAP));
  if (errors === "bootstrap") {
    if (cluster !== undefined) refuse("--cluster with --errors sandwich only", `--cluster ${quote(cluster)}`);
    return { bootstrap: Object.fromEntries(given) };
  }
  for (const [name] of given) refuse(`--${name} with --errors bootstrap only`, "it without");
  if (cluster === undefined) return errors === "sandwich" ? { type: "robust" } : {};
  if (errors === "observed") refuse("--cluster with --errors sandwich only", `--cluster ${quote(cluster)}`);
  return { cluster };
}

function refuse(expected: string, got: string): never {
  throw new InputError("run mixlens", expected, got);
}
