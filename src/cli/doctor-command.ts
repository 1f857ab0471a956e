import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { computing } from "../compute/engine.ts";
import { datasetPath } from "../datasets/dataset-path.ts";
import { installing } from "../errors/optional-package.ts";
import { readOptions } from "../errors/options.ts";
import { packageRoot, packageVersion } from "../files/package-root.ts";
import { CLUSTER } from "../fit/fit-options.ts";
import { findPython, output } from "../jupyter/lab/python.ts";
import { PACKAGES } from "../spark/session.ts";
import { tableText } from "../text/table.ts";
import { sparkFindings } from "./doctor-spark.ts";
import type { Finding } from "./finding.ts";
import { addFlags } from "./options.ts";
import { print, printJson } from "./output.ts";

/** `mixlens doctor` */
export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("look at what mixlens needs of this machine, and say what to do about what is missing");
  addFlags(command, { engine: CLUSTER.engine });
  command.option("--json", "print one JSON document").action(doctor);
}

async function doctor({ engine: server, json }: { engine?: string; json?: boolean }): Promise<void> {
  const { engine: address } = readOptions("look at the engine", { engine: server }, { engine: CLUSTER.engine });
  const python = await findPython().catch(() => undefined);
  const findings: Finding[] = [
    { name: "mixlens", state: "ok", found: packageVersion() },
    { name: "Node.js", state: "ok", found: process.versions.node },
    engine(),
    installed("tslab", "the kernel and `mixlens notebook run`"),
    installed("typescript", "the kernel and `mixlens notebook run`"),
    installed("mathjs", "matrices as LaTeX"),
    installed("@duckdb/node-api", "Parquet, JSON and SQL"),
    ...PACKAGES.map((name) => installed(name, "sources on Spark")),
    installed("danfojs-node", "frames of danfo"),
    await pythonFound(python),
    await kernelFound(python),
    dataset("fashion-mnist"),
    ...(address === undefined ? [] : sparkFindings(address)),
  ];
  if (findings.some(({ state }) => state === "wrong")) process.exitCode = 1;
  if (json) return printJson({ findings });
  const columns = ["", "state", "found", "what next"].map((name) => ({ name }));
  print(tableText({ columns, rows: findings.map(({ name, state, found, next }) => [name, state, found, next ?? ""]) }));
}

function engine(): Finding {
  const { engine, threads } = computing();
  const name = "computing";
  const count = `${threads} thread${threads === 1 ? "" : "s"}`;
  if (engine !== "reference") return { name, state: "ok", found: `WebAssembly, ${engine}, ${count}` };
  const next = "take a Node.js with WebAssembly and shared memory: it is several times as fast";
  return { name, state: "wrong", found: "plain TypeScript", next };
}

function installed(name: string, purpose: string): Finding {
  try {
    return { name, state: "ok", found: versionOf(name) };
  } catch {
    return { name, state: "missing", found: "none", next: `${installing(name)}, for ${purpose}` };
  }
}

/** The version of a package: from the file beside or above what is loaded of it, which not all let others load. */
function versionOf(name: string): string {
  const loaded = createRequire(join(packageRoot(), "package.json")).resolve(name);
  for (let folder = dirname(loaded); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    const said = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : {};
    if (said.name === name) return String(said.version);
    if (folder === dirname(folder)) throw new Error(`no package.json of ${name}`);
  }
}

async function pythonFound(python: string | undefined): Promise<Finding> {
  const name = "Python";
  if (python === undefined) {
    return { name, state: "missing", found: "none", next: "install Python 3.9 or later, for `mixlens lab`" };
  }
  const version = await output(python, ["-c", "import platform; print(platform.python_version())"]);
  return { name, state: "ok", found: version.trim() };
}

/** Whether the Jupyter of this Python, if there is one, knows the kernel. */
async function kernelFound(python: string | undefined): Promise<Finding> {
  const name = "kernel in Jupyter";
  const listed =
    python === undefined ? "" : await output(python, ["-m", "jupyter", "kernelspec", "list"]).catch(() => "");
  const place = /^\s*mixlens\s+(.+)$/m.exec(listed)?.[1];
  if (place !== undefined) return { name, state: "ok", found: place };
  const next = "`mixlens lab` needs none; `mixlens kernel install --user` for a Jupyter of your own";
  return { name, state: "missing", found: "none", next };
}

function dataset(name: string): Finding {
  try {
    return { name, state: "ok", found: datasetPath(name) };
  } catch {
    return { name, state: "missing", found: "none", next: `mixlens datasets fetch ${name}, for Table 2 and Figure 3` };
  }
}
