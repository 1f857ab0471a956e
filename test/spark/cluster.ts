import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

// A cluster of Spark on this machine: a master, two workers with an executor each, and the Connect server, all on loopback.
// README.md, "Rows on a Spark cluster", starts one by the same commands.

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/cli.mjs");
const VERSIONS = ["pyspark==4.3.0", "pyarrow==26.0.1"];
export const TOKEN = "a token of the tests";

export interface Cluster {
  readonly folder: string;
  readonly port: number;
  /** What `fit` and `--engine` take. */
  readonly engine: string;
  /** What the driver wrote. */
  readonly log: () => string;
  /** Throws what the driver wrote last, where it has ended: no test then waits for it. */
  readonly expectAlive: () => void;
  /** Whether Spark runs a query. */
  readonly isRunning: () => Promise<boolean>;
  /** What `mixlens` is on the executors' PATH: this package, a shell script in its place, or nothing. */
  readonly install: (script?: string) => void;
  readonly uninstall: () => void;
  /** Has workers of mixlens wait before they begin, and returns what lets them go on. */
  readonly hold: () => () => void;
  /** The process of a worker of mixlens that waits to begin, once there is one. */
  readonly waiting: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** The Python of the executors, set up the first time. */
function pythonOfExecutors(): string {
  const home = join(root, ".mixlens/spark");
  const python = join(home, "bin/python3");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...VERSIONS];
  const has = spawnSync(python, ["-c", "import pyspark, pyarrow; print(pyspark.__version__)"], { encoding: "utf8" });
  if (has.stdout?.trim() === "4.3.0") return python;
  execFileSync("python3", ["-m", "venv", "--clear", home]);
  execFileSync(python, pip);
  return python;
}

/** What a process says of where it listens: it chooses its ports, for one that was free a moment ago may be another's by now. */
async function said(where: RegExp, process: ChildProcess, log: string): Promise<string> {
  for (;;) {
    const text = readFileSync(log, "utf8");
    const found = where.exec(text)?.[1];
    if (found) return found;
    if (hasEnded(process)) throw new Error(`Spark has ended: ${text.slice(-6000)}`);
    await setTimeout(200);
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

interface Processes {
  readonly port: number;
  /** The address of the driver's pages. */
  readonly pages: string;
  readonly driver: ChildProcess;
}

/** Starts a cluster; its processes are ended by `stop`, or where it does not start. */
export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-spark-"));
  for (const name of ["bin", "local", "work", "warehouse"]) mkdirSync(join(folder, name));
  const processes: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of processes.reverse()) await ended(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { port, pages, driver } = await startProcesses(folder, processes);
    const log = (): string => readFileSync(join(folder, "driver.log"), "utf8");
    const expectAlive = (): void => {
      if (hasEnded(driver)) throw new Error(`the driver of Spark has ended: ${log().slice(-4000)}`);
    };
    return {
      folder,
      port,
      engine: `sc://127.0.0.1:${port}/;token=${encodeURIComponent(TOKEN)}`,
      log,
      isRunning: () => isRunning(pages),
      expectAlive,
      ...programsIn(folder, expectAlive),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startProcesses(folder: string, processes: ChildProcess[]): Promise<Processes> {
  const python = pythonOfExecutors();
  const find = "import pyspark, os; print(os.path.dirname(pyspark.__file__))";
  const home = execFileSync(python, ["-c", find], { encoding: "utf8" }).trim();
  const env = {
    ...process.env,
    PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    SPARK_HOME: home,
    SPARK_LOCAL_IP: "127.0.0.1",
    SPARK_LOCAL_DIRS: join(folder, "local"),
    SPARK_WORKER_DIR: join(folder, "work"),
    PYSPARK_PYTHON: python,
  };
  const logOf = (name: string): string => join(folder, `${name}.log`);
  const start = (name: string, program: string, args: readonly string[]): ChildProcess => {
    const log = openSync(logOf(name), "w");
    const child = spawn(join(home, "bin", program), args, { cwd: folder, env, stdio: ["ignore", log, log] });
    processes.push(child);
    return child;
  };
  const deploy = "org.apache.spark.deploy";
  const local = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"];
  const master = start("master", "spark-class", [`${deploy}.master.Master`, ...local]);
  const url = await said(/Starting Spark master at (spark:\/\/127\.0\.0\.1:\d+)/, master, logOf("master"));
  for (const name of ["worker1", "worker2"]) {
    start(name, "spark-class", [`${deploy}.worker.Worker`, ...local, "--cores", "1", "--memory", "700m", url]);
  }
  const settings = {
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.port": "0",
    "spark.sql.warehouse.dir": `file:${join(folder, "warehouse")}`,
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",
    "spark.connect.authenticate.token": TOKEN,
  };
  const conf = Object.entries(settings).flatMap(([name, value]) => ["--conf", `${name}=${value}`]);
  const server = "org.apache.spark.sql.connect.service.SparkConnectServer";
  const driver = start("driver", "spark-submit", ["--master", url, "--class", server, ...conf, "spark-internal"]);
  const port = Number(await said(/Spark Connect server started at: \S+:(\d+)/, driver, logOf("driver")));
  const pages = await said(/started service 'SparkUI' on port (\d+)/, driver, logOf("driver"));
  return { port, pages: `http://127.0.0.1:${pages}`, driver };
}

async function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const end = new Promise((resolve) => child.on("exit", resolve));
  child.kill();
  if ((await Promise.race([end, setTimeout(20_000, "late")])) !== "late") return;
  child.kill("SIGKILL");
  await end;
}

/** Whether the driver has a job that runs, as its pages tell. */
async function isRunning(pages: string): Promise<boolean> {
  const api = `${pages}/api/v1/applications`;
  const json = async (path: string): Promise<{ id: string }[]> => (await fetch(`${api}${path}`)).json() as never;
  const [{ id }] = await json("");
  return (await json(`/${id}/jobs?status=running`)).length > 0;
}

/** What stands for `mixlens` on the executors. */
function programsIn(
  folder: string,
  expectAlive: () => void,
): Pick<Cluster, "install" | "uninstall" | "hold" | "waiting"> {
  const program = join(folder, "bin/mixlens");
  const [held, begun] = [join(folder, "held"), join(folder, "begun")];
  const wait = `echo $$ >> '${begun}'; while [ -e '${held}' ]; do sleep 0.1; done`;
  const install: Cluster["install"] = (script = `${wait}; exec '${process.execPath}' '${cli}' "$@"`) => {
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  install();
  return {
    install,
    uninstall: () => rmSync(program),
    hold: () => {
      rmSync(begun, { force: true });
      writeFileSync(held, "");
      return () => rmSync(held, { force: true });
    },
    waiting: async () => {
      while (!existsSync(begun) || !readFileSync(begun, "utf8").includes("\n")) {
        expectAlive();
        await setTimeout(50);
      }
      return Number(readFileSync(begun, "utf8").split("\n")[0]);
    },
  };
}

/** The executor that a process was started by, from parent to parent. */
export function executorOf(pid: number): number {
  for (let at = pid; at > 1; ) {
    const isExecutor = readFileSync(`/proc/${at}/cmdline`, "utf8").includes("ExecutorBackend");
    if (isExecutor) return at;
    at = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${at}/status`, "utf8"))?.[1]);
  }
  throw new Error(`process ${pid} is none of an executor's`);
}
