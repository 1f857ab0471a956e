import { createReadStream, type Stats, writeSync } from "node:fs";
import { constants, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { InputError, WorkFailure } from "../errors.ts";
import { draftOf, removeDrafts } from "./draft.ts";
import { checkNewFolder, type OutputOptions, type Place, placeOf, WriteFailure } from "./output-place.ts";

/** What a file gets: all of it, or a function that writes it into an empty file of this name, part by part. */
export type Contents = string | Uint8Array | ((draft: string) => void);

/**
 * Writes a file whole or not at all: a draft beside it takes its place, with its mode and owner.
 *
 * Links are followed. What is no plain file is written through: devices, FIFOs, `/dev/stdout`. A file that has other
 * names (hard links), or an owner who can't be kept, is written in place once the draft is whole: if the machine stops
 * in that moment, the file is cut short. Drafts that killed processes left in the folder are removed.
 *
 * @throws WorkFailure naming the file and why it can't be written; and what a function that writes it throws
 */
export async function writeWhole(
  file: string,
  contents: Contents,
  { inNewFolder = false }: OutputOptions = {},
): Promise<void> {
  try {
    if (inNewFolder && file !== "") {
      checkNewFolder(dirname(file));
      await mkdir(dirname(file), { recursive: true });
    }
    const place = placeOf(file);
    if (place.kind === "file") await replace(place.path, place.old, contents);
    else if (typeof contents !== "function") await pass(place, Buffer.from(contents));
    else await drafted(draftOf(join(tmpdir(), "mixlens")), undefined, contents, (draft) => pass(place, draft));
  } catch (error) {
    if (error instanceof InputError || error instanceof WorkFailure) throw error;
    // A reader that has seen enough is no failure.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw new WriteFailure(file, error);
  }
}

async function replace(path: string, old: Stats | undefined, contents: Contents): Promise<void> {
  removeDrafts(dirname(path));
  await drafted(draftOf(path), old, contents, async (draft, isLike) => {
    if (isLike && (old?.nlink ?? 1) === 1) await rename(draft, path);
    else await writeTo(path, constants.O_WRONLY, draft, true);
  });
}

/** Writes a draft, hands it out when it is whole, and removes what is then left of it. */
async function drafted(
  draft: string,
  old: Stats | undefined,
  contents: Contents,
  use: (draft: string, isLike: boolean) => Promise<void>,
): Promise<void> {
  try {
    await use(draft, await writeDraft(draft, old, contents));
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Writes a draft as safe from others as the file that it is to replace; whether it has its owner and mode, too. */
async function writeDraft(draft: string, old: Stats | undefined, contents: Contents): Promise<boolean> {
  const handle = await open(draft, "wx", old === undefined ? 0o666 : 0o600);
  try {
    if (typeof contents === "function") contents(draft);
    else await handle.writeFile(contents);
    if (old !== undefined) {
      const { uid, gid } = await handle.stat();
      const isOwned = uid === old.uid && gid === old.gid;
      if (!isOwned && !(await handle.chown(old.uid, old.gid).then(yes, no))) return false;
      await handle.chmod(old.mode & 0o7777);
    }
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;

/** Writes bytes, or what a file holds, to what is no plain file. */
async function pass(place: Exclude<Place, { readonly kind: "file" }>, from: Uint8Array | string): Promise<void> {
  if (place.kind === "stream") return writeTo(place.path, constants.O_WRONLY | constants.O_NOCTTY, from);
  if (typeof from !== "string") return writeDescriptor(place.descriptor, from);
  for await (const part of createReadStream(from)) await writeDescriptor(place.descriptor, part);
}

/** Writes bytes, or what a file holds, to what is there. */
async function writeTo(path: string, flags: number, from: Uint8Array | string, isFile: boolean = false): Promise<void> {
  const handle = await open(path, flags);
  try {
    if (typeof from !== "string") await handle.writeFile(from);
    else for await (const part of createReadStream(from)) await handle.writeFile(part);
    if (!isFile) return;
    await handle.truncate(typeof from === "string" ? (await stat(from)).size : from.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Milliseconds until a full pipe is tried again. */
const PAUSE = 10;

/** Writes at the place where an open descriptor is, which may be a pipe that others share. */
async function writeDescriptor(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await setTimeout(PAUSE);
    }
  }
}
