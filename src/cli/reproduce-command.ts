import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { PageTable } from "../display/render/page.ts";
import { seed, whole } from "../errors/kinds.ts";
import { defaulted, optional } from "../errors/options.ts";
import type { WorkFailure } from "../errors.ts";
import { EXPERIMENT_IDS, experimentId } from "../experiments/runner/registry.ts";
import { reproduce } from "../experiments/runner/reproduce.ts";
import { tableText } from "../text/table.ts";
import { interrupted } from "./interrupt.ts";
import { addFlags } from "./options.ts";
import { log, print, printJson } from "./output.ts";
import { downloadProgress, runProgress } from "./progress.ts";

interface ReproduceFlags {
  instances?: number;
  seed: number;
  images?: number;
  passes?: number;
  plotly?: string;
  out?: string;
  resume?: boolean;
  json?: boolean;
}

/** `mixlens reproduce ID` */
export function addReproduce(program: Command): void {
  const command = program
    .command("reproduce")
    .description("compute a figure or table of the paper anew")
    .argument("<id>", EXPERIMENT_IDS.join(", "));
  addFlags(command, {
    instances: optional(whole, "how often it is computed, with other seeds", { otherwise: "as the paper" }),
    seed: defaulted(seed, 1, "seed of the seeds"),
    images: optional(whole, "images to train with, the first of them: of deep", { otherwise: "all 60,000" }),
    passes: optional(whole, "passes over them: of deep", { otherwise: "10" }),
    plotly: new PageTable().plotly,
  });
  command
    .option("--out <folder>", "folder of the results (default: reproduced/ID)")
    .option("--resume", "continue the run in that folder")
    .option("--json", "print one JSON document")
    .action(reproduceCommand);
}

async function reproduceCommand(name: string, flags: ReproduceFlags): Promise<void> {
  const id = experimentId(name);
  const { out: folder = join("reproduced", id), json, ...options } = flags;
  const progress = runProgress(id);
  const { onProgress: onDownload } = downloadProgress();
  const signal = interrupted();
  let [done, total] = [0, 0];
  const unwritten: WorkFailure[] = [];
  try {
    if (options.resume && !existsSync(folder))
      log(`There was no run in ${JSON.stringify(folder)} to resume: it begins anew.`);
    const found = await reproduce(id, {
      ...options,
      folder,
      signal,
      ...(onDownload && { onDownload }),
      onDamaged: (file) => log(`${file} is damaged: its instance is computed again`),
      // The first is told at once: what is full may be emptied while the run goes on.
      onUnwritten: (failure) => {
        if (unwritten.push(failure) === 1) log(failure.message);
        process.exitCode = 1;
      },
      onLeftOut: (reason) => {
        log(reason);
        process.exitCode = 1;
      },
      onProgress: (step) => {
        ({ done, total } = step);
        progress.onProgress(step);
      },
    });
    progress.end();
    if (json) printJson({ ...found.json, instances: found.total, seed: found.seed, folder });
    else {
      for (const table of found.tables) print(`${tableText(table)}\n`);
      if (unwritten.length === 0) print(`written to ${join(folder, "results.html")}`);
    }
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    const when = total === 0 ? "before the first instance" : `after ${done} of ${total} instances`;
    log(`Stopped ${when}; continue with: ${again(id, flags)}`);
    process.exitCode = 130;
  }
}

/** The command that continues a run. */
function again(id: string, { seed, instances, images, passes, plotly, out }: ReproduceFlags): string {
  const flags = [
    ...(seed === 1 ? [] : [`--seed ${seed}`]),
    ...(instances === undefined ? [] : [`--instances ${instances}`]),
    ...(images === undefined ? [] : [`--images ${images}`]),
    ...(passes === undefined ? [] : [`--passes ${passes}`]),
    ...(plotly === undefined ? [] : [`--plotly ${JSON.stringify(plotly)}`]),
    ...(out === undefined ? [] : [`--out ${JSON.stringify(out)}`]),
  ];
  return ["mixlens reproduce", id, ...flags, "--resume"].join(" ");
}
