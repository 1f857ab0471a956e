#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { FitFailure } from "../algorithms/fit.ts";
import { packageRoot } from "../data/package-root.ts";
import { InputError } from "../errors.ts";
import { addDatasets } from "./dataset-commands.ts";
import { addFit } from "./fit-command.ts";
import { addJupyter } from "./jupyter-commands.ts";
import { addModelCommands } from "./model-commands.ts";
import { log } from "./output.ts";

const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };

const program = new Command("mixlens")
  .description("mixtures of experts fitted by EM, and why and how fast EM converges")
  .version(version)
  // What commander would print of a mistake, the error says in one line.
  .configureOutput({ writeErr: () => {} })
  .exitOverride();
addFit(program);
addModelCommands(program);
addDatasets(program);
addJupyter(program);
inherit(program);

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  if (process.argv.length === 2) program.help();
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Commands report their mistakes as the program does. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}

/** Says what went wrong, and returns the exit code: 2 for the input, 1 for the work itself. */
function report(error: unknown): number {
  if (error instanceof InputError) {
    log(error.message);
    return 2;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const found = error.message.replace(/^error: /, "").replace(/\.$/, "");
    log(`Cannot run mixlens: expected what "mixlens --help" lists, got ${found}`);
    return 2;
  }
  if (error instanceof FitFailure) log(error.message);
  else
    log(`mixlens failed, which is a defect of it: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  return 1;
}
