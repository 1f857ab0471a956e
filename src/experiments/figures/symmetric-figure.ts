import type { Algorithm } from "../../algorithms/algorithm.ts";
import { em } from "../../algorithms/em.ts";
import { gradientDescent } from "../../algorithms/gradient-descent.ts";
import { gradientEm } from "../../algorithms/gradient-em.ts";
import { iterate } from "../../algorithms/iterate.ts";
import type { StepSizes } from "../../algorithms/step-size.ts";
import { type StepGridCell, stepGrid } from "../../fit/step-grid.ts";
import { alignPair } from "../../inference/recovery.ts";
import { spectrum } from "../../inference/spectrum.ts";
import { random } from "../../math/random.ts";
import { eStep } from "../../models/expectation.ts";
import type { Evaluation } from "../../models/model.ts";
import type { Observations } from "../../rows/observations.ts";
import { mirrorDescent } from "../../theory/mirror-descent.ts";
import type { SymmetricModel } from "../../theory/symmetric.ts";
import type { Study } from "../runner/experiment.ts";
import { limitOf } from "../runner/limit.ts";
import type { AlgorithmId, FigureInstance, FigureRun, FigureSettings, GridCell } from "./figure-runs.ts";
import { type DrawnPair, drawStart, pairOf } from "./symmetric-data.ts";
import { type FigureJson, figureSummary } from "./symmetric-figure-summary.ts";

/** A figure of algorithms on a symmetric pair. */
export function symmetricFigure(
  id: string,
  title: string,
  settings: FigureSettings,
): Study<FigureInstance, FigureJson> {
  return {
    id,
    title,
    instances: 50,
    settings: { ...settings },
    instance: (seed) => compare(settings, seed),
    summary: (instances) => figureSummary(title, settings, instances),
  };
}

function compare(settings: FigureSettings, seed: number): FigureInstance {
  const { off, innerSteps, steps } = settings;
  const rng = random(seed);
  const pair = pairOf(settings, rng);
  const { model, data, truth } = pair;
  const start = drawStart(truth, off, rng);
  const lossAt = (theta: Float64Array): number => -eStep(model, theta, data).objective / data.rows;
  const follow = <State extends Evaluation>(
    algorithm: Algorithm<Observations, SymmetricModel, State>,
    sizes: Partial<StepSizes> = {},
  ): FigureRun => ({ ...runOf(algorithm, pair, start, steps), ...sizes });
  const onGrid = <State extends Evaluation>(
    make: (sizes: Required<StepSizes>) => Algorithm<Observations, SymmetricModel, State>,
    separate: boolean,
  ): { readonly run: FigureRun; readonly grid: GridCell[] } => {
    const stepSizes = separate ? settings.separateStepSizes : settings.stepSizes;
    const options = { stepSizes, steps, ...(separate && { gateStepSizes: stepSizes }) };
    const { best, cells } = stepGrid(make, model, start, data, options);
    if (best === undefined) throw new Error(`every step size diverged: ${stepSizes.join(", ")}`);
    const { stepSize, gateStepSize } = best;
    return { run: follow(make({ stepSize, gateStepSize }), { stepSize, gateStepSize }), grid: cells.map(gridCell) };
  };
  const gridCell = ({ stepSize, gateStepSize, objective }: StepGridCell): GridCell => {
    return { stepSize, gateStepSize, loss: Number.isNaN(objective) ? null : -objective / data.rows };
  };

  const descent = onGrid((sizes) => gradientDescent(sizes), false);
  const separate = onGrid((sizes) => gradientDescent(sizes), true);
  const inner = onGrid((sizes) => gradientEm({ ...sizes, innerSteps }), false);
  const runs: Record<AlgorithmId, FigureRun> = {
    em: follow(em()),
    "mirror-descent": follow(mirrorDescent()),
    "gradient-em": inner.run,
    "gradient-descent": descent.run,
    "gradient-descent-separate": separate.run,
  };
  const limit = limitOf(model, data, start);
  const seen = Object.values(runs).flatMap(({ loss }) => loss);
  return {
    truthLoss: lossAt(truth),
    lowestLoss: Math.min(lossAt(limit), lossAt(limitOf(model, data, truth)), ...seen),
    rate: spectrum(model, limit, data).rate,
    runs,
    grids: {
      "gradient-em": inner.grid,
      "gradient-descent": descent.grid,
      "gradient-descent-separate": separate.grid,
    },
  };
}

/** A run of so many steps; one that comes to its limit before stays there. */
function runOf<State extends Evaluation>(
  algorithm: Algorithm<Observations, SymmetricModel, State>,
  { model, data, truth }: DrawnPair,
  start: Float64Array,
  steps: number,
): FigureRun {
  const d = truth.length / 2;
  const off = (theta: Float64Array, from: number): number => {
    const part = truth.subarray(from, from + d);
    return Math.hypot(...part.map((value, j) => theta[from + j] - value)) / Math.hypot(...part);
  };
  const path = Array.from(
    iterate(algorithm, model, start, data, { tolerance: 0, maxIterations: steps }),
    ({ theta, objective }) => {
      const { theta: nearest } = alignPair(model, theta, truth);
      return { loss: -objective / data.rows, expertError: off(nearest, d), gateError: off(nearest, 0) };
    },
  );
  while (path.length <= steps) path.push(path[path.length - 1]);
  return {
    loss: path.map(({ loss }) => loss),
    expertError: path.map(({ expertError }) => expertError),
    gateError: path.map(({ gateError }) => gateError),
  };
}
