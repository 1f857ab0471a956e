import { availableParallelism } from "node:os";
import type { DownloadProgress } from "../../datasets/download.ts";
import { InputError, WorkFailure } from "../../errors.ts";
import { packageVersion } from "../../files/package-root.ts";
import { random } from "../../math/random.ts";
import { mean } from "../../math/statistics.ts";
import type { Experiment, Sizes } from "./experiment.ts";
import { checksum, type Partial, type Place } from "./partial-file.ts";
import { processWorker, type Worker } from "./process-worker.ts";
import { type Manifest, openFolder, type Unwritten } from "./run-folder.ts";

/** How an experiment is run. */
export interface RunOptions extends Unwritten {
  /** Number of instances; default: the experiment's own. */
  readonly instances?: number;
  /** Seed that the seeds of the instances are drawn from; default 1. */
  readonly seed?: number;
  /** Images to train with, the first of them, of a study that can be made smaller; default: its own number. */
  readonly images?: number;
  /** Passes over them, of such a study; default: its own number. */
  readonly passes?: number;
  /** Processes at the most; default: one for each core. */
  readonly workers?: number;
  /** Folder that the run is written to, each instance as it is done; default: none. */
  readonly folder?: string;
  /** Continue the run in the folder. */
  readonly resume?: boolean;
  /** Ends the run, its download and its processes, at once. */
  readonly signal?: AbortSignal;
  /** Called as bytes arrive of a data set that has to be downloaded before the first instance. */
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** Called with the name of a file of the folder that isn't what was written: its instance is computed again. */
  readonly onDamaged?: (file: string) => void;
}

/** How far a run is. */
export interface RunProgress {
  /** Instances that are done. */
  readonly done: number;
  readonly total: number;
  /** Seconds that are left, about; undefined before an instance is done. */
  readonly left: number | undefined;
}

/** A run as far as it is. */
export interface Run extends RunProgress {
  readonly manifest: Manifest;
  /** The instances that are done, by their numbers. */
  readonly partials: readonly Partial[];
}

/**
 * Runs an experiment: instances in processes on all cores, and after each the run as far as it is.
 *
 * Every instance has a seed of its own and depends on nothing else, so the results are the same, to the bit, in whatever
 * order and number of goes they are computed; those of fewer instances are the first of more. Whoever stops listening
 * ends the processes.
 *
 * @throws InputError as {@link openFolder}, and for options that no run can be made of
 * @throws WorkFailure naming the instance that failed
 * @throws what the signal was ended with
 */
export async function* run(
  experiment: Experiment,
  options: RunOptions,
  startWorker: () => Worker = () => processWorker(experiment.id),
): AsyncGenerator<Run, void, void> {
  const { instances = experiment.instances, seed = 1, workers = availableParallelism() } = options;
  const { folder, signal, onDownload, images, passes } = options;
  check(experiment, { ...options, instances, seed, workers });
  const { sizes: own } = experiment;
  const sizes = own && { images: images ?? own.images, passes: passes ?? own.passes };
  const versions = { mixlens: packageVersion(), node: process.versions.node };
  const identity = { experiment: experiment.id, settings: { ...experiment.settings, ...sizes }, seed, versions };
  const key = checksum(JSON.stringify(identity));
  const rng = random(seed);
  const seeds = Array.from({ length: instances }, () => rng.integer(2 ** 31));
  const places = seeds.map((own, at) => ({ run: key, number: at + 1, seed: own }));
  const started: Manifest = { ...identity, title: experiment.title, instances, seeds, seconds: [] };
  const open = folder === undefined ? undefined : await openFolder(folder, started, places, options);

  const found: (Partial | undefined)[] = places.map(() => undefined);
  for (const partial of open?.partials ?? []) found[partial.number - 1] = partial;
  const missing = places.filter(({ number }) => found[number - 1] === undefined);
  const here = async (): Promise<Run> => {
    const partials = found.filter((partial) => partial !== undefined);
    const [done, total] = [partials.length, places.length];
    const manifest = { ...started, seconds: partials.map((partial) => partial.seconds) };
    if (done === total) await open?.note(manifest);
    const rest = total - done;
    const left = done === 0 ? undefined : mean(manifest.seconds) * (rest / Math.max(1, Math.min(workers, rest)));
    return { manifest, partials, done, total, left };
  };
  signal?.throwIfAborted();
  if (missing.length > 0) {
    await experiment.prepare?.({ ...(onDownload && { onProgress: onDownload }), ...(signal && { signal }) });
  }
  yield await here();
  for await (const partial of computed(
    experiment.id,
    missing,
    sizes,
    Math.min(workers, missing.length),
    startWorker,
    signal,
  )) {
    await open?.keep(partial);
    found[partial.number - 1] = partial;
    yield await here();
  }
}

