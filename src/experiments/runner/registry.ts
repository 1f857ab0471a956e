import { shown } from "../../errors/shown.ts";
import { InputError, listed } from "../../errors.ts";
import { type AblationJson, ablation } from "../ablation/ablation.ts";
import { comparison } from "../comparison/comparison.ts";
import type { ComparisonJson } from "../comparison/comparison-summary.ts";
import { deep } from "../deep/deep.ts";
import type { DeepJson } from "../deep/deep-summary.ts";
import { figure1, figure2 } from "../figures/figures.ts";
import type { FigureJson } from "../figures/symmetric-figure-summary.ts";
import { imageSpectrum } from "../images/image-spectrum.ts";
import type { ImageSpectrumJson } from "../images/image-spectrum-summary.ts";
import type { Figure3Json, Table2Json } from "../images/inverted-summary.ts";
import { figure3, table2 } from "../images/table2.ts";
import { type TheoremsJson, theorems } from "../theorems/theorems.ts";
import { type Experiment, experiment } from "./experiment.ts";

/** The experiments by their names, each with what its summary is as JSON. */
export interface Experiments {
  readonly figure1: FigureJson;
  readonly figure2: FigureJson;
  readonly figure3: Figure3Json;
  readonly table2: Table2Json;
  readonly spectrum: ImageSpectrumJson;
  readonly comparison: ComparisonJson;
  readonly ablation: AblationJson;
  readonly theorems: TheoremsJson;
  readonly deep: DeepJson;
}

/** The name of an experiment. */
export type ExperimentId = keyof Experiments;

const experiments: { readonly [Id in ExperimentId]: Experiment<Experiments[Id]> } = {
  figure1: experiment(figure1),
  figure2: experiment(figure2),
  figure3: experiment(figure3),
  table2: experiment(table2),
  spectrum: experiment(imageSpectrum),
  comparison: experiment(comparison),
  ablation: experiment(ablation),
  theorems: experiment(theorems),
  deep: experiment(deep),
};

/** The names of the experiments. */
export const EXPERIMENT_IDS: readonly string[] = Object.keys(experiments);

/** A name as that of an experiment; an InputError lists the known ones. */
export function experimentId(name: string): ExperimentId {
  if (EXPERIMENT_IDS.includes(name)) return name as ExperimentId;
  throw new InputError("reproduce", listed(EXPERIMENT_IDS), shown(name));
}

/** The experiment of this name. */
export function experimentOf<Id extends ExperimentId>(id: Id): Experiment<Experiments[Id]> {
  return experiments[id];
}
