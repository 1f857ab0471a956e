import { createHmac, getHashes, randomUUID, timingSafeEqual } from "node:crypto";
import { InputError, quote } from "../../errors.ts";
import { parsedJson } from "../../text/nesting.ts";

/** What Jupyter writes to the kernel's connection file. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  /** Empty or missing where messages are not signed. */
  readonly key?: string;
  /** `hmac-` and the name of a hash. */
  readonly signature_scheme?: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly hb_port: number;
}

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

export type Content = Readonly<Record<string, unknown>>;

/** A message of Jupyter's protocol 5.3. */
export interface Message {
  /** Where it came from or goes to, as ZeroMQ names it. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  /** The header of the request that it belongs to; empty for what no request asked for. */
  readonly parent: Header | Record<string, never>;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

/** Where a socket of the connection is. */
export function address({ transport, ip }: Connection, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`;
}

/** Signatures that are kept to know them again. */
const REMEMBERED = 2 ** 16;

/** Signs messages with the key of a connection, and knows what was signed with it: each signature holds once. */
export class Signer {
  readonly #key: string;
  readonly #hash: string;
  readonly #seen = new Set<string>();

  /** @throws InputError where the connection wants a hash that there is not */
  constructor({ key = "", signature_scheme = "hmac-sha256" }: Pick<Connection, "key" | "signature_scheme">) {
    const hash = signature_scheme.replace(/^hmac-/, "").replaceAll("_", "-");
    if (signature_scheme === hash || !getHashes().includes(hash)) {
      const wanted = "a signature_scheme of hmac- and a hash that this Node.js knows";
      throw new InputError("serve Jupyter", wanted, quote(signature_scheme), "start it with hmac-sha256");
    }
    this.#key = key;
    this.#hash = hash;
  }

  /** An empty key asks for no signatures. */
  sign(parts: readonly Uint8Array[]): string {
    if (this.#key === "") return "";
    const hash = createHmac(this.#hash, this.#key);
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  }

  /** Whether a message was signed with the key, and is none that came before. */
  accepts(signature: Uint8Array, parts: readonly Uint8Array[]): boolean {
    const [given, wanted] = [Buffer.from(signature), this.sign(parts)];
    if (given.length !== wanted.length || !timingSafeEqual(given, Buffer.from(wanted))) return false;
    if (this.#key === "") return true;
    if (this.#seen.has(wanted)) return false;
    const [oldest] = this.#seen;
    if (this.#seen.size >= REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
    this.#seen.add(wanted);
    return true;
  }
}

const DELIMITER = "<IDS|MSG>";

/** Reads a message from its frames; `undefined` for what is none, is not signed with the key, or came before. */
export function decode(frames: readonly Uint8Array[], signer: Signer): Message | undefined {
  const at = frames.findIndex((frame) => Buffer.from(frame).toString() === DELIMITER);
  if (at < 0 || frames.length < at + 6) return undefined;
  const parts = frames.slice(at + 2, at + 6);
  if (!signer.accepts(frames[at + 1], parts)) return undefined;
  const [header, parent, metadata, content] = parts.map(membersOf);
  if (header === undefined || parent === undefined || metadata === undefined || content === undefined) return undefined;
  if (!isHeader(header)) return undefined;
  return {
    identities: frames.slice(0, at),
    header,
    parent: parent as Message["parent"],
    metadata,
    content,
    buffers: frames.slice(at + 6),
  };
}

function membersOf(part: Uint8Array): Content | undefined {
  try {
    const value: unknown = parsedJson(Buffer.from(part).toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Content) : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(header: Content): header is Content & Header {
  return typeof header.msg_id === "string" && typeof header.msg_type === "string";
}

/** The frames of a message, signed with the key. */
export function encode(message: Message, signer: Signer): (string | Uint8Array)[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [...message.identities, DELIMITER, signer.sign(parts), ...parts, ...message.buffers];
}

/** A new message that answers a request or comes of it. */
export function answer(
  request: Pick<Message, "identities" | "header">,
  type: string,
  content: Content,
  { buffers = [], id = randomUUID() }: { buffers?: readonly Uint8Array[] | undefined; id?: string | undefined } = {},
): Message {
  const { identities, header } = request;
  return {
    identities,
    header: {
      msg_id: id,
      msg_type: type,
      session: header.session,
      username: header.username,
      date: new Date().toISOString(),
      version: "5.3",
    },
    parent: header,
    metadata: {},
    content,
    buffers,
  };
}
