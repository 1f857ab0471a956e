#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { InputError, WorkFailure } from "../errors.ts";
import { packageVersion } from "../files/package-root.ts";
import { addBench } from "./bench-command.ts";
import { addDatasets } from "./dataset-commands.ts";
import { addDoctor } from "./doctor-command.ts";
import { addFit } from "./fit-command.ts";
import { addJupyter } from "./jupyter-commands.ts";
import { addModelCommands } from "./model-commands.ts";
import { guardStreams, log, printText } from "./output.ts";
import { addReport } from "./report-command.ts";
import { addReproduce } from "./reproduce-command.ts";
import { addSelect } from "./select-command.ts";
import { addSummary } from "./summary-command.ts";
import { usageError } from "./usage.ts";
import { addWorker } from "./worker-command.ts";

const program = new Command("mixlens")
  .description("mixtures of experts fitted by EM, and why and how fast EM converges")
  .version(packageVersion())
  // What commander would print of a mistake, the error says in one line.
  .configureOutput({ writeErr: () => {}, writeOut: printText });
addFit(program);
addSelect(program);
addModelCommands(program);
addSummary(program);
addReport(program);
addReproduce(program);
addDatasets(program);
addJupyter(program);
addBench(program);
addDoctor(program);
addWorker(program);
inherit(program);

guardStreams();
try {
  if (process.argv.length === 2) program.help();
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** A command reports its mistakes as the program does, and the program by throwing. */
function inherit(command: Command): void {
  command.exitOverride((stop) => {
    throw stop.exitCode === 0 ? stop : usageError(command, stop);
  });
  for (const below of command.commands) inherit(below.copyInheritedSettings(command));
}

/** Says what went wrong, and returns the exit code: 2 for the input, 1 for the work itself. */
function report(error: unknown): number {
  if (error instanceof InputError) {
    log(error.message);
    return 2;
  }
  // Help and version are printed by now.
  if (error instanceof CommanderError) return Number(process.exitCode ?? 0);
  if (error instanceof WorkFailure) log(error.message);
  else
    log(`mixlens failed, which is a defect of it: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  return 1;
}
