import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { WorkFailure } from "../../src/errors.ts";
import { type Journal, openJournal } from "../../src/files/journal.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "journal");
beforeEach(() => rmSync(file, { force: true }));
const open = (of: Record<string, string> = { seed: "1" }): Journal => openJournal({ file, resume: true, of });

const notes = [
  { theta: Float64Array.of(-0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324), list: [1, undefined, "ü"] },
  null,
  new Float64Array(10).subarray(3, 5),
];

test("notes are read again to the bit, in order, by as many processes as there are", () => {
  for (const note of notes) open().note(note);
  expect(open().past).toEqual(notes);
  expect(Object.is((open().past[0] as { theta: Float64Array }).theta[0], -0)).toBe(true);
  expect(open().isDue()).toBe(false);
});

test("two that go on from one journal do not mix their notes: who comes second says so, and writes nothing", () => {
  const [one, other] = [open(), open()];
  one.note("one");
  const size = statSync(file).size;
  expect(() => other.note("other")).toThrow(WorkFailure);
  expect(() => other.note("other")).toThrow(/^Cannot write ".*": .* got one that something else has written to$/);
  one.note("two");
  expect(open().past).toEqual(["one", "two"]);
  expect(size).toBeGreaterThan(0);
});

test("it is written through a link, and one of other work is refused by the first thing that differs", () => {
  const link = join(folder, "link");
  symlinkSync(file, link);
  openJournal({ file: link, resume: false, of: { seed: "1", k: "2" } }).note(7);
  expect(open({ seed: "1", k: "2" }).past).toEqual([7]);
  expect(() => open({ seed: "1", k: "3" })).toThrow("expected a checkpoint of the same k, 3, got 2;");
  expect(() => open({ seed: "1" })).toThrow("expected a checkpoint of the same k, none, got 2;");
  const before = readFileSync(file);
  const { node } = process.versions;
  const other = Buffer.from(before.toString("latin1").replace(node, node.replace(/\d$/, "x")), "latin1");
  writeFileSync(file, other);
  expect(() => open({ seed: "1", k: "2" })).toThrow("got one that is damaged in part 1");
});
