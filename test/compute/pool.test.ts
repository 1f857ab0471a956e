import { expect, test } from "vitest";
import { arena } from "../../src/compute/arena.ts";
import { binary } from "../../src/compute/binaries.ts";
import { JOB_FIELDS, type JobField } from "../../src/compute/generated.ts";
import { pool } from "../../src/compute/pool.ts";

test("a worker starts, and does all there is to do, while the main thread waits without a turn of its loop", () => {
  const module = new WebAssembly.Module(binary("simd"));
  const { memory, words } = arena(4096);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const workers = pool(module, memory);
  const job: Partial<Record<JobField, number>> = { chunks: 3, chunkTiles: 1, left: 3, generation: 1 };
  for (const [name, value] of Object.entries(job)) words()[JOB_FIELDS.indexOf(name as JobField)] = value;
  workers.grow(2);
  // Nobody but the worker takes chunks, and this returns when all are done.
  (exports.finish as () => void)();
  expect(words()[JOB_FIELDS.indexOf("done")]).toBe(3);
  workers.stop();
});

test("pieces of an arena are apart, inside it, and given out again", () => {
  const { take, free, memory } = arena(4096);
  const pieces = [100, 70_000, 1, 300_000].map((bytes) => take(bytes)!);
  pieces.sort((a, b) => a.address - b.address);
  for (const [i, { address, bytes }] of pieces.entries()) {
    expect(address % 64).toBe(0);
    expect(address).toBeGreaterThanOrEqual(i === 0 ? 4096 : pieces[i - 1].address + pieces[i - 1].bytes);
    expect(address + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
  }
  const size = memory.buffer.byteLength;
  for (const piece of pieces) free(piece);
  expect(take(370_000)!.address).toBe(4096);
  expect(memory.buffer.byteLength).toBe(size);
  expect(take(2 ** 33)).toBe(undefined);
});
