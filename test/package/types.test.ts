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

const dist = join(root, "dist");
const entries = [
  { from: "mixlens", file: "index" },
  { from: "mixlens/theory", file: "theory" },
  { from: "mixlens/paper", file: "paper" },
  { from: "mixlens/notebook", file: "notebook" },
];

/** What an entry exports: all names, and those of values. */
function exportsOf(file: string): { all: string[]; values: string[] } {
  const list = readFileSync(join(dist, `${file}.d.cts`), "utf8").match(/^export \{(.*)\};?$/m)![1];
  const found = Array.from(
    list.matchAll(/(type )?([\w$]+)(?: as ([\w$]+))?(?:,|\s*$)/g),
    ([, type, name, renamed]) => ({
      isType: type !== undefined,
      name: renamed ?? name,
    }),
  );
  return { all: found.map(({ name }) => name), values: found.filter(({ isType }) => !isType).map(({ name }) => name) };
}

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

  const everything = entries
    .map(
      ({ from, file }) =>
        `import { ${exportsOf(file)
          .all.map((name) => `${name} as _${name}`)
          .join(", ")} } from "${from}";`,
    )
    .concat("export {};")
    .join("\n");

  test.each([true, false])("accepts a program that imports everything (strict: %s)", (strict) => {
    for (const { file } of entries) expect(exportsOf(file).values.length).toBeGreaterThan(5);
    expect(programOf(everything, strict).faults).toEqual([]);
  });

  test("resolves no type to any, but for the algorithm that fit is handed", () => {
    const { program } = programOf(everything, true);
    const checker = program.getTypeChecker();
    const files = program.getSourceFiles().filter(({ fileName }) => /\/dist\/[^/]+\.d\.[cm]ts$/.test(fileName));
    expect(files.length).toBeGreaterThanOrEqual(entries.length);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      // A part of a template of texts is no type by itself.
      const isType = compiler.isTypeNode(node) && !compiler.isTemplateLiteralTypeSpan(node);
      if (isType && checker.getTypeFromTypeNode(node).flags & compiler.TypeFlags.Any) {
        found.push(node.parent.getText(node.getSourceFile()));
      }
      compiler.forEachChild(node, visit);
    };
    files.forEach(visit);
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

  test("knows of a fit what its experts predict and report", () => {
    const uses = `
      import { type ExpertKind, type Fit, fit, fitAsync, predict, type Prediction } from "mixlens";
      type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
      function holds<T extends true>(): T | void {}
      const data = { x: [1, 2], y: [1, 2] };
      const linear = fit(data, { response: "y" });
      const poisson = fit(data, { response: "y", experts: "poisson" });
      const gamma = fit(data, { response: "y", experts: "gamma" });
      const options = { response: "y", experts: "logistic", k: 2 } as const;
      const logistic = fit(data, options);
      holds<Exactly<ReturnType<typeof fitAsync<"logistic">>, Promise<Fit<"logistic">>>>();
      const mean: Float64Array = predict(linear).mean, more: Float64Array = predict(poisson, data).mean;
      holds<Exactly<ReturnType<typeof fit<"gamma">>, typeof gamma>>();
      const { labels, probabilities } = predict(logistic, data);
      holds<Exactly<typeof labels, readonly string[]>>();
      holds<Exactly<typeof probabilities, Float64Array>>();
      const [expert] = linear.coefficients.experts;
      holds<Exactly<typeof expert.sigma, number>>();
      holds<Exactly<typeof expert.coefficients.x, number>>();
      const shape: number = gamma.coefficients.experts[0].shape;
      const first: string = logistic.coefficients.experts[0].coefficients[0].label;
      declare const kind: ExpertKind;
      const any: Fit = fit(data, { response: "y", experts: kind }), all: readonly Fit[] = [linear, poisson, logistic];
      const either: Prediction = predict(any), some: Float64Array | undefined = either.mean;
      if (either.labels !== undefined) holds<Exactly<typeof either.probabilities, Float64Array>>();
      export const found = [mean, more, shape, first, some, all, labels, probabilities];`;
    expect(programOf(uses, true).faults).toEqual([]);
    for (const [right, wrong] of [
      ["predict(linear).mean", "predict(logistic).mean"],
      ["gamma.coefficients.experts[0].shape", "linear.coefficients.experts[0].shape"],
      ["predict(logistic, data)", "predict(linear, data)"],
    ]) {
      expect(uses).toContain(right);
      expect(programOf(uses.replace(right, wrong), true).faults).not.toEqual([]);
    }
  });

  test.each(entries)(
    "$from exports what its functions take and give: a notebook's variables name it",
    ({ from, file }) => {
      const { values } = exportsOf(file);
      const uses = values.map((name) => `export const $${name} = ${name};`);
      expect(programOf(`import { ${values.join(", ")} } from "${from}";\n${uses.join("\n")}`, true).faults).toEqual([]);
    },
  );

  test("names whatever a notebook's variable may be of an experiment: it has to be exported, too", () => {
    const uses = `
      import { type Experiments, reproduce } from "mixlens/paper";
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
      import { figure } from "mixlens";
      import { button, liveFigure, select, slider } from "mixlens/notebook";
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
    import { em, gradientDescent, iterate, type Mixture, type Model, type Observations } from "mixlens";
    import { mirrorDescent, type SymmetricModel } from "mixlens/theory";
    declare const model: ${model}, theta: Float64Array, data: Observations;
    iterate(${algorithm}, model, theta, data, { tolerance: 1e-6, maxIterations: 10 });`;

  test("runs gradient descent on any model, EM on none without a posterior", () => {
    expect(programOf(run("gradientDescent({ stepSize: 0.1 })"), true).faults).toEqual([]);
    expect(programOf(run("em()"), true).faults).toEqual([
      expect.stringMatching(/^user\.ts:5 .*'Model<Observations>'.*'LatentModel<Observations>'/),
    ]);
  });

  test("runs mirror descent on a symmetric pair, not on a mixture, which has no mirror map", () => {
    expect(programOf(run("mirrorDescent()", "SymmetricModel"), true).faults).toEqual([]);
    expect(programOf(run("mirrorDescent()", "Mixture"), true).faults).toEqual([
      expect.stringMatching(/^user\.ts:5 .*'Mixture<.*'FlatModel<Observations>'.*mirrorMap/),
    ]);
  });
});

test.each(entries)("$from declares the same in both formats", ({ file }) => {
  const [required, imported] = ["cts", "mts"].map((format) =>
    readFileSync(join(dist, `${file}.d.${format}`), "utf8").replace(/(\.\/\w+)-[\w-]+\.[cm]js"/g, '$1"'),
  );
  expect(imported).toBe(required);
});
