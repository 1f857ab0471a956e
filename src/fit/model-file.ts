import { checkArgument } from "../errors/arguments.ts";
import { isOf, type Kind, LARGEST, required, text } from "../errors/kinds.ts";
import { type Declared, partOf, readOptions } from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import { checkOutput } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import { FORMULA_ENTRIES, type Formula } from "../frame/formula.ts";
import { designColumns } from "../frame/observe.ts";
import { lawOf } from "../laws/registry.ts";
import type { Priors } from "../models/centring.ts";
import { MAKE, priorsByPart } from "../models/make.ts";
import { readBytes } from "../table/read-bytes.ts";
import { printed } from "../text/printed.ts";
import { type FittedMixture, fittedMixture } from "./fitted.ts";
import { type Make, mixtureFor } from "./fitted-mixture.ts";
import { modelSummary } from "./summary.ts";

const FORMAT = "mixlens mixture";
const VERSION = 1;

/**
 * Writes the model of a fit to a file: formula, make and named parameters as JSON, exact to the last bit; not the rows.
 *
 * The file is written whole or not at all, and is what `mixlens fit --model-out` writes. {@link load} reads it, and so do
 * the commands `mixlens predict`, `spectrum` and `snr`.
 *
 * @throws InputError for what is no fit and for a file that can't be written, and WorkFailure where writing it fails: by
 *   rejecting the promise
 * @example
 * ```ts
 * import { fit, load, predict, save } from "mixlens";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * const line = fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 });
 * const file = join(mkdtempSync(join(tmpdir(), "mixlens-")), "line.json");
 * await save(line, file);
 * const { mean } = predict(load(file), { x: [4] });
 * if (mean?.[0] !== predict(line, { x: [4] }).mean[0]) throw new Error("a model survives its file");
 * ```
 */
export async function save(fit: FittedMixture, path: string): Promise<void> {
  const contents = modelText(fit);
  checkArgument("save a model", "its path", path, text);
  checkOutput(path);
  await writeWhole(path, contents);
}

/** The text of a model file. */
export function modelText(fitted: FittedMixture): string {
  const { formula, mixture, theta } = fittedMixture("save a model", fitted);
  const { spec, names } = mixture;
  const make = {
    ...readOptions("save a model", partOf(spec, MAKE), MAKE),
    ...(spec.priors && { priors: spec.priors }),
  };
  const parameters = names.map((name, j) => [name, theta[j]]);
  // The make says which experts they are.
  const { experts: _, ...said } = formula;
  return `${JSON.stringify({ format: FORMAT, version: VERSION, formula: said, make, parameters }, null, 1)}\n`;
}

/**
 * Reads a model that {@link save} or `mixlens fit --model-out` wrote.
 *
 * It has no rows: `predict(model, rows)`, `spectrum(model, rows)` and the like take them beside it.
 *
 * @throws InputError for a missing or broken file, saying what is wrong with it
 * @example
 * ```ts
 * import { fit, load, save, snr } from "mixlens";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * const rows = { x: [0, 1, 2, 3, 4, 5, 6, 7], y: [0, 1.1, 1.9, 3, 3.1, 2.2, 0.9, 0.1] };
 * const bent = fit(rows, { response: "y", ridge: 0.1, starts: 3 });
 * const file = join(mkdtempSync(join(tmpdir(), "mixlens-")), "bent.json");
 * await save(bent, file);
 * if (snr(load(file), rows)[0].snr !== snr(bent)[0].snr) throw new Error("the same model on the same rows");
 * ```
 */
export function load(path: string): FittedMixture {
  checkArgument("read a model", "its path", path, text);
  const act = `read the model ${quote(path)}`;
  const bytes = readBytes(path, "a model file", (part, { length }) => {
    if (part.includes(0)) throw new InputError(act, "JSON", "a binary file");
    if (length > LARGEST_FILE) throw new InputError(act, "a model file", `one of more than ${LARGEST_FILE / 1e6} MB`);
  });
  const json = bytes.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new InputError(act, "JSON", json.trim() === "" ? "an empty file" : `${quote(json.slice(0, 20))}…`);
  }
  const check: Check = (good, expected, found) => {
    if (!good) throw new InputError(act, expected, shown(found));
  };
  check(isRecord(value), `an object with the format ${quote(FORMAT)}`, value);
  const { format, version, formula, make, parameters } = value as Json;
  check(format === FORMAT, `the format ${quote(FORMAT)}`, format);
  check(version === VERSION, `version ${VERSION}`, version);
  checkFormula(formula, check);
  checkMake(make, formula, parameters, check);
  const { experts } = make;
  const made = mixtureFor(formula, make);
  const theta = parametersOf(parameters, made.names, check);
  return printed({ formula: { ...formula, experts }, mixture: made, theta }, modelSummary);
}

