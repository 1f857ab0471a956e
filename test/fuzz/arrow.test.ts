import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Bool,
  DateDay,
  Dictionary,
  Float64,
  Int32,
  Int64,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import type { Random } from "../../src/math/random.ts";
import { readTable } from "../../src/table/read-table.ts";
import { casesOf, chance, faultsOf, mutated, pick } from "./hostile.ts";

// Files and streams of Arrow whose lengths, places, counts and types are any: the library believes them all.

const folder = mkdtempSync(join(tmpdir(), "mixlens-fuzz-arrow-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "odd.arrow");

const ROWS = 12;
const of = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
const sound = (["file", "stream"] as const).map((kind) => {
  const columns = {
    x: vectorFromArray(
      of((row) => (row === 3 ? null : row / 3)),
      new Float64(),
    ),
    n: vectorFromArray(
      of((row) => BigInt(row * 7)),
      new Int64(),
    ),
    s: vectorFromArray(
      of((row) => (row === 5 ? null : `t${row}`)),
      new Utf8(),
    ),
    f: vectorFromArray(
      of((row) => "abc"[row % 3]),
      new Dictionary(new Utf8(), new Int32()),
    ),
    b: vectorFromArray(
      of((row) => row % 2 === 0),
      new Bool(),
    ),
    d: vectorFromArray(
      of((row) => new Date(86_400_000 * row)),
      new DateDay(),
    ),
    z: vectorFromArray(
      of((row) => 1000 * row),
      new TimestampMicrosecond(),
    ),
  };
  return Buffer.from(tableToIPC(new Table(columns), kind));
});

const SHORT = [0, 1, -1, 2, 4, 6, 8, 32_767];
const LONG = [0, 1, 7, -1, -8, 1000, 65_536, 2 ** 31 - 1, -(2 ** 31)];
const LONGEST = [0n, -1n, 11n, 13n, 1000n, 1_000_000_000n, 2n ** 32n, 2n ** 40n, 2n ** 53n];

/** A file with other numbers where its numbers may be. */
function renumbered(rng: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let times = 1 + rng.integer(3); times > 0; times--) {
    const at = 4 * rng.integer(Math.floor(changed.length / 4) - 2);
    const kind = rng.integer(4);
    if (kind === 0) changed.writeInt32LE(pick(rng, LONG), at);
    else if (kind === 1) changed.writeBigInt64LE(pick(rng, LONGEST), at);
    else if (kind === 2) changed.writeInt16LE(pick(rng, SHORT), at + 2 * rng.integer(2));
    else changed[at + rng.integer(4)] = rng.integer(256);
  }
  return changed;
}

test(`an Arrow file or stream is a table of what it holds, or refused in a sentence: ${casesOf(1500)} of them`, {
  timeout: 36e6,
}, async () => {
  let read = 0;
  const faults = await faultsOf(casesOf(1500), (rng) => {
    const changed = (chance(rng, 0.4) ? mutated : renumbered)(rng, pick(rng, sound));
    return {
      shown: () => changed.toString("latin1"),
      read: () => {
        writeFileSync(path, changed);
        const { rows, columns } = readTable(path);
        // Doubled bytes may be rows twice.
        if (rows > (ROWS * changed.length) / 500) throw new Error(`${rows} rows`);
        for (const { values } of columns) {
          if (values.length !== rows) throw new Error("columns of other lengths");
          if (Array.from<unknown>(values).some((value) => value === undefined || value === "undefined"))
            throw new Error("a value that nothing holds");
        }
        read++;
      },
    };
  });
  expect(faults).toEqual([]);
  expect(read).toBeGreaterThan(casesOf(1500) / 20);
});
