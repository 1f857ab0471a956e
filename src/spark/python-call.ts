import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../files/package-root.ts";
import type { Call } from "./messages.ts";

/** Map over batches of Arrow, as Spark calls it. */
export const MAP_ARROW = 207;

const field = (name: string, type: string, data_type: object) => ({
  name,
  type,
  data_type,
  nullable: true,
  metadata: {},
});
const FIELDS = [field("number", "long", { long: {} }), field("found", "binary", { binary: {} })];

/** Columns of what functions find, as the protocol has them. */
export const FOUND: object = {
  struct: { fields: FIELDS.map(({ name, data_type, nullable }) => ({ name, data_type, nullable })) },
};
/** The same as Spark's Python has them. */
const SCHEMA = { type: "struct", fields: FIELDS.map(({ data_type: _, ...said }) => said) };

/**
 * A function of `mixlens_spark.py` as Spark's Python unpickles it, made without Python: a call of `eval` on the text of a pair,
 * the function and the schema of what it gives.
 */
export function pythonCall({ name, task }: Pick<Call, "name" | "task">): Buffer {
  const text = readFileSync(join(packageRoot(), "dist", "mixlens_spark.py"), "utf8");
  const types = "__import__('pyspark.sql.types', fromlist=['types']).StructType";
  const read = (value: object): string => `__import__('json').loads(${literal(JSON.stringify(value))})`;
  const pair = `(ns[${literal(name)}](${read(task)}), ${types}.fromJson(${read(SCHEMA)}))`;
  return pickledEval(`(lambda ns: (exec(${literal(text)}, ns), ${pair})[1])({})`);
}

/** A string of JSON is one of Python's. */
function literal(text: string): string {
  return JSON.stringify(text);
}

/** A pickle, of protocol 2, of what Python's `eval` makes of an expression. */
function pickledEval(expression: string): Buffer {
  const text = Buffer.from(expression);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const call = Buffer.from([0x85, 0x52, 0x2e]);
  return Buffer.concat([Buffer.from([0x80, 2]), Buffer.from("cbuiltins\neval\nX"), length, text, call]);
}
