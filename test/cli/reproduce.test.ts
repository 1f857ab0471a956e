import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { mixlens, mixlensJson, scratch } from "./scratch.ts";

const folder = scratch({});
const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));
const theorems = ["reproduce", "theorems", "--seed", "3"];

/** Runs the command until the first instance is written, and ends it as Ctrl-C does. */
async function interrupt(out: string, ...args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [cli, ...args, "--out", out], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const partials = join(folder, out, "instances");
  const timer = setInterval(() => {
    if (!existsSync(partials) || !readdirSync(partials).some((name) => name.endsWith(".json"))) return;
    clearInterval(timer);
    child.kill("SIGINT");
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stderr };
}

test("a run ended by Ctrl-C continues, past a damaged file, to the same numbers, and the theorems hold", async () => {
  const { code, stderr } = await interrupt("broken", ...theorems, "--instances", "5");
  expect(code).toBe(130);
  expect(stderr).toMatch(
    /Stopped after \d of 5 instances; continue with: mixlens reproduce theorems --seed 3 --instances 5 --out "broken" --resume\n$/,
  );
  const partials = join(folder, "broken/instances");
  const [first] = readdirSync(partials);
  writeFileSync(join(partials, first), "{");
  const resumed = await mixlens(folder, ...theorems, "--instances", "3", "--out", "broken", "--resume", "--json");
  expect(resumed.stderr).toContain(`${join("broken/instances", first)} is damaged: its instance is computed again\n`);
  const [again, whole] = [JSON.parse(resumed.stdout), await mixlensJson(folder, ...theorems, "--instances", "3")];
  expect(again).toEqual({ ...whole, folder: "broken" });
  expect(whole).toMatchObject({ holds: true, instances: 3, seed: 3, folder: "reproduced/theorems" });
  expect(whole.checks.filter(({ holds }: { holds: boolean }) => !holds)).toEqual([]);
  const written = readdirSync(join(folder, "reproduced/theorems")).toSorted();
  expect(written).toEqual([
    "instances",
    "population-rates.svg",
    "results.html",
    "results.md",
    "run.json",
    "summary.json",
  ]);
  const manifest = JSON.parse(readFileSync(join(folder, "reproduced/theorems/run.json"), "utf8"));
  expect(manifest).toMatchObject({
    experiment: "theorems",
    seed: 3,
    instances: 3,
    versions: { node: process.versions.node },
  });
}, 300_000);

test("figure1 prints a line for each algorithm, and writes its curves", async () => {
  const found = await mixlensJson(folder, "reproduce", "figure1", "--instances", "1");
  expect(found.rows[0]).toMatchObject({ algorithm: "em", arrived: 1 });
  const curves = ["excess", "expert-error", "gate-error", "to-last", "to-truth"].map((name) => `${name}.svg`);
  const written = readdirSync(join(folder, "reproduced/figure1"));
  expect(written.filter((name) => name.endsWith(".svg")).toSorted()).toEqual(curves);
  const page = (): string => readFileSync(join(folder, "reproduced/figure1/results.html"), "utf8");
  const whole = page().length;
  const again = ["reproduce", "figure1", "--instances", "1", "--resume", "--plotly", "plotly.js"];
  const { stdout } = await mixlens(folder, ...again);
  expect(stdout).toMatch(/^algorithm .*\nEM +\d/);
  const library = readFileSync(join(folder, "reproduced/figure1/plotly.js"), "utf8");
  expect(page()).toContain('<script src="plotly.js"></script>');
  expect(Math.abs(whole - page().length - library.length)).toBeLessThan(10_000);
}, 120_000);

test.each([
  [
    "figure99",
    'Cannot reproduce: expected "figure1", "figure2", "figure3", "table2", "spectrum", "comparison", "ablation", "theorems" or "deep", got "figure99"',
  ],
  [
    "theorems --images 100",
    "Cannot reproduce theorems: expected no images, got theorems, which has one size; leave them out",
  ],
  ["deep --passes 0", 'Cannot run mixlens: expected --passes to be a whole number from 1 on, got "0"'],
  ["theorems --instances 0", 'Cannot run mixlens: expected --instances to be a whole number from 1 on, got "0"'],
  ["theorems --instances few", 'Cannot run mixlens: expected a number for --instances, got "few"'],
])("a bad command says so in one line: %s", async (args, line) => {
  const { code, stdout, stderr } = await mixlens(folder, "reproduce", ...args.split(" "));
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain(line);
});
