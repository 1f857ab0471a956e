#!/usr/bin/env node
import { CommanderError } from "commander";
import { InputError, WorkFailure } from "../errors.ts";
import { guardStreams, log } from "./output.ts";
import { mixlensProgram } from "./program.ts";

guardStreams();
try {
  const program = mixlensProgram();
  if (process.argv.length === 2) program.help();
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
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
