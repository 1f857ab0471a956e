import { spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { csv, mixlens, type Run, scratch, twoLines } from "./scratch.ts";

const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));
const notebook = {
  cells: [{ cell_type: "code", id: "a", source: ["1 + 1"], metadata: {}, outputs: [], execution_count: null }],
  metadata: { kernelspec: { name: "mixlens", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
};
const folder = scratch({ "data.csv": csv(twoLines(40, 1)), "n.ipynb": JSON.stringify(notebook) });
const fit = ["fit", "data.csv", "--response", "y", "--features", "x1", "--k", "1"];
const has = (path: string): boolean => {
  if (!existsSync(path)) expect(process.platform).not.toBe("linux");
  return existsSync(path);
};
/** Runs the command with these for its standard output and error. */
const into = async (stdout: number | "pipe", ...args: readonly string[]): Promise<Run> => {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: ["ignore", stdout, "pipe"] });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // As `head -1`, which closes its end when it has a line.
  child.stdout?.once("data", () => child.stdout?.destroy());
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout: "", stderr };
};

test("what is printed is there when the file can't be written at the end", async () => {
  if (!has("/dev/full")) return;
  symlinkSync("/dev/full", join(folder, "full"));
  const failed = 'Cannot write "full": expected a file that can be written, got no space left\n';
  const fitted = await mixlens(folder, ...fit, "--model-out", "full", "--json");
  expect([fitted.code, fitted.stderr, JSON.parse(fitted.stdout).rows]).toEqual([1, failed, 40]);
  await mixlens(folder, ...fit, "--model-out", "m.json");
  const predicted = await mixlens(folder, "predict", "m.json", "data.csv", "--out", "full");
  expect([predicted.code, predicted.stderr]).toEqual([1, failed]);
  expect(predicted.stdout).toBe((await mixlens(folder, "predict", "m.json", "data.csv")).stdout);
  expect(lstatSync(join(folder, "full")).isSymbolicLink()).toBe(true);
});

test("a result that has no room is said in one line, and the model is written all the same", async () => {
  if (!has("/dev/full")) return;
  const full = openSync("/dev/full", "w");
  const line = "Cannot print the result: expected room for it on the standard output, got no space left\n";
  for (const args of [[...fit, "--model-out", "kept.json"], ["datasets", "list"], ["--help"]]) {
    expect(await into(full, ...args)).toEqual({ code: 1, stdout: "", stderr: line });
  }
  closeSync(full);
  expect(JSON.parse(readFileSync(join(folder, "kept.json"), "utf8")).format).toBeTypeOf("string");
});

test("a reader that goes away early is no failure", async () => {
  for (const args of [fit, ["datasets", "list"], ["fit", "--help"]]) {
    expect(await into("pipe", ...args)).toEqual({ code: 0, stdout: "", stderr: "" });
  }
});

test("the model may go where the result goes, after it", async () => {
  const out = openSync(join(folder, "both"), "w");
  expect(await into(out, ...fit, "--json", "--model-out", "/dev/stdout")).toEqual({ code: 0, stdout: "", stderr: "" });
  closeSync(out);
  const [result, model] = readFileSync(join(folder, "both"), "utf8").split(/(?<=^\}\n)(?=\{)/m);
  expect([JSON.parse(result).rows, typeof JSON.parse(model).format]).toEqual([40, "string"]);
});

test("what is read-only is refused before the work, by every command that writes", async () => {
  writeFileSync(join(folder, "fixed"), "kept");
  writeFileSync(join(folder, "fixed.ipynb"), JSON.stringify(notebook));
  for (const name of ["fixed", "fixed.ipynb"]) chmodSync(join(folder, name), 0o444);
  const before = readdirSync(folder);
  for (const args of [
    [...fit, "--model-out", "fixed"],
    ["predict", "none.json", "data.csv", "--out", "fixed"],
    ["notebook", "run", "--write", "fixed.ipynb"],
    ["reproduce", "theorems", "--out", "fixed"],
    ["bench", "--only", "eigenvalues", "--out", "fixed/below"],
    ["kernel", "install", "--prefix", "fixed"],
  ]) {
    const { code, stdout, stderr } = await mixlens(folder, ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^Cannot write "[^"]+": expected a file that can be written, got (one that is|a file as)[^\n]*\n$/,
    );
  }
  expect(readdirSync(folder)).toEqual(before);
  expect(readFileSync(join(folder, "fixed"), "utf8")).toBe("kept");
});

test("a notebook keeps its mode, and its links lead to it", async () => {
  chmodSync(join(folder, "n.ipynb"), 0o600);
  symlinkSync("n.ipynb", join(folder, "link.ipynb"));
  expect((await mixlens(folder, "notebook", "run", "--write", "link.ipynb")).code).toBe(0);
  expect(lstatSync(join(folder, "link.ipynb")).isSymbolicLink()).toBe(true);
  expect(statSync(join(folder, "n.ipynb")).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(join(folder, "n.ipynb"), "utf8")).cells[0].execution_count).toBe(1);
});

test("no command writes over what it reads", async () => {
  const own = scratch({ "data.csv": csv(twoLines(40, 1)) });
  await mixlens(own, ...fit, "--model-out", "m.json");
  const before = ["data.csv", "m.json"].map((name) => readFileSync(join(own, name), "utf8"));
  const select = ["select", "data.csv", "--response", "y", "--features", "x1", "--k", "1"];
  for (const [out, ...args] of [
    ["data.csv", ...fit, "--model-out", "data.csv"],
    ["./data.csv", ...select, "--model-out", "./data.csv"],
    ["data.csv", "predict", "m.json", "data.csv", "--out", "data.csv"],
    ["m.json", "predict", "m.json", "*.csv", "--out", "m.json"],
    ["m.json", "report", "m.json", "data.csv", "--out", "m.json"],
  ]) {
    const { code, stdout, stderr } = await mixlens(own, ...args);
    const said = `Cannot write "${out}": expected a file that can be written, got one that is read\n`;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: said });
  }
  expect(["data.csv", "m.json"].map((name) => readFileSync(join(own, name), "utf8"))).toEqual(before);
  expect(readdirSync(own).sort()).toEqual(["data.csv", "m.json"]);
});
