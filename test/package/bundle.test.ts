import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

// What a program carries away that imports from the built package, with all packages that this takes.

const root = join(import.meta.dirname, "../..");

/** A program that exports some names of the package, as a bundler makes it: its size, and the files that it is made of. */
async function bundle(names: string, from: string = "mixlens"): Promise<{ bytes: number; files: string[] }> {
  const program = "\0program";
  const built = await rolldown({
    input: program,
    cwd: root,
    platform: "node",
    plugins: [
      {
        name: "program",
        resolveId: (id) => (id === program ? id : undefined),
        load: (id) => (id === program ? `export { ${names} } from "${from}";` : undefined),
      },
    ],
  });
  const { output } = await built.generate({ format: "esm", minify: true });
  await built.close();
  const chunks = output.filter((part) => part.type === "chunk");
  const files = chunks.flatMap(({ modules }) =>
    Object.entries(modules).flatMap(([file, { renderedLength }]) => (renderedLength > 0 ? [file] : [])),
  );
  return { bytes: chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0), files };
}

test.each([
  ["random", 2700],
  ["InputError", 500],
  ["readCsv", 37_000],
  ["mixture, em, iterate", 146_000],
])("a program of { %s } takes no more than %d bytes", async (names, most) => {
  const { bytes } = await bundle(names);
  expect(bytes).toBeGreaterThan(100);
  expect(bytes).toBeLessThanOrEqual(most);
});

test("a program that fits has nothing of charts, notebooks and experiments in it, one that draws has", async () => {
  const parts = ({ files }: { files: string[] }): Set<string | undefined> =>
    new Set(files.map((file) => /(?:dist|node_modules)[\\/](\w[^\\/]*)/.exec(file)?.[1]));
  const fitting = parts(await bundle("fit, predict, spectrum, snr"));
  expect(fitting).toContain("models");
  for (const part of ["display", "experiments", "jupyter", "mathjs", "happy-dom"]) expect(fitting).not.toContain(part);
  expect(parts(await bundle("curvePlot"))).toContain("display");
});

test.each([
  ["import", `await import("mixlens")`],
  ["require", `(await import("node:module")).createRequire(process.cwd() + "/x.js")("mixlens")`],
])("%s leaves nothing behind but the module: a bundler may drop it", (_, load) => {
  const code = `
    const traces = () => Object.entries({
      globals: Reflect.ownKeys(globalThis).map(String).sort(),
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      resources: process.getActiveResourcesInfo(),
      environment: process.env,
      exitCode: process.exitCode,
      errors: [Error.stackTraceLimit, String(Error.prepareStackTrace)],
    }).map(([name, value]) => name + JSON.stringify(value));
    const before = traces();
    ${load};
    // The files that were read are closed in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log(traces().filter((trace, at) => trace !== before[at]).join("\\n") || "nothing");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout + stderr).toBe("nothing\n");
});

test("the package says so, and holds no source maps", () => {
  const { sideEffects } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(sideEffects).toBe(false);
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ files, size }] = JSON.parse(stdout) as [{ files: { path: string }[]; size: number }];
  expect(files.map(({ path }) => path)).toContain("dist/index.mjs");
  expect(files.filter(({ path }) => path.endsWith(".map"))).toEqual([]);
  expect(size).toBeLessThan(2_700_000);
});
