import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Checks a folder by the layers' rules: the exit code and what was said. */
function cruise(folder: string, ...parts: string[]): { status: number | null; said: string } {
  const bin = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [bin, "--config", ".dependency-cruiser.cjs", ...parts];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

test("the layers import downwards, each outside dependency by its one door", () => {
  const { status, said } = cruise(root, "src", "test");
  expect(said).toMatch(/no dependency violations found/);
  expect(status).toBe(0);
});

test.each([
  ["math", "../models/model.ts", "models/model.ts", "no-import-above-math"],
  ["errors.ts", "./math/random.ts", "math/random.ts", "no-import-above-errors-compute"],
  ["data", "../cli/main.ts", "cli/main.ts", "no-import-above-algorithms-diagnostics-data"],
  ["display", "../data/csv.ts", "data/csv.ts", "display-knows-types-only"],
])("an import from src/%s of %s is found", (from, name, to, rule) => {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-layers-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json"]) copyFileSync(join(root, file), join(folder, file));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write(`src/${to}`, "export const one: number = 1;\n");
  const importer = from.endsWith(".ts") ? `src/${from}` : `src/${from}/importer.ts`;
  write(importer, `import { one } from "${name}";\nexport const two: number = one + one;\n`);
  const { status, said } = cruise(folder, "src");
  expect(said).toContain(`${rule}: ${importer}`);
  expect(status).toBeGreaterThan(0);
});

test("no source file is longer than 400 lines", () => {
  const long = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .filter((name) => readFileSync(join(root, "src", name), "utf8").split("\n").length > 401);
  expect(long).toEqual([]);
});
