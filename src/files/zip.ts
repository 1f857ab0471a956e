import { crc32, deflateRawSync } from "node:zlib";

/** Deflated, with names in UTF-8; the first day that a ZIP file can have, so that the same files give the same bytes. */
const [VERSION, UTF8, DEFLATED, TIME, DAY] = [20, 0x800, 8, 0, 0x21];

/** Files as one ZIP file, whose names have "/" between folders. */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)];
    const packed = deflateRawSync(content);
    const sizes = [crc32(content), packed.length, content.length];
    const facts = Buffer.concat([short(VERSION, UTF8, DEFLATED, TIME, DAY), long(...sizes), short(name.length, 0)]);
    const local = [Buffer.from("PK\x03\x04"), facts, name, packed];
    directory.push(Buffer.from("PK\x01\x02"), short(VERSION), facts, short(0, 0, 0), long(0, at), name);
    parts.push(...local);
    at += Buffer.concat(local).length;
  }
  const { length } = Object.keys(files);
  const entries = Buffer.concat(directory);
  const end = [Buffer.from("PK\x05\x06"), short(0, 0, length, length), long(entries.length, at), short(0)];
  return Buffer.concat([...parts, entries, ...end]);
}

function short(...numbers: number[]): Buffer {
  return Buffer.from(Uint16Array.from(numbers).buffer);
}

function long(...numbers: number[]): Buffer {
  return Buffer.from(Uint32Array.from(numbers).buffer);
}
