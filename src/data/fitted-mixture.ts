import { readFileSync } from "node:fs";
import { InputError, quote } from "../errors.ts";
import { type Mixture, type MixtureSpec, mixture } from "../models/mixture.ts";
import type { Formula } from "./formula.ts";
import { designColumns } from "./observe.ts";

/** A mixture with its parameters: all that prediction needs, and what a model file holds. */
export interface FittedMixture {
  readonly formula: Formula;
  readonly mixture: Mixture;
  /** Parameters (p), named by `mixture.names`. */
  readonly theta: Float64Array;
}

/** What of a mixture the formula does not say. */
export type Make = Pick<MixtureSpec, "experts" | "k" | "sharedVariance" | "ridge">;

/** The mixture of this make that reads what the formula says. */
export function mixtureFor(formula: Formula, make: Make): Mixture {
  return mixture({
    ...make,
    gateColumns: designColumns(formula.gateFeatures, formula.intercept),
    expertColumns: designColumns(formula.features, formula.intercept),
    ...(formula.labels && { labels: formula.labels }),
  });
}

const FORMAT = "mixlens mixture";
const VERSION = 1;

/**
 * The text of a model file: formula, make and named parameters as JSON, exact to the last bit.
 *
 * @example
 * ```ts
 * import { fit, modelToJson } from "mixlens";
 * const line = fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 });
 * if (!modelToJson(line).includes('"expert1.x"')) throw new Error("the slope has a name");
 * ```
 */
export function modelToJson({ formula, mixture: { spec, names }, theta }: FittedMixture): string {
  const { experts, k, sharedVariance = false, ridge = 0 } = spec;
  const parameters = names.map((name, j) => [name, theta[j]]);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, formula, make: { experts, k, sharedVariance, ridge }, parameters }, null, 1)}\n`;
}

/**
 * Reads a model file.
 *
 * @throws InputError for a missing or broken file, saying what is wrong with it
 * @example
 * ```ts
 * import { fit, modelToJson, readModel } from "mixlens";
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * const line = fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 });
 * const file = join(mkdtempSync(join(tmpdir(), "mixlens-")), "line.json");
 * writeFileSync(file, modelToJson(line));
 * if (readModel(file).theta.join() !== line.theta.join()) throw new Error("a model survives its file");
 * ```
 */
export function readModel(path: string): FittedMixture {
  const act = `read the model ${quote(path)}`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(act, "a file", (error as NodeJS.ErrnoException).code === "EISDIR" ? "a folder" : "none there");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(act, "JSON", text.trim() === "" ? "an empty file" : `${quote(text.slice(0, 20))}…`);
  }
  const found = record(value, act, "a model file");
  if (found.format !== FORMAT) {
    throw new InputError(act, `a file with the format ${quote(FORMAT)}`, quote(JSON.stringify(found.format)));
  }
  if (found.version !== VERSION)
    throw new InputError(act, `version ${VERSION}`, JSON.stringify(found.version) ?? "none");
  const formula = checkedFormula(record(found.formula, act, "a formula"), act);
  const made = mixtureFor(formula, checkedMake(record(found.make, act, "a make"), formula, act));
  return { formula, mixture: made, theta: checkedParameters(found.parameters, made.names, act) };
}

type Json = Readonly<Record<string, unknown>>;

function record(value: unknown, act: string, meant: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new InputError(act, `${meant} (an object)`, quote(JSON.stringify(value)));
}

function checkedFormula(formula: Json, act: string): Formula {
  const isText = (value: unknown): value is string => typeof value === "string";
  const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
  const check = (name: keyof Formula, good: boolean, meant: string): void => {
    if (!good) throw new InputError(act, `the formula's ${name} to be ${meant}`, quote(JSON.stringify(formula[name])));
  };
  check("response", isText(formula.response), "text");
  check("features", isTexts(formula.features), "a list of text");
  check("gateFeatures", isTexts(formula.gateFeatures), "a list of text");
  check("intercept", typeof formula.intercept === "boolean", "true or false");
  check("labels", formula.labels === undefined || isTexts(formula.labels), "a list of text");
  for (const name of ["weights", "offset"] as const) {
    check(name, formula[name] === undefined || isText(formula[name]), "text");
  }
  return formula as unknown as Formula;
}

function checkedMake({ experts, k, sharedVariance, ridge }: Json, { labels }: Formula, act: string): Make {
  const kind = labels === undefined ? "linear" : "logistic";
  if (experts !== kind)
    throw new InputError(act, `${kind} experts, as the formula says`, quote(JSON.stringify(experts)));
  if (typeof k !== "number" || !Number.isInteger(k) || k < 1) throw new InputError(act, "k of 1 or more", quote(k));
  if (typeof sharedVariance !== "boolean")
    throw new InputError(act, "sharedVariance true or false", quote(sharedVariance));
  if (typeof ridge !== "number" || !(ridge >= 0)) throw new InputError(act, "a ridge of 0 or more", quote(ridge));
  return { experts: kind, k, sharedVariance, ridge };
}

function checkedParameters(value: unknown, names: readonly string[], act: string): Float64Array {
  if (!Array.isArray(value) || value.length !== names.length) {
    const got = Array.isArray(value) ? `${value.length}` : quote(JSON.stringify(value));
    throw new InputError(act, `${names.length} parameters`, got);
  }
  return Float64Array.from(names, (name, j) => {
    const [found, number]: unknown[] = Array.isArray(value[j]) ? value[j] : [];
    if (found === name && typeof number === "number") return number;
    throw new InputError(act, `a number for the parameter ${quote(name)}`, quote(JSON.stringify(value[j])));
  });
}
