import { onePassEm } from "../../algorithms/one-pass-em.ts";
import { partOf } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import { droppedInWords } from "../../frame/complete.ts";
import type { Centring } from "../../models/centring.ts";
import { MAKE, refuseOthersOptions } from "../../models/make.ts";
import type { Mixture } from "../../models/mixture.ts";
import { type Tally, tallyOf } from "../../models/tally.ts";
import type { Observations } from "../../rows/observations.ts";
import { openSpark, type Spark } from "../../spark/session.ts";
import { READ } from "../../table/read-options.ts";
import { checkpointOf, decisive } from "../checkpoint.ts";
import type { FitPlan, FitStep } from "../fit-options.ts";
import { mixtureFor } from "../fitted-mixture.ts";
import type { Highest } from "../maximum.ts";
import { recorded } from "../tape.ts";
import { rowsOfSource, type SourceRows } from "./cache.ts";
import { type Climbed, climbed } from "./climb.ts";
import { rowsOnCluster } from "./cluster.ts";
import { sampleOf } from "./sample.ts";
import type { RowSource } from "./source.ts";
import { startOfColumns } from "./start-columns.ts";

/** Rows that starts are searched on, at the most. */
const SAMPLE = 20_000;

/** The maximum of a mixture on a source, and the search on a sample that led there. */
export interface SourceFit extends SourceRows {
  readonly model: Mixture;
  /** The rows that starts were searched on, in memory. */
  readonly sample: Observations;
  /** The run on all rows. */
  readonly run: Climbed;
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
    const rows = rowsOfSource(source, plan);
    return yield* fitRows(rows, withStart(rows, plan), search, spark);
  } finally {
    spark?.close();
  }
}

/** How a source is fitted, and the number of rows that its start is of, where columns say it. */
interface SourcePlan extends FitPlan {
  readonly startedOn?: number;
}

function withStart({ formula, sketch }: SourceRows, plan: FitPlan): SourcePlan {
  if (sketch === undefined || plan.startColumns === undefined) return plan;
  const { start, rows } = startOfColumns(sketch, formula, plan.startColumns, plan);
  return { ...plan, start, startedOn: rows };
}

function* fitRows(
  rows: SourceRows,
  plan: SourcePlan,
  search: (model: Mixture, sample: Observations) => Generator<FitStep, Highest, void>,
  spark: Spark | undefined,
): Generator<FitStep, SourceFit, void> {
  const { observations } = rows;
  const model = mixtureFor(rows.formula, partOf(plan, MAKE));
  const sample = sampleOf(observations, SAMPLE, plan.seed);
  const { start } = plan;
  const searched = start === undefined ? yield* search(model, sample) : undefined;
  const from = start ?? searched?.best?.theta;
  if (from === undefined) return { ...rows, model, sample, searched, ...nothing };
  if (from.length !== model.names.length) {
    throw new InputError("fit", `a start of ${model.names.length} parameters`, String(from.length));
  }
  const algorithm = plan.algorithm ?? onePassEm();
  const journal = checkpointOf("fit", plan, decisive({ ...rows, model }, plan, algorithm), observations);
  // Beside a pass of Spark a note costs nothing.
  const tape = journal && recorded(algorithm, spark ? { ...journal, isDue: () => true } : journal);
  const data = spark ? rowsOnCluster(spark, rows, model, plan.partitions) : observations;
  const about = aboutOf(model, data, sample, plan);
  const steps = { ...plan, algorithm: tape?.algorithm ?? algorithm };
  const run = yield* climbed({ model, data, ...about }, atFixed(model, from), steps, about);
  tape?.end();
  const notes = [
    ...(journal?.notes ?? []),
    ...droppedInWords(rows.dropped),
    ...rows.notes,
    ...startInWords(start === undefined ? sample.rows : undefined, plan.startedOn, observations.rows),
  ];
  const found = about?.modelOutside(about.model) ?? model;
  return { ...rows, notes, model: found, sample, searched, run, tally: tallyOf(found, run.theta, observations) };
}

/** The columns that sums are made in: standardised where that is asked for, or less their means where these are far from 0. */
function aboutOf(
  model: Mixture,
  data: Observations,
  sample: Observations,
  { scale }: FitPlan,
): Centring<Mixture> | undefined {
  if (scale) return model.standardised(data);
  return model.centred(sample) && model.centred(data);
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

/** Says which rows the start is of, where these are not all. */
function startInWords(searched: number | undefined, started: number | undefined, all: number): readonly string[] {
  if (searched !== undefined && searched < all)
    return [
      `The starts were run on ${searched} of the ${all} rows, drawn at random; the best of them went on to all rows.`,
    ];
  if (started === undefined || started >= all) return [];
  return [`The start was made of the start columns in ${started} of the ${all} rows, drawn at random.`];
}

/** Algorithms that need of the rows nothing but sums at θ. */
const BY_SUMS = ["one-pass-em", "gradient-descent", "line-search", "adam"];

/** Refuses options of a fit that rows have to be in memory for, and those of Spark that do not go together. */
function refuseOptions({ algorithm, engine, partitions, ...plan }: FitPlan): void {
  const refuse = (wanted: string, got: string, next: string): never => {
    throw new InputError("fit a source", wanted, got, next);
  };
  const inMemory = "or give the rows without source(…) (--cache), where they fit into memory";
  for (const [name, flag] of [
    ["balance", "--balance"],
    ["activeExperts", "--active"],
  ] as const) {
    if (plan[name] !== undefined)
      refuse("steps from sums over rows alone", name, `leave it out (${flag}), ${inMemory}`);
  }
  const [read] = Object.keys(partOf(plan, READ));
  if (read !== undefined)
    refuse("how rows are read to be said in source(…)", read, `say it there: source(path, { ${read} })`);
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

/** Parameters with the fixed ones at their values. */
function atFixed({ spec: { fixed = {} }, names }: Mixture, theta: Float64Array): Float64Array {
  return theta.map((value, j) => (Object.hasOwn(fixed, names[j]) ? fixed[names[j]] : value));
}
