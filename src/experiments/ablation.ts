import type { Algorithm } from "../algorithms/algorithm.ts";
import { em } from "../algorithms/em.ts";
import { gradientDescent } from "../algorithms/gradient-descent.ts";
import { gradientEm } from "../algorithms/gradient-em.ts";
import { iterate } from "../algorithms/iterate.ts";
import { alignPair } from "../diagnostics/recovery.ts";
import { spectrum } from "../diagnostics/spectrum.ts";
import { curvePlot } from "../display/curve-plot.ts";
import type { Figure } from "../display/figure.ts";
import type { Table } from "../display/table.ts";
import { random } from "../math/random.ts";
import type { Evaluation } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { SymmetricModel } from "../models/symmetric.ts";
import type { Study } from "./experiment.ts";
import { limitOf } from "./limit.ts";
import { median } from "./statistics.ts";
import { type DrawnPair, drawPair, drawStart, type PairSettings } from "./symmetric-data.ts";

/** What an ablation is about, and one factor at a time is changed of. */
interface Base extends PairSettings {
  /** How far the start is off, as a share of the norms. */
  readonly off: number;
}

const base: Base = { experts: "linear", rows: 1000, features: 5, gateNorm: 2, expertNorm: 2, off: 0.5 };
const factors = {
  rows: [250, 500, 1000, 2000],
  features: [2, 5, 10, 20],
  gateNorm: [1, 2, 4],
  expertNorm: [1, 2, 4],
  off: [0.25, 0.5, 0.75],
} as const;
type Factor = keyof typeof factors;
const FACTORS = Object.keys(factors) as Factor[];

const NAMES: Readonly<Record<Factor, string>> = {
  rows: "rows n",
  features: "features d",
  gateNorm: "‖w*‖",
  expertNorm: "‖β*‖",
  off: "start off by",
};
const ALGORITHMS = ["EM", "gradient EM", "gradient descent"] as const;
type AlgorithmName = (typeof ALGORITHMS)[number];

/** ‖θ − θ̂‖/‖θ̂‖ at which a run has arrived. */
const ARRIVED = 0.01;
/** Steps of a run at the most. */
const BUDGET = 300;
const stepSizes = [0.1, 0.2, 0.5, 1, 1.5, 2, 5, 10];
const innerSteps = 5;

/** What became of one setting. */
export interface AblationCell {
  readonly factor: Factor;
  readonly value: number;
  /** Steps until a run is within 0.01 of EM's limit; null where it isn't after all of them. */
  readonly iterations: Readonly<Record<AlgorithmName, number | null>>;
  /** Steps that λ_max at the limit predicts of EM: ln(0.01/distance of the start)/ln λ_max. */
  readonly predicted: number;
}

/** What the ablation is as JSON. */
export interface AblationJson {
  readonly rows: readonly Row[];
}

/**
 * Iterations to an error below 0.01, one factor changed at a time.
 *
 * The error is ‖θ − θ̂‖/‖θ̂‖ from the limit of EM, modulo the pair's symmetries: from the truth it would have a floor, of
 * sampling. Gradient methods have the step size of the grid with which they need fewest iterations.
 */
export const ablation: Study<readonly AblationCell[], AblationJson> = {
  id: "ablation",
  title: "Iterations to an error below 0.01, one factor at a time",
  instances: 10,
  settings: { base, factors, arrived: ARRIVED, budget: BUDGET, stepSizes, innerSteps },
  instance: (seed) =>
    FACTORS.flatMap((factor) =>
      factors[factor].map((value) => ({ factor, value, ...cellOf({ ...base, [factor]: value }, seed) })),
    ),
  summary: (instances) => {
    const rows = instances[0].map((_, at) => rowOf(instances.map((cells) => cells[at])));
    const figures = FACTORS.map((factor) => [factor, plotOf(factor, rows)] as const);
    return { json: { rows }, tables: [tableOf(rows, instances.length)], figures: Object.fromEntries(figures) };
  },
};

