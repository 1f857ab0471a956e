import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type CodeCell, type Output, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { type NotebookRun, runNotebook } from "../../src/jupyter/run/run-notebook.ts";
import { type Code, scratchNotebook } from "./scratch.ts";

const now = () => performance.now();

/** Runs the cells and reads back what the file then holds. */
async function run(...cells: Code[]): Promise<{ run: NotebookRun; code: CodeCell[]; outputs: Output[][] }> {
  const file = await scratchNotebook(...cells);
  const run = await runNotebook(file, { write: true, now });
  const code = (await readNotebook(file)).cells.filter((cell) => cell.cell_type === "code");
  return { run, code, outputs: code.map((cell) => [...cell.outputs]) };
}

test("cells run in order and see each other's variables, types included", async () => {
  const { run: result, outputs } = await run("const a: number = 2;", "let b = a * 21;", "b");
  expect(result).toMatchObject({ cells: 3, executed: 3, failed: 0 });
  expect(result.seconds).toBeGreaterThan(0);
  expect(outputs[2]).toEqual([
    { output_type: "execute_result", execution_count: 3, data: { "text/plain": ["42"] }, metadata: {} },
  ]);
});

test("properties of another cell's variables are taken apart under new names, at any depth", async () => {
  const { outputs } = await run(
    "const point = { x: 1, rest: [{ y: 2, z: 3 }] }; const x = 10;",
    "const { x: first, rest: [{ y: second, ...more }] } = point;",
    "for (const { y: each } of point.rest) console.log(first, second, more.z, each, x);",
  );
  expect(outputs[2]).toEqual([{ output_type: "stream", name: "stdout", text: ["1 2 3 2 10\n"] }]);
});

test("both streams are caught, and neighbouring chunks of one stream are one output", async () => {
  const { outputs } = await run(
    'console.log("a"); process.stdout.write("b"); process.stdout.write(new Uint8Array([99, 10])); console.error("d"); console.log("e %d", 5);',
    'await new Promise<void>((done) => process.stdout.write("flushed", () => done()));',
  );
  expect(outputs[0]).toEqual([
    { output_type: "stream", name: "stdout", text: ["a\n", "bc\n"] },
    { output_type: "stream", name: "stderr", text: ["d\n"] },
    { output_type: "stream", name: "stdout", text: ["e 5\n"] },
  ]);
  expect(outputs[1]).toEqual([{ output_type: "stream", name: "stdout", text: ["flushed"] }]);
});

test("of 2000 printed lines none is lost", async () => {
  const { outputs } = await run("for (let i = 0; i < 2000; i++) console.log(i);");
  const expected = Array.from({ length: 2000 }, (_, i) => `${i}\n`);
  expect(outputs[0]).toEqual([{ output_type: "stream", name: "stdout", text: expected }]);
});

test("the first cell that throws ends the run and is named by its number", async () => {
  const { run: result, code } = await run("1", "  ", 'throw new RangeError("too far")', "4");
  expect(result).toMatchObject({ cells: 3, executed: 2, failed: 1 });
  expect(result.firstError).toMatchObject({
    cell: 2,
    message: "RangeError: too far",
  });
  expect(code.map((cell) => cell.execution_count)).toEqual([1, null, 2, null]);
  expect(code[2]?.outputs[0]).toMatchObject({ output_type: "error", ename: "RangeError", evalue: "too far" });
});

test("a type error fails the cell with the compiler's line, column and message", async () => {
  const { run: result } = await run("const fine = 1;\nconst n: number = 'text';");
  expect(result.firstError?.message).toMatch(
    /^TypeScriptError: 2:7 - Type 'string' is not assignable to type 'number'/,
  );
});

