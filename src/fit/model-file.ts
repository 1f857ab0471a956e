import { checkArgument } from "../errors/arguments.ts";
import { LARGEST, text } from "../errors/kinds.ts";
import { partOf, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { checkEnding } from "../files/ending.ts";
import { checkOutput } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import type { Formula } from "../frame/formula.ts";
import { designColumns } from "../frame/observe.ts";
import { expertsOf, gateOf } from "../laws/gates/registry.ts";
import { lawOf } from "../laws/registry.ts";
import { MAKE } from "../models/make.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Priors } from "../models/prior.ts";
import { readBytes } from "../table/read-bytes.ts";
import { parsedJson } from "../text/nesting.ts";
import { printed } from "../text/printed.ts";
import type { Fit } from "./fit-result.ts";
import { type FittedMixture, fittedMixture } from "./fitted.ts";
import { mixtureFor } from "./fitted-mixture.ts";
import { FORMAT, type ModelFile, readModelFile, VERSION } from "./model-schema.ts";
import { type Origin, originOf } from "./origin.ts";
import { priorsInFile, priorsOfFile } from "./priors-in-file.ts";
import { modelSummary } from "./summary.ts";

/**
 * Writes the model of a fit to a file: formula, make and named parameters as JSON, exact to the last bit; not the rows.
 *
 * The parameters are those of the columns as they are, however they were centred or scaled on the way. Beside them stands the
 * origin: seed, versions, the query where there was one, and a checksum by which the rows are known again.
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
  checkModelOutput(path);
  await writeWhole(path, contents);
}

/** Refuses a file that no model can be written to, before the work; `reads` are files that the work reads. */
export function checkModelOutput(path: string, reads: readonly string[] = []): void {
  checkOutput(path, { reads });
  checkEnding(path, "a model file", [".json"]);
}

/** The text of a model file. */
export function modelText(fitted: FittedMixture): string {
  const { formula, mixture, theta, origin = ownOrigin(fitted) } = fittedMixture("save a model", fitted);
  const { spec, names } = mixture;
  const make = {
    ...readOptions("save a model", partOf(spec, MAKE), MAKE),
    ...(spec.priors && priorsInFile(spec.priors)),
  };
  const parameters = names.map((name, j) => [name, theta[j]]);
  // The make says which experts they are.
  const { experts: _, ...said } = formula;
  return `${JSON.stringify({ format: FORMAT, version: VERSION, origin, formula: said, make, parameters }, null, 1)}\n`;
}

/** The origin of a fit that has its rows; of a model that was made by hand nothing is known. */
function ownOrigin({ observations, seed, sql }: FittedMixture & Partial<Fit>): Origin | undefined {
  return observations === undefined || seed === undefined ? undefined : originOf(observations, seed, sql);
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
    value = parsedJson(json);
  } catch {
    if (json.trim() === "") throw new InputError(act, "JSON", "an empty file");
    const next = "name a file that save (--model-out) wrote, and that of the rows after it";
    throw new InputError(act, "JSON", `${quote(json.slice(0, 20))}…`, next);
  }
  const file = readModelFile(value);
  if ("expected" in file) {
    const next = file.isVersion ? nextOf(value as object) : undefined;
    throw new InputError(act, file.expected, shown(file.found), next);
  }
  const { formula, make: given, parameters, origin } = file;
  const check: Check = (good, expected, found) => {
    if (!good) throw new InputError(act, expected, shown(found));
  };
  const priors = priorsOfFile(given);
  checkMake(file, priors ?? {}, check);
  const { priors: _, priorOrigins: __, ...make } = given;
  const { experts } = make;
  const made = mixtureFor(formula, { ...make, ...(priors && { priors }) });
  const theta = parametersOf(parameters, made.names, check);
  checkScales(made, theta, check);
  const read = { formula: { ...formula, experts }, mixture: made, theta, ...(origin && { origin }) };
  return printed<FittedMixture>(read, modelSummary);
}

