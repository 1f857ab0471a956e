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
  ["math", "../models/model.ts", "models/model.ts", "no-import-above-files-math-compute"],
  ["errors.ts", "./math/random.ts", "math/random.ts", "no-import-above-errors-text"],
  ["fit", "../inference/snr.ts", "inference/snr.ts", "no-import-above-fit"],
  ["display", "../table/csv.ts", "table/csv.ts", "display-knows-types-only"],
  ["display", "../charts/spectrum-plot.ts", "charts/spectrum-plot.ts", "no-import-above-display"],
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

const lines = (path: string): number => readFileSync(join(root, path), "utf8").split("\n").length - 1;
const scripts = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`);

test("a source file has at most 300 lines", () => {
  expect(scripts("src").filter((path) => lines(path) > 300)).toEqual([]);
});

test("a test file has at most 400 lines", () => {
  expect(scripts("test").filter((path) => lines(path) > 400)).toEqual([]);
});

test("a function of the source has at most 60 lines", () => {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-lines-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(root, ".biome.jsonc"), join(folder, ".biome.jsonc"));
  const write = (path: string, count: number): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const body = Array.from({ length: count }, (_, i) => `  out.push(${i});`).join("\n");
    writeFileSync(join(folder, path), `export function f(out: number[]): void {\n${body}\n}\n`);
  };
  write("src/math/short.ts", 50);
  write("src/math/long.ts", 61);
  write("test/math/long.ts", 61);
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const lint = [biome, "lint", "--vcs-enabled=false", "--colors=off"];
  const { stdout, stderr } = spawnSync(process.execPath, lint, { cwd: folder, encoding: "utf8" });
  const found = Array.from(
    (stdout + stderr).matchAll(/^(\S+):\d+:\d+ lint\/complexity\/noExcessiveLines/gm),
    ([, file]) => file,
  );
  expect(found).toEqual(["src/math/long.ts"]);
});
