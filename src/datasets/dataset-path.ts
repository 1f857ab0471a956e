import { existsSync } from "node:fs";
import { homedir, platform } from "node:os";
import { join, resolve } from "node:path";
import { text } from "../errors/kinds.ts";
import { readOptions } from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import { packageRoot } from "../files/package-root.ts";
import { type DatasetFile, type DatasetInfo, datasetInfo, verified } from "./registry.ts";

/** Where Debian's packages of datasets, such as dataset-fashion-mnist, put their files. */
const DEBIAN = "/usr/share/datasets";

/**
 * The path of a dataset, once its bytes are seen to be the published ones: of one that comes with the package its CSV
 * file, of `"fashion-mnist"` the folder of its files.
 *
 * @param options.dataDir folder to look in before `$MIXLENS_DATA`, the cache folder and that of Debian's packages
 * @throws InputError for an unknown name, and for a file that is missing or was altered
 * @example
 * ```ts
 * import { datasetPath, readCsv } from "mixlens";
 * if (readCsv(datasetPath("wine")).rows !== 178) throw new Error("178 wines");
 * ```
 */
export function datasetPath(name: string, options: { readonly dataDir?: string } = {}): string {
  const { dataDir } = readOptions("find a dataset", options, { dataDir: text });
  const info = datasetInfo(name);
  if (info.download === undefined) {
    const path = join(packageRoot(), "datasets", info.files[0].name);
    verified(path, info.files[0], info);
    return path;
  }
  const places = dataFolders(dataDir);
  const folder = folderOf(info, places);
  if (folder === undefined) throw missing(info, places);
  for (const file of info.files) readDatasetFile(folder, file, info);
  return folder;
}

/** What a file in a dataset's folder holds, once it is seen to be the published one. */
export function readDatasetFile(folder: string, file: DatasetFile, info: DatasetInfo): Uint8Array {
  return verified(fileIn(folder, file) ?? join(folder, `${file.name}.gz`), file, info);
}

/** The folders that datasets are looked for in: the first is the one that what is downloaded goes to. */
export function dataFolders(dataDir?: string, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  if (dataDir === "") throw new InputError("look for a dataset", "the data folder to have a name", "none");
  const own = [dataDir, env.MIXLENS_DATA].flatMap((folder) => (folder ? [resolve(folder)] : []));
  return [...own, cacheFolder(env), DEBIAN];
}

function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  if (platform() === "darwin") return join(homedir(), "Library/Caches/mixlens");
  if (platform() === "win32") return join(LOCALAPPDATA ?? join(homedir(), "AppData/Local"), "mixlens");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "mixlens");
}

/** The first folder that has all files of a dataset: one of these, or one in it of the dataset's name. */
export function folderOf(info: DatasetInfo, places: readonly string[]): string | undefined {
  return places
    .flatMap((place) => [join(place, info.name), place])
    .find((folder) => info.files.every((file) => fileIn(folder, file) !== undefined));
}

/** A file of a dataset in a folder, gzipped or not. */
export function fileIn(folder: string, { name }: DatasetFile): string | undefined {
  return [`${name}.gz`, name].map((found) => join(folder, found)).find((path) => existsSync(path));
}

function missing({ name, files }: DatasetInfo, places: readonly string[]): InputError {
  const wanted = `${files.length} files such as ${quote(`${files[0].name}.gz`)} in ${listed(places)}`;
  return new InputError(`find the dataset ${quote(name)}`, wanted, "none", `run "mixlens datasets fetch ${name}"`);
}
