import { declareOwned } from "../compute/own.ts";
import { InputError } from "../errors.ts";
import type { Design, Observations, Stretches } from "./observations.ts";

/**
 * Rows that are not in memory, as observations: what is a sum over rows can be found of them, stretch by stretch. Whoever reads
 * a row by its number is told that it can't.
 */
export function streamed(stretches: Stretches): Observations {
  const { rows, hasWeights, hasOffset, hasTrials, parts } = stretches;
  const refuse = (): never => {
    throw notInMemory(rows);
  };
  const refusing = (object: object, name: string): object =>
    Object.defineProperty(object, name, { get: refuse, enumerable: true });
  const designOf = (columns: readonly string[]): Design => Object.freeze(refusing({ columns }, "values")) as Design;
  const expert = designOf(stretches.expert);
  const gate = stretches.gate === stretches.expert ? expert : designOf(stretches.gate);
  const own = { rows, expert, gate, stretches };
  const columns = [
    "response",
    ...(hasWeights ? ["weights"] : []),
    ...(hasOffset ? ["offset"] : []),
    ...(hasTrials ? ["trials"] : []),
    ...(parts ? ["units"] : []),
  ];
  for (const name of columns) refusing(own, name);
  return declareOwned(Object.freeze(own)) as unknown as Observations;
}

/** What is said to whoever reads rows by their numbers that are not in memory. */
export function notInMemory(rows: number): InputError {
  const next = "give a sample of the rows in memory, such as readTable(path, { sql }) gives";
  return new InputError("do this row by row", "rows in memory", `a source of ${rows} rows`, next);
}
