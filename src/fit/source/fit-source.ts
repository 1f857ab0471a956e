import { iterate } from "../../algorithms/iterate.ts";
import type { FitAlgorithm } from "../../algorithms/named.ts";
import { onePassEm } from "../../algorithms/one-pass-em.ts";
import { STRETCH_ROWS } from "../../compute/blocks.ts";
import { partOf } from "../../errors/options.ts";
import { InputError, quote } from "../../errors.ts";
import { droppedInWords } from "../../frame/complete.ts";
import { random } from "../../math/random.ts";
import { MAKE, refuseOthersOptions } from "../../models/make.ts";
import type { Mixture } from "../../models/mixture.ts";
import { type Tally, tallyOf } from "../../models/tally.ts";
import { type Observations, rowsOf } from "../../rows/observations.ts";
import { openSpark, type Spark } from "../../spark/session.ts";
import { READ } from "../../table/read-options.ts";
import type { Ascent } from "../ascent.ts";
import { checkpointOf, decisive } from "../checkpoint.ts";
import { type FitPlan, type FitStep, TOLERANCE } from "../fit-options.ts";
import { mixtureFor } from "../fitted-mixture.ts";
import type { Highest } from "../maximum.ts";
import { recorded } from "../tape.ts";
import { rowsOfSource, type SourceRows } from "./cache.ts";
import { rowsOnCluster } from "./cluster.ts";
import type { RowSource } from "./source.ts";

/** Rows that starts are searched on, at the most. */
const SAMPLE = 20_000;

/** The maximum of a mixture on a source, and the search on a sample that led there. */
export interface SourceFit extends SourceRows {
  readonly model: Mixture;
  /** The run on all rows. */
  readonly run: Pick<Ascent, "theta" | "start" | "trace" | "report">;
  /** What was found of the sample; undefined where the start was given. */
  readonly searched: Highest | undefined;
  /** Of all rows. */
  readonly tally: Tally;
}

/**
 * Fits a mixture to a source: the starts on a sample of its rows, in memory; from the best of them all rows, block by block.
 *
 * @param search searches for the maximum on the sample
 */
export function* fitSource(
  source: RowSource,
  plan: FitPlan,
  search: (model: Mixture, sample: Observations) => Generator<FitStep, Highest, void>,
): Generator<FitStep, SourceFit, void> {
  refuseOptions(plan);
  refuseOthersOptions("fit", plan);
  // First: rows are not read for hours before it turns out that nobody sums them.
  const spark = plan.engine && openSpark(plan.engine);
  try {
    return yield* fitRows(rowsOfSource(source, plan), plan, search, spark);
  } finally {
    spark?.close();
  }
}

function* fitRows(
  rows: SourceRows,
  plan: FitPlan,
  search: (model: Mixture, sample: Observations) => Generator<FitStep, Highest, void>,
  spark: Spark | undefined,
): Generator<FitStep, SourceFit, void> {
  const { observations } = rows;
  const model = mixtureFor(rows.formula, partOf(plan, MAKE));
  const sample = sampleOf(observations, plan.seed);
  refuseFar(model, sample);
  const { start } = plan;
  const searched = start === undefined ? yield* search(model, sample) : undefined;
  const from = start ?? searched?.best?.theta;
  if (from === undefined) return { ...rows, model, searched, ...nothing };
  if (from.length !== model.names.length) {
    throw new InputError("fit", `a start of ${model.names.length} parameters`, String(from.length));
  }
  const algorithm = plan.algorithm ?? onePassEm();
  const journal = checkpointOf("fit", plan, decisive({ ...rows, model }, plan, algorithm), observations);
  const tape = journal && recorded(algorithm, journal);
  const data = spark ? rowsOnCluster(spark, rows, model, plan.partitions) : observations;
  const run = yield* climbed(model, data, atFixed(model, from), { ...plan, algorithm: tape?.algorithm ?? algorithm });
  tape?.end();
  const known = sample.rows === observations.rows ? [] : [sampleInWords(sample.rows, observations.rows)];
  const notes = [
    ...(journal?.notes ?? []),
    ...droppedInWords(rows.dropped),
    ...rows.notes,
    ...(start === undefined ? known : []),
  ];
  return { ...rows, notes, model, searched, run, tally: tallyOf(model, run.theta, observations) };
}

const nothing = {
  run: {
    theta: new Float64Array(),
    start: new Float64Array(),
    trace: [],
    report: {
      logLikelihood: Number.NaN,
      objective: Number.NaN,
      iterations: 0,
      settled: false,
      result: "failed",
      message: "",
    },
  },
  tally: { total: Number.NaN, shares: [], entropy: Number.NaN, doubt: Number.NaN, logLikelihood: Number.NaN },
} as const;

function sampleInWords(some: number, all: number): string {
  return `The starts were run on ${some} of the ${all} rows, drawn at random; the best of them went on to all rows.`;
}

/** Algorithms that need of the rows nothing but sums at θ. */
const BY_SUMS = ["one-pass-em", "gradient-descent", "line-search", "adam"];

