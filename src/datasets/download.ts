import { join } from "node:path";
import { callable, signal, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { WorkFailure } from "../errors.ts";
import { checkOutput } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import { dataFolders, datasetPath, fileIn, folderOf, readDatasetFile } from "./dataset-path.ts";
import { checked, type DatasetFile, type DatasetInfo, datasetInfo } from "./registry.ts";

/** How far the download of a file is. */
export interface DownloadProgress {
  /** Name of the file. */
  readonly file: string;
  /** Bytes received. */
  readonly received: number;
  /** Bytes to come in all, where the server says so. */
  readonly total?: number;
}

/** How a dataset is fetched. */
export interface FetchOptions {
  /** Folder to look in before the others, and to download to; default: `$MIXLENS_DATA` or the cache folder. */
  readonly dataDir?: string;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Ends a download. */
  readonly signal?: AbortSignal;
}

/** What is told of a download. */
export const FETCH: Declared<FetchOptions> = { dataDir: text, onProgress: callable, signal };

/** Bytes that a gzipped file may be longer than what it holds. */
const GZIP_OVERHEAD = 100_000;

/**
 * The path of a dataset as `datasetPath` has it, its files downloaded from their home page where they are in none of the
 * folders.
 *
 * A file is in its place whole, with the published checksum, or not at all: what was cut short is fetched anew.
 *
 * @throws InputError as `datasetPath`, and when the folder cannot be written
 * @throws WorkFailure when the home page cannot be reached, or sends something else, and when the disk is full
 * @example
 * ```ts
 * import { datasetPath, fetchDataset } from "mixlens";
 * if ((await fetchDataset("iris")) !== datasetPath("iris")) throw new Error("what comes with the package is there");
 * ```
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<string> {
  readOptions("fetch a dataset", options, FETCH);
  const info = datasetInfo(name);
  if (info.download === undefined) return datasetPath(name);
  return (await fetchFiles(info, info.download, options)).folder;
}

/** The files of a dataset and the folder they are in. */
export interface DatasetFiles {
  readonly folder: string;
  /** What each of the files holds, unzipped. */
  readonly contents: readonly Uint8Array[];
}

/**
 * The files of a dataset, checked; what is in none of the places is downloaded from this address to the first.
 */
export async function fetchFiles(
  info: DatasetInfo,
  address: string,
  options: FetchOptions = {},
  places: readonly string[] = dataFolders(options.dataDir),
): Promise<DatasetFiles> {
  const folder = folderOf(info, places) ?? join(places[0], info.name);
  const contents: Uint8Array[] = [];
  for (const file of info.files) {
    const isThere = fileIn(folder, file) !== undefined;
    contents.push(
      isThere
        ? readDatasetFile(folder, file, info)
        : await download(file, `${address.replace(/\/$/, "")}/${file.name}.gz`, folder, options),
    );
  }
  return { folder, contents };
}

async function download(file: DatasetFile, url: string, folder: string, options: FetchOptions): Promise<Uint8Array> {
  const path = join(folder, `${file.name}.gz`);
  checkOutput(path, { inNewFolder: true });
  const bytes = await received(file, url, options);
  const contents = checked(bytes, path, file);
  if (typeof contents === "string") throw failure(url, `a file with SHA-256 ${file.sha256}`, contents);
  await writeWhole(path, bytes, { inNewFolder: true });
  return contents;
}

/** The bytes of a file as a server sends them: small enough to be held in memory, so that no part is ever on the disk. */
async function received(file: DatasetFile, url: string, { onProgress, signal }: FetchOptions): Promise<Uint8Array> {
  const limit = file.bytes + GZIP_OVERHEAD;
  const chunks: Uint8Array[] = [];
  let count = 0;
  try {
    // What is gzipped already needs no second wrapping.
    const response = await fetch(url, { headers: { "accept-encoding": "identity" }, ...(signal && { signal }) });
    if (!response.ok) throw failure(url, "the file", `status ${`${response.status} ${response.statusText}`.trim()}`);
    const total = Number(response.headers.get("content-length") ?? Number.NaN);
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      count += chunk.length;
      if (count > limit) throw failure(url, `${limit} bytes at the most`, "more");
      onProgress?.({ file: file.name, received: count, ...(total > 0 && { total }) });
    }
  } catch (error) {
    if (error instanceof WorkFailure) throw error;
    signal?.throwIfAborted();
    throw failure(url, "the file", `${count === 0 ? "no answer" : `${count} bytes and no more`} (${reason(error)})`);
  }
  return Buffer.concat(chunks);
}

/** Why there was no more: what the network says is the cause of what `fetch` says. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause ? String(cause.code) : cause.message;
}

function failure(url: string, expected: string, got: string): WorkFailure {
  return new WorkFailure(`download ${JSON.stringify(url)}`, expected, got, "try again, or get the file elsewhere");
}
