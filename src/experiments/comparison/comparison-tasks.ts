import { datasetPath } from "../../datasets/dataset-path.ts";
import { mixtureFor } from "../../fit/fitted-mixture.ts";
import { simulate } from "../../fit/simulate.ts";
import { formulaOf } from "../../frame/formula-of.ts";
import { observe } from "../../frame/observe.ts";
import { recoveryError } from "../../inference/recovery.ts";
import type { Random } from "../../math/random.ts";
import { mean } from "../../math/statistics.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import { expectedResponse } from "../../models/prediction.ts";
import type { Design, Observations } from "../../rows/observations.ts";
import type { Predictor } from "../../rows/predictor.ts";
import { toTable } from "../../table/source.ts";
import { limitOf } from "../runner/limit.ts";
import { COMPARED_IDS, type ComparedId, compare, drawStarts, type Finish } from "./compared.ts";
import { crossValidation } from "./cross-validation.ts";

/** Rows drawn from a mixture: features X ~ N(0, I), each predictor in a direction drawn evenly. */
export interface DrawnSettings {
  readonly experts: "linear" | "logistic";
  readonly k: number;
  readonly rows: number;
  readonly features: number;
  /** ‖w_z‖ of the gate but its reference, and ‖β_z‖. */
  readonly gateNorm: number;
  readonly expertNorm: number;
  /** σ of linear experts. */
  readonly noise?: number;
  /** Rows that accuracy is counted in, drawn like the others. */
  readonly testRows?: number;
  readonly starts: number;
}

/** Rows of a shipped dataset, cross-validated. */
export interface DatasetSettings {
  readonly dataset: "iris" | "wine";
  readonly k: number;
  /** Precision of the prior on coefficients of standardised features. */
  readonly ridge: number;
  readonly folds: number;
  readonly starts: number;
}

/** What became of an algorithm within so many iterations. */
export interface TaskResult {
  /** Error or accuracy. */
  readonly score: number;
  /** Step size chosen for each set of rows that was fitted to. */
  readonly chosen: readonly number[];
  /** How many of its runs there were with each of its step sizes, and how many of them diverged. */
  readonly runs: number;
  readonly diverged: readonly number[];
}

/** One instance of a task. */
export interface TaskInstance {
  /** What the scores may be held against. */
  readonly reference: number;
  /** For each budget what the algorithms came to. */
  readonly results: readonly Readonly<Record<ComparedId, TaskResult>>[];
}

/** A mixture with rows drawn from it, and where it stood. */
export interface DrawnRows {
  readonly model: Mixture;
  readonly data: Observations;
  readonly truth: Float64Array;
  /** More rows of the same law. */
  readonly more: (rows: number) => Observations;
}

/** Draws the parameters, then the rows. */
export function drawRows(settings: DrawnSettings, random: Random): DrawnRows {
  const { experts, k, rows, features, gateNorm, expertNorm, noise = 1 } = settings;
  const columns = Array.from({ length: features }, (_, j) => `x${j + 1}`);
  const labels = experts === "logistic" ? { labels: ["no", "yes"] } : {};
  const model = mixture({ experts, k, gateColumns: columns, expertColumns: columns, ...labels });
  const truth = new Float64Array(model.names.length).fill(Math.log(noise));
  const place = ({ at }: Predictor, norm: number): void => {
    const drawn = columns.map(() => random.normal());
    drawn.forEach((value, j) => {
      truth[at[j]] = (norm * value) / Math.hypot(...drawn);
    });
  };
  for (const predictor of model.gate) place(predictor, gateNorm);
  for (const [mean] of model.experts) place(mean, expertNorm);
  const more = (count: number): Observations => {
    const values = columns.map(() => Float64Array.from({ length: count }, () => random.normal()));
    const x: Design = { columns, values };
    const design = { rows: count, gate: x, expert: x };
    return { ...design, response: simulate(model, truth, design, random).response };
  };
  return { model, data: more(rows), truth, more };
}

