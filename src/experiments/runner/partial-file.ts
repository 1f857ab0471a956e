import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { writeWhole } from "../../files/write-file.ts";

/** An instance among those of a run. */
export interface Place {
  /** Checksum of what decides the results of a run: its experiment, settings, seed and versions. */
  readonly run: string;
  /** Number of the instance, from 1. */
  readonly number: number;
  readonly seed: number;
}

/** One instance as its file holds it. */
export interface Partial extends Place {
  readonly seconds: number;
  /** Results of the instance, as JSON. */
  readonly instance: unknown;
}

/** An instance as JSON text: of arrays of numbers the entries, and null of what is not finite. */
export function instanceText(instance: unknown): string {
  return JSON.stringify(instance, (_, value: unknown) =>
    ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value,
  );
}

/** SHA-256 of a text, in hexadecimal digits. */
export function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Writes the file of an instance, whole, with a checksum of all that it says. */
export async function writePartial(path: string, partial: Partial): Promise<void> {
  await writeWhole(path, `${JSON.stringify({ sha256: checksum(JSON.stringify(partial)), partial })}\n`, {
    inNewFolder: true,
  });
}

/**
 * What the file of an instance holds: undefined where there is none, and `"damaged"` where it isn't what was written for
 * this instance of this run.
 */
export async function readPartial(
  path: string,
  { run, number, seed }: Place,
): Promise<Partial | "damaged" | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return "damaged";
  }
  try {
    const { sha256, partial }: { sha256: string; partial: Partial } = JSON.parse(text);
    const isWhole = checksum(JSON.stringify(partial)) === sha256;
    return isWhole && partial.run === run && partial.number === number && partial.seed === seed ? partial : "damaged";
  } catch {
    return "damaged";
  }
}
