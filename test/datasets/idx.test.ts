import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readIdx } from "../../src/datasets/idx.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-idx-"));
afterAll(() => rmSync(folder, { recursive: true }));

const head = (shape: readonly number[]): number[] => [
  ...[0, 0, 8, shape.length],
  ...shape.flatMap((length) => [length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]),
];
const written = (name: string, bytes: Uint8Array | readonly number[]): string => {
  writeFileSync(join(folder, name), Uint8Array.from(bytes));
  return join(folder, name);
};

test("what was written is read: any shape, gzipped or plain", () => {
  const shapes = fc.array(fc.nat(6), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(shapes, fc.boolean(), fc.nat(255), (shape, isZipped, first) => {
      const values = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (first + 37 * i) & 255);
      const bytes = Uint8Array.of(...head(shape), ...values);
      const found = readIdx(isZipped ? written("x.gz", gzipSync(bytes)) : written("x", bytes));
      expect(found.shape).toEqual(shape);
      expect(Array.from(found.values)).toEqual(Array.from(values));
    }),
    { numRuns: 50 },
  );
});

const good = [...head([2, 3]), 1, 2, 3, 4, 5, 6];
const zipped = gzipSync(Uint8Array.from(good));
test.each([
  ["empty", [], "an IDX file, which begins with 00 00 08 and the number of dimensions, got an empty file"],
  ["short", [0, 0, 8], "an IDX file, which begins with 00 00 08 and the number of dimensions, got 00 00 08"],
  ["text", [0x50, 0x4b, 3, 4], "an IDX file, which begins with 00 00 08 and the number of dimensions, got 50 4b 03 04"],
  ["floats", good.with(2, 0x0d), "an IDX file of unsigned bytes (type 08), got type 0d"],
  ["no-dimensions", [0, 0, 8, 0, 1], "an IDX file, which begins with 00 00 08 and the number of dimensions, got 0 dim"],
  ["no-shape", good.slice(0, 10), "a head of 12 bytes, got a file of 10"],
  ["truncated", good.slice(0, -1), "18 bytes for 2 × 3 entries, got 17"],
  ["long", [...good, 7], "18 bytes for 2 × 3 entries, got 19"],
  ["huge", [...head([2 ** 31, 2 ** 31]), 1], "bytes for 2147483648 × 2147483648 entries, got 13"],
  ["plain.gz", good, "a whole gzip file, got one that begins with 00 00"],
  ["empty.gz", [], "a whole gzip file, got an empty file"],
  ["cut.gz", zipped.subarray(0, -9), "a whole gzip file, got one that was cut short"],
  ["altered.gz", zipped.with(zipped.length - 6, 99), "a whole gzip file, got one that is damaged (Z_DATA_ERROR)"],
])("a malformed file is refused by its name: %s", (name, bytes, reason) => {
  const path = written(name, bytes);
  expect(() => readIdx(path)).toThrow(`Cannot read ${JSON.stringify(path)}: expected `);
  expect(() => readIdx(path)).toThrow(reason);
});

test("no file is refused by its name", () => {
  const path = join(folder, "nothing");
  expect(() => readIdx(path)).toThrow(`Cannot read ${JSON.stringify(path)}: expected an IDX file, got no such file`);
});
