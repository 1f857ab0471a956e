import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { random } from "../../src/math/random.ts";

const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));

/** How a command ended and what it printed. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for the tests of one file, with these files in it. */
export function scratch(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
  return folder;
}

/** Runs the built command in a folder. */
export function mixlens(folder: string, ...args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...printed })));
}

/** Runs the built command with `--json` and returns its one JSON document. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of each document.
export async function mixlensJson(folder: string, ...args: readonly string[]): Promise<any> {
  const { code, stdout, stderr } = await mixlens(folder, ...args, "--json");
  if (code !== 0) throw new Error(`mixlens ${args.join(" ")} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

export type Table = Record<string, (number | string)[]>;

/**
 * Rows from two lines, told apart by a gate on x1: features x1 and x2, response y, its sign as a label, weights w,
 * an offset o, responsibilities r1 and r2.
 */
export function twoLines(rows: number, seed: number): Table & { readonly y: number[] } {
  const rng = random(seed);
  const drawn = Array.from({ length: rows }, () => {
    const [x1, x2] = [rng.normal(), rng.normal()];
    const second = rng.uniform() < 1 / (1 + Math.exp(-2 * x1));
    const y = second ? 1 + 2 * x1 - x2 + 0.3 * rng.normal() : -1 - x1 + x2 + 0.4 * rng.normal();
    const label = y + rng.normal() > 0 ? "high" : "low";
    const [r1, r2] = second ? [0.2, 0.8] : [0.8, 0.2];
    return { x1, x2, y, label, w: 1 + rng.integer(3), o: rng.normal(), r1, r2 };
  });
  const names = Object.keys(drawn[0]) as (keyof (typeof drawn)[0])[];
  const column = (name: (typeof names)[0]) => drawn.map((row) => row[name]);
  const table = Object.fromEntries(names.map((name) => [name, column(name)]));
  return { ...table, y: drawn.map((row) => row.y) };
}

/** A table as CSV, every cell in quotes that needs them. */
export function csv(table: Table): string {
  const cell = (value: number | string): string =>
    /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const names = Object.keys(table);
  const lines = [names.map(cell), ...table[names[0]].map((_, i) => names.map((name) => cell(table[name][i])))];
  return `${lines.map((line) => line.join(",")).join("\n")}\n`;
}

/** The types of a JSON document: of a list, those of its entries once. */
export function typesOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const types = value.map(typesOf);
    return types.filter((type, at) => types.findIndex((other) => same(other, type)) === at);
  }
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, typesOf(entry)]));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
