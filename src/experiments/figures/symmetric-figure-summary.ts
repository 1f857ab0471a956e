import { curvePlot } from "../../display/curve-plot.ts";
import type { Figure } from "../../display/figure.ts";
import { mean, median } from "../../math/statistics.ts";
import type { Table } from "../../text/table.ts";
import type { Summary } from "../runner/experiment.ts";
import { type Spread, spreadOf } from "../runner/statistics.ts";
import {
  ALGORITHMS,
  type AlgorithmId,
  type FigureInstance,
  type FigureRun,
  type FigureSettings,
  type GridCell,
} from "./figure-runs.ts";

const IDS = Object.keys(ALGORITHMS) as AlgorithmId[];

/** L − L̂ at which a run counts as arrived, in nats per row. */
const ARRIVED = 1e-9;
/** Differences of L below this are rounding for a good part: they are not drawn, and printed as less than it. */
const FLOOR = 1e-10;

/** A figure as JSON. */
export interface FigureJson {
  readonly rows: readonly FigureRow[];
  /** λₘₐₓ of the missing information at EM's limit. */
  readonly rate: Spread;
  /** Means over the instances, by the iteration from the start on. */
  readonly curves: Readonly<Record<CurveId, readonly { readonly name: string; readonly y: readonly number[] }[]>>;
  readonly grids: readonly FigureGridRow[];
  readonly paper: string;
}

type CurveId = "excess" | "toTruth" | "toLast" | "expertError" | "gateError";

/** A figure's curves and tables: means over the instances. */
export function figureSummary(
  title: string,
  settings: FigureSettings,
  instances: readonly FigureInstance[],
): Summary<FigureJson> {
  const rows = IDS.map((id) => rowOf(id, settings, instances));
  const grids = IDS.flatMap((id) => gridOf(id, instances));
  const curve = (value: (instance: FigureInstance, run: FigureRun, t: number) => number) =>
    IDS.map((id) => ({
      name: ALGORITHMS[id],
      y: Array.from({ length: settings.steps + 1 }, (_, t) =>
        mean(instances.map((instance) => value(instance, instance.runs[id], t))),
      ),
    }));
  const curves: FigureJson["curves"] = {
    excess: curve(({ lowestLoss }, { loss }, t) => loss[t] - lowestLoss),
    toTruth: curve(({ truthLoss }, { loss }, t) => Math.abs(loss[t] - truthLoss)),
    toLast: curve((_, { loss }, t) => Math.abs(loss[t] - loss[settings.steps])),
    expertError: curve((_, { expertError }, t) => expertError[t]),
    gateError: curve((_, { gateError }, t) => gateError[t]),
  };
  const plot = (name: CurveId, what: string, y: string): Figure => {
    const drawn = curves[name].map((curve) => ({
      ...curve,
      y: curve.y.map((value) => (value > FLOOR ? value : null)),
    }));
    return curvePlot(drawn, { title: `${title}: ${what}`, x: "iteration", y, logarithmic: true });
  };
  return {
    json: {
      rows,
      rate: spreadOf(instances.map(({ rate }) => rate)),
      curves,
      grids,
      paper: "The paper shows curves and no numbers that could be printed beside.",
    },
    tables: [algorithmTable(rows, settings), gridTable(grids)],
    figures: {
      excess: plot("excess", "above the lowest", "L − lowest L (nats per row)"),
      "to-truth": plot("toTruth", "from the truth", "|L − L(θ*)| (nats per row)"),
      "to-last": plot("toLast", "from the last iterate", "|L − L of the last iterate| (nats per row)"),
      "expert-error": plot("expertError", "error of β", "‖β − β*‖ / ‖β*‖"),
      "gate-error": plot("gateError", "error of w", "‖w − w*‖ / ‖w*‖"),
    },
  };
}

/** What came of an algorithm. */
export interface FigureRow {
  readonly algorithm: AlgorithmId;
  /** Iterations until L is 1e-9 above the lowest: their mean over the instances that get there, and how many do. */
  readonly iterations: number | null;
  readonly arrived: number;
  /** L − L̂ after the last iteration. */
  readonly excess: Spread & { readonly median: number };
  readonly expertError: Spread;
  readonly gateError: Spread;
  /** Median step sizes chosen. */
  readonly stepSize: number | null;
  readonly gateStepSize: number | null;
}

