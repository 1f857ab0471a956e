import { createRequire } from "node:module";
import type { Reply, Router } from "zeromq";
import { CellSupervisor } from "./cell-supervisor.ts";
import { Outbox } from "./outbox.ts";
import { address, answer, type Connection, decode, encode, type Message, Signer } from "./wire.ts";

/**
 * Serves a connection of Jupyter's until it is shut down: sends what comes of cells, lets the heart beat, and hears requests
 * to interrupt or end them, whatever they are at.
 *
 * @throws Error where an address is taken
 */
export async function serveJupyter(connection: Connection): Promise<void> {
  const { Publisher, Reply, Router } = zeromq();
  // Nothing is dropped for a reader that is slow.
  const patient = { sendHighWaterMark: 0, linger: 1000 };
  const [iopub, shell, control] = [new Publisher(patient), new Router(patient), new Router(patient)];
  const [stdin, heart] = [new Router(patient), new Reply()];
  const signer = new Signer(connection);
  const outboxes = {
    iopub: new Outbox((message) => iopub.send(encode({ ...message, identities: [] }, signer))),
    shell: new Outbox((message) => shell.send(encode(message, signer))),
    control: new Outbox((message) => control.send(encode(message, signer))),
    stdin: new Outbox((message) => stdin.send(encode(message, signer))),
  };
  const cells = new CellSupervisor(({ channel, to, type, content, buffers, id }) =>
    outboxes[channel].put(answer(to, type, content, { buffers, id })),
  );
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
  // A front end may send the signal as well.
  process.on("SIGINT", () => void cells.interrupt());
  const parent = process.ppid;
  // Whoever started the kernel ends it, and may itself be killed.
  setInterval(() => process.ppid !== parent && process.exit(1), 1000);

  const onControl = async (request: Message): Promise<void> => {
    const { msg_type } = request.header;
    const isEnd = msg_type === "shutdown_request";
    if (!isEnd && msg_type !== "interrupt_request") return cells.request({ ...request, channel: "control" });
    const status = (execution_state: string): void =>
      outboxes.iopub.put(answer(request, "status", { execution_state }));
    status("busy");
    if (isEnd) {
      const { restart } = request.content;
      outboxes.iopub.put(answer(request, "shutdown_reply", { status: "ok", restart }));
      outboxes.control.put(answer(request, "shutdown_reply", { status: "ok", restart }));
    } else {
      await cells.interrupt();
      // The kernel was shut down meanwhile: there is nobody to tell.
      if (control.closed) return;
      outboxes.control.put(answer(request, "interrupt_reply", { status: "ok" }));
    }
    status("idle");
    if (!isEnd) return;
    const closed = cells.close();
    await Promise.all(Object.values(outboxes).map((outbox) => outbox.empty()));
    for (const socket of [iopub, shell, control, stdin, heart]) socket.close();
    await closed;
    process.exit(0);
  };

  void beat(heart);
  await Promise.all([
    each(shell, signer, async (request) => cells.request({ ...request, channel: "shell" })),
    each(control, signer, onControl),
    each(stdin, signer, async ({ parent, content }) =>
      cells.answer({ to: parent.msg_id, value: String(content.value) }),
    ),
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
