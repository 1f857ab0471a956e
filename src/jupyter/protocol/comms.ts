import { types } from "node:util";
import { type Json, JsonReader, nameOf } from "../../display/json.ts";
import type { Comm, CommHandlers, Comms } from "../../display/notebook-host.ts";
import { InputError } from "../../errors.ts";
import type { Request } from "./kernel-shared.ts";
import type { Content } from "./wire.ts";

/** The part of Jupyter's messages that is about comms. */
type CommMessage = "comm_open" | "comm_msg" | "comm_close";

export interface CommLinesOptions<Cell> {
  /** Publishes a message to the page, as one that comes of a cell. */
  readonly publish: (
    cell: Cell | undefined,
    type: CommMessage,
    content: Content,
    buffers: readonly Uint8Array[],
  ) => void;
  /** Runs code as a cell's own, prints what it throws, and ends when that and what it returns has ended. */
  readonly call: (cell: Cell | undefined, body: () => unknown) => Promise<void>;
  /** The cell whose code runs. */
  readonly cell: () => Cell | undefined;
}

interface Target<Cell> {
  readonly cell: Cell | undefined;
  readonly opened: (comm: Comm, data: unknown) => CommHandlers | undefined;
  readonly ended: (() => void) | undefined;
}

interface Line<Cell> {
  readonly target: string;
  readonly cell: Cell | undefined;
  readonly comm: Comm;
  handlers: CommHandlers;
}

/** The comms of a kernel: which targets its cells accept, and which lines are open. */
export class CommLines<Cell> implements Comms {
  readonly #options: CommLinesOptions<Cell>;
  readonly #targets = new Map<string, Target<Cell>>();
  readonly #lines = new Map<string, Line<Cell>>();
  #count = 0;

  constructor(options: CommLinesOptions<Cell>) {
    this.#options = options;
  }

  readonly open: Comms["open"] = (target, data, handlers = {}) => {
    const content = { target_name: String(target), data: sendable(data) };
    // Counted, not drawn: what is saved of a notebook is the same each time.
    this.#count += 1;
    const line = this.#line(`mixlens-${this.#count}`, content.target_name, this.#options.cell());
    line.handlers = handlers;
    this.#publish(line, "comm_open", content);
    return line.comm;
  };

  readonly accept: Comms["accept"] = (target, opened, ended) => {
    const accepted = { cell: this.#options.cell(), opened, ended };
    const before = this.#targets.get(target);
    if (before !== undefined) this.#end(target, before);
    this.#targets.set(target, accepted);
    return () => this.#end(target, accepted);
  };

  /** Whether a message is for what is known, and so need not wait for the cell that is on. */
  knows({ header, content }: Request): boolean {
    const { comm_id, target_name } = content;
    return header.msg_type === "comm_open"
      ? this.#targets.has(String(target_name))
      : this.#lines.has(String(comm_id)) && header.msg_type.startsWith("comm_");
  }

  /** Hands a message on; ends when its handler has. A message for a line that is closed was late, and is dropped. */
  async take({ header, content, buffers }: Request): Promise<void> {
    const { comm_id, target_name, data = {} } = content;
    const id = String(comm_id);
    if (header.msg_type === "comm_open") return this.#opened(id, String(target_name), data);
    const line = this.#lines.get(id);
    if (line === undefined) return;
    if (header.msg_type === "comm_msg") {
      await this.#options.call(line.cell, () => line.handlers.message?.(data, buffers));
    } else if (header.msg_type === "comm_close") {
      this.#lines.delete(id);
      await this.#options.call(line.cell, () => line.handlers.closed?.());
    }
  }

  /** The open lines, of one target or of all. */
  info(target: unknown): Content {
    const lines = [...this.#lines].filter(([, line]) => target === undefined || line.target === target);
    return Object.fromEntries(lines.map(([id, line]) => [id, { target_name: line.target }]));
  }

  /** Ends what cells opened and accept. */
  release(isOver: (cell: Cell) => boolean): void {
    const over = ({ cell }: { cell: Cell | undefined }): boolean => cell !== undefined && isOver(cell);
    for (const [target, accepted] of this.#targets) if (over(accepted)) this.#end(target, accepted);
    for (const line of this.#lines.values()) if (over(line)) line.comm.close();
  }

  async #opened(id: string, target: string, data: unknown): Promise<void> {
    const accepted = this.#targets.get(target);
    const line = this.#line(id, target, accepted?.cell);
    // So the protocol has it: who asks for a target that nobody has is told so.
    if (accepted === undefined) return line.comm.close();
    let isTaken = false;
    await this.#options.call(accepted.cell, () => {
      line.handlers = accepted.opened(line.comm, data) ?? {};
      isTaken = true;
    });
    if (!isTaken) line.comm.close();
  }

  #line(id: string, target: string, cell: Cell | undefined): Line<Cell> {
    const comm: Comm = {
      id,
      send: (data, buffers = []) => {
        const content = { data: sendable(data) };
        if (this.#lines.get(id) === line) this.#publish(line, "comm_msg", content, buffers.map(bytes));
      },
      close: () => {
        if (this.#lines.get(id) !== line) return;
        this.#lines.delete(id);
        this.#publish(line, "comm_close", { data: {} });
      },
    };
    const line: Line<Cell> = { target, cell, comm, handlers: {} };
    this.#lines.set(id, line);
    return line;
  }

  #end(target: string, accepted: Target<Cell>): void {
    if (this.#targets.get(target) !== accepted) return;
    this.#targets.delete(target);
    for (const line of this.#lines.values()) if (line.target === target) line.comm.close();
    if (accepted.ended !== undefined) void this.#options.call(accepted.cell, accepted.ended);
  }

  #publish(line: Line<Cell>, type: CommMessage, content: Content, buffers: readonly Uint8Array[] = []): void {
    this.#options.publish(line.cell, type, { comm_id: line.comm.id, ...content }, buffers);
  }
}

/** What a message can hold; the rest is refused where its author sends it. */
function sendable(data: unknown): Json {
  return new JsonReader("send a message to the page").read(data);
}

/** A copy: threads would share memory that is shared, and see it change. */
function bytes(buffer: unknown): Uint8Array {
  if (ArrayBuffer.isView(buffer)) {
    return Uint8Array.from(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength));
  }
  if (types.isAnyArrayBuffer(buffer)) return Uint8Array.from(new Uint8Array(buffer));
  throw new InputError("send a message to the page", "buffers of bytes", nameOf(buffer), "pass a Uint8Array");
}
