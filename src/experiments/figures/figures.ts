import type { Study } from "../runner/experiment.ts";
import type { FigureInstance, FigureSettings } from "./figure-runs.ts";
import { symmetricFigure } from "./symmetric-figure.ts";
import type { FigureJson } from "./symmetric-figure-summary.ts";

const settings: Omit<FigureSettings, "experts"> = {
  rows: 1000,
  features: 10,
  gateNorm: 4,
  expertNorm: 4,
  off: 0.7,
  steps: 50,
  innerSteps: 5,
  stepSizes: [0.1, 0.15, 0.22, 0.33, 0.47, 0.68, 1, 1.5, 2.2, 3.3, 4.7, 6.8, 10, 15, 22, 33, 47],
  separateStepSizes: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50],
};

/** SymMoLinE: EM beside gradient methods. */
export const figure1: Study<FigureInstance, FigureJson> = symmetricFigure(
  "figure1",
  "Algorithms on a symmetric pair of linear experts",
  {
    experts: "linear",
    ...settings,
  },
);

/** SymMoLogE: the same. */
export const figure2: Study<FigureInstance, FigureJson> = symmetricFigure(
  "figure2",
  "Algorithms on a symmetric pair of logistic experts",
  { experts: "logistic", ...settings },
);
