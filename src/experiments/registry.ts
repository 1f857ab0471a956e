import { listed } from "../data/table.ts";
import { InputError, quote } from "../errors.ts";
import { ablation } from "./ablation.ts";
import { type Experiment, experiment } from "./experiment.ts";
import { figure1, figure2 } from "./figures.ts";
import { theorems } from "./theorems.ts";

const experiments: readonly Experiment[] = [
  experiment(figure1),
  experiment(figure2),
  experiment(ablation),
  experiment(theorems),
];

/** The names of the experiments. */
export const EXPERIMENT_IDS: readonly string[] = experiments.map(({ id }) => id);

/** The experiment of this name; an InputError lists the known ones. */
export function experimentOf(id: string): Experiment {
  const found = experiments.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new InputError("reproduce", listed(EXPERIMENT_IDS), quote(id));
}
