import type { Command } from "commander";
import type { AlgorithmName } from "../algorithms/named.ts";
import { partOf } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import type { FitOptions } from "../fit/fit-options.ts";
import { checkModelOutput, save } from "../fit/model-file.ts";
import {
  FIT_OF_ANY_K,
  SELECT,
  type Selection,
  type SelectModelOptions,
  selectionTable,
  selectModel,
} from "../inference/select-model.ts";
import { tableText } from "../text/table.ts";
import { addAlgorithmFlags, algorithmOf } from "./algorithms.ts";
import { addFlags, DATA } from "./options.ts";
import { log, print, printJson } from "./output.ts";
import { fitProgress } from "./progress.ts";

/** What the flags say: options of the choice and of its fits, and what is done with it. */
type Flags = Omit<SelectModelOptions, "algorithm" | "fixed"> & {
  readonly algorithm?: AlgorithmName;
  readonly fix?: FitOptions["fixed"];
  readonly active?: FitOptions["activeExperts"];
  readonly modelOut?: string;
  readonly json?: boolean;
};

const { start: _, startColumns: __, ...FLAGS_OF_FITS } = FIT_OF_ANY_K;
const { k: ___, ...SELECT_BUT_K } = { ...SELECT };

/** `mixlens select DATA --k 1..4` */
export function addSelect(program: Command): void {
  const command = program
    .command("select")
    .description("fit several numbers of experts to the rows of a file, and choose one")
    .argument("<data>", DATA)
    .option("--k <numbers>", "numbers of experts, such as 1..4 or 1,2,4 (default: 1..4)", countsOf);
  addFlags(command, { ...SELECT_BUT_K, ...FLAGS_OF_FITS });
  addAlgorithmFlags(command);
  command
    .option("--model-out <file>", "write the chosen model to a file")
    .option("--json", "print one JSON document")
    .action(run);
}

/** The most numbers of experts in a range: one more is a slip. */
const MOST = 100;

/** Numbers written as `1..4`, or as `1,2,4`. */
function countsOf(text: string): readonly number[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(text);
  const list =
    range === null ? text.split(",").map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN)) : [];
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    for (let k = from; k <= to && list.length <= MOST; k++) list.push(k);
  }
  const areCounts = list.every((k) => Number.isSafeInteger(k) && k >= 1) && new Set(list).size === list.length;
  if (areCounts && list.length > 0 && list.length <= MOST) return list;
  throw new InputError("run mixlens", `--k to be numbers of experts such as 1..4 or 1,2,4, up to ${MOST}`, quote(text));
}

async function run(data: string, flags: Flags): Promise<void> {
  const { modelOut, json } = flags;
  const algorithm = algorithmOf(flags.algorithm, flags);
  if (modelOut !== undefined) checkModelOutput(modelOut, [data]);
  const progress = fitProgress();
  let found: Selection;
  try {
    found = selectModel(data, {
      ...partOf(flags, { ...FLAGS_OF_FITS, ...SELECT }),
      ...(flags.fix && { fixed: flags.fix }),
      ...(flags.active && { activeExperts: flags.active }),
      ...(progress.onStep && { onStep: progress.onStep }),
      ...(algorithm && { algorithm }),
    } as SelectModelOptions);
  } finally {
    progress.end();
  }
  const { models, best, by, messages } = found;
  for (const message of messages) log(message);
  for (const { k, messages } of models) for (const message of messages) log(`k = ${k}: ${message}`);
  if (json) printJson({ models, best, by, messages });
  else print(tableText(selectionTable(found)));
  // Last: what is printed is not lost with a disk that is full.
  if (modelOut !== undefined) await save(found.fit, modelOut);
}
