import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tslabTs from "@tslab/typescript-for-tslab";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
mkdirSync(join(root, ".mixlens/tmp"), { recursive: true });
// Inside the checkout, where "mixlens" is the package that was built from it.
const folder = mkdtempSync(join(root, ".mixlens/tmp/types-"));
afterAll(() => rmSync(folder, { recursive: true }));

const declarations = join(root, "dist/index.d.cts");
const names = Array.from(
  readFileSync(declarations, "utf8")
    .match(/^export \{(.*)\};?$/m)![1]
    .matchAll(/(?:type )?([\w$]+)(?: as ([\w$]+))?(?:,|\s*$)/g),
  ([, name, renamed]) => renamed ?? name,
);

/** The package as stock tslab's own compiler sees it, and as today's does. */
const compilers = [
  {
    name: "tslab's TypeScript",
    compiler: tslabTs as unknown as typeof ts,
    moduleResolution: tslabTs.ModuleResolutionKind.Node10 as number,
  },
  { name: "today's TypeScript", compiler: ts, moduleResolution: ts.ModuleResolutionKind.Bundler as number },
];

describe.each(compilers)("$name $compiler.version", ({ compiler, moduleResolution }) => {
  const options: ts.CompilerOptions = {
    target: compiler.ScriptTarget.ES2020,
    module: moduleResolution === 100 ? compiler.ModuleKind.ESNext : compiler.ModuleKind.CommonJS,
    moduleResolution,
    lib: ["lib.es2020.d.ts", "lib.dom.d.ts"],
    types: [],
    skipLibCheck: false,
    // As notebooks do, whose cells know each other by their declarations.
    declaration: true,
    noEmit: true,
  };
  const host = compiler.createCompilerHost(options);
  const read = host.getSourceFile;
  const parsed = new Map<string, ts.SourceFile | undefined>();
  // Declarations are parsed once for all programs.
  host.getSourceFile = (name, ...rest) => {
    if (!name.endsWith("user.ts") && !parsed.has(name)) parsed.set(name, read(name, ...rest));
    return parsed.get(name) ?? read(name, ...rest);
  };

  function programOf(code: string, strict: boolean): { program: ts.Program; faults: string[] } {
    const file = join(folder, "user.ts");
    writeFileSync(file, code);
    const program = compiler.createProgram([file], { ...options, strict }, host);
    // The declarations of other packages, such as plotly's, are theirs to mend.
    const ours = program
      .getSourceFiles()
      .filter(({ fileName }) => !fileName.includes("/node_modules/"))
      .flatMap((source) => compiler.getPreEmitDiagnostics(program, source));
    const faults = ours.map(({ file, start, messageText }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      const text = compiler.flattenDiagnosticMessageText(messageText, " ").replace(/\s+/g, " ");
      return `${file?.fileName.replace(/.*\//, "")}:${line} ${text}`;
    });
    return { program, faults };
  }

  const everything = `import { ${names.map((name) => `${name} as _${name}`).join(", ")} } from "mixlens";\nexport {};\n`;

  test.each([true, false])("accepts a program that imports everything (strict: %s)", (strict) => {
    expect(names.length).toBeGreaterThan(40);
    expect(programOf(everything, strict).faults).toEqual([]);
  });

  test("resolves no type to any, but for the algorithm that fit is handed", () => {
    const { program } = programOf(everything, true);
    const checker = program.getTypeChecker();
    const file = program.getSourceFiles().find(({ fileName }) => /\/dist\/index\.d\.[cm]ts$/.test(fileName))!;
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (compiler.isTypeNode(node) && checker.getTypeFromTypeNode(node).flags & compiler.TypeFlags.Any) {
        found.push(node.parent.getText(file));
      }
      compiler.forEachChild(node, visit);
    };
    visit(file);
    expect(found).toEqual(["Algorithm<Observations, any, any>", "Algorithm<Observations, any, any>"]);
  });

  test("keeps arrays of numbers what they are", () => {
    const uses = `
      import { column, fit, mixture, predict, spectrum, tableFromColumns } from "mixlens";
      type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
      function holds<T extends true>(): T | void {}
      const found = fit({ x: [1, 2], y: [1, 2] }, { response: "y" });
      const { eigenvalues, rate } = spectrum(found.mixture, found.theta, found.observations);
      const prediction = predict(found, { x: [1] });
      holds<Exactly<typeof eigenvalues, Float64Array>>();
      holds<Exactly<typeof rate, number>>();
      holds<Exactly<typeof found.theta, Float64Array>>();
      holds<Exactly<typeof found.result, "converged" | "max-iterations" | "non-finite" | "failed">>();
      holds<Exactly<typeof found.starts[0]["iterations"], number>>();
      holds<Exactly<typeof prediction.gate, Float64Array>>();
      holds<Exactly<ReturnType<typeof mixture>["names"], readonly string[]>>();
      const x = column(tableFromColumns({ x: [1] }), "x");
      if (x.kind === "numeric") holds<Exactly<typeof x.values, Float64Array>>();
      else holds<Exactly<typeof x.values, readonly (string | null)[]>>();`;
    expect(programOf(uses, true).faults).toEqual([]);
    const wrong = uses.replace("<typeof rate, number>", "<typeof rate, string>");
    expect(programOf(wrong, true).faults).toEqual([expect.stringContaining("does not satisfy the constraint 'true'")]);
  });

  test("names whatever a notebook's variable may be of an experiment: it has to be exported, too", () => {
    const uses = `
      import { type Experiments, reproduce } from "mixlens";
      declare const { figure1, figure3, table2, comparison, ablation, theorems }: Experiments;
      export const found = reproduce("figure1");
      export const [cell] = figure1.grids, [row] = figure1.rows, { excess } = row;
      export const [scores] = comparison.rows, [claim] = comparison.claims, [size] = comparison.stepSizes;
      export const [listed] = ablation.list, [order] = ablation.claims, [factor] = ablation.rows;
      export const [end] = table2.rows, { setting, accuracy } = end, published = table2.paper.em;
      export const curve = figure3.curves.em, { algorithm } = setting;
      export const [check] = theorems.checks, [rate] = theorems.populationRates;
      export const all = { figure1, comparison, ablation, theorems };`;
    expect(programOf(uses, true).faults).toEqual([]);
  });

  test("hands the values of controls to what draws from them", () => {
    const uses = `
      import { button, figure, liveFigure, select, slider } from "mixlens";
      type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
      function holds<T extends true>(): T | void {}
      const ratio = slider({ label: "ratio", min: 0, max: 1 });
      const kind = select({ label: "kind", options: ["linear", "logistic"] });
      liveFigure([ratio, kind, button({ label: "again" })], (ratio, kind, clicks) => {
        holds<Exactly<typeof ratio, number>>();
        holds<Exactly<typeof kind, "linear" | "logistic">>();
        holds<Exactly<typeof clicks, number>>();
        return figure("none", [], {});
      });`;
    expect(programOf(uses, true).faults).toEqual([]);
    const wrong = `${uses} kind.value = "poisson";`;
    expect(programOf(wrong, true).faults).toEqual([expect.stringContaining("'\"poisson\"' is not assignable")]);
  });

  const run = (algorithm: string, model: string = "Model<Observations>") => `
    import { em, gradientDescent, iterate, mirrorDescent, type Mixture, type Model, type Observations, type SymmetricModel } from "mixlens";
    declare const model: ${model}, theta: Float64Array, data: Observations;
    iterate(${algorithm}, model, theta, data, { tolerance: 1e-6, maxIterations: 10 });`;

  test("runs gradient descent on any model, EM on none without a posterior", () => {
    expect(programOf(run("gradientDescent({ stepSize: 0.1 })"), true).faults).toEqual([]);
    expect(programOf(run("em()"), true).faults).toEqual([
      expect.stringMatching(/^user\.ts:4 .*'Model<Observations>'.*'LatentModel<Observations>'/),
    ]);
  });

  test("runs mirror descent on a symmetric pair, not on a mixture, which has no mirror map", () => {
    expect(programOf(run("mirrorDescent()", "SymmetricModel"), true).faults).toEqual([]);
    expect(programOf(run("mirrorDescent()", "Mixture"), true).faults).toEqual([
      expect.stringMatching(/^user\.ts:4 .*'Mixture'.*'FlatModel<Observations>'.*mirrorMap/),
    ]);
  });
});

test("both formats have the same declarations", () => {
  const [required, imported] = [declarations, join(root, "dist/index.d.mts")].map((file) =>
    readFileSync(file, "utf8").replace(/\n\/\/# sourceMappingURL.*$/, ""),
  );
  expect(imported).toBe(required);
});
