import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError, WorkFailure } from "../../errors.ts";
import { removeDrafts } from "../../files/draft.ts";
import { checkOutput } from "../../files/output-place.ts";
import { writeWhole } from "../../files/write-file.ts";
import { type Partial, type Place, readPartial, writePartial } from "./partial-file.ts";

/** Manifest of a run: all that decides its results, and what it took. */
export interface Manifest {
  readonly experiment: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly instances: number;
  /** Seed of each instance. */
  readonly seeds: readonly number[];
  /** Seconds of each instance that is done, on one core. */
  readonly seconds: readonly number[];
}

/** The folder that a run is written to as it goes. */
export interface RunFolder {
  /** The instances of the run that it has already. */
  readonly partials: readonly Partial[];
  readonly keep: (partial: Partial) => Promise<void>;
  readonly note: (manifest: Manifest) => Promise<void>;
}

/** Report of files that can't be written though the folder could be when the run began. */
export interface Unwritten {
  /** Called with the failure, and the run goes on; without it, that ends the run. */
  readonly onUnwritten?: (failure: WorkFailure) => void;
}

/** How a folder is opened. */
export interface FolderOptions extends Unwritten {
  /** Continue the run in the folder. */
  readonly resume?: boolean;
  /** Called with the name of a file of the folder that isn't what was written: its instance is computed again. */
  readonly onDamaged?: (file: string) => void;
}

/** Name of the manifest in the folder of a run. */
const MANIFEST = "run.json";
/** Folder of the instances in that folder. */
const PARTIALS = "instances";
/** The files of the report in that folder, but for its figures. */
export const REPORT = { summary: "summary.json", markdown: "results.md", page: "results.html" } as const;

/**
 * Opens the folder of a run: one to be continued must be this run's, another is cleared away.
 *
 * @param manifest the run's, before an instance is done
 * @param places the run's instances
 * @throws InputError when the folder has another run that is to be continued, or cannot be written
 */
export async function openFolder(
  folder: string,
  manifest: Manifest,
  places: readonly Place[],
  { resume = false, onDamaged, onUnwritten }: FolderOptions,
): Promise<RunFolder> {
  const [{ run: key }] = places;
  const fileOf = (number: number): string => join(PARTIALS, `${String(number).padStart(4, "0")}.json`);
  const note = (noted: Manifest): Promise<void> =>
    written(folder, MANIFEST, `${JSON.stringify({ ...noted, key }, null, 1)}\n`);
  for (const name of [MANIFEST, fileOf(places[0].number), ...Object.values(REPORT)]) {
    checkOutput(join(folder, name), { inNewFolder: true });
  }
  await prepare(manifest.experiment, folder, key, resume);
  await note(manifest);
  const partials: Partial[] = [];
  for (const place of places) {
    const found = await readPartial(join(folder, fileOf(place.number)), place);
    if (found === "damaged") onDamaged?.(join(folder, fileOf(place.number)));
    else if (found !== undefined) partials.push(found);
  }
  return {
    partials,
    keep: (partial) => told(writePartial(join(folder, fileOf(partial.number)), partial), onUnwritten),
    note: (noted) => told(note(noted), onUnwritten),
  };
}

/** Waits for what is written; a failure is told where somebody listens. */
export async function told(writing: Promise<void>, listener: Unwritten["onUnwritten"]): Promise<void> {
  await writing.catch((error: unknown) => {
    if (listener === undefined || !(error instanceof WorkFailure)) throw error;
    listener(error);
  });
}

/** Sees that a run may be written to the folder. */
async function prepare(id: string, folder: string, key: string, resume: boolean): Promise<void> {
  for (const place of [folder, join(folder, PARTIALS)]) removeDrafts(place);
  if (resume) {
    const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => undefined);
    if (text === undefined || keyOf(text) === key) return;
    const expected = `a run of the same experiment, settings, seed and versions in ${JSON.stringify(folder)}`;
    throw new InputError(`continue ${id}`, expected, "another run", "leave resume out, or choose another folder");
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
  await writeWhole(join(folder, name), text, { inNewFolder: true });
}
