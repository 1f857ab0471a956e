import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { MessageChannel, Worker } from "node:worker_threads";
import { packageRoot } from "../../files/package-root.ts";
import { lendProcess } from "../cells/host.ts";
import { needCellPackages } from "../cells/packages.ts";
import { Kernel } from "./kernel-requests.ts";
import {
  COMPILING,
  HEARD,
  type Incoming,
  type Outgoing,
  PLACES,
  POSTED,
  type SocketsData,
  TAKEN,
} from "./kernel-shared.ts";

// The kernel "Mixlens (TypeScript)": `node kernel.mjs kernel --config-path FILE`, as Jupyter starts it.

try {
  needCellPackages("serve Jupyter");
} catch (error) {
  writeSync(process.stderr.fd, `${(error as Error).message}\n`);
  process.exit(2);
}

const { values } = parseArgs({ allowPositionals: true, options: { "config-path": { type: "string" } } });
const flags = new Int32Array(new SharedArrayBuffer(4 * PLACES));
const { port1, port2 } = new MessageChannel();
const sockets = new Worker(join(packageRoot(), "dist/kernel-sockets.mjs"), {
  execArgv: [],
  // Its strings live as long as a message does: they need not be given room to wait in.
  resourceLimits: { maxYoungGenerationSizeMb: 2 },
  workerData: {
    connection: JSON.parse(readFileSync(values["config-path"] ?? "", "utf8")),
    flags,
    answers: port2,
  } satisfies SocketsData,
  transferList: [port2],
});
// While cells run, process.exit is theirs.
const exit = process.exit.bind(process);
sockets.on("error", (error: Error) => writeSync(process.stderr.fd, `Cannot serve Jupyter: ${error.message}\n`));
sockets.on("exit", () => exit(1));

/** Messages that may wait for the sockets: a cell that prints without end waits then, rather than fill the memory. */
const BACKLOG = 1000;

function send(outgoing: Outgoing): void {
  sockets.postMessage(outgoing);
  const posted = Atomics.add(flags, POSTED, 1) + 1;
  const taken = Atomics.load(flags, TAKEN);
  if (posted - taken > BACKLOG) Atomics.wait(flags, TAKEN, taken, 1000);
}

const compiling = (isCompiling: boolean): void => void Atomics.store(flags, COMPILING, isCompiling ? 1 : 0);

const kernel = new Kernel({
  send,
  compiling,
  answers: port1,
  flags,
  grace: () => setTimeout(50),
});
const incoming = (message: Incoming): void => {
  if (message === "shutdown") exit(0);
  else if (message !== "interrupt") kernel.request(message.request);
  else {
    Atomics.add(flags, HEARD, 1);
    kernel.interrupt();
  }
};
// A front end may send the signal as well.
process.on("SIGINT", () => kernel.interrupt());
void lendProcess(process.cwd(), kernel, async () => {
  compiling(true);
  kernel.open(process.cwd());
  compiling(false);
  sockets.on("message", incoming);
  await new Promise(() => {});
});
