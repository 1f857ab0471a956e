import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { InputError } from "../../errors.ts";
import { writeWhole } from "../../files/write-file.ts";
import { needCellPackages } from "../cells/packages.ts";
import { installKernel } from "./kernel-spec.ts";
import { ensureEnvironment } from "./python.ts";

const PACKAGES = ["jupyterlab==4.5.9"] as const;

export interface LabOptions {
  /** The project, whose `.mixlens` folder keeps the environment; default: the working directory. */
  readonly project?: string;
  /** The folder to open; default: the project's `notebooks`, or the project where there is none. */
  readonly notebooks?: string;
  /** Default: 8888 or the next free one. */
  readonly port?: number;
  /** The address to listen on; default: this machine only. */
  readonly ip?: string;
  /** The password in the address; default: one that Jupyter draws. */
  readonly token?: string;
  /** Open the browser; default: true. */
  readonly browser?: boolean;
  /** Takes lines of progress. */
  readonly log: (line: string) => void;
  /** Ends the set-up or the server. */
  readonly signal?: AbortSignal;
}

/** A server that takes requests. */
export interface Lab {
  /** With the token. */
  readonly url: string;
  /** The exit code, once the server has ended: 0 when the signal or a user ended it. */
  readonly ended: Promise<number>;
}

/**
 * Starts JupyterLab with the kernel "Mixlens (TypeScript)", from an environment that it sets up at the first start.
 *
 * The kernel is registered in that environment alone, and later starts need no network.
 *
 * @throws InputError that says what is missing: tslab, Python, its venv module, the network at the first start, the folder,
 * the port
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  needCellPackages("start JupyterLab");
  const home = join(resolve(options.project ?? "."), ".mixlens");
  const folder = folderToOpen(options);
  await writeWhole(join(home, ".gitignore"), "*\n", { inNewFolder: true });
  const environment = join(home, "venv");
  const python = await ensureEnvironment(environment, PACKAGES, options);
  await installKernel({ prefix: environment });
  await writeWhole(join(environment, "etc/jupyter/labconfig/page_config.json"), `${JSON.stringify(pageConfig)}\n`, {
    inNewFolder: true,
  });
  return serve(python, folder, join(home, "runtime"), options);
}

/** No news and no look for updates: nothing in the way of the notebook, and no network. */
const pageConfig = {
  disabledExtensions: { "@jupyterlab/apputils-extension:announcements": true },
};

function folderToOpen({ project = ".", notebooks }: LabOptions): string {
  const folder = resolve(project, notebooks ?? "notebooks");
  if (existsSync(folder)) return folder;
  if (notebooks !== undefined) throw new InputError("start JupyterLab", "a folder of notebooks", `none at ${folder}`);
  return resolve(project);
}

async function serve(python: string, folder: string, runtime: string, options: LabOptions): Promise<Lab> {
  const server = spawn(python, ["-m", "jupyterlab", ...flags(folder, options)], {
    cwd: folder,
    env: {
      ...process.env,
      JUPYTER_RUNTIME_DIR: runtime,
      ...(options.token && { JUPYTER_TOKEN: options.token }),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  const stop = () => server.kill("SIGTERM");
  options.signal?.addEventListener("abort", stop, { once: true });
  const ended = once(server, "close").then(([code]: (number | null)[]) => {
    options.signal?.removeEventListener("abort", stop);
    return code ?? (options.signal?.aborted ? 0 : 1);
  });
  const early = ended.then(() => {
    options.signal?.throwIfAborted();
    throw startError(said, options.port);
  });
  const url = await Promise.race([early, address(join(runtime, `jpserver-${server.pid}.json`), ended)]);
  options.log(`JupyterLab shows ${folder} at ${url} (Ctrl-C ends it)`);
  return { url, ended };
}

function flags(folder: string, { port, ip, browser }: LabOptions): string[] {
  return [
    `--ServerApp.root_dir=${folder}`,
    "--LabApp.extension_manager=readonly",
    // A port that was asked for is not silently another one.
    ...(port === undefined ? [] : [`--port=${port}`, "--ServerApp.port_retries=0"]),
    ...(ip === undefined ? [] : [`--ip=${ip}`]),
    ...(browser === false ? ["--no-browser"] : []),
    // Jupyter refuses root by default, and in a container there is often no one else.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ];
}

/** The server's address, from the file that it writes as it begins to listen; waits until then or its end. */
async function address(file: string, ended: Promise<unknown>): Promise<string> {
  // One that an earlier process of the same number left.
  await rm(file, { force: true });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over) {
    const info = parseInfo(await readFile(file, "utf8").catch(() => ""));
    if (info !== undefined) return `${info.url}lab?token=${info.token}`;
    await setTimeout(50);
  }
  return "";
}

function parseInfo(text: string): { url: string; token: string } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function startError(said: string, port: number | undefined): InputError {
  const act = "start JupyterLab";
  return port !== undefined && /port \d+ is not available|already in use/i.test(said)
    ? new InputError(act, "a free port", `${port}, which is in use`, "choose another with --port")
    : new InputError(act, "a server that goes on running", said.trim().split("\n").at(-1) || "one that ended at once");
}