function check({ id, sizes }: Experiment, options: RunOptions & { readonly seed: number }): void {
  const { instances, seed, workers, resume, folder, images, passes } = options;
  const told = Object.entries({ images, passes }).filter(([, value]) => value !== undefined);
  if (told.length > 0 && sizes === undefined) {
    const names = told.map(([name]) => name);
    throw new InputError(`reproduce ${id}`, `no ${names.join(" or ")}`, `${id}, which has one size`, "leave them out");
  }
  for (const [name, value] of Object.entries({ instances, workers, ...Object.fromEntries(told) })) {
    if (Number.isInteger(value) && Number(value) >= 1) continue;
    throw new InputError(`reproduce ${id}`, `${name} to be a whole number from 1 on`, String(value));
  }
  if (seed !== (seed | 0)) throw new InputError(`reproduce ${id}`, "a 32-bit integer for the seed", String(seed));
  if (resume && folder === undefined) {
    throw new InputError(`continue ${id}`, "the folder of the run that is to be continued", "none");
  }
}

/** Computes instances, begun in order, on so many workers; each is given its next before this one is handed on. */
async function* computed(
  id: string,
  places: readonly Place[],
  sizes: Sizes | undefined,
  workers: number,
  startWorker: () => Worker,
  signal: AbortSignal | undefined,
): AsyncGenerator<Partial, void, void> {
  const rest = places.values();
  const started: Worker[] = [];
  const busy = new Map<Worker, Promise<Done>>();
  const order = (worker: Worker): void => {
    const { value: place } = rest.next();
    if (place === undefined) {
      busy.delete(worker);
      // Its memory is wanted for the figures.
      worker.end();
    } else
      busy.set(
        worker,
        worker.compute({ seed: place.seed, ...(sizes && { sizes }) }).then((answer) => ({ worker, place, answer })),
      );
  };
  const stopWorkers = (): void => {
    for (const worker of started) worker.end();
  };
  signal?.addEventListener("abort", stopWorkers, { once: true });
  try {
    for (let at = 0; at < workers; at++) {
      started.push(startWorker());
      order(started[at]);
    }
    while (busy.size > 0) {
      const { worker, place, answer } = await Promise.race(busy.values());
      signal?.throwIfAborted();
      if ("failure" in answer) throw failure(id, place, answer.failure);
      order(worker);
      yield { ...place, seconds: answer.seconds, instance: JSON.parse(answer.text) };
    }
  } finally {
    signal?.removeEventListener("abort", stopWorkers);
    stopWorkers();
  }
}

/** Answer of a worker, and which instance it is of. */
interface Done {
  readonly worker: Worker;
  readonly place: Place;
  readonly answer: Awaited<ReturnType<Worker["compute"]>>;
}

function failure(id: string, { number, seed }: Place, reason: string): WorkFailure {
  return new WorkFailure(`reproduce ${id}`, `instance ${number} (seed ${seed}) to succeed`, JSON.stringify(reason));
}
