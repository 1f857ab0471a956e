import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { InputError, WorkFailure } from "../../src/errors.ts";
import { draftOf } from "../../src/files/draft.ts";
import { checkOutput } from "../../src/files/output-place.ts";
import { writeWhole } from "../../src/files/write-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mixlens-write-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});
const at = (name: string): string => join(folder, name);
const make = (name: string, text = "old, and longer"): string => {
  writeFileSync(at(name), text);
  return at(name);
};
/** Writes as a command does: tried first, then written. */
const write = async (name: string, text = "new"): Promise<void> => {
  checkOutput(at(name));
  await writeWhole(at(name), text);
};
const read = (name: string): string => readFileSync(at(name), "utf8");
const mode = (name: string): number => statSync(at(name)).mode & 0o7777;

test("a file is written whole, and no draft stays", async () => {
  await write("a.json", "é");
  expect([read("a.json"), readdirSync(folder)]).toEqual(["é", ["a.json"]]);
});

test.each([0o600, 0o640, 0o777, 0o222])("a file keeps its mode %o", async (kept) => {
  chmodSync(make("a"), kept);
  await write("a");
  expect(mode("a")).toBe(kept);
  chmodSync(at("a"), 0o600);
  expect(read("a")).toBe("new");
});

test("links are followed to the file: chains, relative ones past a folder that is a link, those to nothing yet", async () => {
  mkdirSync(at("deep/er"), { recursive: true });
  symlinkSync("deep/er", at("short"));
  make("deep/file");
  symlinkSync("../file", at("deep/er/one"));
  symlinkSync(at("short/one"), at("two"));
  symlinkSync("two", at("three"));
  await write("three");
  expect([read("deep/file"), readlinkSync(at("three")), readlinkSync(at("two"))]).toEqual([
    "new",
    "two",
    at("short/one"),
  ]);
  symlinkSync("short/../fresh", at("dangling"));
  await write("dangling");
  expect([read("deep/fresh"), lstatSync(at("dangling")).isSymbolicLink()]).toEqual(["new", true]);
  expect(readdirSync(folder).toSorted()).toEqual(["dangling", "deep", "short", "three", "two"]);
});

test("hard links stay names of one file, which is cut to its new length", async () => {
  linkSync(make("a"), at("b"));
  await write("b");
  expect([read("a"), read("b"), statSync(at("a")).nlink, readdirSync(folder)]).toEqual(["new", "new", 2, ["a", "b"]]);
});

test("a FIFO is written through, also by a link, and stays one", async () => {
  expect(spawnSync("mkfifo", [at("fifo")]).status).toBe(0);
  symlinkSync("fifo", at("link"));
  const [text] = await Promise.all([readFile(at("fifo"), "utf8"), write("link")]);
  expect([text, lstatSync(at("fifo")).isFIFO(), readdirSync(folder)]).toEqual(["new", true, ["fifo", "link"]]);
});

test("an open descriptor is written at the place where it is, and not closed", async () => {
  const descriptor = openSync(make("a", ""), "w");
  onTestFinished(() => closeSync(descriptor));
  for (const path of [`/dev/fd/${descriptor}`, `/proc/self/fd/${descriptor}`]) {
    if (path.startsWith("/proc") && !existsSync("/proc/self/fd")) continue;
    symlinkSync(path, at("link"));
    await write("link", "one,");
    await writeWhole(path, "two;");
    rmSync(at("link"));
  }
  expect(read("a")).toMatch(/^(one,two;){1,2}$/);
});

const readOnlyFile = (): string => {
  chmodSync(make("f"), 0o400);
  return at("f");
};
const circle = "links that lead in a circle";
const readOnly = "one that is read-only";
const long = "x".repeat(300);
test.each<[what: string, file: string, got: string, set?: () => void]>([
  ["a folder", "a", "a folder", () => mkdirSync(at("a"))],
  ["a link to a folder", "a", "a folder", () => symlinkSync(".", at("a"))],
  ["a name that ends as a folder's", "a/", "the name of a folder"],
  ["a file below a folder that is not there", "no/a", "no folder"],
  ["a file below a file", "f/a", "a file as the folder", () => make("f")],
  ["a read-only file", "a", readOnly, () => chmodSync(make("a"), 0o444)],
  ["a link to one", "a", readOnly, () => symlinkSync(basename(readOnlyFile()), at("a"))],
  ["a read-only folder", "d/a", "the read-only folder", () => mkdirSync(at("d"), { mode: 0o555 })],
  ["a link to itself", "a", circle, () => symlinkSync("a", at("a"))],
  ["two in a circle", "a", circle, () => ["ab", "ba"].map(([from, to]) => symlinkSync(to, at(from)))],
  ["a link to below nothing", "a", "no folder", () => symlinkSync("no/b", at("a"))],
  ["a name too long", long, "a name that is too long"],
  ["a folder's name too long", `${long}/a`, "a name that is too long"],
  ["a path too long", `${"./".repeat(2100)}a`, "a name that is too long"],
])("%s is refused before the work and after it, and nothing is made", async (_, name, got, set) => {
  set?.();
  const file = `${folder}/${name}`;
  const before = readdirSync(folder, { recursive: true });
  const line = (error: unknown): string => (error as Error).message;
  const early: unknown = await Promise.resolve()
    .then(() => checkOutput(file))
    .catch((error) => error);
  const late: unknown = await writeWhole(file, "new").catch((error) => error);
  expect([early, late]).toEqual([expect.any(InputError), expect.any(WorkFailure)]);
  expect(line(early)).toContain(`: expected a file that can be written, got ${got}`);
  expect(line(late)).toBe(line(early));
  expect(line(early)).not.toContain("\n");
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
});

