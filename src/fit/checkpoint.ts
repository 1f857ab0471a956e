import type { FitAlgorithm } from "../algorithms/named.ts";
import { partOf } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { type Journal, openJournal } from "../files/journal.ts";
import { finishedEm } from "./finished-em.ts";
import type { FitPlan } from "./fit-options.ts";
import type { Task } from "./fit-task.ts";
import { fingerprint } from "./origin.ts";

/** What becomes of a fit is decided by these, its rows, its formula and its model. */
const DECISIVE = {
  ...{ starts: true, startScheme: true, scale: true, seed: true, startColumns: true, start: true },
  ...{ maxIterations: true, tolerance: true },
};

/**
 * The journal of a fit that is to be gone on from, should it end before its time.
 *
 * @throws InputError as {@link openJournal}
 */
export function checkpointOf(plan: FitPlan, { formula, model, observations }: Task): Journal | undefined {
  const { checkpoint: file, resume, algorithm = finishedEm() } = plan;
  if (file === undefined) {
    if (resume) throw new InputError("fit", "resume with a checkpoint", "none", "name its file (--checkpoint)");
    return undefined;
  }
  const { rows, sha256 } = fingerprint(observations);
  const options = Object.entries({ ...formula, ...model.spec, ...partOf(plan, DECISIVE) });
  return openJournal({
    file,
    resume,
    of: {
      work: "fit",
      ...Object.fromEntries(options.map(([name, value]) => [name, plainText(value)])),
      algorithm: toldTo(algorithm),
      data: `${rows} rows, ${sha256}`,
    },
  });
}

function toldTo({ name, memory }: FitAlgorithm): string {
  return `${name} ${plainText(memory?.told ?? {})}`;
}

/** A value as JSON, typed arrays as lists. */
function plainText(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    ArrayBuffer.isView(entry) ? Array.from(entry as Float64Array) : entry,
  );
}
