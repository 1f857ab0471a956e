import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { InputError, quote } from "../errors.ts";
import { placeOf, reason, WriteFailure } from "./output-place.ts";
import { packageVersion } from "./package-root.ts";

/** A file that long work is noted in as it goes on, so that it can go on from there in another process. */
export interface Journal {
  readonly file: string;
  /** That there was nothing to go on from, where somebody asked for it. */
  readonly notes: readonly string[];
  /** What an earlier process noted, in order. */
  readonly past: readonly unknown[];
  /** Whether so much was done since the last note that it should not be lost. */
  readonly isDue: () => boolean;
  /** Adds a note of plain values, typed arrays among them: it is on the disk whole, or not there. */
  readonly note: (value: unknown) => void;
}

/** What decides the results of work, by name, as text. */
export type Deciding = Readonly<Record<string, string>>;

/** Which journal is opened, and for what. */
export interface JournalPlan {
  readonly file: string;
  /** Whether to go on from what is there. */
  readonly resume: boolean;
  /** Another journal is refused by the first that differs. */
  readonly of: Deciding;
}

const MAGIC = Buffer.from("mixlens checkpoint 1\n");
/** A note's head: its length, its checksum, and a part of the checksum of these two. */
const HEAD = { length: 4, sum: 32, own: 4 } as const;
const HEAD_BYTES = HEAD.length + HEAD.sum + HEAD.own;

/** What may be lost at the most, in milliseconds and as a part of the work; and what writing may cost, as a part of it. */
const LOST = 1000;
const LOST_PART = 0.01;
const COST_PART = 0.02;

/**
 * Opens a journal.
 *
 * A note that a killed process did not finish is as if it had not been begun; any other change of the file is refused.
 *
 * @throws InputError for a file that can't be written, is no journal, is damaged or of other work; and for a journal that is there
 *   and is not to be gone on from
 */
export function openJournal({ file, resume, of: asked }: JournalPlan): Journal {
  const of = { mixlens: packageVersion(), node: process.versions.node, machine: process.arch, ...asked };
  const act = `go on from ${quote(file)}`;
  checkPlace(file);
  const bytes = contents(act, file);
  const isNew = bytes.length < MAGIC.length && MAGIC.subarray(0, bytes.length).equals(bytes);
  if (!isNew && !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new InputError(act, "a checkpoint, or no file yet", "another file", "name another");
  }
  if (!isNew && !resume) {
    throw new InputError(act, "no file yet", "a checkpoint", "resume from it (--resume), remove it, or name another");
  }
  const { notes, end } = isNew ? { notes: [], end: 0 } : read(act, bytes);
  const [head, ...past] = notes;
  if (head !== undefined) checkSame(act, of, head);
  // What was not finished is in the way of what comes next.
  if (end < bytes.length) truncateSync(file, end);
  let size = end;
  const write = (parts: readonly Buffer[]): void => {
    size = append(file, size, Buffer.concat(parts));
  };
  if (head === undefined) {
    if (end > 0) truncateSync(file, 0);
    size = 0;
    write([MAGIC, framed(of)]);
  }
  const missing =
    resume && head === undefined ? [`There was no checkpoint ${quote(file)} to resume from: the work began anew.`] : [];
  return { file, notes: missing, past, ...pacedNotes((value) => write([framed(value)])) };
}

/** A note of a part of the work. */
interface PartNote {
  readonly part: string;
  readonly value: unknown;
}

/**
 * The journal of a part of larger work, by its name: in the same file, and as if it had one of its own.
 *
 * @param of what decides the results of the part, as in a {@link JournalPlan}
 * @throws InputError for notes of another part by this name
 */
export function partOfJournal(journal: Journal, part: string, of: Deciding): Journal {
  const all = journal.past as readonly (PartNote | undefined)[];
  const [head, ...past] = all.flatMap((note) => (note?.part === part ? [note.value] : []));
  const note = (value: unknown): void => journal.note({ part, value } satisfies PartNote);
  if (head === undefined) note(of);
  else checkSame(`go on from ${quote(journal.file)}`, of, head);
  return { ...journal, notes: [], past, note };
}

/** When notes are due: the more seldom, the longer the work takes and the more they cost. */
function pacedNotes(write: (value: unknown) => void): Pick<Journal, "isDue" | "note"> {
  const began = performance.now();
  let last = began;
  let pause = LOST;
  return {
    isDue: () => performance.now() - last >= pause,
    note: (value) => {
      const before = performance.now();
      write(value);
      last = performance.now();
      pause = Math.max(LOST, LOST_PART * (last - began), (last - before) / COST_PART);
    },
  };
}

function checkPlace(file: string): void {
  let kind: string;
  try {
    ({ kind } = placeOf(file));
  } catch (error) {
    throw new InputError(`write ${JSON.stringify(file)}`, "a file that can be written", reason(error));
  }
  if (kind === "file") return;
  throw new InputError(`write ${JSON.stringify(file)}`, "a file that can be read again", "no file", "name one");
}

function contents(act: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw new InputError(act, "a file that can be read", reason(error));
  }
}

/** The notes of a journal that are whole, and where the last of them ends. */
function read(act: string, bytes: Buffer): { readonly notes: readonly unknown[]; readonly end: number } {
  const notes: unknown[] = [];
  let at = MAGIC.length;
  while (at + HEAD_BYTES <= bytes.length) {
    const head = bytes.subarray(at, at + HEAD.length + HEAD.sum);
    const own = bytes.subarray(at + head.length, at + HEAD_BYTES);
    const from = at + HEAD_BYTES;
    const to = from + head.readUInt32LE();
    if (!sumOf(head).subarray(0, HEAD.own).equals(own)) throw damaged(act, notes);
    if (to > bytes.length) break;
    const body = bytes.subarray(from, to);
    if (!sumOf(body).equals(head.subarray(HEAD.length))) throw damaged(act, notes);
    try {
      notes.push(deserialize(body));
    } catch {
      throw damaged(act, notes);
    }
    at = to;
  }
  return { notes, end: at };
}

function damaged(act: string, notes: readonly unknown[]): InputError {
  return new InputError(
    act,
    "a checkpoint as it was written",
    `one that is damaged in part ${notes.length + 1}`,
    "begin anew",
  );
}

/** Letters that an error shows of what decides the results. */
const SHOWN = 40;

function checkSame(act: string, of: Deciding, head: unknown): void {
  const theirs = Object(head) as Readonly<Record<string, unknown>>;
  const other = [...new Set([...Object.keys(of), ...Object.keys(theirs)])].find((name) => of[name] !== theirs[name]);
  if (other === undefined) return;
  const shown = (value: unknown): string => {
    const text = String(value ?? "none");
    return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  };
  const next = "ask for the same as before, or name another file";
  throw new InputError(act, `a checkpoint of the same ${other}, ${shown(of[other])}`, shown(theirs[other]), next);
}

function framed(value: unknown): Buffer {
  const body = serialize(value);
  const head = Buffer.alloc(HEAD.length + HEAD.sum);
  head.writeUInt32LE(body.length);
  sumOf(body).copy(head, HEAD.length);
  return Buffer.concat([head, sumOf(head).subarray(0, HEAD.own), body]);
}

function sumOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Adds to a file of this size, and returns its new one. */
function append(file: string, size: number, bytes: Buffer): number {
  try {
    const descriptor = openSync(file, "a");
    try {
      // Two that go on from one checkpoint would note the same steps twice.
      if (fstatSync(descriptor).size !== size) throw new Error("one that something else has written to");
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
      return size + bytes.length;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new WriteFailure(file, error);
  }
}
