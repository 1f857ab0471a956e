import { packageVersion } from "../files/package-root.ts";
import type { Observations } from "../rows/observations.ts";
import { planOf, RowsHash, shapeOf, stretchWriter } from "../rows/tile-rows.ts";

/** What rows are known by, once they are gone. */
export interface Fingerprint {
  readonly rows: number;
  /** Columns of the experts and of the gate, as they are in their designs. */
  readonly columns: readonly string[];
  /** SHA-256, in hexadecimal digits, of all numbers that the model reads, in tiles. */
  readonly sha256: string;
}

/** Where a model comes from. */
export interface Origin {
  /** Versions that it was fitted with. */
  readonly mixlens: string;
  readonly node: string;
  /** Seed of the starts. */
  readonly seed: number;
  /** Query that gave the rows, where there was one. */
  readonly sql?: string;
  readonly data: Fingerprint;
}

/** The fingerprint of rows: the same in memory and in the cache of a source. */
export function fingerprint(data: Observations): Fingerprint {
  const { rows, expert, gate, stretches } = data;
  const columns = [...new Set([...expert.columns, ...gate.columns])];
  if (stretches !== undefined) return { rows, columns, sha256: stretches.sha256 };
  // Those of a source are nothing that could be read.
  const { units } = data;
  const shape = shapeOf(data);
  const hash = new RowsHash(shape);
  const put = stretchWriter(planOf(shape), (tiles) => hash.addTiles(tiles));
  put(data);
  put(undefined);
  if (units !== undefined) hash.addUnits(units);
  return { rows, columns, sha256: hash.digest() };
}

/** The origin of what was fitted here. */
export function originOf(data: Observations, seed: number, sql: string | undefined): Origin {
  const versions = { mixlens: packageVersion(), node: process.versions.node };
  return { ...versions, seed, ...(sql !== undefined && { sql }), data: fingerprint(data) };
}

/** Says of rows that are given for a model from a file where they are not those that it was fitted to. */
export function otherRows({ origin }: { readonly origin?: Origin }, data: Observations): readonly string[] {
  if (origin === undefined || fingerprint(data).sha256 === origin.data.sha256) return [];
  const { rows } = origin.data;
  const others =
    rows === data.rows
      ? `These ${rows} rows are not those that the model was fitted to, or not in their order`
      : `These ${data.rows} rows are not the ${rows} that the model was fitted to`;
  return [
    origin.sql === undefined ? `${others}.` : `${others}, which a query gave: ${origin.sql.replace(/\s+/g, " ")}`,
  ];
}
