import inspector from "node:inspector";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Reply, Router } from "zeromq";
import { ANSWERED, COMPILING, HEARD, type Incoming, type Outgoing, type SocketsData, TAKEN } from "./kernel-shared.ts";
import { Outbox } from "./outbox.ts";
import { address, answer, decode, encode, type Message, Signer } from "./wire.ts";

// The thread of the kernel's sockets. Cells run in the main thread and may keep it for as long as they compute; here
// their output is sent, the heart beats, and requests to interrupt or end them are heard meanwhile.

/** How long the main thread may take to hear of an interrupt before what it runs is ended, in milliseconds. */
const PATIENCE = 250;

async function serve({ connection, flags, answers }: SocketsData): Promise<void> {
  const main = parentPort;
  if (main === null) return;
  const { Publisher, Reply, Router } = zeromq();
  // Nothing is dropped for a reader that is slow.
  const patient = { sendHighWaterMark: 0, linger: 1000 };
  const [iopub, shell, control] = [new Publisher(patient), new Router(patient), new Router(patient)];
  const [stdin, heart] = [new Router(patient), new Reply()];
  const signer = new Signer(connection);
  await Promise.all(
    (
      [
        [iopub, connection.iopub_port],
        [shell, connection.shell_port],
        [control, connection.control_port],
        [stdin, connection.stdin_port],
        [heart, connection.hb_port],
      ] as const
    ).map(([socket, port]) => socket.bind(address(connection, port))),
  );
  const outboxes = {
    iopub: new Outbox((message) => iopub.send(encode({ ...message, identities: [] }, signer))),
    shell: new Outbox((message) => shell.send(encode(message, signer))),
    control: new Outbox((message) => control.send(encode(message, signer))),
    stdin: new Outbox((message) => stdin.send(encode(message, signer))),
  };
  main.on("message", ({ channel, message }: Outgoing) => {
    outboxes[channel].put(message);
    Atomics.add(flags, TAKEN, 1);
    Atomics.notify(flags, TAKEN);
  });

  const status = (request: Message, execution_state: string): void =>
    outboxes.iopub.put(answer(request, "status", { execution_state }));

  const onControl = async (request: Message): Promise<void> => {
    const { msg_type } = request.header;
    if (msg_type === "interrupt_request") {
      status(request, "busy");
      await interrupt(flags, () => main.postMessage("interrupt" satisfies Incoming));
      outboxes.control.put(answer(request, "interrupt_reply", { status: "ok" }));
      status(request, "idle");
    } else if (msg_type === "shutdown_request") {
      status(request, "busy");
      const { restart } = request.content;
      outboxes.control.put(answer(request, "shutdown_reply", { status: "ok", restart }));
      outboxes.iopub.put(answer(request, "shutdown_reply", { status: "ok", restart }));
      status(request, "idle");
      await Promise.all(Object.values(outboxes).map((outbox) => outbox.empty()));
      for (const socket of [iopub, shell, control, stdin, heart]) socket.close();
      main.postMessage("shutdown" satisfies Incoming);
      // A main thread that computes does not hear it.
      await setTimeout(PATIENCE);
      process.kill(process.pid, "SIGKILL");
    } else {
      main.postMessage({ request: { ...request, channel: "control" } } satisfies Incoming);
    }
  };

  const parent = process.ppid;
  // Whoever started the kernel ends it, and may itself be killed.
  setInterval(() => process.ppid !== parent && process.kill(process.pid, "SIGKILL"), 1000);
  void beat(heart);
  await Promise.all([
    each(shell, signer, async (request) =>
      main.postMessage({ request: { ...request, channel: "shell" } } satisfies Incoming),
    ),
    each(control, signer, onControl),
    each(stdin, signer, async (reply) => {
      answers.postMessage({ to: reply.parent.msg_id, value: reply.content.value });
      Atomics.add(flags, ANSWERED, 1);
      Atomics.notify(flags, ANSWERED);
    }),
  ]);
}

/** ZeroMQ as tslab depends on it. */
function zeromq(): typeof import("zeromq") {
  return createRequire(createRequire(import.meta.url).resolve("tslab/package.json"))("zeromq");
}

async function each(socket: Router, signer: Signer, take: (request: Message) => Promise<void>): Promise<void> {
  for await (const frames of socket) {
    const request = decode(frames, signer);
    if (request !== undefined) void take(request);
  }
}

async function beat(heart: Reply): Promise<void> {
  for await (const frames of heart) await heart.send(frames);
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

void serve(workerData);
