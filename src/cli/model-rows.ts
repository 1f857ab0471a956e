import type { Command } from "commander";
import { partOf } from "../errors/options.ts";
import type { Whole } from "../fit/fitted.ts";
import { load } from "../fit/model-file.ts";
import { PREDICT, type PredictOptions } from "../fit/predict-options.ts";
import { completeRows } from "../frame/complete.ts";
import { columnsNeeded, observeComplete } from "../frame/observe.ts";
import type { Observations } from "../rows/observations.ts";
import { READ, type ReadOptions } from "../table/read-options.ts";
import { readTable } from "../table/read-table.ts";
import { addFlags, DATA, MODEL } from "./options.ts";

/** What every command of a model and rows takes. */
export interface ModelFlags extends Pick<PredictOptions, "missing">, ReadOptions {
  readonly json?: boolean;
}

/** A command that takes a model file and the file of its rows. */
export function modelCommand(program: Command, name: string, description: string): Command {
  const made = program
    .command(name)
    .description(description)
    .argument("<model>", MODEL)
    .argument("<data>", DATA)
    .option("--json", "print one JSON document");
  addFlags(made, { missing: PREDICT.missing, ...READ });
  return made;
}

/** A model with its rows. */
export interface ModelWithRows extends Whole {
  readonly observations: Observations;
}

/** The model of a file, whole: with the rows of another. */
export function withRows(model: string, data: string, flags: ModelFlags): ModelWithRows {
  const fitted = load(model);
  const formula = { ...fitted.formula, ...(flags.missing && { missing: flags.missing }) };
  const given = readTable(data, partOf(flags, READ));
  const { table } = completeRows(given, columnsNeeded(given, formula, true), formula.missing);
  return { ...fitted, formula, table, observations: observeComplete(table, formula, true) };
}
