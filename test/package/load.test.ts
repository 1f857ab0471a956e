import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const formats = [
  ["import", "const mixlens = await import('mixlens');"],
  ["require", "const mixlens = (await import('node:module')).createRequire(process.cwd() + '/x.js')('mixlens');"],
] as const;

/** Runs a module in the checkout; what it prints as JSON, and the packages it has loaded code of. */
function run(code: string): { printed: unknown; packages: Set<string> } {
  const coverage = mkdtempSync(join(tmpdir(), "mixlens-load-"));
  try {
    const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: root,
      env: { ...process.env, NODE_V8_COVERAGE: coverage },
      encoding: "utf8",
    });
    const urls = readdirSync(coverage).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(coverage, name), "utf8")) as { result: { url: string }[] };
      return result.map(({ url }) => url);
    });
    const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
    return { printed: JSON.parse(printed), packages: new Set(packages) };
  } finally {
    rmSync(coverage, { recursive: true });
  }
}

test("import and require give the same names", () => {
  const [imported, required] = formats.map(
    ([, load]) => run(`${load} console.log(JSON.stringify(Object.keys(mixlens).sort()));`).printed,
  );
  expect(imported).toContain("fit");
  expect(required).toEqual(imported);
});

test.each(formats)("%s loads no heavy package before it is needed", (_, load) => {
  const fit = "const { result } = mixlens.fit({ x: [1, 2, 3, 4], y: [1, 2, 2, 3] }, { response: 'y', k: 1 });";
  const { printed, packages } = run(`${load} ${fit} console.log(JSON.stringify(result));`);
  expect(printed).toBe("converged");
  // Of 4 kB, within the bundles' limits.
  packages.delete("valibot");
  expect([...packages].sort()).toEqual([]);
});

test("what is loaded is seen: a matrix in LaTeX needs mathjs", () => {
  const write = "await mixlens.matrixLatex([[1]]); console.log(1);";
  expect(run(`${formats[0][1]} ${write}`).packages).toContain("mathjs");
});
