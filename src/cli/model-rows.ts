import type { Command } from "commander";
import { partOf } from "../errors/options.ts";
import { quote } from "../errors.ts";
import { filesMatching } from "../files/glob.ts";
import { type WithRows, withRows } from "../fit/fitted.ts";
import { load } from "../fit/model-file.ts";
import { PREDICT, type PredictOptions } from "../fit/predict-options.ts";
import { type RowSource, source } from "../fit/source/source.ts";
import { kindOfFiles } from "../table/file-kind.ts";
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

/** The rows of files as they come; those that a query makes of CSV files are read at once. */
export function sourceOf(data: string, read: ReadOptions): RowSource {
  if (read.sql === undefined || kindOfFiles(filesMatching(data), quote(data)) !== "a CSV file")
    return source(data, read);
  return source(readTable(data, read));
}

/** The model of a file, whole: with the rows of another. */
export function modelWithRows(model: string, data: string, flags: ModelFlags): WithRows {
  const { formula, ...fitted } = load(model);
  const own = { ...fitted, formula: { ...formula, ...(flags.missing && { missing: flags.missing }) } };
  return withRows("read a model's rows", own, readTable(data, partOf(flags, READ)), "with a file of rows");
}
