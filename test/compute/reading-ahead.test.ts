import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { aheadReader } from "../../src/compute/reading-ahead.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-ahead-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LENGTH = 1000;
const PARTS = 20;
/** Each part is full of its number. */
const bytesOf = (part: number, length: number = LENGTH): Uint8Array => new Uint8Array(length).fill(part + 1);
const file = join(folder, "parts");
writeFileSync(file, Buffer.concat(Array.from({ length: PARTS }, (_, part) => bytesOf(part))));

/** Every read seems to come from the disk, or none. */
function seemingly(from: "disk" | "memory"): void {
  let fsRead = 0;
  const usage = process.resourceUsage();
  vi.spyOn(process, "resourceUsage").mockImplementation(() => ({ ...usage, fsRead: from === "disk" ? ++fsRead : 0 }));
}
beforeEach(() => seemingly("disk"));
afterEach(() => void vi.restoreAllMocks());

/** A function that reads a part, and is told the one that comes next. */
function opened(flags = "r", patience?: number) {
  const descriptor = openSync(file, flags);
  const reader = aheadReader(descriptor, patience);
  return {
    descriptor,
    read: (part: number, next: number): Uint8Array | undefined => {
      const into = new Uint8Array(LENGTH);
      return reader.read(part * LENGTH, into, { at: next * LENGTH, length: LENGTH }) ? into : undefined;
    },
    close: () => {
      reader.close();
      closeSync(descriptor);
    },
  };
}

test("whatever is read next, and whatever was expected, the bytes are those of the file", () => {
  const part = fc.nat({ max: PARTS - 1 });
  const step = fc.record({ reader: fc.nat({ max: 1 }), part, next: part });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
      const readers = [opened(), opened()];
      for (const { reader, part, next } of steps) expect(readers[reader].read(part, next)).toEqual(bytesOf(part));
      for (const { close } of readers) close();
    }),
    { numRuns: 20 },
  );
});

test("the part that comes next is read before it is asked for", async () => {
  const { descriptor, read, close } = opened("r+");
  for (let found: Uint8Array | undefined; found?.[0] !== 2; ) {
    expect(read(0, 1)).toEqual(bytesOf(0));
    await setTimeout(20);
    // Who reads only now finds other bytes.
    writeSync(descriptor, bytesOf(99), 0, LENGTH, LENGTH);
    found = read(1, 2);
    writeSync(descriptor, bytesOf(1), 0, LENGTH, LENGTH);
    expect([2, 100]).toContain(found?.[0]);
  }
  close();
});

test("what the system has in memory is read when it is wanted, and not before", async () => {
  vi.restoreAllMocks();
  seemingly("memory");
  const { descriptor, read, close } = opened("r+");
  for (let time = 0; time < 5; time++) {
    expect(read(0, 1)).toEqual(bytesOf(0));
    await setTimeout(20);
    writeSync(descriptor, bytesOf(99), 0, LENGTH, LENGTH);
    expect(read(1, 0)).toEqual(bytesOf(99));
    writeSync(descriptor, bytesOf(1), 0, LENGTH, LENGTH);
  }
  close();
});

test("where the file ends it is said, however far was read ahead", () => {
  const { read, close } = opened();
  for (let time = 0; time < 20; time++) {
    expect(read(PARTS - 1, PARTS)).toEqual(bytesOf(PARTS - 1));
    expect(read(PARTS, 0)).toBe(undefined);
    expect(read(0, 1)).toEqual(bytesOf(0));
  }
  close();
});

test("a thread that ends in the middle of a read is waited for no longer than that, and the next reads ahead again", () => {
  const { read, close } = opened("r", 50);
  // It has begun, and is no more.
  const post = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(({ state }) => {
    Atomics.store(state, 0, -1);
  });
  expect(read(0, 1)).toEqual(bytesOf(0));
  expect(post).toHaveBeenCalledOnce();
  expect(read(1, 2)).toEqual(bytesOf(1));
  post.mockRestore();
  for (let part = 2; part < 10; part++) expect(read(part, part + 1)).toEqual(bytesOf(part));
  close();
});
