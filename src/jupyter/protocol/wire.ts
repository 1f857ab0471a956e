import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** What Jupyter writes to the kernel's connection file. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  /** Empty or missing where messages are not signed. */
  readonly key?: string;
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

const DELIMITER = "<IDS|MSG>";

/** Reads a message from its frames; `undefined` for what is none, or is not signed with the key. */
export function decode(frames: readonly Uint8Array[], key: string = ""): Message | undefined {
  const at = frames.findIndex((frame) => Buffer.from(frame).toString() === DELIMITER);
  if (at < 0 || frames.length < at + 6) return undefined;
  const parts = frames.slice(at + 2, at + 6);
  const [given, wanted] = [Buffer.from(frames[at + 1]), Buffer.from(signature(parts, key))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
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
    const value: unknown = JSON.parse(Buffer.from(part).toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Content) : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(header: Content): header is Content & Header {
  return typeof header.msg_id === "string" && typeof header.msg_type === "string";
}

/** The frames of a message, signed with the key. */
export function encode(message: Message, key: string = ""): (string | Uint8Array)[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [...message.identities, DELIMITER, signature(parts, key), ...parts, ...message.buffers];
}

/** A new message that answers a request or comes of it. */
export function answer(
  request: Pick<Message, "identities" | "header">,
  type: string,
  content: Content,
  buffers: readonly Uint8Array[] = [],
): Message {
  const { identities, header } = request;
  return {
    identities,
    header: {
      msg_id: randomUUID(),
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

/** An empty key asks for no signatures. */
function signature(parts: readonly Uint8Array[], key: string): string {
  if (key === "") return "";
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
