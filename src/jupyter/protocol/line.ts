import type { Readable, Writable } from "node:stream";
import { deserialize, serialize } from "node:v8";

/** Bytes that say how long a value is. */
const HEAD = 4;

/** Sends a value to another process over a stream, whole. */
export function sendOver(stream: Writable, value: unknown, sent?: () => void): void {
  const body = serialize(value);
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(body.length);
  stream.write(head);
  stream.write(body, sent);
}

/** The values that come over a stream, until it ends or the process at its other end does. */
export async function* valuesOf(stream: Readable): AsyncGenerator<unknown, void, undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  let wanted = HEAD;
  for await (const chunk of untilBroken(stream)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < wanted) continue;
    let rest = Buffer.concat(chunks);
    for (;;) {
      wanted = rest.length < HEAD ? HEAD : HEAD + rest.readUInt32BE();
      if (rest.length < wanted) break;
      // A copy: values keep what they were read from.
      yield deserialize(new Uint8Array(rest.subarray(HEAD, wanted)));
      rest = rest.subarray(wanted);
    }
    chunks = [rest];
    length = rest.length;
  }
}

/** A process that ends before it has read all breaks the stream. */
async function* untilBroken(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== "read") throw error;
  }
}
