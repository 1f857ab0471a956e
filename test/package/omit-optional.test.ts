import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// A program that only fits, in a folder with the package as `npm install --omit=optional` leaves it. No test needs the
// network: what the package depends on is here already, and the lock file says what of it npm would leave out.

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "mixlens-omit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
}
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));
const locked: Record<string, Locked> = read("package-lock.json").packages;
const { optionalDependencies } = read("package.json");
const installed = Object.entries(locked)
  .filter(([path, { dev, optional, devOptional, peer }]) => path && !(dev || optional || devOptional || peer))
  .map(([path]) => path);

beforeAll(() => {
  const own = join(folder, "node_modules/mixlens");
  mkdirSync(own, { recursive: true });
  const packed = execFileSync("npm", ["pack", root, "--silent", "--ignore-scripts"], { cwd: folder, encoding: "utf8" });
  execFileSync("tar", ["-xzf", packed.trim(), "-C", own, "--strip-components=1"], { cwd: folder });
  for (const path of installed) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  }
  copyFileSync(join(root, "datasets/iris.csv"), join(folder, "iris.csv"));
  writeFileSync(join(folder, "rows.jsonl"), '{"x":1}\n');
  cpSync(join(root, "notebooks/01-first-fit.ipynb"), join(folder, "first.ipynb"));
});

/** Runs a module in the folder, and gives what it prints. */
function run(code: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout + stderr;
}

const command = (...args: string[]) =>
  spawnSync(process.execPath, ["node_modules/mixlens/dist/cli.mjs", ...args], { cwd: folder, encoding: "utf8" });

test("a few small packages remain, and none of the kernel's", () => {
  expect(installed.length).toBeLessThan(10);
  for (const name of Object.keys(optionalDependencies)) expect(installed).not.toContain(`node_modules/${name}`);
  expect(Object.keys(optionalDependencies)).toContain("tslab");
});

test.each([
  ["import", `import { fit, snr, spectrum, curvePlot } from "mixlens";`],
  [
    "require",
    `import { createRequire } from "node:module"; const { fit, snr, spectrum, curvePlot } = createRequire(process.cwd() + "/x.js")("mixlens");`,
  ],
])("a program fits, by %s, and makes charts", (_, load) => {
  const program = `${load}
    const found = fit("iris.csv", { response: "petal_width", features: ["petal_length"], k: 2, starts: 2 });
    const { rate } = spectrum(found.mixture, found.theta, found.observations);
    const chart = curvePlot([{ name: "a", y: [1, 2] }], { title: "t", x: "x", y: "y" });
    console.log(found.result, rate > 0 && rate < 1, snr(found, found.observations).length, chart.data.length);`;
  expect(run(program)).toBe("converged true 1 1\n");
});

test("the command line fits and predicts", () => {
  const fitted = command(
    "fit",
    "iris.csv",
    "--response",
    "petal_width",
    "--features",
    "petal_length",
    "--model-out",
    "m.json",
  );
  expect([fitted.status, fitted.stderr]).toEqual([0, expect.not.stringContaining("Cannot")]);
  expect(command("predict", "m.json", "iris.csv", "--out", "predicted.csv").status).toBe(0);
});

test("a report has live figures and their pictures", () => {
  command(
    "fit",
    "iris.csv",
    "--response",
    "petal_width",
    "--features",
    "petal_length",
    "--k",
    "1",
    "--model-out",
    "r.json",
  );
  const { status, stdout } = command("report", "r.json", "iris.csv", "--out", "r.html", "--json");
  const { messages } = JSON.parse(stdout);
  expect([status, messages]).toEqual([0, []]);
  const page = readFileSync(join(folder, "r.html"), "utf8");
  expect(page).toContain("Plotly");
  expect(page).toContain("data:image/svg+xml");
});

const sentence = (act: string, name: string): string =>
  `Cannot ${act}: expected the package ${name}, got none; npm install ${name}@${optionalDependencies[name]}\n`;

