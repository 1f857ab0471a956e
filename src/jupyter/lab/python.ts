import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../../errors.ts";
import { writeWhole } from "../../files/write-file.ts";

const run = promisify(execFile);

/** The oldest Python that the pinned JupyterLab takes. */
const OLDEST = [3, 9] as const;

/** Runs a program and returns what it prints; rejects, with `stderr` and `stdout`, when it fails. */
export async function output(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const { stdout } = await run(program, [...args], {
    maxBuffer: 2 ** 26,
    ...(signal && { signal }),
  });
  return stdout;
}

/** The first Python on the PATH that is new enough; an InputError says what to install. */
export async function findPython(): Promise<string> {
  const found: string[] = [];
  for (const program of ["python3", "python"]) {
    const version = await output(program, ["-c", "import sys; print(*sys.version_info[:2])"]).catch(() => "");
    const [major = 0, minor = 0] = version.trim().split(" ").map(Number);
    if (major === OLDEST[0] && minor >= OLDEST[1]) return program;
    if (major > 0) found.push(`${program} ${major}.${minor}`);
  }
  const wanted = `Python ${OLDEST.join(".")} or later on the PATH`;
  const next = "install it from your system's packages or https://www.python.org/downloads";
  throw new InputError("set up JupyterLab", wanted, found.join(" and ") || "none", next);
}

/**
 * Makes a virtual environment with the given packages, unless it is there and whole, and returns its Python.
 *
 * A stamp is written last, so that what an interrupted set-up leaves is made anew.
 */
export async function ensureEnvironment(
  folder: string,
  packages: readonly string[],
  { log, signal }: { log: (line: string) => void; signal?: AbortSignal | undefined },
): Promise<string> {
  const stamp = join(folder, "mixlens-stamp");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const wanted = `${packages.join("\n")}\n`;
  if (existsSync(python) && (await readFile(stamp, "utf8").catch(() => "")) === wanted) return python;

  const base = await findPython();
  log("Setting up JupyterLab (about a minute, once)…");
  await rm(folder, { recursive: true, force: true });
  await output(base, ["-m", "venv", folder], signal).catch((error: Failure) => {
    throw venvError(error);
  });
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check"];
  const pip = ["-m", "pip", "install", ...quiet, "--retries", "2", "--timeout", "15", ...packages];
  await output(python, pip, signal).catch((error: Failure) => {
    throw pipError(error);
  });
  await writeWhole(stamp, wanted);
  return python;
}

/** How `execFile` rejects. */
type Failure = Error & { readonly stdout?: string; readonly stderr?: string };

function venvError(error: Failure): Error {
  if (error.name === "AbortError") return error;
  const said = `${error.stdout}\n${error.stderr}`;
  return /ensurepip|No module named venv/.test(said)
    ? new InputError("set up JupyterLab", "Python with its venv module", "none", "install python3-venv")
    : new InputError("set up JupyterLab", "`python3 -m venv` to succeed", lastLine(said));
}

function pipError(error: Failure): Error {
  if (error.name === "AbortError") return error;
  const said = `${error.stderr}\n${error.stdout}`;
  const offline = /connection broken|Failed to establish|name resolution|timed out|ProxyError|ConnectionError/i;
  return offline.test(said)
    ? new InputError("set up JupyterLab", "the Python package index within reach", "no connection", networkAdvice)
    : new InputError("set up JupyterLab", "`pip install` to succeed", lastLine(said));
}

const networkAdvice = "check the network, or name a mirror or proxy in PIP_INDEX_URL or HTTPS_PROXY";

function lastLine(said: string): string {
  return said.trim().split("\n").at(-1) || "no message";
}
