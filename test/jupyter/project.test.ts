import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { KernelClient, type Ran } from "./kernel-client.ts";

const root = join(import.meta.dirname, "../..");

/** A project in a folder of its own, away from this checkout; the kernel runs in its `notebooks`. */
async function project(files: Record<string, string>): Promise<{ folder: string; kernel: KernelClient }> {
  const folder = await mkdtemp(join(tmpdir(), "mixlens-"));
  await mkdir(join(folder, "notebooks"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const kernel = await KernelClient.start(join(folder, "notebooks"));
  onTestFinished(async () => {
    await kernel.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, kernel };
}

function told({ reply, text }: Ran): string {
  return reply.status === "ok" ? text : (reply.traceback as string[]).join("\n");
}

test("a cell imports TypeScript files from above its folder, and again once they have changed", async () => {
  const { folder, kernel } = await project({
    "package.json": '{ "name": "apart", "type": "module" }',
    "lib/area.ts":
      'import { pi } from "./pi.js";\n\nexport const area = (r: number): number => {\n  if (r < 0) throw new Error("negative");\n  return pi * r * r;\n};\n',
    "lib/pi.ts": "export const pi = 3 as number;\n",
  });
  const use = 'import { area } from "../lib/area.ts";\nconsole.log(area(2));';
  expect(told(await kernel.run(use))).toBe("12\n");
  expect(told(await kernel.run("area(-1)"))).toMatch(
    /^Error: negative\n[\s\S]*\n> 4 \| {3}if \(r < 0\)[\s\S]*at area \(.*lib\/area\.ts, line 4, column 20\)/,
  );
  expect(told(await kernel.run("const bad: string = area(1);"))).toMatch(/^TypeScriptError: 1:7 - Type 'number'/);
  await writeFile(join(folder, "lib/pi.ts"), "export const pi = 4 as number;\n");
  await utimes(join(folder, "lib/pi.ts"), new Date(), new Date(Date.now() + 5000));
  expect(told(await kernel.run(use))).toBe("16\n");
  await writeFile(join(folder, "lib/area.ts"), "export const area = (r: number): string => 'about ' + r;\n");
  await utimes(join(folder, "lib/area.ts"), new Date(), new Date(Date.now() + 9000));
  expect(told(await kernel.run(use))).toBe("about 2\n");
  expect(told(await kernel.run("const good: string = area(1);"))).toBe("");
});

test.each(["mts", "cts"])("a file of %s is read again once it has changed", async (kind) => {
  const { folder, kernel } = await project({ [`lib/a.${kind}`]: "export const a: number = 1;\n" });
  const use = `import { a } from "../lib/a.${kind}"; console.log(a);`;
  expect(told(await kernel.run(use))).toBe("1\n");
  await writeFile(join(folder, `lib/a.${kind}`), "export const a: number = 2;\n");
  await utimes(join(folder, `lib/a.${kind}`), new Date(), new Date(Date.now() + 5000));
  expect(told(await kernel.run(use))).toBe("2\n");
});

test("a file that awaits at its top is refused in a sentence without the machine's paths", async () => {
  const text = "export const v = await Promise.resolve(7);\n";
  const { kernel } = await project({ "lib/a.ts": text, "lib/b.mts": text, "lib/c.mjs": text });
  for (const name of ["a.ts", "b.mts", "c.mjs"]) {
    for (const cell of [`import { v } from "../lib/${name}"; v;`, `await import("../lib/${name}");`]) {
      const said = told(await kernel.run(cell));
      expect(said).toContain(
        `Cannot import "../lib/${name}": expected a file that awaits nothing outside of its functions, got await at its top; export a function that awaits it`,
      );
      expect(said).not.toContain(tmpdir());
    }
  }
});

test("a file that is no TypeScript fails the cell that imports it, in words that name its line", async () => {
  const { kernel } = await project({ "lib/bad.ts": "export const x = 1;\nexport const = 2;\n" });
  for (const cell of ['import "../lib/bad.ts";', 'await import("../lib/bad.ts");', 'require("../lib/bad.ts");']) {
    expect(told(await kernel.run(cell))).toMatch(
      /^TypeScriptError: \.\.\/lib\/bad\.ts:2:14 - Variable declaration expected\. \(TS1134\)[\s\S]*\n> 2 \| export const = 2;/,
    );
  }
});

test("a cell imports its own package by name, and packages that have exports alone, with types", async () => {
  const { kernel } = await project({
    "package.json": JSON.stringify({
      name: "own",
      exports: { "./half": { types: "./half.d.ts", default: "./half.js" } },
    }),
    "half.js": "exports.half = (x) => x / 2;",
    "half.d.ts": "export declare const half: (x: number) => number;",
    "node_modules/modern/package.json": JSON.stringify({
      name: "modern",
      exports: { "./deep": { require: { types: "./types.d.ts", default: "./code.cjs" } } },
    }),
    "node_modules/modern/code.cjs": 'exports.deep = "deep";',
    "node_modules/modern/types.d.ts": 'export declare const deep: "deep";',
  });
  await kernel.run('import { half } from "own/half"; import { deep } from "modern/deep";');
  expect(told(await kernel.run("console.log(half(3), deep);"))).toBe("1.5 deep\n");
  expect(told(await kernel.run('const no: "shallow" = deep;'))).toMatch(/Type '"deep"' is not assignable/);
});

/** The package as npm packs it. */
function packed(folder: string): string {
  const name = execFileSync("npm", ["pack", root, "--silent", "--ignore-scripts"], { cwd: folder, encoding: "utf8" });
  return join(folder, name.trim());
}

/** A folder outside this checkout, for one test. */
async function elsewhere(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mixlens-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Puts what the package depends on, which is here already, where npm puts it: no test needs the network. */
async function withDependencies(modules: string): Promise<void> {
  await mkdir(modules, { recursive: true });
  for (const name of await readdir(join(root, "node_modules"))) {
    if (name !== "mixlens" && !name.startsWith("."))
      await symlink(join(root, "node_modules", name), join(modules, name));
  }
}

/** Registers the kernel by the command of an installation, and runs a notebook's cells in a folder. */
async function served(command: string[], folder: string, expected: string): Promise<void> {
  const [program, ...args] = [...command, "kernel", "install", "--prefix", join(folder, "jupyter")];
  const file = execFileSync(program, args, { cwd: folder, encoding: "utf8" }).trim();
  const { argv } = JSON.parse(await readFile(file, "utf8"));
  expect(argv).toContain(join(expected, "dist/kernel.mjs"));
  const notebooks = join(folder, "deep/notebooks");
  await mkdir(notebooks, { recursive: true });
  const kernel = await KernelClient.start(notebooks, argv);
  onTestFinished(() => kernel.close());
  expect(
    told(
      await kernel.run(
        'import { fit } from "mixlens"; import { show } from "mixlens/notebook"; import { createRequire } from "node:module";',
      ),
    ),
  ).toBe("");
  const types = "fit({ x: [1] }, { response: 1 })";
  expect(told(await kernel.run(types))).toMatch(
    /^TypeScriptError: 1:\d+ - Type 'number' is not assignable to type 'string'/,
  );
  await kernel.run('const line = fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 });');
  const fitted = await kernel.run("await show(line); line");
  for (const type of ["display_data", "execute_result"]) {
    const { data } = fitted.published.find((message) => message.type === type)?.content ?? {};
    expect(data).toMatchObject({ "text/html": expect.stringContaining("log-likelihood") });
  }
  const where =
    'console.log(Object.keys(createRequire(process.cwd() + "/x.js").cache).filter((file) => /mixlens.dist.index/.test(file)).join());';
  expect(told(await kernel.run(where))).toBe(`${join(expected, "dist/index.cjs")}\n`);
}

test("the kernel of a package that is a dependency is told by whole paths, and serves its project", async () => {
  const folder = await elsewhere();
  await writeFile(join(folder, "package.json"), '{ "name": "user" }');
  const own = join(folder, "node_modules/mixlens");
  await withDependencies(join(folder, "node_modules"));
  await mkdir(own);
  execFileSync("tar", ["-xzf", packed(folder), "-C", own, "--strip-components=1"]);
  await served([process.execPath, join(own, "dist/cli.mjs")], folder, own);
});

test("the kernel of a package that is installed for all folders serves one that has no packages", async () => {
  const folder = await elsewhere();
  const prefix = join(await elsewhere(), "prefix");
  const own = join(prefix, "lib/node_modules/mixlens");
  // npm unpacks the package and links its command; what it depends on is put beside it by hand.
  await withDependencies(join(own, "node_modules"));
  execFileSync("tar", ["-xzf", packed(folder), "-C", own, "--strip-components=1"]);
  await mkdir(join(prefix, "bin"));
  await symlink("../lib/node_modules/mixlens/dist/cli.mjs", join(prefix, "bin/mixlens"));
  await served([join(prefix, "bin/mixlens")], folder, own);
});
