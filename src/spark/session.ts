import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Answering, type AnsweringThread, answeringThread } from "../compute/answering-thread.ts";
import { optionalPackage } from "../errors/optional-package.ts";
import { InputError, WorkFailure } from "../errors.ts";
import { packageRoot } from "../files/package-root.ts";
import type { SparkAddress } from "./address.ts";
import type { Answer, Call, Fault, Found, Reply, Request } from "./messages.ts";

/** Packages that the client is made of, which need not be there. */
export const PACKAGES: readonly string[] = ["@grpc/grpc-js", "@grpc/proto-loader", "apache-arrow"];

/** A session of Spark, which answers before a call returns. */
export interface Spark {
  readonly version: string;
  /** What the session is set to; empty where nothing is. */
  readonly setting: (key: string) => string;
  /** What a function finds on the executors. */
  readonly run: (act: string, call: Call) => readonly Found[];
  /** Interrupts what runs, and ends the session. */
  readonly close: () => void;
}

/** The thread that was asked last: an interrupt of a notebook may have ended whoever waited for it. */
let last: AnsweringThread<Request, Reply> | undefined;

/**
 * Begins a session of Spark 4 through Spark Connect.
 *
 * @throws InputError where a package was left out of the installation, and WorkFailure where nobody answers there
 */
export function openSpark(address: SparkAddress): Spark {
  const act = `work with Spark at ${address.name}`;
  for (const name of PACKAGES) optionalPackage(act, name, PACKAGES);
  const client = startClient(act);
  const ask = (request: Request, what: string): Answer => {
    const reply = client.ask(request);
    if (reply === undefined)
      throw new WorkFailure(what, "an answer of the client of Spark", `none: ${client.ending()}`);
    if ("fault" in reply) throw refusal(what, reply);
    return reply;
  };
  const close = (): void => {
    // The client ends with it, and may have ended before anybody hears of that.
    client.ask({ ask: "close" });
    client.close();
  };
  try {
    const { text: version = "" } = ask({ ask: "open", address }, act);
    if (!/^4\./.test(version)) throw new WorkFailure(act, "Spark 4", `Spark ${version}`);
    return {
      version,
      setting: (key) => ask({ ask: "setting", key }, act).text ?? "",
      run: (what, call) => ask({ ask: "run", call }, what).rows ?? [],
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Starts the client, in a process that outlives this one for as long as it takes to end the session. */
function startClient(act: string): AnsweringThread<Request, Reply> {
  last?.close();
  const program = join(packageRoot(), "dist", "spark-client.mjs");
  if (!existsSync(program)) throw new InputError(act, "the built package", "none", "npm run build");
  const own: Omit<ThreadData, keyof Answering> = { program };
  const thread = answeringThread<Request, Reply>(`(${relay})(require)`, own);
  last = thread;
  return thread;
}

/** What the thread is given. */
interface ThreadData extends Answering {
  readonly program: string;
}

/** The program of the thread, as text: between whoever waits and the client, and gone with either. */
function relay(load: NodeJS.Require): void {
  const { port, signal, program } = load("node:worker_threads").workerData as ThreadData;
  const { fork } = load("node:child_process") as typeof import("node:child_process");
  // Detached: an interrupt from the keyboard goes to all processes of a group, and this one has yet to end the session.
  const client = fork(program, [], { detached: true, execArgv: [], serialization: "advanced", stdio: "ignore" });
  client.on("error", () => port.close());
  client.on("exit", () => port.close());
  // Seconds since something was asked, or whoever waits gave a sign; nothing while nothing is asked.
  let still: number | undefined;
  client.on("message", (reply) => {
    still = undefined;
    port.postMessage(reply);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  });
  port.on("message", (request) => {
    still = 0;
    client.send(request);
  });
  let last = 0;
  const watch = setInterval(() => {
    if (still === undefined) return;
    const sign = Atomics.load(signal, 1);
    still = sign === last ? still + 1 : 0;
    last = sign;
    // Nobody waits any more for what was asked.
    if (still === 5) port.close();
  }, 1000);
  port.on("close", () => {
    clearInterval(watch);
    if (client.connected) client.disconnect();
  });
}

function refusal(act: string, fault: Fault): Error {
  switch (fault.fault) {
    case "connection": {
      const next = "start one, or see whether its address, port, token and TLS (use_ssl=true) are right";
      return new WorkFailure(act, "a server of Spark Connect that answers", firstLine(fault.message), next);
    }
    case "executor":
      return new WorkFailure(act, ...fault.parts);
    case "engine":
      return new WorkFailure(act, "an answer of Spark", saidIn(fault.message));
  }
}

function firstLine(message: string): string {
  const [line] = message.trim().split("\n");
  return line.replace(/(Last error: )Error: /, "$1").replace(/\.? Resolution note:.*$/, "");
}

/** Of an error of Spark what an executor's Python says, which stands behind where it was, or its first line. */
function saidIn(message: string): string {
  const said = /PythonException: (?:[\s\S]*\n)?(\w+(?:Error|Exception): [^\n]+)/.exec(message)?.[1];
  return (said ?? firstLine(message)).slice(0, 300);
}