function rowOf(algorithm: AlgorithmId, { steps }: FigureSettings, instances: readonly FigureInstance[]): FigureRow {
  const runs = instances.map(({ runs }) => runs[algorithm]);
  const excess = instances.map(({ lowestLoss }, i) => runs[i].loss[steps] - lowestLoss);
  const arrivals = instances
    .map(({ lowestLoss }, i) => runs[i].loss.findIndex((loss) => loss - lowestLoss <= ARRIVED))
    .filter((t) => t >= 0);
  const [expert, gate] = [runs.map((run) => run.expertError[steps]), runs.map((run) => run.gateError[steps])];
  const chosen = (size: "stepSize" | "gateStepSize"): number | null => {
    const sizes = runs.flatMap((run) => run[size] ?? []);
    return sizes.length === 0 ? null : median(sizes);
  };
  return {
    algorithm,
    iterations: arrivals.length === 0 ? null : mean(arrivals),
    arrived: arrivals.length,
    excess: { ...spreadOf(excess), median: median(excess) },
    expertError: spreadOf(expert),
    gateError: spreadOf(gate),
    stepSize: chosen("stepSize"),
    gateStepSize: chosen("gateStepSize"),
  };
}

function algorithmTable(
  rows: readonly FigureRow[],
  { steps, innerSteps, experts, rows: n, ...rest }: FigureSettings,
): Table {
  const columns = [
    { name: "algorithm" },
    { name: `iterations to ${ARRIVED}` },
    { name: "instances that get there" },
    { name: `excess after ${steps}: mean`, floor: FLOOR },
    { name: "median", floor: FLOOR },
    { name: "error of β" },
    { name: "error of w" },
    { name: "step of β (median)" },
    { name: "step of w (median)" },
  ];
  const caption = `Symmetric pair of ${experts} experts, n = ${n}, d = ${rest.features}, ‖w*‖ = ${rest.gateNorm}, ‖β*‖ = ${rest.expertNorm}, starts ${100 * rest.off} % off. Excess is L above the lowest found, in nats per row; errors are relative, means over the instances. Gradient EM takes ${innerSteps} gradient steps of one size after each E-step. Step sizes are chosen for each instance by L after ${steps} iterations.`;
  return {
    columns,
    rows: rows.map((row) => [
      ALGORITHMS[row.algorithm],
      row.iterations,
      row.arrived,
      row.excess.mean,
      row.excess.median,
      row.expertError.mean,
      row.gateError.mean,
      row.stepSize,
      row.gateStepSize,
    ]),
    caption,
  };
}

/** A cell of a grid over the instances. */
export interface FigureGridRow {
  readonly algorithm: AlgorithmId;
  readonly stepSize: number;
  readonly gateStepSize: number;
  /** Mean of L − L̂ after the last iteration; null where a run diverged. */
  readonly excess: number | null;
  readonly diverged: number;
  /** How often it was chosen. */
  readonly chosen: number;
}

function gridOf(algorithm: AlgorithmId, instances: readonly FigureInstance[]): FigureGridRow[] {
  const grids = instances.map(({ grids }) => grids[algorithm] ?? []);
  const cellOf = (at: number, i: number): GridCell => grids[i][at];
  return grids[0].map(({ stepSize, gateStepSize }, at) => {
    const excess = instances.map(({ lowestLoss }, i) => {
      const { loss } = cellOf(at, i);
      return loss === null ? Number.NaN : loss - lowestLoss;
    });
    const diverged = excess.filter(Number.isNaN).length;
    const chosen = instances.filter(({ runs }) => {
      return runs[algorithm].stepSize === stepSize && runs[algorithm].gateStepSize === gateStepSize;
    }).length;
    return { algorithm, stepSize, gateStepSize, excess: diverged > 0 ? null : mean(excess), diverged, chosen };
  });
}

function gridTable(grids: readonly FigureGridRow[]): Table {
  const columns = [
    { name: "algorithm" },
    { name: "step of β" },
    { name: "step of w" },
    { name: "excess: mean", floor: FLOOR },
    { name: "diverged" },
    { name: "chosen" },
  ];
  return {
    columns,
    rows: grids
      .filter(({ excess, chosen }) => chosen > 0 || (excess !== null && excess < TELLING))
      .map((row) => [ALGORITHMS[row.algorithm], row.stepSize, row.gateStepSize, row.excess, row.diverged, row.chosen]),
    caption: `The grid of step sizes, of which cells are left out that were never chosen and end ${TELLING} nats or more above the lowest L; summary.json has all.`,
  };
}

/** Cells that end this high are no candidates. */
const TELLING = 0.1;
