import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding, Rule } from "../../src/jupyter/lint/finding.ts";
import { lintNotebook } from "../../src/jupyter/lint/lint.ts";
import type { CodeCell, Notebook, Output } from "../../src/jupyter/run/notebook.ts";
import { notebookOf, scratchFolder, scratchNotebook } from "./scratch.ts";

const printed = (text: string): Output => ({ output_type: "stream", name: "stdout", text });
const failed: Output = { output_type: "error", ename: "Error", evalue: "x", traceback: ["Error: x"] };
const result = (text: string): Output => ({
  output_type: "execute_result",
  execution_count: 1,
  data: { "text/plain": text },
  metadata: {},
});

/** A notebook that was run from top to bottom; cells are sources, or more. */
function committed(...cells: (string | Partial<CodeCell>)[]): Notebook {
  const whole = cells.map((cell, at): CodeCell => {
    const given = typeof cell === "string" ? { source: cell } : cell;
    return { cell_type: "code", source: "1", metadata: {}, execution_count: at + 1, outputs: [], ...given };
  });
  return { cells: whole, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

const lint = (...cells: (string | Partial<CodeCell>)[]): Finding[] =>
  lintNotebook(committed(...cells), { largest: 1000 });

/** Each rule: where it is found, and the same written well. */
type Case = [rule: Rule, at: string, trap: (string | Partial<CodeCell>)[], good: (string | Partial<CodeCell>)[]];

const show = 'import { show as draw } from "mixlens/notebook";';
const chance = (source: string): Partial<CodeCell>[] => [{ source, outputs: [printed("0.5")] }];
const tagged = { tags: ["raises-exception"] };

const cases: Case[] = [
  ["syntax", "1:2", ["1;\nconst = 2;"], [{ source: "1;\nconst = 2;", metadata: tagged }]],
  ["browser-cell", "1:1", ["/** @browser */\n1"], ["/* @browser is text here */\n1"]],
  ["taken-name", "1:1", ["export const URL = 1;"], ["export const exports = 1, require = 2;"]],
  [
    "taken-name",
    "2:2",
    ["1", "1;\nfunction fetch() {}"],
    ["import process from 'node:process';", "{ const fetch = 1; }"],
  ],
  ["taken-name", "1:1", ["class URL {}"], ["interface URL {}\ntype Request = 1;"]],
  [
    "redeclared-name",
    "2:2",
    ["let a = 1; const f = () => a;", "1;\nlet a = 2;"],
    ["let a = 1; const f = () => a;", "a = 2;"],
  ],
  [
    "redeclared-name",
    "3:1",
    ["function g() {} class B { f() { return g(); } }", "2", "function g() {}"],
    ["const a = 1, b = a; const f = (a: number) => ({ a, b: b.a });", "const a = 2;"],
  ],
  [
    "redeclared-name",
    "2:1",
    ["const a = 1; const b = { c: () => ({ a }) };", "const [a] = [2];"],
    ["function f() { return f; }", "function f() {}"],
  ],
  [
    "redeclared-name",
    "2:1",
    ['import { em } from "mixlens"; const f = () => em;', "const em = 1;"],
    ['import { em } from "mixlens"; const f = () => em;', 'import { em } from "mixlens";'],
  ],
  [
    "floating-promise",
    "2:2",
    [show, "1;\ndraw(1);"],
    [show, "await draw(1); const p = draw(2); { const draw = () => 1; draw(); }"],
  ],
  [
    "floating-promise",
    "1:1",
    ["late(); async function late() {}"],
    ["late(); function late() {} void later(); async function later() {}"],
  ],
  [
    "floating-promise",
    "2:1",
    ["const late = async () => 1;", "for (;;) { late(); }"],
    ['import { show } from "other";', "show(1)"],
  ],
  ["object-as-block", "1:2", ["1;\n{ a: 1 }"], ["1;\n({ a: 1 })"]],
  ["object-as-block", "1:1", ["{ a: 1 }"], ["{ a: for (;;) break a; }"]],
  ["unrepeatable", "1:1", chance("Math.random()"), ["Math.random()", ...chance("Math.round(1)")]],
  [
    "unrepeatable",
    "1:1",
    chance("const t = [() => Date.now()]"),
    chance("const Date = { now: () => 1 }; Date.now()").map((cell) => ({ ...cell, source: `{ ${cell.source} }` })),
  ],
  ["unrepeatable", "1:1", chance("new Date()"), chance("new Date(2020, 1)")],
  ["unrepeatable", "1:1", chance("performance.now()"), chance("const text = 'Math.random()'; // Date.now()")],
  ["unrepeatable", "1:1", chance("crypto.randomUUID()"), chance("({ random: () => 1 }).random()")],
  ["unexecuted", "1:1", [{ execution_count: null }], [{ execution_count: null, source: " " }]],
  [
    "out-of-order",
    "2:1",
    [{ execution_count: 3 }, { execution_count: 2 }],
    [{ execution_count: 3 }, { execution_count: 7 }],
  ],
  ["untagged-error", "1:1", [{ outputs: [failed] }], [{ outputs: [failed], metadata: tagged }]],
  [
    "promise-output",
    "1:1",
    [{ outputs: [result("Promise { <pending> }")] }],
    [{ outputs: [result("a Promise { 1 }")] }],
  ],
  [
    "local-path",
    "1:1",
    [{ outputs: [printed("in /home/ada/x.csv\n")] }],
    [{ outputs: [printed("https://a.org/home/ada ./tmp/x a/var/b\n")] }],
  ],
  ["local-path", "1:1", [{ outputs: [result("C:\\Users\\ada")] }], [{ outputs: [result("ratio A: \\ B")] }]],
  [
    "local-path",
    "1:1",
    [{ outputs: [result("file:///tmp/x.js:3")] }],
    [{ outputs: [{ ...result(""), data: { "text/html": "<img src='data:x;base64,/tmp/abc'>" } } as Output] }],
  ],
  ["large-output", "1:1", [{ outputs: [printed("x".repeat(1001))] }], [{ outputs: [printed("x".repeat(900))] }]],
];

test.each(cases)("%s is found at cell:line %s, and nothing in the same written well", (rule, at, trap, good) => {
  expect(lint(...trap).map(({ rule, cell, line }) => [rule, `${cell}:${line}`])).toEqual([[rule, at]]);
  expect(lint(...good)).toEqual([]);
});

test("findings come in the order of the notebook, and say what happens and what to write", () => {
  const found = lint("await 0;", { execution_count: null, source: "let x = 1;\nclass URL {}" }, "{ x: 1 }");
  expect(found.map(({ rule, cell, line }) => [rule, cell, line])).toEqual([
    ["unexecuted", 2, 1],
    ["taken-name", 2, 2],
    ["object-as-block", 3, 1],
  ]);
  for (const { message } of found) expect(message).toMatch(/^[^;]+; [^;]+[^;.]$/);
});

function command(...args: string[]): { status: number; out: string } {
  try {
    return {
      status: 0,
      out: execFileSync(process.execPath, ["dist/cli.mjs", "notebook", "lint", ...args], {
        encoding: "utf8",
        stdio: "pipe",
      }),
    };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { status, out: stdout };
  }
}

test("the command names file, cell, line and rule, and fails where it finds something", async () => {
  const bad = await scratchNotebook("let a = 1;", "1;\n{ a: 1 }");
  const good = join(await scratchFolder(), "good.ipynb");
  await writeFile(good, JSON.stringify(notebookOf([])));
  expect(command(good)).toEqual({ status: 0, out: "" });
  const { status, out } = command(good, bad);
  expect(status).toBe(1);
  expect(out).toContain(`${bad}, cell 2, line 2: braces that begin a statement are a block`);
  const json = command(bad, "--json");
  expect(json.status).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    notebooks: 1,
    findings: [
      { file: bad, cell: 1, rule: "unexecuted" },
      { rule: "unexecuted" },
      { rule: "object-as-block", line: 2 },
    ],
  });
  expect(command(bad, "--max-output", "0").status).toBe(2);
  expect(command(`${bad}x`).status).toBe(2);
});
