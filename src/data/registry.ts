import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError, quote } from "../errors.ts";
import { packageRoot } from "./package-root.ts";
import { listed } from "./table.ts";

/** What is known of a dataset: an entry of datasets/registry.json. */
export interface DatasetInfo {
  readonly name: string;
  readonly title: string;
  /** The file's name in the folder of datasets. */
  readonly file: string;
  readonly rows: number;
  readonly columns: readonly string[];
  /** The column that is usually predicted. */
  readonly response: string;
  readonly source: string;
  readonly license: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The datasets that come with the package.
 *
 * @example
 * ```ts
 * import { listDatasets } from "mixlens";
 * if (!listDatasets().some(({ name }) => name === "iris")) throw new Error("iris comes with the package");
 * ```
 */
export function listDatasets(): readonly DatasetInfo[] {
  return JSON.parse(readFileSync(join(folder(), "registry.json"), "utf8"));
}

/**
 * The path of a dataset's CSV file, once its bytes are seen to be the published ones.
 *
 * @throws InputError for an unknown name, and for a file that is missing or was altered
 * @example
 * ```ts
 * import { datasetPath, readCsv } from "mixlens";
 * if (readCsv(datasetPath("wine")).rows !== 178) throw new Error("178 wines");
 * ```
 */
export function datasetPath(name: string): string {
  const known = listDatasets();
  const info = known.find((dataset) => dataset.name === name);
  if (info === undefined) {
    throw new InputError("find the dataset", listed(known.map((dataset) => dataset.name)), quote(name));
  }
  const path = join(folder(), info.file);
  verify(path, info);
  return path;
}

/** Refuses a dataset's file that is missing or whose checksum isn't the registered one. */
export function verify(path: string, { name, sha256 }: Pick<DatasetInfo, "name" | "sha256">): void {
  const found = existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : undefined;
  if (found === sha256) return;
  const got = found === undefined ? "no such file" : `SHA-256 ${found}: the file was altered`;
  const next = "reinstall mixlens, and read your own version by its path";
  throw new InputError(`use dataset ${quote(name)}`, `${JSON.stringify(path)} with SHA-256 ${sha256}`, got, next);
}

function folder(): string {
  return join(packageRoot(), "datasets");
}