/** An instance of a task on drawn rows: of linear experts the error of the parameters, else accuracy on new rows. */
export function drawnInstance(settings: DrawnSettings, budgets: readonly number[], rng: Random): TaskInstance {
  const { model, data, truth, more } = drawRows(settings, rng);
  const test = more(settings.testRows ?? 0);
  const isLinear = settings.experts === "linear";
  const score = (theta: Float64Array): number =>
    isLinear ? recoveryError({ mixture: model, theta }, truth) : share(hits(model, theta, test));
  const starts = drawStarts(model, data, settings.starts, rng);
  const results = budgets.map((steps) =>
    summed([compare(model, data, starts, steps)], starts.length, ([theta]) => score(theta)),
  );
  return { reference: score(isLinear ? limitOf(model, data, truth) : truth), results };
}

/** An instance of a task on a shipped dataset: accuracy on rows that were left out, each row once. */
export function datasetInstance(settings: DatasetSettings, budgets: readonly number[], rng: Random): TaskInstance {
  const { dataset, k, ridge, folds, starts: count } = settings;
  const { data, mixtureOf } = classes(dataset, ridge);
  const splits = crossValidation(data, folds, rng);
  const model = mixtureOf(k);
  const starts = splits.map(({ train }) => drawStarts(model, train, count, rng));
  const accuracy = (of: Mixture, thetas: readonly Float64Array[]): number =>
    share(splits.flatMap(({ test }, fold) => hits(of, thetas[fold], test)));
  const results = budgets.map((steps) => {
    const finishes = splits.map(({ train }, fold) => compare(model, train, starts[fold], steps));
    const runs = starts.reduce((sum, { length }) => sum + length, 0);
    return summed(finishes, runs, (thetas) => accuracy(model, thetas));
  });
  const single = mixtureOf(1);
  const fitted = splits.map(({ train }) => limitOf(single, train, new Float64Array(single.names.length)));
  return { reference: accuracy(single, fitted), results };
}

/** A shipped dataset's rows, every numeric column a feature, and the mixtures of its classes. */
function classes(
  name: DatasetSettings["dataset"],
  ridge: number,
): { readonly data: Observations; readonly mixtureOf: (k: number) => Mixture } {
  const table = toTable(datasetPath(name));
  const response = RESPONSES[name];
  const formula = formulaOf(table, { response, gate: "softmax", intercept: true, missing: "refuse" }, "logistic");
  return {
    data: observe(table, formula),
    mixtureOf: (k) => mixtureFor(formula, { experts: "logistic", k, ridge }),
  };
}

const RESPONSES = { iris: "species", wine: "cultivar" } as const;

/** Of each row whether the label predicted is its own. */
function hits(model: Mixture, theta: Float64Array, data: Observations): boolean[] {
  const { expected } = expectedResponse(model, theta, data);
  const classes = model.law.expectations;
  return Array.from(data.response, (code, i) => {
    const row = expected.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === code;
  });
}

function share(values: readonly boolean[]): number {
  return mean(values.map(Number));
}

/** What comparisons on one or more sets of rows add up to. */
function summed(
  comparisons: readonly Readonly<Record<ComparedId, Finish>>[],
  runs: number,
  score: (thetas: readonly Float64Array[]) => number,
): Readonly<Record<ComparedId, TaskResult>> {
  const entries = COMPARED_IDS.map((id): [ComparedId, TaskResult] => {
    const finishes = comparisons.map((finish) => finish[id]);
    const diverged = finishes[0].diverged.map((_, cell) => finishes.reduce((sum, one) => sum + one.diverged[cell], 0));
    return [
      id,
      {
        score: score(finishes.map(({ theta }) => theta)),
        chosen: finishes.map(({ stepSize }) => stepSize),
        runs,
        diverged,
      },
    ];
  });
  return Object.fromEntries(entries) as Record<ComparedId, TaskResult>;
}
