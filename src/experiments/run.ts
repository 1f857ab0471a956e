import { readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { packageVersion } from "../data/package-root.ts";
import { writeWhole } from "../data/write-file.ts";
import { InputError, WorkFailure } from "../errors.ts";
import { random } from "../math/random.ts";
import type { Experiment, Summary } from "./experiment.ts";
import { checksum, type Partial, readPartial, writePartial } from "./partial-file.ts";
import { processWorker, type Worker } from "./process-worker.ts";

/** How far a run is. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  /** Seconds that are left, about; undefined before an instance is done. */
  readonly left: number | undefined;
}

/** How an experiment is run. */
export interface RunOptions {
  /** Folder that the run is written to. */
  readonly folder: string;
  /** Number of instances; default: the experiment's own. */
  readonly instances?: number;
  /** Seed that the seeds of the instances are drawn from; default 1. */
  readonly seed?: number;
  /** Continue the run in the folder. */
  readonly resume?: boolean;
  /** Ends the run after the instances that are written. */
  readonly signal?: AbortSignal;
  /** A clock, in milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Called with the name of a file of the folder that isn't what was written: its instance is computed again. */
  readonly onDamaged?: (file: string) => void;
  /** Makes a worker; default: a process. */
  readonly hire?: () => Worker;
  /** Workers at the most; default: one for each core. */
  readonly workers?: number;
}

/** A finished run. */
export interface Run<Json extends object = object> {
  readonly summary: Summary<Json>;
  readonly manifest: Manifest;
}

/** What a run is: all that decides its results, and what it took. */
export interface Manifest {
  readonly experiment: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly instances: number;
  readonly seeds: readonly number[];
  /** Seconds of each instance, on one core. */
  readonly seconds: readonly number[];
}

/** Name of the manifest in the folder of a run. */
const MANIFEST = "run.json";
/** Folder of the instances in that folder. */
const PARTIALS = "instances";

/**
 * Runs an experiment: instances on all cores, each written as it is done, and what they add up to.
 *
 * Every instance has a seed of its own and depends on nothing else, so the results are the same, to the bit, in whatever
 * order and number of goes they are computed; those of fewer instances are the first of more.
 *
 * @throws InputError when the folder has another run that is to be continued, or cannot be written
 * @throws WorkFailure naming the instance that failed
 * @throws what the signal was ended with
 */
export async function run<Json extends object>(experiment: Experiment<Json>, options: RunOptions): Promise<Run<Json>> {
  const { folder, instances = experiment.instances, seed = 1, resume = false } = options;
  check(experiment, instances, seed);
  const versions = { mixlens: packageVersion(), node: process.versions.node };
  const identity = { experiment: experiment.id, settings: experiment.settings, seed, versions };
  const key = checksum(JSON.stringify(identity));
  const rng = random(seed);
  const seeds = Array.from({ length: instances }, () => rng.integer(2 ** 31));
  const places = seeds.map((own, at) => ({ run: key, number: at + 1, seed: own }));
  const fileOf = (number: number): string => join(PARTIALS, `${String(number).padStart(4, "0")}.json`);

  await prepare(experiment, folder, key, resume);
  const manifest = { ...identity, title: experiment.title, key, instances, seeds };
  await written(folder, MANIFEST, `${JSON.stringify(manifest, null, 1)}\n`);

  const partials: (Partial | undefined)[] = [];
  for (const place of places) {
    const found = await readPartial(join(folder, fileOf(place.number)), place);
    if (found === "damaged") options.onDamaged?.(join(folder, fileOf(place.number)));
    partials.push(found === "damaged" ? undefined : found);
  }
  await complete(experiment, places, partials, options, (partial) =>
    writePartial(join(folder, fileOf(partial.number)), partial),
  );

  const found = partials.filter((partial) => partial !== undefined);
  const seconds = found.map((partial) => partial.seconds);
  const done: Manifest = { ...identity, title: experiment.title, instances, seeds, seconds };
  await written(folder, MANIFEST, `${JSON.stringify({ ...done, key }, null, 1)}\n`);
  return { summary: experiment.summary(found.map(({ instance }) => instance)), manifest: done };
}

function check({ id }: Experiment, instances: number, seed: number): void {
  if (!(Number.isInteger(instances) && instances >= 1)) {
    throw new InputError(`reproduce ${id}`, "instances to be a whole number from 1 on", String(instances));
  }
  if (seed !== (seed | 0)) throw new InputError(`reproduce ${id}`, "a 32-bit integer for the seed", String(seed));
}

/** Sees that a run may be written to the folder: one to be continued is this one, another is cleared away. */
async function prepare({ id }: Experiment, folder: string, key: string, resume: boolean): Promise<void> {
  if (resume) {
    const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => undefined);
    if (text === undefined || keyOf(text) === key) return;
    const expected = `a run of the same experiment, settings, seed and versions in ${JSON.stringify(folder)}`;
    throw new InputError(`continue ${id}`, expected, "another run", "leave --resume out, or choose another --out");
  }
  const files = await readdir(join(folder, PARTIALS)).catch(() => []);
  const own = files.filter((name) => /^\d{4,}\.json$/.test(name));
  await Promise.all(own.map((name) => rm(join(folder, PARTIALS, name))));
}

function keyOf(manifest: string): unknown {
  try {
    return JSON.parse(manifest).key;
  } catch {
    return undefined;
  }
}

/** Writes a file of the run. */
export async function written(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await writeWhole(path, text).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`write ${JSON.stringify(path)}`, "a file that can be written", error.code ?? error.message);
  });
}

/** Computes the instances that are missing, in order, on as many workers as there are cores. */
async function complete(
  { id }: Experiment,
  places: readonly Pick<Partial, "run" | "number" | "seed">[],
  partials: (Partial | undefined)[],
  { signal, now, onProgress, workers = availableParallelism(), hire = () => processWorker(id) }: RunOptions,
  keep: (partial: Partial) => Promise<void>,
): Promise<void> {
  const missing = places.filter(({ number }) => partials[number - 1] === undefined);
  const total = places.length;
  const before = total - missing.length;
  const began = now();
  let [next, done] = [0, 0];
  const tell = (): void => {
    const left = done === 0 ? undefined : (((now() - began) / done) * (missing.length - done)) / 1000;
    onProgress?.({ done: before + done, total, left });
  };
  const hired: Worker[] = [];
  const dismiss = (): void => {
    for (const worker of hired) worker.end();
  };
  const work = async (): Promise<void> => {
    const worker = hire();
    hired.push(worker);
    for (let place = missing[next++]; place !== undefined; place = missing[next++]) {
      const answer = await worker.compute({ seed: place.seed });
      signal?.throwIfAborted();
      if ("failure" in answer) throw failure(id, place, answer.failure);
      const partial = { ...place, seconds: answer.seconds, instance: JSON.parse(answer.text) };
      await keep(partial);
      partials[place.number - 1] = partial;
      done++;
      tell();
    }
  };
  signal?.throwIfAborted();
  signal?.addEventListener("abort", dismiss, { once: true });
  tell();
  try {
    await Promise.all(Array.from({ length: Math.min(workers, missing.length) }, work));
  } finally {
    signal?.removeEventListener("abort", dismiss);
    dismiss();
  }
}

function failure(id: string, { number, seed }: Pick<Partial, "number" | "seed">, reason: string): WorkFailure {
  return new WorkFailure(`reproduce ${id}`, `instance ${number} (seed ${seed}) to succeed`, JSON.stringify(reason));
}
