import type { FitAlgorithm } from "../algorithms/named.ts";
import { InputError } from "../errors.ts";
import { type Journal, openJournal } from "../files/journal.ts";
import type { Observations } from "../rows/observations.ts";
import type { FitPlan } from "./fit-options.ts";
import type { Task } from "./fit-task.ts";
import { fingerprint } from "./origin.ts";

/**
 * The journal of work on rows that is to be gone on from, should it end before its time.
 *
 * @param work such as "fit"
 * @param of all that its results depend on but the rows, by name
 * @throws InputError as {@link openJournal}, and to resume without a checkpoint
 */
export function checkpointOf(
  work: string,
  { checkpoint: file, resume }: Pick<FitPlan, "checkpoint" | "resume">,
  of: object,
  data: Observations,
): Journal | undefined {
  if (file === undefined) {
    if (resume) throw new InputError(work, "resume with a checkpoint", "none", "name its file (--checkpoint)");
    return undefined;
  }
  const parts = Object.entries(of).flatMap(([name, value]) => (value === undefined ? [] : [[name, plainText(value)]]));
  const { rows, sha256 } = fingerprint(data);
  return openJournal({ file, resume, of: { work, ...Object.fromEntries(parts), data: `${rows} rows, ${sha256}` } });
}

/** All that becomes of a fit is decided by this, and its rows. */
export function decisive(
  { formula, model }: Pick<Task, "formula" | "model">,
  plan: FitPlan,
  { name, memory }: FitAlgorithm,
): object {
  const { starts, startScheme, scale, seed, startColumns, start, maxIterations, tolerance } = plan;
  const search = { starts, startScheme, scale, seed, startColumns, start, maxIterations, tolerance };
  return { ...formula, ...model.spec, ...search, algorithm: { name, ...memory?.told } };
}

/** A value as JSON, typed arrays as lists. */
function plainText(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    ArrayBuffer.isView(entry) ? Array.from(entry as Float64Array) : entry,
  );
}
