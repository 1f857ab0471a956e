import { Command } from "commander";
import { packageVersion } from "../files/package-root.ts";
import { addBench } from "./bench-command.ts";
import { addDatasets } from "./dataset-commands.ts";
import { addDoctor } from "./doctor-command.ts";
import { addFit } from "./fit-command.ts";
import { addJupyter } from "./jupyter-commands.ts";
import { addModelCommands } from "./model-commands.ts";
import { printText } from "./output.ts";
import { addReport } from "./report-command.ts";
import { addReproduce } from "./reproduce-command.ts";
import { addSelect } from "./select-command.ts";
import { addSummary } from "./summary-command.ts";
import { usageError } from "./usage.ts";
import { addWorker } from "./worker-command.ts";

/** The command line with all its commands: mistakes in it are thrown as InputErrors. */
export function mixlensProgram(): Command {
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
  return program;
}

/** A command reports its mistakes as the program does, and the program by throwing. */
function inherit(command: Command): void {
  command.exitOverride((stop) => {
    throw stop.exitCode === 0 ? stop : usageError(command, stop);
  });
  for (const below of command.commands) inherit(below.copyInheritedSettings(command));
}
