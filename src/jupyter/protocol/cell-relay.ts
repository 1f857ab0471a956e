import inspector from "node:inspector";
import { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import {
  ANSWERED,
  COMPILING,
  HEARD,
  type Incoming,
  type Outgoing,
  type RelayData,
  TAKEN,
  type Told,
} from "./kernel-shared.ts";
import { sendOver, valuesOf } from "./line.ts";

// The thread of the cells' process that talks with the kernel. Cells run in the main thread and may keep it for as long as
// they compute; here their output leaves, and requests to interrupt or end them are heard meanwhile.

/** How long the main thread may take to hear of an interrupt before what it runs is ended, in milliseconds. */
const PATIENCE = 250;

async function relay({ flags, answers }: RelayData): Promise<void> {
  const main = parentPort;
  if (main === null) return;
  const kernel = new Socket({ fd: 3 });
  const tell = (told: Told, sent?: () => void): void => sendOver(kernel, told, sent);
  main.on("message", (message: Outgoing | "ready") =>
    tell(message, () => {
      Atomics.add(flags, TAKEN, 1);
      Atomics.notify(flags, TAKEN);
    }),
  );
  for await (const incoming of valuesOf(kernel) as AsyncIterable<Incoming>) {
    if (incoming === "interrupt") void interrupt(flags, () => main.postMessage(incoming)).then(() => tell("heard"));
    else if (typeof incoming === "object" && "answer" in incoming) {
      answers.postMessage(incoming.answer);
      Atomics.add(flags, ANSWERED, 1);
      Atomics.notify(flags, ANSWERED);
    } else main.postMessage(incoming);
  }
  // The kernel was killed: whoever did that waits for no cell.
  process.kill(process.pid, "SIGKILL");
}

/** Tells the main thread, and where it does not listen, because it computes, ends what it runs until it does. */
async function interrupt(flags: Int32Array, tell: () => void): Promise<void> {
  const heard = Atomics.load(flags, HEARD);
  tell();
  for (let waited = 0; ; ) {
    await setTimeout(10);
    if (Atomics.load(flags, HEARD) !== heard) return;
    // Once the compiler is done, the cell that it worked for runs at once.
    if (Atomics.load(flags, COMPILING) === 0) waited += 10;
    if (waited < PATIENCE) continue;
    waited = 0;
    await end(() => Atomics.load(flags, HEARD) === heard);
  }
}

/** Ends the code that the main thread runs, if it is still to be. */
async function end(isStill: () => boolean): Promise<void> {
  const session = new inspector.Session();
  session.connectToMainThread();
  // To connect may take a while, in which it may have heard.
  if (isStill()) await new Promise((done) => session.post("Runtime.terminateExecution", done));
  session.disconnect();
}

void relay(workerData);
