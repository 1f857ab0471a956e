import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { REPORT, type ReportOptions, reportOf } from "../charts/report.ts";
import { plotlyLibrary } from "../display/render/plotly-library.ts";
import { InputError, quote } from "../errors.ts";
import { checkEnding } from "../files/ending.ts";
import { checkOutput, placeOf } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import type { Origin } from "../fit/origin.ts";
import { type ModelFlags, modelCommand, modelWithRows } from "./model-rows.ts";
import { addFlags } from "./options.ts";
import { log, printJson } from "./output.ts";

interface Flags extends ModelFlags, Pick<ReportOptions, "plotly">, Required<Pick<ReportOptions, "level" | "seed">> {
  readonly out: string;
}

/** `mixlens report MODEL DATA --out report.html` */
export function addReport(program: Command): void {
  const command = modelCommand(program, "report", "all there is to say of a model and its rows, in one web page");
  command.requiredOption("--out <file>", "web page that is written");
  addFlags(command, { ...REPORT });
  command.action(run);
}

async function run(model: string, data: string, flags: Flags): Promise<void> {
  const { out, json = false, level, seed, plotly } = flags;
  checkOutput(out, { reads: [model, data] });
  checkEnding(out, "a web page", [".html", ".htm"]);
  const library = plotly === undefined ? undefined : besidePage(out, plotly);
  const own = modelWithRows(model, data, flags);
  const facts = [
    ["command", commandLine()],
    ["model", fingerprint(model)],
    ["data", fingerprint(data)],
    ...(own.origin === undefined ? [] : fittedBy(own.origin)),
  ] as const;
  const { html, messages } = await reportOf(own, { level, seed, ...(plotly !== undefined && { plotly }) }, facts);
  for (const message of messages) log(message);
  if (library !== undefined) await writeWhole(library, plotlyLibrary(), { inNewFolder: true });
  await writeWhole(out, html);
  const wrote = [out, ...(library === undefined ? [] : [library])];
  if (json) printJson({ out, ...(library !== undefined && { plotly: library }), messages });
  else log(`wrote ${wrote.join(" and ")}`);
}

/** Where the file of plotly.js is written that a page links to. */
function besidePage(out: string, plotly: string): string {
  if (placeOf(out).kind !== "file") {
    throw new InputError(
      "write a report",
      "--out a file that plotly.js can lie beside",
      quote(out),
      "leave out --plotly",
    );
  }
  const library = join(dirname(out), plotly);
  if (join(out) === library) throw new InputError("write a report", "two files", `${quote(out)} for both`);
  checkOutput(library, { inNewFolder: true });
  return library;
}

/** What a model file says of where the model comes from. */
function fittedBy({ mixlens, node, seed, sql, data }: Origin): readonly (readonly [name: string, value: string])[] {
  return [
    ["fitted by", `mixlens ${mixlens} on Node ${node}, starts of seed ${seed}`],
    ["fitted to", `${data.rows} rows, whose numbers have the SHA-256 ${data.sha256}`],
    ...(sql === undefined ? [] : [["query", sql] as const]),
  ];
}

/** The command as it was given, each word in quotes that a shell would read otherwise. */
function commandLine(): string {
  const words = process.argv.slice(2).map((word) => {
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  });
  return ["npx mixlens", ...words].join(" ");
}

/** A file by its name and what is in it; a pattern of several, or what is no plain file, by its name alone. */
function fingerprint(path: string): string {
  if (!existsSync(path) || !statSync(path).isFile()) return path;
  return `${basename(path)}, SHA-256 ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}
