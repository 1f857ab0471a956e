import { createHash } from "node:crypto";
import { packageVersion } from "../files/package-root.ts";
import type { Observations } from "../rows/observations.ts";

/** What rows are known by, once they are gone. */
export interface Fingerprint {
  readonly rows: number;
  /** Columns of the experts and of the gate, as they are in their designs. */
  readonly columns: readonly string[];
  /** SHA-256, in hexadecimal digits, of all numbers that the model reads, in their order. */
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

/** The fingerprint of rows. */
export function fingerprint({ rows, expert, gate, response, ...more }: Observations): Fingerprint {
  const { weights, offset, trials, units } = more;
  const hash = createHash("sha256");
  const columns = { response: [response], expert: expert.values, gate: gate === expert ? [] : gate.values };
  const others = Object.entries({ weights, offset, trials, units }).map(
    ([name, own]) => [name, own ? [own] : []] as const,
  );
  for (const [name, own] of [...Object.entries(columns), ...others]) {
    // How many there are keeps those of one part from passing for those of another.
    hash.update(`${name} ${own.length}\n`);
    for (const { buffer, byteOffset, byteLength } of own) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return { rows, columns: [...new Set([...expert.columns, ...gate.columns])], sha256: hash.digest("hex") };
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
