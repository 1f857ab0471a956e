import { closeSync, openSync, readSync } from "node:fs";
import { InputError } from "../../errors.ts";
import { DEEPEST, Nesting } from "../../text/nesting.ts";
import { unpacked } from "../decode.ts";
import { readBytes } from "../read-bytes.ts";

const PART = 2 ** 22;

/**
 * Refuses JSON whose lists and objects are in one another without end: DuckDB, which descends into them, ends the process.
 *
 * @remarks cost: the file is read once more
 */
export function checkJsonDepth(file: string): void {
  const nesting = new Nesting();
  if (file.toLowerCase().endsWith(".gz"))
    nesting.add(unpacked(readBytes(file, "a JSON file"), JSON.stringify(file), "a JSON file"));
  else addParts(file, nesting);
  if (nesting.deepest <= DEEPEST) return;
  const got = `${nesting.deepest} in one another`;
  throw new InputError(`read ${JSON.stringify(file)}`, `at most ${DEEPEST} lists and objects in one another`, got);
}

function addParts(file: string, nesting: Nesting): void {
  const descriptor = openSync(file, "r");
  try {
    const part = Buffer.allocUnsafe(PART);
    for (let count = readSync(descriptor, part); count > 0; count = readSync(descriptor, part)) {
      nesting.add(part.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}
