import { accessSync, constants, fstatSync, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { platform } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { InputError, WorkFailure } from "../errors.ts";
import { draftOf } from "./draft.ts";
import { filesMatching } from "./glob.ts";

/** What a path leads to: an open descriptor, what is no plain file (a device, a FIFO), or a plain file, there or not yet. */
export type Place =
  | { readonly kind: "descriptor"; readonly descriptor: number }
  | { readonly kind: "stream"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly old?: Stats };

/** How a file is written. */
export interface OutputOptions {
  /** Make its folder, and those above, where there is none; default: such a file is refused. */
  readonly inNewFolder?: boolean;
  /** Files, or patterns of their names, that the work reads: it would write over what it is about. */
  readonly reads?: readonly string[];
}

/**
 * Refuses a file that can't be written, before the work whose result it would hold; nothing is made or opened.
 *
 * @throws InputError for no name, a folder, a missing folder, what is read-only (by its mode for root, too), names that
 *   are too long, links that lead in a circle, and a file that the work reads
 */
export function checkOutput(file: string, { inNewFolder = false, reads = [] }: OutputOptions = {}): void {
  try {
    if (inNewFolder && file !== "") checkNewFolder(dirname(file));
    if (!inNewFolder || found(dirname(file)) !== undefined) refuseRead(placeOf(file), reads);
  } catch (error) {
    throw new InputError(...refused(file, error));
  }
}

function refuseRead(place: Place, reads: readonly string[]): void {
  if (place.kind !== "file" || place.old === undefined) return;
  const { dev, ino } = place.old;
  const isSame = (path: string): boolean => {
    const own = attempted(() => found(path));
    return own?.ino === ino && own.dev === dev;
  };
  if (reads.flatMap(filesMatching).some(isSame)) throw new Refusal("one that is read");
}

/** What is found; nothing where the system refuses to look. */
function attempted<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Why a file that was to be written is not there, once the work is done. */
export class WriteFailure extends WorkFailure {
  constructor(file: string, error: unknown) {
    super(...refused(file, error));
  }
}

function refused(file: string, error: unknown): [act: string, expected: string, got: string] {
  return [`write ${JSON.stringify(file)}`, "a file that can be written", reason(error)];
}

/** What a path leads to, through all links; throws why it can't be written. */
export function placeOf(file: string): Place {
  if (file === "") throw new Refusal("no name");
  let path = file;
  for (let links = 0; links < MOST_LINKS; links++) {
    const folder = folderOf(path);
    const here = join(folder, basename(path));
    const descriptor = descriptorOf(folder, basename(path));
    if (descriptor !== undefined) return { kind: "descriptor", descriptor };
    const first = lstatSync(here, { throwIfNoEntry: false });
    if (!first?.isSymbolicLink()) return placeAt(here, folder, first, path);
    // What another process has open, a pipe say, has a link whose text is no path.
    const end = folder.startsWith("/proc/") ? found(here) : undefined;
    if (end !== undefined && !end.isFile()) return placeAt(here, folder, end, path);
    const link = readlinkSync(here);
    path = isAbsolute(link) ? link : `${folder}${sep}${link}`;
  }
  throw new Refusal("links that lead in a circle");
}

/** As many links in a row as Linux follows. */
const MOST_LINKS = 40;

/** Why a path can't be written to, in the words of an error. */
class Refusal extends Error {}

function placeAt(path: string, folder: string, old: Stats | undefined, name: string): Place {
  if (old?.isDirectory()) throw new Refusal("a folder");
  if (old !== undefined && isReadOnly(path, old)) throw new Refusal("one that is read-only");
  if (old !== undefined && !old.isFile()) return { kind: "stream", path };
  if (/[\\/]$/.test(name)) throw new Refusal("the name of a folder");
  checkFolder(folder);
  // The longest name that writing takes.
  lstatSync(draftOf(path), { throwIfNoEntry: false });
  return { kind: "file", path, ...(old && { old }) };
}

/** The folder of a path, without links. */
function folderOf(path: string): string {
  const folder = dirname(path);
  if (found(folder) === undefined) throw new Refusal(`no folder ${JSON.stringify(folder)}`);
  if (!found(folder)?.isDirectory()) throw new Refusal(`a file as the folder ${JSON.stringify(folder)}`);
  // The system's own, for what stands before ".." may be a link.
  return realpathSync.native(folder);
}

/** The number of an open descriptor that the path stands for: `/dev/stdout`, `/dev/fd/63`, `/proc/self/fd/1`. */
function descriptorOf(folder: string, name: string): number | undefined {
  const own = ["/dev/fd", `/proc/${process.pid}/fd`].includes(folder.replace(/\/task\/\d+(?=\/fd$)/, ""));
  if (!own || !/^\d+$/.test(name)) return undefined;
  if (fstatSync(Number(name)).isDirectory()) throw new Refusal("a folder");
  return Number(name);
}

/** Throws why a folder neither is there nor can be made. */
export function checkNewFolder(folder: string): void {
  let at = resolve(folder);
  while (found(at) === undefined) at = dirname(at);
  checkFolder(at);
  const [first] = relative(at, resolve(folder)).split(sep);
  if (first !== "" && lstatSync(join(at, first), { throwIfNoEntry: false }) !== undefined) {
    throw new Refusal(`a link that leads nowhere as the folder ${JSON.stringify(join(at, first))}`);
  }
}

function checkFolder(folder: string): void {
  const stats = statSync(folder);
  if (!stats.isDirectory()) throw new Refusal(`a file as the folder ${JSON.stringify(folder)}`);
  if (isReadOnly(folder, stats)) throw new Refusal(`the read-only folder ${JSON.stringify(folder)}`);
}

/** What is at a path, through all links. */
function found(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Whether a path is not to be written to. Root may write to anything: that nobody should is said by the mode. */
function isReadOnly(path: string, { mode }: Stats): boolean {
  if (platform() !== "win32" && (mode & 0o222) === 0) return true;
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EBADF: "no descriptor that is open for it",
  EDQUOT: "a quota that is used up",
  EFBIG: "more than a file may hold",
  EISDIR: "a folder",
  ELOOP: "links that lead in a circle",
  ENAMETOOLONG: "a name that is too long",
  ENOENT: "no such folder",
  ENOSPC: "no space left",
  ENOTDIR: "a file as a folder",
  EPERM: "no permission",
  EROFS: "a read-only file system",
  ERR_INVALID_ARG_VALUE: "a name with a zero byte",
};

/** What went wrong, in the words of an error. */
export function reason(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  return code === undefined ? message : (REASONS[code] ?? code);
}
