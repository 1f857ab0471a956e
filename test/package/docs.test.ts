import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const source = join(root, "src");
mkdirSync(join(root, ".mixlens/tmp"), { recursive: true });
// Inside the checkout, where "mixlens" is the package that was built from it.
const folder = mkdtempSync(join(root, ".mixlens/tmp/docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Example {
  readonly where: string;
  readonly code: string;
  readonly file: string;
}

/** Every ```ts fence below an @example, with the file and line it stands at. */
const examples: Example[] = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => {
    const text = readFileSync(join(source, name), "utf8");
    return Array.from(text.matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm), (match) => ({
      where: `${relative(root, join(source, name))}:${text.slice(0, match.index).split("\n").length}`,
      code: match[1].replace(/^ *\* ?/gm, ""),
    }));
  })
  .map((example, at) => ({ ...example, file: join(folder, `example-${at}.mts`) }));

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

describe("every value the package exports has a docstring with an example", () => {
  const entries = ["index", "theory", "paper", "notebook"].map((name) => join(source, `${name}.ts`));
  const program = ts.createProgram(entries, { ...compilerOptions, allowImportingTsExtensions: true });
  const checker = program.getTypeChecker();
  const values = entries
    .flatMap((entry) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!))
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter((symbol) => symbol.flags & ts.SymbolFlags.Value);

  test("there are exports", () => expect(values.length).toBeGreaterThan(20));

  test.each(values.map((symbol) => [symbol.name, symbol] as const))("%s", (_, symbol) => {
    expect(ts.displayPartsToString(symbol.getDocumentationComment(checker))).toMatch(/\.$|`$/m);
    expect(symbol.getJsDocTags(checker).map(({ name }) => name)).toContain("example");
  });
});

describe("every example in a docstring", () => {
  const faults = new Map<string, string>();
  const results = new Map<string, string>();

  beforeAll(async () => {
    for (const { file, code } of examples) writeFileSync(file, code);
    const program = ts.createProgram(
      examples.map(({ file }) => file),
      compilerOptions,
    );
    for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
      const at = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      faults.set(file?.fileName ?? "", `line ${at}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
    }
    const half = Math.ceil(examples.length / 2);
    await Promise.all([run(examples.slice(0, half), results), run(examples.slice(half), results)]);
  }, 120_000);

  test.each(examples.map((example) => [example.where, example] as const))("%s", (_, { code, file }) => {
    expect(code).toMatch(/from "mixlens(\/\w+)?"/);
    expect(code, "an example has to fail where it is wrong").toMatch(/throw/);
    expect(faults.get(file)).toBeUndefined();
    expect(results.get(file)).toBe("passed");
  });

  test("is in a program the compiler can set up", () => expect(faults.get("")).toBeUndefined());
});

/** Runs examples one after the other in one process and notes how each ended. */
function run(batch: readonly Example[], results: Map<string, string>): Promise<void> {
  const files = batch.map(({ file, code }) => {
    const script = file.replace(/\.mts$/, ".mjs");
    writeFileSync(script, ts.transpileModule(code, { compilerOptions }).outputText);
    return { file, script };
  });
  const main = `
    for (const { file, script } of ${JSON.stringify(files)}) {
      const result = await import(script).then(() => "passed", (error) => String(error?.stack ?? error));
      process.send({ file, result });
    }
    process.exit();`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", main], {
    cwd: folder,
    // What examples leave behind goes with the folder.
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.on("message", ({ file, result }: { file: string; result: string }) => results.set(file, result));
  return new Promise((resolve) => child.on("close", () => resolve()));
}
