import { join } from "node:path";
import type { Command } from "commander";
import { tableText } from "../display/table.ts";
import { EXPERIMENT_IDS, experimentId, experimentOf } from "../experiments/registry.ts";
import { writeReport } from "../experiments/report.ts";
import { run } from "../experiments/run.ts";
import { interrupted } from "./interrupt.ts";
import { number } from "./options.ts";
import { log, print, printJson } from "./output.ts";
import { runProgress } from "./progress.ts";

interface ReproduceFlags {
  instances?: number;
  seed: number;
  out?: string;
  resume?: boolean;
  json?: boolean;
}

/** `mixlens reproduce ID` */
export function addReproduce(program: Command): void {
  program
    .command("reproduce")
    .description("compute a figure or table of the paper anew")
    .argument("<id>", EXPERIMENT_IDS.join(", "))
    .option(
      "--instances <number>",
      "how often it is computed, with other seeds (default: as the paper)",
      number("instances"),
    )
    .option("--seed <number>", "seed of the seeds", number("seed"), 1)
    .option("--out <folder>", "folder of the results (default: reproduced/ID)")
    .option("--resume", "continue the run in that folder")
    .option("--json", "print one JSON document")
    .action(reproduce);
}

async function reproduce(id: string, flags: ReproduceFlags): Promise<void> {
  const experiment = experimentOf(experimentId(id));
  const { out: folder = join("reproduced", id), json, ...options } = flags;
  const progress = runProgress(id);
  const signal = interrupted();
  let done = 0;
  try {
    const found = await run(experiment, {
      ...options,
      folder,
      signal,
      now: () => performance.now(),
      onDamaged: (file) => log(`${file} is damaged: its instance is computed again`),
      onProgress: (step) => {
        done = step.done;
        progress.onProgress(step);
      },
    });
    await writeReport(folder, found);
    progress.end();
    const { seed, instances } = found.manifest;
    if (json) printJson({ ...found.summary.json, instances, seed, folder });
    else {
      for (const table of found.summary.tables) print(`${tableText(table)}\n`);
      print(`written to ${join(folder, "results.html")}`);
    }
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    const total = options.instances ?? experiment.instances;
    log(`Stopped after ${done} of ${total} instances; continue with: ${again(id, flags)}`);
    process.exitCode = 130;
  }
}

/** The command that continues a run. */
function again(id: string, { seed, instances, out }: ReproduceFlags): string {
  const flags = [
    ...(seed === 1 ? [] : [`--seed ${seed}`]),
    ...(instances === undefined ? [] : [`--instances ${instances}`]),
    ...(out === undefined ? [] : [`--out ${JSON.stringify(out)}`]),
  ];
  return ["mixlens reproduce", id, ...flags, "--resume"].join(" ");
}
