import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

// What the README tells a reader to type, typed.
const readme = readFileSync("README.md", "utf8");
const blocks = (language: string): string[] =>
  Array.from(readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g")), ([, code]) => code);

// Inside the checkout, so that "mixlens" is found as it is from a notebook.
mkdirSync(".mixlens", { recursive: true });
const folder = mkdtempSync(join(".mixlens", "readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(blocks("ts").map((code, at) => [at + 1, code] as const))("TypeScript example %d runs", (at, code) => {
  const file = join(folder, `example-${at}.mts`);
  writeFileSync(file, code);
  const compiler = join("node_modules", "typescript", "bin", "tsc");
  const options =
    "--ignoreConfig --module nodenext --target es2022 --skipLibCheck --strict --types node --rewriteRelativeImportExtensions";
  execFileSync(process.execPath, [compiler, ...options.split(" "), file], { stdio: "pipe" });
  const { status, stderr } = spawnSync(process.execPath, [file.replace(/\.mts$/, ".mjs")], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("the commands run one after another, in a folder with the data they name", () => {
  copyFileSync("datasets/iris.csv", join(folder, "iris.csv"));
  cpSync("notebooks", join(folder, "notebooks"), { recursive: true });
  const commands = blocks("sh").flatMap((block) => block.split("\n").filter((line) => line.startsWith("npx mixlens ")));
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) {
    const args = Array.from(
      command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
      (part) => part[1] ?? part[2] ?? part[3],
    ).slice(2);
    const run = spawnSync(process.execPath, [join(process.cwd(), "dist/cli.mjs"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(run.status, `${command}\n${run.stderr}`).toBe(0);
  }
  expect(readFileSync(join(folder, "predicted.csv"), "utf8").split("\n").length).toBe(152);
});

test("links and the picture lead to files", () => {
  const links = Array.from(readme.matchAll(/\]\(([^)#]+)\)/g), ([, target]) => target);
  for (const target of links.filter((link) => !link.includes("://"))) expect(existsSync(target), target).toBe(true);
});
