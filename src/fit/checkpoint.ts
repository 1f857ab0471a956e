import type { FitAlgorithm } from "../algorithms/named.ts";
import { InputError } from "../errors.ts";
import { type Deciding, type Journal, openJournal, partOfJournal } from "../files/journal.ts";
import type { Observations } from "../rows/observations.ts";
import type { FitPlan } from "./fit-options.ts";
import type { Task } from "./fit-task.ts";
import { fingerprint } from "./origin.ts";

/** What options say of a checkpoint. */
export type CheckpointOptions = Pick<FitPlan, "checkpoint" | "resume">;

/** Where work is noted: in a file, where options name one, or in a part of the journal of larger work, where that has one. */
export type NotedIn = CheckpointOptions | { readonly journal: Journal | undefined; readonly part: string };

/**
 * The journal of work on rows that is to be gone on from, should it end before its time.
 *
 * @param work such as "fit"
 * @param of all that its results depend on but the rows, by name
 * @throws InputError as {@link openJournal}, and to resume without a checkpoint
 */
export function checkpointOf(work: string, where: NotedIn, of: object, data: Observations): Journal | undefined {
  const deciding = (): Deciding => {
    const { rows, sha256 } = fingerprint(data);
    return { work, ...texts(of), data: `${rows} rows, ${sha256}` };
  };
  if ("part" in where) return where.journal && partOfJournal(where.journal, where.part, deciding());
  return journalOf(work, where, deciding);
}

/** The journal of work whose parts say what they depend on, but for what is `of` the whole. */
export function checkpointOfParts(work: string, where: CheckpointOptions, of: object): Journal | undefined {
  return journalOf(work, where, () => ({ work, ...texts(of) }));
}

function journalOf(
  work: string,
  { checkpoint: file, resume }: CheckpointOptions,
  deciding: () => Deciding,
): Journal | undefined {
  if (file !== undefined) return openJournal({ file, resume, of: deciding() });
  if (resume) throw new InputError(work, "resume with a checkpoint", "none", "name its file (--checkpoint)");
  return undefined;
}

/** What work depends on, as text. */
function texts(of: object): Deciding {
  const parts = Object.entries(of).flatMap(([name, value]) => (value === undefined ? [] : [[name, plainText(value)]]));
  return Object.fromEntries(parts);
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
