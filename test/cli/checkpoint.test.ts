import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { csv, mixlens, mixlensJson, scratch, twoLines } from "./scratch.ts";

const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));
const folder = scratch({ "data.csv": csv(twoLines(1500, 8)) });
const path = (name: string): string => join(folder, name);

/** Starts a command and kills it as soon as the file has grown; whether it had not come to its end by then. */
async function killedOnGrowth(file: string, args: readonly string[]): Promise<boolean> {
  const sizeOf = (): number => (existsSync(file) ? statSync(file).size : 0);
  const before = sizeOf();
  const child: ChildProcess = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: "ignore" });
  const end = once(child, "exit");
  while (child.exitCode === null && sizeOf() <= before) await setTimeout(5);
  child.kill("SIGKILL");
  const [, signal] = await end;
  return signal === "SIGKILL";
}

test("a fit that is killed again and again goes on to the same model file, to the bit, and says the same", async () => {
  const fit = ["fit", "data.csv", "--formula", "y ~ x1 + x2 | x1 + x2", "--k", "3", "--starts", "6", "--scale"];
  const { seconds: _, ...wanted } = await mixlensJson(folder, ...fit, "--model-out", "whole.json");
  const resumed = [...fit, "--checkpoint", "fit.checkpoint", "--resume", "--model-out", "resumed.json"];
  let kills = 0;
  while (kills < 5 && (await killedOnGrowth(path("fit.checkpoint"), resumed))) kills++;
  expect(kills).toBeGreaterThan(2);
  expect(existsSync(path("resumed.json"))).toBe(false);
  const { seconds: __, ...found } = await mixlensJson(folder, ...resumed);
  expect(found).toEqual(wanted);
  expect(readFileSync(path("resumed.json"))).toEqual(readFileSync(path("whole.json")));
  const other = await mixlens(folder, ...resumed, "--seed", "2");
  expect([other.code, other.stdout]).toEqual([2, ""]);
  expect(other.stderr).toBe(
    'Cannot go on from "fit.checkpoint": expected a checkpoint of the same seed, 2, got 1; ask for the same as before, or name another file\n',
  );
});

test("a bootstrap that is killed goes on to the same bits, with any number of workers, and to more replicates", async () => {
  await mixlensJson(
    folder,
    "fit",
    "data.csv",
    "--formula",
    "y ~ x1 + x2 | x1",
    "--starts",
    "5",
    "--model-out",
    "pair.json",
  );
  const summary = (replicates: number, ...more: string[]): string[] => {
    return ["summary", "pair.json", "data.csv", "--errors", "bootstrap", "--replicates", `${replicates}`, ...more];
  };
  const resumed = ["--checkpoint", "boot.checkpoint", "--resume"];
  const wanted = await mixlensJson(folder, ...summary(120, "--workers", "2"));
  for (const workers of ["1", "2", "1"]) {
    await killedOnGrowth(path("boot.checkpoint"), summary(120, ...resumed, "--workers", workers));
  }
  const found = await mixlensJson(folder, ...summary(120, ...resumed));
  expect(found).toEqual(wanted);
  const size = statSync(path("boot.checkpoint")).size;
  expect(await mixlensJson(folder, ...summary(120, ...resumed, "--workers", "1"))).toEqual(wanted);
  expect(statSync(path("boot.checkpoint")).size).toBe(size);
  expect(await mixlensJson(folder, ...summary(40, ...resumed))).toEqual(await mixlensJson(folder, ...summary(40)));
  expect(await mixlensJson(folder, ...summary(130, ...resumed))).toEqual(await mixlensJson(folder, ...summary(130)));
  const other = await mixlens(folder, ...summary(120, ...resumed, "--seed", "3"));
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("a checkpoint of the same seed, 3, got 1;")]);
  const fits = await mixlens(folder, ...summary(120, "--checkpoint", "fit.checkpoint", "--resume"));
  expect([fits.code, fits.stderr]).toEqual([
    2,
    expect.stringContaining("a checkpoint of the same work, bootstrap, got fit;"),
  ]);
});
