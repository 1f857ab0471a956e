import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const scripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);

/** What a page names that is not there: files and folders in code or links, and scripts of npm. */
function missing(page: string): string[] {
  const code = Array.from(page.matchAll(/`([^`\n]+)`/g), ([, text]) => text);
  const links = Array.from(page.matchAll(/\]\(([^)#:]+)\)/g), ([, target]) => target);
  const words = code.flatMap((text) => text.split(/\s+/));
  const paths = words.filter(
    (word) => /^(\.?[\w@-]+\/[\w@./-]*|\.[\w-]+[\w.-]*)$/.test(word) && !/^mixlens\//.test(word),
  );
  const commands = Array.from(page.matchAll(/npm (?:run ([\w:]+)|(test|start))\b/g), ([, run, own]) => run ?? own);
  return [
    ...[...paths, ...links].filter((path) => !existsSync(join(root, path))),
    ...commands.filter((name) => !scripts.includes(name)),
  ];
}

test.each(["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"])("what %s names is there", (name) => {
  expect(missing(readFileSync(join(root, name), "utf8"))).toEqual([]);
});

test("what is not there is found", () => {
  const page =
    "`src/nowhere/`, `node dist/none.mjs src/models/gone.ts`, [a](b.md), `npm run fly`, `.none.jsonc`; `src/models/`, `npm test`";
  expect(missing(page)).toEqual(["src/nowhere/", "dist/none.mjs", "src/models/gone.ts", ".none.jsonc", "b.md", "fly"]);
});

describe("ARCHITECTURE.md", () => {
  const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

  test("has every layer that is checked, in order", () => {
    const { layers } = layersOf(readFileSync(join(root, ".dependency-cruiser.cjs"), "utf8"));
    const rows = Array.from(page.matchAll(/^\| `src\/(\w+)\/`/gm), ([, layer]) => layer);
    expect([...rows].sort()).toEqual(layers.flat().sort());
    const level = (layer: string): number => layers.findIndex((names) => names.includes(layer));
    expect(rows.map(level)).toEqual(rows.map(level).sort((a, b) => a - b));
  });

  test("is a page, as CONTRIBUTING.md and SECURITY.md are, and the README leads to all", () => {
    for (const name of ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]) {
      expect(readFileSync(join(root, name), "utf8").split("\n").length).toBeLessThan(90);
      expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`](${name})`);
    }
  });
});

function layersOf(rules: string): { layers: string[][] } {
  const list = /const layers = (\[[\s\S]*?\n\]);/.exec(rules)?.[1] ?? "[]";
  return { layers: JSON.parse(list.replace(/,(\s*\])/g, "$1")) };
}
