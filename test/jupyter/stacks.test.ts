import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CodeCell, type Output, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { runNotebook } from "../../src/jupyter/run/run-notebook.ts";
import { KernelClient } from "./kernel-client.ts";
import { scratchNotebook } from "./scratch.ts";

// Errors that are printed and shown have their author's lines, wherever their stack is read, and are kept without the
// machine's paths.

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
}, 60_000);
afterAll(() => kernel.close());

/** Runs a cell, as the second of a file, and gives what is kept of it. */
async function kept(code: string): Promise<string> {
  const file = await scratchNotebook("1", { source: code, tags: ["raises-exception"] });
  await writeFile(
    join(dirname(file), "lib.ts"),
    "// A library\nexport function fail(): never { throw new Error('inside'); }\n",
  );
  await runNotebook(file, { write: true, now: () => performance.now() });
  const [, cell] = (await readNotebook(file)).cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
  const text = JSON.stringify(cell.outputs);
  // Neither the machinery nor where it lies.
  expect(text).not.toMatch(/node:|tslab\/dist|evalmachine|\.mjs|src\/jupyter|vitest|\/tmp\/|file:\/\//);
  for (const path of [process.cwd(), dirname(file)]) expect(text).not.toContain(path);
  return cell.outputs.map(wordsOf).join("");
}

function wordsOf(output: Output): string {
  if (output.output_type === "stream") return [output.text].flat().join("");
  if (output.output_type === "error") return output.traceback.join("\n");
  return [output.data["text/plain"]].flat().join("");
}

test.each([
  [
    "console.error",
    "try { JSON.parse('{') } catch (e) { console.error(e) }",
    /^SyntaxError: [^\n]*\n {4}at cell 2, line 3, column 12\n$/,
  ],
  ["console.log", "const e = new Error('x'); console.log(e)", /^Error: x\n {4}at cell 2, line 3, column 11\n$/],
  ["a last value", "new Error('shown')", /^Error: shown\n {4}at cell 2, line 3, column 1$/],
  ["an error in an object", "({ list: [new Error('x')] })", /Error: x\n +at cell 2, line 3, column 11/],
  [
    "a cause",
    "new Error('a', { cause: new Error('b') })",
    /^Error: a\n[\s\S]*\[cause\]: Error: b\n +at cell 2, line 3, column 25/,
  ],
  [
    "several errors",
    "new AggregateError([new Error('b')], 'a')",
    /^AggregateError: a\n[\s\S]*Error: b\n +at cell 2, line 3, column 21/,
  ],
  ["its stack", "console.log(new Error('x').stack)", /^Error: x\n {4}at cell 2, line 3, column 13\n$/],
  [
    "util.inspect",
    "import { inspect } from 'node:util'; console.log(inspect(new TypeError('x')))",
    /^TypeError: x\n {4}at cell 2, line 3, column 58\n$/,
  ],
  [
    "console.trace",
    "function f() { console.trace('here') }\nf();",
    /^Trace: here\n {4}at f \(cell 2, line 3, column 24\)\n {4}at cell 2, line 4, column 1\n$/,
  ],
  [
    "a timer",
    "setTimeout(() => { console.error(new Error('x')) }); await new Promise((r) => setTimeout(r, 20));",
    /^Error: x\n {4}at cell 2, line 3, column 34\n$/,
  ],
  [
    "a timer that throws",
    "setTimeout(() => { throw new Error('x') }); await new Promise((r) => setTimeout(r, 20));",
    /> 3 \|[\s\S]*\n {4}at cell 2, line 3, column 26$/,
  ],
  [
    "an error of a file beside",
    "import { fail } from './lib'; try { fail() } catch (e) { console.error(e) }",
    /^Error: inside\n {4}at fail \(lib\.ts, line 2, column 39\)\n {4}at cell 2, line 3, column 41\n$/,
  ],
  [
    "an error of a library",
    "import { fit } from 'mixlens'; try { fit({ y: [] }, { response: 'y' }) } catch (e) { console.error(e) }",
    /^InputError: [^\n]*\n {4}at cell 2, line 3, column 41\n$/,
  ],
  [
    "a module that is not there",
    "try { require('./none') } catch (e) { console.error(e) }",
    /^Error: Cannot find module '.\/none'\n {4}at cell 2, line 3, column 7/,
  ],
  [
    "a cause that is thrown",
    "function f() { throw new Error('inner') }\ntry { f() } catch (cause) { throw new Error('outer', { cause }) }",
    /^Error: outer\n[\s\S]*\n> 4 \|[\s\S]*\n {4}at cell 2, line 4, column 35\ncaused by Error: inner\n {4}at f \(cell 2, line 3, column 22\)\n {4}at cell 2, line 4, column 7$/,
  ],
  [
    "several errors that are thrown",
    "throw new AggregateError([new Error('b'), new TypeError('c', { cause: 'd' })], 'a')",
    /^AggregateError: a\n[\s\S]*\none is Error: b\n {4}at cell 2, line 3, column 27\none is TypeError: c\n {4}at [^\n]*\ncaused by Uncaught: d$/,
  ],
  [
    "what Promise.any gathers",
    "await Promise.any([Promise.reject(new Error('b'))])",
    /^AggregateError: [^\n]*\n[\s\S]*\n> 3 \|[\s\S]*\none is Error: b\n {4}at cell 2, line 3, column 35$/,
  ],
  [
    "captureStackTrace",
    "const o: { stack?: string } = {}; Error.captureStackTrace(o); console.log(o.stack)",
    /\n {4}at cell 2, line 3, column 41\n$/,
  ],
  [
    "an error of eval",
    "try { eval('null.x') } catch (e) { console.error(e) }",
    /^TypeError: [^\n]*\n {4}at cell 2, line 3, column 7\n$/,
  ],
])("of %s the lines are the author's", async (_, code, words) => {
  expect(await kept(`// One\n\n${code}`)).toMatch(words);
});

test("an error about what is shown names the line that shows it", async () => {
  await kernel.run('import { display } from "tslab";');
  const { reply } = await kernel.run('// first\ndisplay.raw("application/json", 1n as any);');
  expect((reply.traceback as string[]).slice(1).join("\n")).toMatch(
    /^ {2}1 \|[\s\S]*\n {4}at cell \d+, line 2, column \d+$/,
  );
});

test("what a cell threw may be printed by a later one", async () => {
  await kernel.run("const given: { thrown?: Error } = {};");
  const { reply } = await kernel.run('given.thrown = new Error("x");\nthrow given.thrown;');
  const { text } = await kernel.run("console.log(given.thrown)");
  expect(text).toBe(`Error: x\n    at cell ${reply.execution_count}, line 1, column 16\n`);
});

test.each([
  ["text", '1;\nthrow "text";', "text", 2, 1],
  ["an object in a function", "const one = () => {\n  throw { a: 1 };\n};\none();", "{ a: 1 }", 2, 3],
  ["nothing", "\nawait Promise.reject();", "undefined", 2, 1],
  ["an object that is awaited", "1;\n\nawait Promise.all([Promise.reject({ code: 3 })]);", "{ code: 3 }", 3, 1],
  ["what a function awaits", "const two = async () => {\n  await null;\n  throw null;\n};\nawait two();", "null", 3, 3],
  ["an error without a stack", 'const bare = new Error("x");\ndelete bare.stack;\nthrow bare;', "x", 3, 1],
])("%s that is thrown has its line, though it is no error", async (_, code, said, line, column) => {
  const { reply } = await kernel.run(code);
  const text = (reply.traceback as string[]).join("\n");
  expect(text).toMatch(new RegExp(`^\\w+: ${said.replace(/[{}]/g, "\\$&")}\n[\\s\\S]*\n?> ${line} \\| `));
  expect(text).toMatch(new RegExp(`cell \\d+, line ${line}, column ${column}\\b`));
});

test("what an earlier cell threw is none of a later one that rejects with the same", async () => {
  await kernel.run("\n\nthrow 5;");
  const { reply } = await kernel.run("await Promise.reject(5);");
  expect((reply.traceback as string[]).join("\n")).toMatch(/\n {4}at async cell \d+, line 1, column 1$/);
});

test("an error of a block hides none of what it disposes of, nor the other way around", async () => {
  const disposed = 'using u = { [Symbol.dispose]() { throw new Error("second"); } };';
  const { reply } = await kernel.run(`{\n  ${disposed}\n  throw new Error("first");\n}`);
  expect((reply.traceback as string[]).join("\n")).toMatch(
    /^SuppressedError: [\s\S]*\n> 3 \|[\s\S]*\none is Error: first\n {4}at cell \d+, line 3, column 9\nand then Error: second\n/,
  );
});

test("a cell below many calls of others is found", async () => {
  const nest =
    "const nest = (n: number, then: () => void): void => (n === 0 ? then() : [0].forEach(() => nest(n - 1, then)));";
  await kernel.run(nest);
  const { reply } = await kernel.run('nest(12, () => {\n  throw new Error("deep");\n});');
  const [, frame, calls] = reply.traceback as string[];
  expect(frame).toContain('> 2 |   throw new Error("deep");');
  expect(calls.split("\n").length).toBeLessThan(15);
});

test.each([
  ["k03-await-of-library-error-has-no-line", "> 4 | await readFile("],
  ["k04-deep-error-has-no-line", "> 4 | fit(rows, "],
])("the case %s shows its line", async (name, line) => {
  const file = new URL(`../../../shared/cases/kernel/${name}.ipynb`, import.meta.url);
  const { cells } = JSON.parse(await readFile(file, "utf8"));
  const { reply } = await kernel.run([cells[1].source].flat().join(""));
  expect((reply.traceback as string[])[1]).toContain(line);
});

test("the case k09-printed-errors-have-generated-lines keeps its author's lines, printed and shown, and no path", async () => {
  const name = "k09-printed-errors-have-generated-lines";
  const file = new URL(`../../../shared/cases/kernel/${name}.ipynb`, import.meta.url);
  const [, printed, shown] = JSON.parse(await readFile(file, "utf8")).cells.map(({ source }: { source: string[] }) =>
    [source].flat().join(""),
  );
  // The cell begins with empty lines; JSON.parse stands in the fourth.
  expect(await kept(printed)).toMatch(/^SyntaxError: [^\n]+\n {4}at cell 2, line 4, column 8\n$/);
  expect(await kept(shown)).toMatch(/^Error: shown\n {4}at cell 2, line 1, column 1\n?$/);
});