/** Bytes of a model file at the most: of millions of parameters. */
const LARGEST_FILE = 500e6;

type Json = Readonly<Record<string, unknown>>;
type Check = (good: boolean, expected: string, found: unknown) => void;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of a file as an error shows it: as the file has it, cut where it is long. */
function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_, entry) => (entry === Number.POSITIVE_INFINITY ? "Infinity" : entry)) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Refuses an entry that is of the wrong kind, and one that another version may know: without it this were another model. */
function checkTable(what: string, object: unknown, table: object, check: Check): asserts object is Json {
  check(isRecord(object), `the ${what} to be an object`, object);
  const strange = Object.keys(object as Json).find((name) => !(name in table));
  check(strange === undefined, `no other entry of the ${what} than ${listed(Object.keys(table), "and")}`, strange);
  for (const [name, kind] of Object.entries<Kind>({ ...table })) {
    const value = (object as Json)[name];
    check(isOf(value, kind), `the ${what}'s ${name} to be ${kind.wanted}`, value);
  }
}

// The make says which experts they are.
const { experts: _, ...FORMULA_IN_FILE } = FORMULA_ENTRIES;

function checkFormula(formula: unknown, check: Check): asserts formula is Formula {
  checkTable("formula", formula, FORMULA_IN_FILE, check);
}

const MAKE_ENTRIES = {
  ...MAKE,
  experts: required(MAKE.experts),
  k: required(MAKE.k),
  priors: priorsByPart,
} satisfies Declared<Make>;

function checkMake(make: unknown, formula: Formula, parameters: unknown, check: Check): asserts make is Make {
  checkTable("make", make, MAKE_ENTRIES, check);
  const { labels } = formula;
  const { experts, k, priors = {}, fixed = {} } = make as unknown as Make;
  const { isLabel } = lawOf(experts).response;
  check(
    isLabel === (labels !== undefined),
    `experts of ${isLabel ? "numbers" : "labels"}, as the formula says`,
    experts,
  );
  check(Array.isArray(parameters), "a list of parameters", parameters);
  // Each expert has a parameter of its own: more experts than parameters are no model, but could fill the memory.
  const most = (parameters as readonly unknown[]).length;
  check(k <= most, `k to be a whole number from 1 to ${most}, the number of parameters`, k);
  checkPriors(priors, formula, k, check);
  const isFixed = Object.values(fixed).every((value) => Math.abs(value) <= LARGEST);
  check(isFixed, `the make's fixed to be numbers up to ${LARGEST} by name`, fixed);
}

/** A precision matrix for each part that has one: symmetric, as large as the part has columns. */
function checkPriors(priors: Priors, formula: Formula, k: number, check: Check): void {
  for (const [part, matrix] of Object.entries<unknown>({ ...priors })) {
    const isExpert = Array.from({ length: k }, (_, z) => `expert${z + 1}`).includes(part);
    check(part === "gate" || isExpert, `priors of the gate and of expert1 to expert${k}`, part);
    const d = designColumns(formula, isExpert ? "expert" : "gate").length;
    const isMatrix =
      Array.isArray(matrix) &&
      matrix.length === d * d &&
      matrix.every((entry, at) => Number.isFinite(entry) && entry === matrix[(at % d) * d + Math.floor(at / d)]);
    check(isMatrix, `the prior of ${part} to be a symmetric matrix of ${d} × ${d} numbers`, matrix);
  }
}

function parametersOf(value: unknown, names: readonly string[], check: Check): Float64Array {
  const entries = value as readonly unknown[];
  check(entries.length === names.length, `${names.length} parameters`, entries.length);
  return Float64Array.from(names, (name, j) => {
    const entry = entries[j];
    const [found, number]: unknown[] = Array.isArray(entry) ? entry : [];
    const isNumber = typeof number === "number" && Math.abs(number) <= LARGEST;
    check(found === name && isNumber, `the parameter ${quote(name)} and a number up to ${LARGEST}`, entry);
    return number as number;
  });
}
