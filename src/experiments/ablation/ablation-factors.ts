import { em } from "../../algorithms/em.ts";
import { gradientDescent } from "../../algorithms/gradient-descent.ts";
import { gradientEm } from "../../algorithms/gradient-em.ts";
import { curvePlot } from "../../display/curve-plot.ts";
import type { Figure } from "../../display/figure.ts";
import { spectrum } from "../../inference/spectrum.ts";
import { median } from "../../math/statistics.ts";
import type { Table } from "../../text/table.ts";
import { type AblationSettings, ARRIVED, arrival, drawRace, errorOf, fewest } from "../figures/arrival.ts";

/** The values of each factor. */
const FACTOR_VALUES = {
  rows: [250, 500, 1000, 2000],
  features: [2, 5, 10, 20],
  gateNorm: [1, 2, 4],
  expertNorm: [1, 2, 4],
  off: [0.25, 0.5, 0.75],
} as const;
type Factor = keyof typeof FACTOR_VALUES;
const FACTORS = Object.keys(FACTOR_VALUES) as Factor[];

const NAMES: Readonly<Record<Factor, string>> = {
  rows: "rows n",
  features: "features d",
  gateNorm: "‖w*‖",
  expertNorm: "‖β*‖",
  off: "start off by",
};
const ALGORITHMS = ["EM", "gradient EM", "gradient descent"] as const;
type AlgorithmName = (typeof ALGORITHMS)[number];

/** Steps of a run at the most. */
const BUDGET = 300;
const STEP_SIZES = [0.1, 0.2, 0.5, 1, 1.5, 2, 5, 10];
const INNER_STEPS = 5;

/** What became of one setting. */
export interface FactorCell {
  readonly factor: Factor;
  readonly value: number;
  /** Steps until a run is within 0.01 of EM's limit; null where it isn't after all of them. */
  readonly iterations: Readonly<Record<AlgorithmName, number | null>>;
  /** Steps that λₘₐₓ at the limit predicts of EM: ln(0.01/distance of the start)/ln λₘₐₓ. */
  readonly predicted: number;
}

/** All that the one-factor ablation depends on but its base and a seed. */
export const FACTOR_SETTINGS: Readonly<Record<string, unknown>> = {
  factors: FACTOR_VALUES,
  budget: BUDGET,
  stepSizes: STEP_SIZES,
  innerSteps: INNER_STEPS,
};

/**
 * Iterations to an error below 0.01, one factor changed at a time. Gradient methods have the step size of the grid with
 * which they need fewest.
 */
export function factorCells(base: AblationSettings, seed: number): readonly FactorCell[] {
  return FACTORS.flatMap((factor) =>
    FACTOR_VALUES[factor].map((value) => ({ factor, value, ...cellOf({ ...base, [factor]: value }, seed) })),
  );
}

function cellOf(settings: AblationSettings, seed: number): Pick<FactorCell, "iterations" | "predicted"> {
  const race = drawRace(settings, seed);
  const exact = arrival(em(), race, BUDGET);
  const inner = fewest((stepSize) => gradientEm({ stepSize, innerSteps: INNER_STEPS }), STEP_SIZES, race, BUDGET);
  const descent = fewest((stepSize) => gradientDescent({ stepSize }), STEP_SIZES, race, BUDGET);
  const { rate } = spectrum(race.model, race.limit, race.data);
  return {
    iterations: {
      EM: typeof exact === "number" ? exact : null,
      "gradient EM": inner?.iterations ?? null,
      "gradient descent": descent?.iterations ?? null,
    },
    predicted: Math.log(ARRIVED / errorOf(race, race.start)) / Math.log(rate),
  };
}

/** The rows, the table and the figures of the one-factor ablation. */
export function factorSummary(
  base: AblationSettings,
  instances: readonly (readonly FactorCell[])[],
): {
  readonly rows: readonly AblationFactorRow[];
  readonly table: Table;
  readonly figures: Readonly<Record<string, Figure>>;
} {
  const rows = instances[0].map((_, at) => rowOf(instances.map((cells) => cells[at])));
  const figures = FACTORS.map((factor) => [factor, plotOf(factor, rows)] as const);
  return { rows, table: tableOf(base, rows, instances.length), figures: Object.fromEntries(figures) };
}

/** A setting over the instances. */
export interface AblationFactorRow {
  readonly factor: Factor;
  readonly value: number;
  /** Median iterations; null where half of the runs or more don't arrive. */
  readonly iterations: Readonly<Record<AlgorithmName, number | null>>;
  /** How many runs arrive. */
  readonly arrived: Readonly<Record<AlgorithmName, number>>;
  readonly predicted: number;
}

function rowOf(cells: readonly FactorCell[]): AblationFactorRow {
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

function tableOf(base: AblationSettings, rows: readonly AblationFactorRow[], instances: number): Table {
  const columns = ["factor", "value", ...ALGORITHMS, "EM as λₘₐₓ predicts"].map((name) => ({ name }));
  const shown = ({ iterations, arrived }: AblationFactorRow, name: AlgorithmName): string | number | null =>
    arrived[name] === instances ? iterations[name] : `${iterations[name] ?? `> ${BUDGET}`} (${arrived[name]} arrive)`;
  const { experts, rows: n, features, gateNorm, expertNorm, off } = base;
  const caption = `Median iterations until ‖θ − θ̂‖/‖θ̂‖ < ${ARRIVED}, θ̂ the limit of EM, on a symmetric pair of ${experts} experts; what is not named is n = ${n}, d = ${features}, ‖w*‖ = ${gateNorm}, ‖β*‖ = ${expertNorm}, a start off by ${off} of the norms. Gradient descent and gradient EM (${INNER_STEPS} gradient steps after each E-step) have the one step size of ${STEP_SIZES.join(", ")} that needs fewest.`;
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

function plotOf(factor: Factor, rows: readonly AblationFactorRow[]): Figure {
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
