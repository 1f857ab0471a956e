import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { csv, mixlens, mixlensJson, type Run, scratch, twoLines } from "../cli/scratch.ts";
import { cli, started } from "./killed.ts";

// A machine that has no room, no home, little memory, or a reader that goes away: one line, the right exit code, no half a file.

const folder = scratch({ "data.csv": csv(twoLines(300, 8)), "many.csv": csv(twoLines(30_000, 4)) });
const path = (name: string): string => join(folder, name);
const fit = ["fit", "data.csv", "--formula", "y ~ x1 + x2 | x1", "--starts", "3"];
const many = ["fit", "many.csv", "--formula", "y ~ x1 + x2 | x1", "--starts", "2"];
const long = [
  "fit",
  "many.csv",
  "--formula",
  "y ~ x1 + x2 | x1 + x2",
  "--k",
  "5",
  "--starts",
  "60",
  "--tolerance",
  "0",
];

/** Runs a program in the folder. */
async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Run> {
  const child = spawn(program, args, { cwd: folder, ...options });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, ...printed };
}

const namespace = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
/** Whether this machine lets a test have a disk of its own; containers may forbid it. */
const mayMount = spawnSync("unshare", [...namespace, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

/** Runs a command where the folder `small` is a disk of so many kB, or no file may hold more. */
function onSmallDisk(size: number, ...args: readonly string[]): Promise<Run> {
  const limit = mayMount ? `mount -t tmpfs -o size=${size}k none small` : `ulimit -f ${2 * size}`;
  const script = `${limit} && "$@"; code=$?; ls -A small >&2; exit $code`;
  const [program, ...before] = [...(mayMount ? ["unshare", ...namespace] : []), "sh", "-c", script, "sh"];
  return run(program, [...before, process.execPath, cli, ...args]);
}

test("a disk that fills up is said in one line, and nothing half written is left on it", async () => {
  mkdirSync(path("small"));
  const wide = ["fit", "many.csv", "--response", "y", "--features", "x1,x2", "--k", "1"];
  for (const [size, args, file] of [
    [64, [...wide, "--cache", "small/rows.tiles"], "small/rows.tiles"],
    [4, [...fit, "--checkpoint", "small/fit.checkpoint", "--resume"], "small/fit.checkpoint"],
    [
      4,
      ["select", ...fit.slice(1), "--k", "1..2", "--checkpoint", "small/select.checkpoint"],
      "small/select.checkpoint",
    ],
    [4, ["reproduce", "theorems", "--instances", "1", "--out", "small/run"], "small/run/results.html"],
  ] as const) {
    const { code, stderr } = await onSmallDisk(size, ...args);
    const [said, ...left] = stderr.split("\n").filter((line) => /^Cannot|\.tmp$|\.tiles$/.test(line));
    expect([code, said, left]).toEqual([
      1,
      expect.stringMatching(
        /^Cannot write ".*": expected a file that can be written, got (no space left|more than a file may hold)$/,
      ),
      [],
    ]);
    expect(file.startsWith("small/")).toBe(true);
    expect(stderr).not.toMatch(/ {4}at |defect/);
  }
});

test("a checkpoint that is not there is begun, and that is said", async () => {
  const said = 'There was no checkpoint "mistyped" to resume from: the work began anew.';
  const first = await mixlensJson(folder, ...fit, "--checkpoint", "mistyped", "--resume");
  expect(first.messages).toContain(said);
  const second = await mixlensJson(folder, ...fit, "--checkpoint", "mistyped", "--resume");
  expect(second.messages).not.toContain(said);
  expect(second.logLikelihood).toBe(first.logLikelihood);
  const cached = await mixlensJson(folder, ...fit, "--cache", "c.tiles", "--checkpoint", "other", "--resume");
  expect(cached.messages).toContain(said.replace("mistyped", "other"));
  await mixlensJson(folder, ...fit, "--model-out", "m.json");
  const summary = ["summary", "m.json", "data.csv", "--errors", "bootstrap", "--replicates", "3", "--workers", "1"];
  const boot = await mixlens(folder, ...summary, "--checkpoint", "third", "--resume");
  expect(boot.stdout + boot.stderr).toContain(said.replace("mistyped", "third"));
});

test("folders that are read-only, links in a circle and links to nowhere are refused before the work", async () => {
  mkdirSync(path("closed"));
  chmodSync(path("closed"), 0o555);
  symlinkSync("circle", path("circle"));
  mkdirSync(path("real"));
  symlinkSync("real", path("linked"));
  for (const place of ["closed/a", "circle", "nowhere/a"]) {
    for (const flag of ["--model-out", "--cache", "--checkpoint"]) {
      const { code, stdout, stderr } = await mixlens(folder, ...fit, flag, place);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^Cannot write "[^"]*": expected a file that can be written, got [^\n]*\n$/);
    }
  }
  expect((await mixlens(folder, ...fit, "--model-out", "linked/m.json")).code).toBe(0);
  expect(readdirSync(path("real"))).toEqual(["m.json"]);
});

test("two that write one file, and two that go on from one checkpoint, leave one whole", async () => {
  const wanted = await mixlensJson(folder, ...fit, "--model-out", "alone.json");
  const both = await Promise.all(
    [0, 1].map(() => mixlens(folder, ...fit, "--cache", "two.tiles", "--model-out", "two.json")),
  );
  expect(both.map(({ code, stderr }) => [code, stderr.includes("defect")])).toEqual([
    [0, false],
    [0, false],
  ]);
  expect(JSON.parse(readFileSync(path("two.json"), "utf8")).parameters.length).toBeGreaterThan(5);
  const again = await mixlensJson(folder, ...fit, "--cache", "two.tiles");
  expect(again.logLikelihood).toBeCloseTo(wanted.logLikelihood, 6);
  const noted = await Promise.all(
    [0, 1].map(() => mixlens(folder, ...fit, "--checkpoint", "two.checkpoint", "--resume")),
  );
  for (const { code, stderr } of noted) {
    expect(
      code === 0 ||
        /^Cannot write "two.checkpoint": expected a file that can be written, got one that something else has written to$/m.test(
          stderr,
        ),
    ).toBe(true);
  }
  expect(noted.some(({ code }) => code === 0)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a pipe that closes early is no failure, of any command that prints", async () => {
  await mixlensJson(folder, ...fit, "--model-out", "p.json");
  for (const args of [
    ["predict", "p.json", "many.csv"],
    ["summary", "p.json", "data.csv"],
    ["spectrum", "p.json", "data.csv", "--json"],
    ["fit", "--help"],
  ]) {
    const line = `"$0" "$@" | head -1 > /dev/null; exit \${PIPESTATUS[0]}`;
    expect(await run("bash", ["-c", line, process.execPath, cli, ...args])).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  }
});

test("no HOME, no folder for temporary files and a HOME that is none are no hindrance to a fit", async () => {
  const wanted = await mixlens(folder, ...fit);
  for (const env of [{}, { HOME: "/nonexistent", TMPDIR: "/nonexistent" }, { HOME: "", TMPDIR: "" }]) {
    const found = await run(process.execPath, [cli, ...fit], { env });
    expect([found.code, found.stdout]).toEqual([0, wanted.stdout]);
    // Without a name, a cache is in the folder for temporary files.
    const { code, stderr } = await run(process.execPath, [cli, ...fit, "--cache", "here.tiles"], { env });
    expect([code, stderr.includes("defect")]).toEqual([0, false]);
  }
  const listed = await run(process.execPath, [cli, "datasets", "list"], { env: { HOME: "/nonexistent" } });
  expect([listed.code, listed.stderr]).toEqual([0, ""]);
});

test("little memory is enough for rows that are streamed, and for an error in one line", async () => {
  const small = [
    "--max-old-space-size=64",
    cli,
    "fit",
    "many.csv",
    "--response",
    "y",
    "--features",
    "x1,x2",
    "--starts",
    "2",
  ];
  for (const more of [[], ["--cache", "small.tiles"]]) {
    const { code, stderr } = await run(process.execPath, [...small, ...more]);
    expect([code, stderr.includes("heap")]).toEqual([0, false]);
  }
});

test("a file that may hold nothing is named, and not the output that its rows had no place in, either", async () => {
  await mixlensJson(folder, ...fit, "--model-out", "f.json");
  for (const out of ["none.csv", "none.parquet"]) {
    const line = 'ulimit -f 0; exec "$0" "$@"';
    const found = await run("bash", ["-c", line, process.execPath, cli, "predict", "f.json", "data.csv", "--out", out]);
    expect([found.code, found.stdout, existsSync(path(out))]).toEqual([1, "", false]);
    expect(found.stderr).toMatch(/^Cannot write "none\.\w+": expected a file that can be written, got [^\n]+\n$/);
  }
});

test("as few threads and open files as there may be are enough, or too few for Node.js itself", async () => {
  const wanted = await mixlens(folder, ...many);
  chmodSync(folder, 0o755);
  // The limit counts the processes of a user who has no others, and no rights to have more.
  const other = process.getuid?.() === 0 ? ["setpriv", "--reuid=61234", "--clear-groups"] : [];
  const found: string[] = [];
  for (const limit of ["-u 9", "-u 10", "-u 11", "-u 12", "-u 14", "-n 24", "-n 32"]) {
    const [program, ...before] = [...(limit.startsWith("-u") ? other : []), "bash", "-c"];
    const line = `ulimit ${limit}; exec "$0" "$@"`;
    const { code, stdout, stderr } = await run(program, [...before, line, process.execPath, cli, ...many]);
    expect(stderr).not.toContain("defect");
    if (code === 0) found.push(stdout);
  }
  expect(found).toEqual(found.map(() => wanted.stdout));
  expect(found.length).toBeGreaterThanOrEqual(process.getuid?.() === 0 ? 3 : 2);
});

test("a worker that dies is replaced or named, and the process ends", async () => {
  await mixlensJson(folder, ...fit, "--model-out", "w.json");
  const child = spawn(process.execPath, [cli, "reproduce", "theorems", "--instances", "2", "--out", "worker"], {
    cwd: folder,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "exit");
  const worker = await firstChild(child.pid as number);
  process.kill(worker, "SIGKILL");
  const [code] = await ended;
  if (code !== 0)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Cannot [^\n]+: expected [^\n]+, got [^\n]+\n$/)]);
  expect(stderr).not.toContain("defect");
});

/** The first process that another one has started. */
async function firstChild(pid: number): Promise<number> {
  for (;;) {
    const found = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .stdout.trim()
      .split("\n")[0];
    if (found !== "") return Number(found);
    await setTimeout(20);
  }
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends a fit at once by its own name, and what was there stays",
  async (signal) => {
    writeFileSync(path("kept.json"), "kept");
    const child = started(folder, [...long, "--model-out", "kept.json", "--checkpoint", `${signal}.checkpoint`]);
    const ended = once(child, "exit");
    while (!existsSync(path(`${signal}.checkpoint`))) await setTimeout(10);
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(readFileSync(path("kept.json"), "utf8")).toBe("kept");
  },
);

test("little address space, and no WebAssembly, are slower and no failure", async () => {
  const wanted = await mixlens(folder, ...fit);
  const bounded = await run("bash", ["-c", 'ulimit -v 4000000; exec "$0" "$@"', process.execPath, cli, ...fit]);
  const without = await run(process.execPath, ["--jitless", cli, ...fit]);
  for (const { code, stdout, stderr } of [bounded, without]) {
    expect([code, stderr.includes("defect")]).toEqual([0, false]);
    expect(stdout).toBe(wanted.stdout);
  }
});