test.each([
  ["run notebooks", ["notebook", "run", "first.ipynb"]],
  ["read cells", ["notebook", "lint", "first.ipynb"]],
  ["install the kernel", ["kernel", "install", "--prefix", "jupyter"]],
  ["start JupyterLab", ["lab", "--no-browser"]],
])("a command that would %s says what to install", (act, args) => {
  const { status, stdout, stderr } = command(...args);
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: sentence(act, "tslab") });
});

test.each([
  ['read "rows.jsonl"', ["fit", "rows.jsonl", "--response", "x"]],
  ['run the query on "iris.csv"', ["fit", "iris.csv", "--response", "petal_width", "--sql", "from data"]],
])("a command that would %s says what to install", (act, args) => {
  const { status, stdout, stderr } = command(...args);
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: sentence(act, "@duckdb/node-api") });
});

test.each([
  [
    "does not load",
    "throw new Error('no binary\\nRequire stack:')",
    `expected the package @duckdb/node-api for ${process.platform} on ${process.arch}, got an error: no binary; npm install @duckdb/node-api@`,
    2,
  ],
  ["ends its thread", "process.exit(3)", "expected an answer of DuckDB, got none: its thread has ended", 1],
])("a package that %s is an error in one line", (_, code, message, exit) => {
  const fake = join(folder, "node_modules/@duckdb/node-api");
  mkdirSync(fake, { recursive: true });
  writeFileSync(join(fake, "index.js"), code);
  try {
    const { status, stdout, stderr } = command("fit", "rows.jsonl", "--response", "x");
    expect([status, stdout, stderr.split("\n").length]).toEqual([exit, "", 2]);
    expect(stderr).toContain(`Cannot read "rows.jsonl": ${message}`);
  } finally {
    rmSync(fake, { recursive: true });
  }
});

test("a kernel that was installed before says so where it starts", () => {
  const { status, stderr } = spawnSync(process.execPath, ["node_modules/mixlens/dist/kernel.mjs"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: sentence("serve Jupyter", "tslab") });
});

test("a function that would write a matrix as LaTeX says what to install", () => {
  const program = `import { InputError, matrixLatex } from "mixlens";
    await matrixLatex([[1]]).catch((error) => console.log(error instanceof InputError ? error.message : error));`;
  expect(run(program)).toBe(sentence("write a matrix as LaTeX", "mathjs"));
});

test("a chart is drawn", () => {
  const program = `import { figure, picture } from "mixlens"; import { show } from "mixlens/notebook";
    console.log((await picture(figure("a chart", [{ y: [1, 2] }], {}))).slice(0, 4));
    await show(figure("a chart", [], {}), { display: (bundle) => console.log(bundle["text/html"]) });`;
  const printed = run(program);
  expect(printed).toMatch(/^<svg\n/);
  expect(printed).not.toContain("no static picture");
});

test("doctor names what is missing, and how to install it", () => {
  const { status, stdout } = command("doctor", "--json");
  const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string; next?: string }[] };
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const finding = findings.find((one) => one.name === name);
    expect(finding).toMatchObject({
      state: "missing",
      next: expect.stringContaining(`npm install ${name}@${version}`),
    });
  }
  expect(status).toBe(0);
});

test("a fit on Spark says all that is to be installed", () => {
  const args = ["fit", "iris.csv", "--response", "petal_width", "--features", "petal_length"];
  const { status, stdout, stderr } = command(...args, "--engine", "sc://127.0.0.1:1");
  const names = ["@grpc/grpc-js", "@grpc/proto-loader", "apache-arrow"];
  const next = `npm install ${names.map((name) => `${name}@${optionalDependencies[name]}`).join(" ")}`;
  const line = `Cannot work with Spark at sc://127.0.0.1:1: expected the package @grpc/grpc-js, got none; ${next}\n`;
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: line });
});
