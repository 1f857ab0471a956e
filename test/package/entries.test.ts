import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = ["mixlens", "mixlens/theory", "mixlens/paper", "mixlens/notebook"];
const formats = [
  ["import", "const load = (name) => import(name);"],
  ["require", "const load = (await import('node:module')).createRequire(process.cwd() + '/x.js');"],
] as const;

/** Runs a module in the checkout, where `load` gives an entry in one of the formats; what it prints as JSON. */
function run(load: string, code: string): unknown {
  const text = `${load} ${code}`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", text], { cwd: root, encoding: "utf8" }),
  );
}

test("there are four entries, each of one source file and with types in both formats", () => {
  expect(Object.keys(manifest.exports)).toEqual([".", "./theory", "./paper", "./notebook", "./package.json"]);
  for (const name of entries) {
    const file = name.split("/")[1] ?? "index";
    expect(readFileSync(join(root, `src/${file}.ts`), "utf8")).toMatch(/^\/\/ .+\n\nexport /);
    expect(manifest.exports[name.replace("mixlens", ".")]).toEqual({
      import: { types: `./dist/${file}.d.mts`, default: `./dist/${file}.mjs` },
      require: { types: `./dist/${file}.d.cts`, default: `./dist/${file}.cjs` },
    });
  }
});

test("a name, of a value or a type, is exported by one entry", () => {
  const files = entries.map((name) => join(root, `src/${name.split("/")[1] ?? "index"}.ts`));
  const program = ts.createProgram(files, { allowImportingTsExtensions: true, noEmit: true });
  const checker = program.getTypeChecker();
  const names = files.flatMap((file) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!).map(({ name }) => name),
  );
  expect(names).toContain("NotebookHost");
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test.each([
  ["mixlens/theory", ["bregman", "lift", "mirrorDescent", "relativeConvexity", "symmetricPair", "symmetricRate"]],
  ["mixlens/paper", ["fashionMnist", "imageMixture", "invertedFashion", "randomInvert", "reproduce", "stepGrid"]],
  [
    "mixlens/notebook",
    ["button", "initPlotly", "liveFigure", "notebookHost", "notebookSink", "progress", "select", "show"],
  ],
])("%s has what it is for", (name, expected) => {
  expect(Object.keys(createRequire(join(root, "x.js"))(name))).toEqual(expect.arrayContaining(expected));
});

test.each(["mixlens/dist/index.cjs", "mixlens/dist/models/mixture.mjs", "mixlens/src/index.ts", "mixlens/index"])(
  "%s cannot be imported",
  (name) => {
    const { resolve } = createRequire(join(root, "x.js"));
    expect(() => resolve(name)).toThrow(expect.objectContaining({ code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }));
  },
);

describe.each(formats)("what is loaded by %s", (_, load) => {
  test("has the same names in each entry", () => {
    const names = `console.log(JSON.stringify((await Promise.all(${JSON.stringify(entries)}.map(load))).map(Object.keys)))`;
    expect(run(load, names)).toEqual(run(formats[0][1], names));
  });

  test("has one state for all entries: threads, memory of the kernels, classes of errors", () => {
    const code = `
      const { Memory } = WebAssembly;
      let memories = 0;
      WebAssembly.Memory = class extends Memory { constructor(given) { super(given); memories++; } };
      const { computing, fit, InputError, random, setThreads } = await load("mixlens");
      const { imageMixture, imageStart } = await load("mixlens/paper");
      const { lift, symmetricPair } = await load("mixlens/theory");
      const { show } = await load("mixlens/notebook");
      setThreads(1);
      const found = fit({ x: [1, 2, 3, 4], y: [1, 2, 2, 3] }, { response: "y", k: 1 });
      const images = { rows: 2, images: Uint8Array.of(0, 10, 200, 250), labels: Uint8Array.of(0, 1) };
      const model = imageMixture({ k: 1, labels: ["a", "b"], pixels: 2, ridge: 1 });
      model.posterior(imageStart(model, images, random(1)), images);
      lift(found.mixture).natural(found.theta, found.observations);
      const refused = async (act) => { try { await act(); } catch (error) { return error instanceof InputError; } };
      console.log(JSON.stringify({
        memories,
        threads: computing().threads,
        errors: [await refused(() => symmetricPair({})), await refused(() => imageMixture({})), await refused(() => show(1))],
      }));`;
    expect(run(load, code)).toEqual({ memories: 1, threads: 1, errors: [true, true, true] });
  });
});
