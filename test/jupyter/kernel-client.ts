import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { installKernel } from "../../src/jupyter/lab/kernel-spec.ts";
import {
  address,
  type Connection,
  type Content,
  decode,
  encode,
  type Message,
  Signer,
} from "../../src/jupyter/protocol/wire.ts";
import { freePort } from "./lab-driver.ts";

const tslab = createRequire(createRequire(import.meta.url).resolve("tslab/package.json"));
const { Dealer, Subscriber }: typeof import("zeromq") = tslab("zeromq");

/** What came of a cell. */
export interface Ran {
  readonly reply: Content;
  /** Messages that belong to the cell, from its `busy` to its `idle`. */
  readonly published: readonly { readonly type: string; readonly content: Content }[];
  /** What it printed. */
  readonly text: string;
}

const root = join(import.meta.dirname, "../..");

type Socket = InstanceType<typeof Dealer>;

/** A kernel in a process of its own, driven over its sockets as a front end does. */
export class KernelClient {
  /** All that was published, whenever, in order. */
  readonly published: Message[] = [];
  /** What cells asked the user, and what the user will say. */
  readonly asked: string[] = [];
  readonly answers: string[] = [];
  readonly #replies = new Map<string, (reply: Message) => void>();
  readonly #idle = new Map<string, () => void>();
  readonly #signer: Signer;
  readonly #shell: Socket;
  readonly #control: Socket;
  readonly #stdin: Socket;
  readonly #iopub: InstanceType<typeof Subscriber>;
  readonly #home: string;
  readonly process: ChildProcess;

  private constructor(process: ChildProcess, connection: Connection, home: string) {
    this.process = process;
    this.#home = home;
    this.#signer = new Signer(connection);
    const connect = <S extends { connect(address: string): void }>(socket: S, port: number): S => {
      socket.connect(address(connection, port));
      return socket;
    };
    this.#shell = connect(new Dealer({ routingId: "test" }), connection.shell_port);
    this.#stdin = connect(new Dealer({ routingId: "test" }), connection.stdin_port);
    this.#control = connect(new Dealer(), connection.control_port);
    this.#iopub = connect(new Subscriber({ receiveHighWaterMark: 0 }), connection.iopub_port);
    this.#iopub.subscribe();
    void this.#read(this.#shell, (reply) => this.#replies.get(String(reply.parent.msg_id))?.(reply));
    void this.#read(this.#control, (reply) => this.#replies.get(String(reply.parent.msg_id))?.(reply));
    void this.#read(this.#stdin, (question) => {
      this.asked.push(String(question.content.prompt));
      const value = this.answers.shift();
      if (value !== undefined) void this.#stdin.send(encode(inputReply(question, value), this.#signer));
    });
    void this.#read(this.#iopub, (message) => {
      this.published.push(message);
      if (message.content.execution_state === "idle") this.#idle.get(String(message.parent.msg_id))?.();
    });
  }

  /**
   * Starts a kernel, ready to run cells.
   *
   * @param folder where its notebook is; default: a new one, inside the checkout
   * @param argv how to start it; default: what the installer writes
   * @param given what its connection is to be, apart from the default
   */
  static async start(
    folder?: string,
    argv?: readonly string[],
    given: Partial<Connection> = {},
  ): Promise<KernelClient> {
    await mkdir(join(root, ".mixlens/tmp"), { recursive: true });
    const home = await mkdtemp(join(root, ".mixlens/tmp/"));
    const connection = { ...(await freeConnection()), ...given };
    const file = join(home, "connection.json");
    await writeFile(file, JSON.stringify(connection));
    const spec = argv ?? JSON.parse(await readFile(await installKernel({ prefix: home }), "utf8")).argv;
    const [program, ...args] = spec.map((arg: string) => (arg === "{connection_file}" ? file : arg));
    const kernel = spawn(program, args, { cwd: folder ?? home, stdio: ["ignore", "ignore", "inherit"] });
    await once(kernel, "spawn");
    const client = new KernelClient(kernel, connection, home);
    // What was published before the subscription arrived is lost: clients ask again until they hear of both.
    const hears = (): Promise<boolean> =>
      Promise.race([client.ask("kernel_info_request", {}).then(() => true), setTimeout(3000, false)]);
    while (!(await hears()));
    return client;
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGKILL");
      await once(this.process, "exit");
    }
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub]) socket.close();
    await rm(this.#home, { recursive: true, force: true });
  }

  /** Runs a cell and waits for its reply and its `idle`. */
  async run(code: string, options: Content = {}, metadata: Content = {}): Promise<Ran> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
      ...options,
    };
    const { id, replied } = this.send("execute_request", content, "shell", metadata);
    return { reply: (await replied).content, ...this.of(id) };
  }

  /** What was published for a request so far. */
  of(id: string): Omit<Ran, "reply"> {
    const published = this.published
      .filter(({ parent }) => parent.msg_id === id)
      .map(({ header, content }) => ({ type: header.msg_type, content }));
    const text = published
      .filter(({ type }) => type === "stream")
      .map(({ content }) => content.text)
      .join("");
    return { published, text };
  }

  async ask(type: string, content: Content, channel: "shell" | "control" = "shell"): Promise<Content> {
    return (await this.send(type, content, channel).replied).content;
  }

  /** Sends what is not replied to, and waits for its `idle`. */
  async tell(type: string, content: Content, buffers: readonly Uint8Array[] = []): Promise<Omit<Ran, "reply">> {
    const { id, idle } = this.#post(this.#shell, type, content, {}, buffers);
    await idle;
    return this.of(id);
  }

  send(
    type: string,
    content: Content,
    channel: "shell" | "control" = "shell",
    metadata: Content = {},
  ): { id: string; replied: Promise<Message> } {
    const { id, idle } = this.#post(channel === "shell" ? this.#shell : this.#control, type, content, metadata);
    const reply = new Promise<Message>((resolve) => this.#replies.set(id, resolve));
    return { id, replied: Promise.all([reply, idle]).then(([message]) => message) };
  }

  #post(
    socket: Socket,
    type: string,
    content: Content,
    metadata: Content,
    buffers: readonly Uint8Array[] = [],
  ): { id: string; idle: Promise<void> } {
    const id = randomUUID();
    const idle = new Promise<void>((resolve) => this.#idle.set(id, resolve));
    const message: Message = {
      identities: [],
      header: {
        msg_id: id,
        msg_type: type,
        session: "test",
        username: "test",
        date: new Date().toISOString(),
        version: "5.3",
      },
      parent: {},
      metadata,
      content,
      buffers,
    };
    void socket.send(encode(message, this.#signer));
    return { id, idle };
  }

  async #read(socket: AsyncIterable<Buffer[]>, take: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      const message = decode(frames, this.#signer);
      if (message !== undefined) take(message);
    }
  }
}

function inputReply({ header }: Message, value: string): Message {
  const reply = { ...header, msg_id: randomUUID(), msg_type: "input_reply" };
  return { identities: [], header: reply, parent: header, metadata: {}, content: { value }, buffers: [] };
}

async function freeConnection(): Promise<Connection> {
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    key: "secret",
    signature_scheme: "hmac-sha256",
    shell_port: await freePort(),
    control_port: await freePort(),
    iopub_port: await freePort(),
    stdin_port: await freePort(),
    hb_port: await freePort(),
  };
}

/** The text of what a cell's last expression showed. */
export function result({ published }: Ran): unknown {
  const shown = published.find(({ type }) => type === "execute_result")?.content.data;
  return (shown as Record<string, string> | undefined)?.["text/plain"];
}
