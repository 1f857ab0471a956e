import { type Stats, writeSync } from "node:fs";
import { constants, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { draftOf, removeDrafts } from "./draft.ts";
import { checkNewFolder, type OutputOptions, placeOf, writeFailure } from "./output-place.ts";

/**
 * Writes a file whole or not at all: a draft beside it takes its place, with its mode and owner.
 *
 * Links are followed. What is no plain file is written through: devices, FIFOs, `/dev/stdout`. A file that has other
 * names (hard links), or an owner who can't be kept, is written in place once the draft is whole: if the machine stops
 * in that moment, the file is cut short. Drafts that killed processes left in the folder are removed.
 *
 * @throws WorkFailure naming the file and why it can't be written
 */
export async function writeWhole(
  file: string,
  contents: string | Uint8Array,
  { inNewFolder = false }: OutputOptions = {},
): Promise<void> {
  const bytes = typeof contents === "string" ? Buffer.from(contents) : contents;
  try {
    if (inNewFolder && file !== "") {
      checkNewFolder(dirname(file));
      await mkdir(dirname(file), { recursive: true });
    }
    const place = placeOf(file);
    if (place.kind === "file") await replace(place.path, place.old, bytes);
    else if (place.kind === "stream") await writeTo(place.path, constants.O_WRONLY | constants.O_NOCTTY, bytes);
    else await writeDescriptor(place.descriptor, bytes);
  } catch (error) {
    // A reader that has seen enough is no failure.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw writeFailure(file, error);
  }
}

async function replace(path: string, old: Stats | undefined, bytes: Uint8Array): Promise<void> {
  removeDrafts(dirname(path));
  const draft = draftOf(path);
  try {
    const isLike = await writeDraft(draft, old, bytes);
    if (isLike && (old?.nlink ?? 1) === 1) await rename(draft, path);
    else await writeTo(path, constants.O_WRONLY, bytes, true);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Writes a draft as safe from others as the file that it is to replace; whether it has its owner and mode, too. */
async function writeDraft(draft: string, old: Stats | undefined, bytes: Uint8Array): Promise<boolean> {
  const handle = await open(draft, "wx", old === undefined ? 0o666 : 0o600);
  try {
    await handle.writeFile(bytes);
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

async function writeTo(path: string, flags: number, bytes: Uint8Array, isFile: boolean = false): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.writeFile(bytes);
    if (!isFile) return;
    await handle.truncate(bytes.length);
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
