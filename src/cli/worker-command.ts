import { readSync, writeSync } from "node:fs";
import type { Command } from "commander";
import { answerExecutor } from "../fit/source/block-worker.ts";

/** `mixlens worker`, which executors of Spark start. */
export function addWorker(program: Command): void {
  program
    .command("worker")
    .description(
      "find the sums of passes on an executor of Spark, which starts it: a request a line, until there is none",
    )
    .action(() => {
      for (const line of lines()) answerExecutor(line, answer);
    });
}

/** The lines of the standard input, as they come. */
function* lines(): Generator<string, void, void> {
  const part = Buffer.alloc(65_536);
  let parts: Buffer[] = [];
  for (let count = readSync(0, part); count > 0; count = readSync(0, part)) {
    let from = 0;
    for (let end = part.indexOf(10); end >= 0 && end < count; end = part.indexOf(10, from)) {
      yield Buffer.concat([...parts, part.subarray(from, end)]).toString();
      parts = [];
      from = end + 1;
    }
    parts.push(Buffer.from(part.subarray(from, count)));
  }
}

/** Writes an answer behind its length, at once: whoever has ended the executor is noticed, and the work with it. */
function answer(bytes: Uint8Array): void {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  for (const part of [length, bytes]) for (let done = 0; done < part.length; ) done += writeSync(1, part, done);
}