test("after a cell that is tagged raises-exception the others run", async () => {
  const expected = {
    source: 'throw new Error("on purpose")',
    tags: ["raises-exception"],
  };
  const { run: result, outputs } = await run(expected, "console.log(2)", "console.log(3)");
  expect(result).toMatchObject({ cells: 3, executed: 3, failed: 0 });
  expect(result.firstError).toBeUndefined();
  expect(outputs[0]?.[0]).toMatchObject({
    output_type: "error",
    evalue: "on purpose",
  });
  expect(outputs[2]).toEqual([{ output_type: "stream", name: "stdout", text: ["3\n"] }]);
});

test("displays are kept by mime type, and an update changes its place in the cell that made it", async () => {
  const { outputs } = await run(
    'import * as tslab from "tslab"; const place = tslab.newDisplay(); place.text("first"); tslab.display.html("<b>x</b>");',
    'place.text("second"); tslab.display.png(new Uint8Array([1, 2, 3]))',
  );
  const shown = (data: object) => ({
    output_type: "display_data",
    data,
    metadata: {},
  });
  expect(outputs[0]).toEqual([
    shown({ "text/plain": ["second"] }),
    shown({ "text/html": ["<b>x</b>"], "text/plain": ["[text/html]"] }),
  ]);
  expect(outputs[1]).toEqual([shown({ "image/png": ["AQID"], "text/plain": ["[image/png]"] })]);
});

test("text and empty cells are passed over and not counted", async () => {
  const { run: result, code } = await run("", "1", " \n");
  expect(result).toMatchObject({ cells: 1, executed: 1, failed: 0 });
  expect(code.map((cell) => cell.execution_count)).toEqual([null, 1, null]);
});

test("process.exit fails the cell that calls it, though it catches what that throws", async () => {
  const { run: result } = await run("1", "try { process.exit(0); } catch {}", "3");
  expect(result).toMatchObject({ executed: 2, failed: 1 });
  expect(result.firstError).toMatchObject({
    cell: 2,
    message: "Error: the cell called process.exit(0)",
  });
});

test("a promise that a cell leaves running is waited for, and its failure is that cell's", async () => {
  const late = "let fail = (_: Error) => {}; const late = new Promise((_, no) => { fail = no; });";
  const { run: result } = await run("1", late, 'setTimeout(() => fail(new Error("late")));');
  expect(result).toMatchObject({ executed: 3, failed: 1 });
  expect(result.firstError).toMatchObject({ cell: 2, message: "Error: late" });
});

test("cells start in the folder of the notebook, and the process gets its own back", async () => {
  const before = process.cwd();
  const file = await scratchNotebook("console.log(process.cwd())");
  await runNotebook(file, { write: true, now });
  expect(await readFile(file, "utf8")).toContain(file.replace("/scratch.ipynb", ""));
  expect(process.cwd()).toBe(before);
});

test("a notebook of this checkout imports the package by its name, with types", async () => {
  const { run: result, outputs } = await run(
    'import { InputError } from "mixlens"; const e = new InputError("a", "b", "c"); console.log(e.message);',
    { source: "const wrong: number = e.message;", tags: ["raises-exception"] },
  );
  expect(result).toMatchObject({ executed: 2, failed: 0 });
  expect(outputs[0]).toEqual([
    {
      output_type: "stream",
      name: "stdout",
      text: ["Cannot a: expected b, got c\n"],
    },
  ]);
  expect(outputs[1]?.[0]).toMatchObject({ ename: "TypeScriptError" });
});

test("without write the file is left alone; with it, a second run changes no byte", async () => {
  const file = await scratchNotebook("console.log(Math.PI)", {
    source: "throw 1",
    tags: ["raises-exception"],
  });
  const untouched = await readFile(file);
  await runNotebook(file, { now });
  expect(await readFile(file)).toEqual(untouched);
  await runNotebook(file, { write: true, now });
  const first = await readFile(file, "utf8");
  await runNotebook(file, { write: true, now });
  expect(await readFile(file, "utf8")).toBe(first);
  expect(first).toMatch(/^{\n "cells": \[\n {2}{\n {3}"cell_type": "markdown",\n[\s\S]*\n}\n$/);
});