/** Refuses options of a fit that rows have to be in memory for, and those of Spark that do not go together. */
function refuseOptions({ group, startColumns, scale, algorithm, engine, partitions, ...plan }: FitPlan): void {
  const refuse = (wanted: string, got: string, next: string): never => {
    throw new InputError("fit a source", wanted, got, next);
  };
  const inMemory = "or give the rows without source(…) (--cache), where they fit into memory";
  if (group !== undefined)
    refuse("rows that are units of their own", `groups by ${quote(group)}`, `leave group out, ${inMemory}`);
  for (const [name, flag] of [
    ["balance", "--balance"],
    ["activeExperts", "--active"],
  ] as const) {
    if (plan[name] !== undefined)
      refuse("steps from sums over rows alone", name, `leave it out (${flag}), ${inMemory}`);
  }
  if (startColumns !== undefined) refuse("a start of parameters", "startColumns", `take start, ${inMemory}`);
  if (scale) refuse("columns as they are", "scale", "standardise them in the query that gives the rows (sql)");
  const [read] = Object.keys(partOf(plan, READ));
  if (read !== undefined)
    refuse("how rows are read to be said in source(…)", read, `say it there: source(path, { ${read} })`);
  if (/poly\(/.test(plan.formula ?? "")) refuse("terms of a row alone", "poly(…)", "write out powers, such as I(x^2)");
  if (engine === undefined && partitions !== undefined) {
    refuse("partitions with an engine (--engine)", `${partitions} without one`, "name a server of Spark Connect");
  }
  if (engine !== undefined && algorithm !== undefined && algorithm.name !== "one-pass-em") {
    refuse("one-pass-em with an engine", algorithm.name, "leave algorithm out");
  }
  if (algorithm !== undefined && !BY_SUMS.includes(algorithm.name)) {
    refuse(`an algorithm of ${BY_SUMS.join(", ")}`, algorithm.name, `leave algorithm out, ${inMemory}`);
  }
}

/** Refuses columns so far from 0 that sums of their squares are rounding: in memory they are centred. */
function refuseFar(model: Mixture, sample: Observations): void {
  if (model.centred(sample) === undefined) return;
  const { columns, values } = sample.expert;
  const far = columns.find((name, j) => name !== "(intercept)" && isFar(values[j]));
  const named = far === undefined ? "columns that are far from 0" : `${quote(far)}, which is`;
  const next = "subtract about its mean in the query that gives the rows (sql)";
  throw new InputError("fit a source", "columns that are not far from 0 for how much they vary", named, next);
}

function isFar(column: Float64Array): boolean {
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const square = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
  return square > 0 && Math.abs(mean) > 10 * Math.sqrt(square);
}

/** Some rows of all, in their order: all where they are few. */
function sampleOf(data: Observations, seed: number): Observations {
  const { stretches, rows } = data;
  const rng = random(seed);
  const chosen = new Set<number>();
  const count = Math.min(SAMPLE, rows);
  if (count === rows) for (let row = 0; row < rows; row++) chosen.add(row);
  while (chosen.size < count) chosen.add(rng.integer(rows));
  const numbers = Array.from(chosen).sort((a, b) => a - b);
  const parts: Observations[] = [];
  for (let at = 0; at < numbers.length; ) {
    const stretch = Math.floor(numbers[at] / STRETCH_ROWS);
    const end = numbers.findIndex((row) => row >= (stretch + 1) * STRETCH_ROWS);
    const own = numbers.slice(at, end < 0 ? undefined : end).map((row) => row - stretch * STRETCH_ROWS);
    parts.push(rowsOf(stretches!.at(stretch), own));
    at += own.length;
  }
  return joined(parts);
}

/** Rows of parts of one shape, one below the other. */
function joined(parts: readonly Observations[]): Observations {
  const [{ expert, gate, offset, weights, trials }] = parts;
  const join = (of: (part: Observations) => Float64Array | undefined): Float64Array => {
    return Float64Array.from(parts.flatMap((part) => Array.from(of(part) as Float64Array)));
  };
  const designOf = (name: "expert" | "gate") => {
    const { columns } = parts[0][name];
    return { columns, values: columns.map((_, j) => join((part) => part[name].values[j])) };
  };
  const experts = designOf("expert");
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    expert: experts,
    gate: gate === expert ? experts : designOf("gate"),
    response: join(({ response }) => response),
    ...(offset && { offset: join((part) => part.offset) }),
    ...(weights && { weights: join((part) => part.weights) }),
    ...(trials && { trials: join((part) => part.trials) }),
  };
}

/** Parameters with the fixed ones at their values. */
function atFixed({ spec: { fixed = {} }, names }: Mixture, theta: Float64Array): Float64Array {
  return theta.map((value, j) => (Object.hasOwn(fixed, names[j]) ? fixed[names[j]] : value));
}

/** Runs an algorithm on all rows, from one start to its end. */
function* climbed(
  model: Mixture,
  data: Observations,
  start: Float64Array,
  { algorithm, tolerance, maxIterations }: FitPlan & { readonly algorithm: FitAlgorithm },
): Generator<FitStep, SourceFit["run"], void> {
  const fraction = Math.min(1, model.totalWeight(data) / data.rows);
  const stop = { tolerance: tolerance ?? TOLERANCE * Math.sqrt(fraction), maxIterations };
  const steps = iterate(algorithm, model, start, data, stop);
  const trace: SourceFit["run"]["trace"][number][] = [];
  let next = steps.next();
  for (; !next.done; next = steps.next()) {
    const { theta, ...info } = next.value;
    trace.push(info);
    yield { ...info, theta, start: 0 };
  }
  const { theta, result, message, iterations, state } = next.value;
  const { logLikelihood, objective } = state;
  const report = { logLikelihood, objective, iterations, result, message, settled: result === "converged" };
  return { theta, start, trace, report };
}
