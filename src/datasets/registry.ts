import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkArgument } from "../errors/arguments.ts";
import { text } from "../errors/kinds.ts";
import { InputError, listed, quote } from "../errors.ts";
import { packageRoot } from "../files/package-root.ts";
import { unzipped } from "./idx.ts";

/** A file of a dataset: its name, and what it holds once it is unzipped. */
export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is known of a dataset: an entry of datasets/registry.json. */
export interface DatasetInfo {
  readonly name: string;
  readonly title: string;
  readonly rows: number;
  readonly columns: readonly string[];
  /** The column that is usually predicted. */
  readonly response: string;
  readonly source: string;
  readonly license: string;
  readonly files: readonly DatasetFile[];
  /** The address its files are downloaded from, each gzipped; absent: they come with the package. */
  readonly download?: string;
}

/**
 * The datasets that mixlens knows.
 *
 * @example
 * ```ts
 * import { listDatasets } from "mixlens";
 * if (!listDatasets().some(({ name }) => name === "iris")) throw new Error("iris comes with the package");
 * ```
 */
export function listDatasets(): readonly DatasetInfo[] {
  return JSON.parse(readFileSync(join(packageRoot(), "datasets/registry.json"), "utf8"));
}

/** What is known of the dataset of this name; an InputError lists the known ones. */
export function datasetInfo(name: string): DatasetInfo {
  checkArgument("find a dataset", "its name", name, text);
  const known = listDatasets();
  const info = known.find((dataset) => dataset.name === name);
  if (info !== undefined) return info;
  throw new InputError("find the dataset", listed(known.map((dataset) => dataset.name)), quote(name));
}

/** What a file of a dataset holds, once its bytes are seen to be the published ones. */
export function verified(path: string, file: DatasetFile, info: DatasetInfo): Uint8Array {
  const next =
    info.download === undefined
      ? "reinstall mixlens, and read your own version by its path"
      : `delete the file and run "mixlens datasets fetch ${info.name}"`;
  const refuse = (got: string): never => {
    const expected = `${JSON.stringify(path)} with SHA-256 ${file.sha256}`;
    throw new InputError(`use dataset ${quote(info.name)}`, expected, got, next);
  };
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(code === "ENOENT" || code === "ENOTDIR" ? "no such file" : `a file that cannot be read (${code})`);
  }
  const contents = checked(bytes, path, file);
  return typeof contents === "string" ? refuse(contents) : contents;
}

/** What the bytes of a dataset's file hold; or, of a file that isn't the published one, what it is. */
export function checked(bytes: Uint8Array, path: string, { bytes: size, sha256 }: DatasetFile): Uint8Array | string {
  const contents = unzipped(bytes, path, size);
  if (typeof contents === "string") return contents;
  const found = createHash("sha256").update(contents).digest("hex");
  return found === sha256 ? contents : `SHA-256 ${found}: the file was altered`;
}