/** What to do about the file of another version. */
function nextOf({ version, origin }: { readonly version?: unknown; readonly origin?: unknown }): string {
  const { mixlens } = (origin ?? {}) as { readonly mixlens?: unknown };
  const wrote = text.accepts(mixlens) ? `, as ${quote(mixlens)} that wrote it` : "";
  if (typeof version === "number" && version > VERSION) return `take a later version of mixlens${wrote}, or fit anew`;
  return "fit anew, and save that";
}

/** Bytes of a model file at the most: of millions of parameters. */
const LARGEST_FILE = 500e6;

type Check = (good: boolean, expected: string, found: unknown) => void;

/** A value of a file as an error shows it: as the file has it, cut where it is long. */
function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_, entry) => (entry === Number.POSITIVE_INFINITY ? "Infinity" : entry)) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function checkMake({ formula, make, parameters }: ModelFile, priors: Priors, check: Check): void {
  const { labels } = formula;
  const { experts, k, priorOrigins = {}, fixed = {} } = make;
  const { isLabel } = lawOf(experts).response;
  check(
    isLabel === (labels !== undefined),
    `experts of ${isLabel ? "numbers" : "labels"}, as the formula says`,
    experts,
  );
  // Each expert has a parameter of its own: more experts than parameters are no model, but could fill the memory.
  const most = parameters.length;
  check(k <= most, `k to be a whole number from 1 to ${most}, the number of parameters`, k);
  const { gate = "softmax" } = formula;
  const ofGate = expertsOf(gate) ?? k;
  check(k === ofGate, `k of ${ofGate}, the experts of gate ${gate}`, k);
  const named = Object.keys(priors).join(", ") || "no";
  for (const part of Object.keys(priorOrigins)) check(Object.hasOwn(priors, part), `origins of ${named} priors`, part);
  checkPriors(priors, formula, k, check);
  const isFixed = Object.values(fixed).every((value) => Math.abs(value) <= LARGEST);
  check(isFixed, `the make's fixed to be numbers up to ${LARGEST} by name`, fixed);
}

/** Of each part that has a prior a precision matrix: symmetric, as large as the part has columns; and a mean for each of these. */
function checkPriors(priors: Priors, formula: Formula, k: number, check: Check): void {
  const gates = gateOf(formula.gate ?? "softmax", k).nodes.map(({ part }) => part);
  for (const [part, { precision, origin }] of Object.entries(priors)) {
    const isExpert = Array.from({ length: k }, (_, z) => `expert${z + 1}`).includes(part);
    check(gates.includes(part) || isExpert, `priors of the gate and of expert1 to expert${k}`, part);
    const d = designColumns(formula, isExpert ? "expert" : "gate").length;
    const isMatrix =
      precision.length === d * d &&
      precision.every((entry, at) => Number.isFinite(entry) && entry === precision[(at % d) * d + Math.floor(at / d)]);
    check(isMatrix, `the prior of ${part} to be a symmetric matrix of ${d} × ${d} numbers`, precision);
    if (origin === undefined) continue;
    const { intercept, means } = origin;
    const isWhole = means.length === d && means[intercept] === 0 && means.every((mean) => Math.abs(mean) <= LARGEST);
    check(isWhole, `the origin of ${part} to be a mean for each column, and 0 for the intercept`, means);
  }
}

function parametersOf(entries: readonly unknown[], names: readonly string[], check: Check): Float64Array {
  check(entries.length === names.length, `${names.length} parameters`, entries.length);
  return Float64Array.from(names, (name, j) => {
    const entry = entries[j];
    const [found, number]: unknown[] = Array.isArray(entry) ? entry : [];
    const isNumber = typeof number === "number" && Math.abs(number) <= LARGEST;
    check(found === name && isNumber, `the parameter ${quote(name)} and a number up to ${LARGEST}`, entry);
    return number as number;
  });
}

/** The logarithm up to which a scale and its square are numbers. */
const LARGEST_LOG = 345;

function checkScales({ experts, names }: Mixture, theta: Float64Array, check: Check): void {
  for (const j of experts.flat().flatMap(({ design, at }) => (design === "constant" ? at : []))) {
    const wanted = `the parameter ${quote(names[j])}, a logarithm, to be from -${LARGEST_LOG} to ${LARGEST_LOG}`;
    check(Math.abs(theta[j]) <= LARGEST_LOG, wanted, theta[j]);
  }
}