function cellOf(settings: Base, seed: number): Pick<AblationCell, "iterations" | "predicted"> {
  const rng = random(seed);
  const pair = drawPair(settings, rng);
  const { model, data, truth } = pair;
  const start = drawStart(truth, settings.off, rng);
  const limit = limitOf(model, data, start);
  /** With the step size that needs fewest: none is followed further than the best so far. */
  const fewest = <State extends Evaluation>(
    make: (stepSize: number) => Algorithm<Observations, SymmetricModel, State>,
  ): number | null =>
    stepSizes.reduce<number | null>(
      (best, stepSize) => arrival(make(stepSize), pair, start, limit, best ?? BUDGET) ?? best,
      null,
    );
  const { rate } = spectrum(model, limit, data);
  return {
    iterations: {
      EM: arrival(em(), pair, start, limit, BUDGET),
      "gradient EM": fewest((stepSize) => gradientEm({ stepSize, innerSteps })),
      "gradient descent": fewest((stepSize) => gradientDescent({ stepSize })),
    },
    predicted: Math.log(ARRIVED / errorOf(model, start, limit)) / Math.log(rate),
  };
}

function errorOf(model: SymmetricModel, theta: Float64Array, limit: Float64Array): number {
  return alignPair(model, theta, limit).distance / Math.hypot(...limit);
}

/** The first iterate within the error of the limit, if there is one among so many. */
function arrival<State extends Evaluation>(
  algorithm: Algorithm<Observations, SymmetricModel, State>,
  { model, data }: DrawnPair,
  start: Float64Array,
  limit: Float64Array,
  maxIterations: number,
): number | null {
  for (const { theta, iteration } of iterate(algorithm, model, start, data, { tolerance: 0, maxIterations })) {
    if (errorOf(model, theta, limit) < ARRIVED) return iteration;
  }
  return null;
}

/** A setting over the instances. */
interface Row {
  readonly factor: Factor;
  readonly value: number;
  /** Median iterations; null where half of the runs or more don't arrive. */
  readonly iterations: Readonly<Record<AlgorithmName, number | null>>;
  /** How many runs arrive. */
  readonly arrived: Readonly<Record<AlgorithmName, number>>;
  readonly predicted: number;
}

function rowOf(cells: readonly AblationCell[]): Row {
  const of = <Value>(value: (counts: readonly (number | null)[]) => Value): Record<AlgorithmName, Value> => ({
    EM: value(cells.map(({ iterations }) => iterations.EM)),
    "gradient EM": value(cells.map(({ iterations }) => iterations["gradient EM"])),
    "gradient descent": value(cells.map(({ iterations }) => iterations["gradient descent"])),
  });
  const [{ factor, value }] = cells;
  return {
    factor,
    value,
    iterations: of((counts) => {
      const middle = median(counts.map((count) => count ?? Number.POSITIVE_INFINITY));
      return Number.isFinite(middle) ? middle : null;
    }),
    arrived: of((counts) => counts.filter((count) => count !== null).length),
    predicted: median(cells.map(({ predicted }) => predicted)),
  };
}

function tableOf(rows: readonly Row[], instances: number): Table {
  const columns = ["factor", "value", ...ALGORITHMS, "EM as λ_max predicts"].map((name) => ({ name }));
  const shown = ({ iterations, arrived }: Row, name: AlgorithmName): string | number | null =>
    arrived[name] === instances ? iterations[name] : `${iterations[name] ?? `> ${BUDGET}`} (${arrived[name]} arrive)`;
  const { experts, rows: n, features, gateNorm, expertNorm, off } = base;
  const caption = `Median iterations until ‖θ − θ̂‖/‖θ̂‖ < ${ARRIVED}, θ̂ the limit of EM, on a symmetric pair of ${experts} experts; what is not named is n = ${n}, d = ${features}, ‖w*‖ = ${gateNorm}, ‖β*‖ = ${expertNorm}, a start off by ${off} of the norms. Gradient descent and gradient EM (${innerSteps} gradient steps after each E-step) have the one step size of ${stepSizes.join(", ")} that needs fewest.`;
  return {
    columns,
    rows: rows.map((row) => [
      NAMES[row.factor],
      row.value,
      ...ALGORITHMS.map((name) => shown(row, name)),
      row.predicted,
    ]),
    caption,
  };
}

function plotOf(factor: Factor, rows: readonly Row[]): Figure {
  const own = rows.filter((row) => row.factor === factor);
  const x = own.map(({ value }) => value);
  const curves = ALGORITHMS.map((name) => ({ name, x, y: own.map(({ iterations }) => iterations[name]) }));
  return curvePlot(curves, {
    title: "Iterations to an error below 0.01",
    x: NAMES[factor],
    y: "median iterations",
    logarithmic: true,
  });
}
