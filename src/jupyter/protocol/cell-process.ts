import { join } from "node:path";
import timers from "node:timers";
import { setTimeout } from "node:timers/promises";
import { MessageChannel, Worker } from "node:worker_threads";
import { packageRoot } from "../../files/package-root.ts";
import { lendProcess } from "../cells/host.ts";
import { Kernel } from "./kernel-requests.ts";
import {
  ASKED,
  COMPILING,
  type Forwarded,
  HEARD,
  INTERRUPT,
  NONE,
  PLACES,
  POSTED,
  type Posted,
  type RelayData,
  STRAY,
  TAKEN,
  WANTED,
} from "./kernel-shared.ts";

// The process in which cells run: the kernel starts it, and another where it ends.

const flags = new Int32Array(new SharedArrayBuffer(4 * PLACES));
const { port1, port2 } = new MessageChannel();
const relay = new Worker(join(packageRoot(), "dist/cell-relay.mjs"), {
  execArgv: [],
  // Its strings live as long as a message does: they need not be given room to wait in.
  resourceLimits: { maxYoungGenerationSizeMb: 2 },
  workerData: { flags, answers: port2 } satisfies RelayData,
  transferList: [port2],
});
// While cells run, process.exit is theirs.
const exit = process.exit.bind(process);
relay.on("exit", () => exit(1));

/** How long after its start a kernel that nobody wants a cell of reads ahead, in milliseconds. */
const QUIET = 100;

/** Messages that may wait to be sent: a cell that prints without end waits then, rather than fill the memory. */
const BACKLOG = 1000;

function send(message: Posted): void {
  relay.postMessage(message);
  const posted = Atomics.add(flags, POSTED, 1) + 1;
  const taken = Atomics.load(flags, TAKEN);
  if (posted - taken > BACKLOG) Atomics.wait(flags, TAKEN, taken, 1000);
}

const compiling = (isCompiling: boolean): void => void Atomics.store(flags, COMPILING, isCompiling ? 1 : 0);

let strays = 0;
const kernel = new Kernel({
  send,
  compiling,
  over: () => {
    for (const state of [HEARD, ASKED]) Atomics.compareExchange(flags, INTERRUPT, state, NONE);
  },
  stray: (isOn) => {
    strays += 1;
    Atomics.store(flags, STRAY, isOn ? strays : 0);
    if (isOn) relay.postMessage("stray" satisfies Posted);
  },
  answers: port1,
  flags,
  grace: () => setTimeout(50),
});
const incoming = (message: Forwarded): void => {
  kernel.settle();
  if (message === "shutdown") exit(0);
  else if (message !== "look") kernel.request(message.request);
  else if (Atomics.load(flags, INTERRUPT) === WANTED) {
    // Only what has been done was heard: this, too, may be ended in the middle.
    Atomics.compareExchange(flags, INTERRUPT, WANTED, kernel.interrupt() ? HEARD : NONE);
  } else Atomics.compareExchange(flags, INTERRUPT, ASKED, HEARD);
};
// A terminal sends it to all processes: the kernel says here what it is to mean.
process.on("SIGINT", () => {});
void lendProcess(process.cwd(), kernel, async () => {
  compiling(true);
  kernel.open(process.cwd());
  compiling(false);
  relay.on("message", incoming);
  send("ready");
  timers.setTimeout(kernel.readAhead, QUIET).unref();
  await new Promise(() => {});
});
