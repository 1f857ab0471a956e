import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { REPORT, type ReportOptions, reportOf } from "../charts/report.ts";
import { checkOutput } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import type { Origin } from "../fit/origin.ts";
import { type ModelFlags, modelCommand, modelWithRows } from "./model-rows.ts";
import { addFlags } from "./options.ts";
import { log, printJson } from "./output.ts";

interface Flags extends ModelFlags, Required<Pick<ReportOptions, "level" | "seed">> {
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
  const { out, json = false, level, seed } = flags;
  checkOutput(out);
  const own = modelWithRows(model, data, flags);
  const facts = [
    ["command", commandLine()],
    ["model", fingerprint(model)],
    ["data", fingerprint(data)],
    ...(own.origin === undefined ? [] : fittedBy(own.origin)),
  ] as const;
  const { html, messages } = await reportOf(own, { level, seed }, facts);
  for (const message of messages) log(message);
  await writeWhole(out, html);
  if (json) printJson({ out, messages });
  else log(`wrote ${out}`);
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
