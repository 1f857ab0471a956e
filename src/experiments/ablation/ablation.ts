import { type AblationSettings, ARRIVED } from "../figures/arrival.ts";
import type { Study } from "../runner/experiment.ts";
import {
  type AblationList,
  LIST_SETTINGS,
  type ListInstance,
  listInstance,
  listSummary,
} from "./ablation-algorithms.ts";
import {
  type AblationFactorRow,
  FACTOR_SETTINGS,
  type FactorCell,
  factorCells,
  factorSummary,
} from "./ablation-factors.ts";

const base: AblationSettings = { experts: "linear", rows: 1000, features: 5, gateNorm: 2, expertNorm: 2, off: 0.5 };
/** Of the list: a signal so weak that EM needs more than a few steps. */
const weak: AblationSettings = { ...base, gateNorm: 1, expertNorm: 0.7 };

/** One drawing of both tables. */
export interface AblationInstance {
  readonly list: ListInstance;
  readonly cells: readonly FactorCell[];
}

/** The ablation as JSON. */
export interface AblationJson extends AblationList {
  /** One factor at a time. */
  readonly rows: readonly AblationFactorRow[];
}

/** Iterations to an error below 0.01: of the paper's list of algorithms, then with one factor changed at a time. */
export const ablation: Study<AblationInstance, AblationJson> = {
  id: "ablation",
  title: "Iterations to an error below 0.01",
  instances: 10,
  settings: { base, weak, arrived: ARRIVED, list: LIST_SETTINGS, factors: FACTOR_SETTINGS },
  instance: (seed) => ({ list: listInstance(weak, seed), cells: factorCells(base, seed) }),
  summary: (instances) => {
    const { tables, ...json } = listSummary(
      weak,
      instances.map(({ list }) => list),
    );
    const { rows, table, figures } = factorSummary(
      base,
      instances.map(({ cells }) => cells),
    );
    return { json: { ...json, rows }, tables: [...tables, table], figures };
  },
};
