import { isOwned } from "../compute/own.ts";
import { checkArgument } from "../errors/arguments.ts";
import { callable, isObject, type Kind, listOf, number, objectOf, required, text, typedAs } from "../errors/kinds.ts";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import type { Random } from "../math/random.ts";
import type { Design, Observations } from "../rows/observations.ts";
import type { Mixture } from "./mixture.ts";

/** Capabilities that a method may ask of a model: functions, by name. */
export type Capability =
  | "posterior"
  | "maximise"
  | "information"
  | "informationProducts"
  | "mirrorMap"
  | "rowsOf"
  | "equivalents";

/** Labels of classes. */
export const labelList: Kind<readonly string[]> = {
  wanted: "a list of two labels or more",
  accepts: (value) => listOf(text, "").accepts(value) && (value as readonly string[]).length > 1,
};

/** A stream of random numbers. */
export const randomStream: Kind<Random> = objectOf(
  { uniform: required(callable), integer: required(callable), normal: required(callable) },
  "a stream of random numbers such as random(1)",
);

/**
 * Refuses what is no model with these capabilities, parameters that are not the model's, and rows that it can't read.
 *
 * Of a model that mixlens did not make, which has rows of its own kind, only the model and the parameters are looked at.
 */
export function checkModelAt(
  act: string,
  model: unknown,
  points: Readonly<Record<string, unknown>>,
  data: unknown,
  capabilities: readonly Capability[],
): void {
  checkModel(act, model, capabilities);
  for (const [name, point] of Object.entries(points)) checkPoint(act, name, point, model);
  checkRows(act, { spec: model.spec }, data);
}

/** Whether a value is a fit or a loaded model, rather than one of its parts. */
export function isWhole<Fitted extends { readonly mixture: unknown; readonly theta: unknown }>(
  value: Fitted | object | string | undefined,
): value is Fitted {
  return isObject(value) && "mixture" in value && "theta" in value;
}

/** Refuses what is no model with these capabilities. */
export function checkModel(
  act: string,
  model: unknown,
  capabilities: readonly Capability[],
): asserts model is Readonly<Record<string, unknown>> & { readonly names: readonly string[] } {
  const parts = "give its parts: fit.mixture, fit.theta, fit.observations";
  const isFit = isObject(model) && "mixture" in model && "theta" in model;
  checkArgument(act, "model", model, aModel, isFit ? parts : undefined);
  const lacking = capabilities.find((name) => typeof (model as Record<string, unknown>)[name] !== "function");
  if (lacking !== undefined) throw new InputError(act, `a model that has the function ${lacking}`, "one without");
}

/** Refuses what is no mixture of experts. */
export function checkMixture(act: string, model: unknown): asserts model is Mixture {
  checkModel(act, model, ["posterior", "maximise"]);
  const isMixture = isObject(model.spec) && isObject(model.law) && Array.isArray(model.experts);
  if (!isMixture) throw new InputError(act, "a mixture of experts", "another model");
}

/** Refuses what are not the parameters of a model. */
export function checkPoint(
  act: string,
  name: string,
  point: unknown,
  { names }: { readonly names: readonly string[] },
): void {
  if (typedAs(point, "Float64Array") && point.length === names.length) return;
  const got = typedAs(point, "Float64Array") ? `one of ${point.length}` : shown(point);
  throw new InputError(act, `${name} to be a Float64Array of the model's ${names.length} parameters`, got);
}

/** Refuses rows that a model which mixlens made can't read. */
export function checkRows(act: string, { spec }: { readonly spec?: unknown }, data: unknown): void {
  if (!isObject(spec)) return;
  if ("pixels" in spec) checkImages(act, data, Number(spec.pixels));
  else checkDesigns(act, spec, data, true);
}

/** Refuses rows without the columns that a model reads. */
export function checkDesigns(
  act: string,
  { gateColumns, expertColumns }: { readonly gateColumns?: unknown; readonly expertColumns?: unknown },
  data: unknown,
  hasResponse: boolean,
): void {
  const next = "such rows are the observations of a fit, and what observe gives";
  checkArgument(act, "data", data, hasResponse ? observations : rowsOfDesigns, next);
  for (const [part, columns] of [
    ["gate", gateColumns],
    ["expert", expertColumns],
  ] as const) {
    const found = (data as Observations)[part].columns.length;
    const wanted = (columns as readonly string[]).length;
    if (found !== wanted) throw new InputError(act, `${wanted} columns of the ${part}, as the model reads`, `${found}`);
  }
}

function checkImages(act: string, data: unknown, pixels: number): void {
  checkArgument(act, "data", data, images);
  const { rows, images: bytes } = data as { readonly rows: number; readonly images: Uint8Array };
  if (bytes.length === rows * pixels) return;
  throw new InputError(act, `${rows} images of ${pixels} pixels`, `${bytes.length} bytes`);
}

const MODEL = {
  names: required(listOf(text, "names")),
  totalWeight: required(callable),
  gradient: required(callable),
};
const aModel: Kind = objectOf(MODEL, "a model such as the mixture of a fit");

const isVectorOf = (value: unknown, rows: unknown): boolean => typedAs(value, "Float64Array") && value.length === rows;

function isDesign(value: unknown, rows: unknown): value is Design {
  if (!isObject(value)) return false;
  const { columns, values } = value;
  const areColumns = Array.isArray(values) && values.every((column) => isVectorOf(column, rows));
  return areColumns && Array.isArray(columns) && columns.length === values.length;
}

/** Whether these are numbers of units, from 0 in the order of the first rows. */
function areUnits(units: unknown, rows: unknown): boolean {
  if (!typedAs(units, "Int32Array") || (units as Int32Array).length !== rows) return false;
  let next = 0;
  return (units as Int32Array).every((unit) => unit >= 0 && unit <= next && (unit < next || ++next > 0));
}

function isStreamed(value: unknown): boolean {
  return isObject(value) && value.stretches !== undefined && isOwned(value);
}

const rowsOfDesigns: Kind = {
  wanted: "rows with the columns of gate and experts",
  accepts: (value) => {
    if (!isObject(value)) return false;
    // Made here, of columns that are in order.
    if (isStreamed(value)) return true;
    const { rows, gate, expert, weights, offset, trials, units } = value;
    const known = [weights, offset, trials].filter((column) => column !== undefined);
    if (units !== undefined && !areUnits(units, rows)) return false;
    return isDesign(gate, rows) && isDesign(expert, rows) && known.every((column) => isVectorOf(column, rows));
  },
};

const observations: Kind = {
  wanted: "rows with the columns of gate and experts and a response",
  accepts: (value) =>
    rowsOfDesigns.accepts(value) &&
    (isStreamed(value) || isVectorOf((value as Observations).response, (value as Observations).rows)),
};

/** Refuses images that are none of a model's labels. */
export function checkLabels(act: string, labels: readonly string[], codes: Uint8Array, rows: number): void {
  if (codes.length !== rows) throw new InputError(act, `a label of each of ${rows} images`, `${codes.length} labels`);
  const wrong = codes.findIndex((code) => code >= labels.length);
  if (wrong < 0) return;
  const wanted = `codes of labels from 0 to ${labels.length - 1}`;
  throw new InputError(act, wanted, `${codes[wrong]} for image ${wrong + 1}`);
}

export const images: Kind = {
  wanted: "images: rows, and their bytes and labels in arrays of bytes",
  accepts: (value) =>
    isObject(value) &&
    number.accepts(value.rows) &&
    typedAs(value.images, "Uint8Array") &&
    typedAs(value.labels, "Uint8Array"),
};