test("no name and no open descriptor are refused", async () => {
  for (const name of ["", "/dev/fd/987654"]) {
    expect(() => checkOutput(name)).toThrow(/^Cannot write ".*": expected a file that can be written, got no /);
    await expect(writeWhole(name, "new")).rejects.toThrow(WorkFailure);
  }
});

test("a file that the work reads is refused, by whatever name, and others are not", () => {
  make("data.csv");
  make("other.csv");
  symlinkSync("data.csv", at("link"));
  linkSync(at("data.csv"), at("twin"));
  for (const [name, reads] of [
    ["data.csv", "data.csv"],
    ["data.csv", "./data.csv"],
    ["link", "data.csv"],
    ["data.csv", "link"],
    ["twin", "data.csv"],
    ["data.csv", "*.csv"],
  ]) {
    const got = "expected a file that can be written, got one that is read";
    expect(() => checkOutput(at(name), { reads: [at("nothing"), `${folder}/${reads}`] })).toThrow(got);
  }
  checkOutput(at("other.csv"), { reads: [at("data.csv"), at("no/data.csv"), "a\0b", ""] });
  checkOutput(at("new"), { reads: [at("*.csv")] });
});

test("the longest name is long enough to be written", async () => {
  await write("x".repeat(255));
  await write("é".repeat(127));
  expect(readdirSync(folder).length).toBe(2);
});

test("a new folder is made for a file that may have one, and refused where it can't be", async () => {
  checkOutput(at("a/b/c"), { inNewFolder: true });
  expect(readdirSync(folder)).toEqual([]);
  await writeWhole(at("a/b/c"), "new", { inNewFolder: true });
  expect(read("a/b/c")).toBe("new");
  make("f");
  symlinkSync("nowhere", at("link"));
  for (const [name, got] of [
    ["f/b/c", "a file as the folder"],
    ["link/b/c", "a link that leads nowhere as the folder"],
  ]) {
    expect(() => checkOutput(at(name), { inNewFolder: true })).toThrow(got);
    await expect(writeWhole(at(name), "new", { inNewFolder: true })).rejects.toThrow(WorkFailure);
  }
});

test("a full device is said, and what there was stays", async () => {
  if (!existsSync("/dev/full")) return expect(process.platform).not.toBe("linux");
  // Through a link: nothing may take the place of the device.
  symlinkSync("/dev/full", at("full"));
  await expect(write("full")).rejects.toThrow(
    /^Cannot write ".*full": expected a file that can be written, got no space left$/,
  );
});

test("drafts of killed processes go with the next file, those of living ones and of other machines stay", async () => {
  const { pid: dead } = spawnSync(process.execPath, ["--version"]);
  const plant = (path: string, secondsAgo = 0): string => {
    writeFileSync(path, "");
    const then = Date.now() / 1000 - secondsAgo;
    utimesSync(path, then, then);
    return basename(path);
  };
  const left = [
    plant(draftOf(at("a"), hostname(), dead)),
    plant(draftOf(at("b"), hostname(), dead)),
    // Of an earlier process with this one's number, as in containers.
    plant(draftOf(at("a")), 3600 + process.uptime()),
    plant(draftOf(at("a"), "elsewhere", dead), 100_000),
  ];
  const kept = [
    plant(draftOf(at("a"))),
    plant(draftOf(at("a"), hostname(), process.ppid)),
    plant(draftOf(at("a"), "elsewhere", dead)),
    plant(at("a.tmp")),
    plant(at("a.mixlens-1-2.tmp")),
  ];
  await write("a");
  const names = readdirSync(folder);
  expect(left.filter((name) => names.includes(name))).toEqual([]);
  expect(names.toSorted()).toEqual(["a", ...kept].toSorted());
});
