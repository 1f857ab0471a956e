import { setThreads } from "../../compute/engine.ts";
import { fashionMnist } from "../../datasets/fashion-mnist.ts";
import type { Study } from "../runner/experiment.ts";
import { INVERTED_IDS, INVERTED_SETTINGS, type InvertedId, invertedFashion, invertedRun } from "./inverted-fashion.ts";
import {
  type Figure3Json,
  figure3Summary,
  type InvertedCurves,
  type InvertedInstance,
  type Table2Json,
  table2Summary,
} from "./inverted-summary.ts";

/** The algorithms that Figure 3 shows. */
const SHOWN = ["em", "gradient-em", "gradient-descent"] as const;

const settingsOf = (ids: readonly InvertedId[]) => Object.fromEntries(ids.map((id) => [id, INVERTED_SETTINGS[id]]));

/** Algorithms on Random-Invert Fashion-MNIST: where they end. */
export const table2: Study<InvertedInstance, Table2Json> = {
  id: "table2",
  title: "Algorithms on Random-Invert Fashion-MNIST",
  instances: 25,
  settings: settingsOf(INVERTED_IDS),
  prepare: fashionMnist,
  instance: (seed) => compare(INVERTED_IDS, seed),
  summary: table2Summary,
};

/** Algorithms on Random-Invert Fashion-MNIST: how they get there. */
export const figure3: Study<InvertedInstance<(typeof SHOWN)[number]>, Figure3Json> = {
  id: "figure3",
  title: "Accuracy and objective by iteration on Random-Invert Fashion-MNIST",
  instances: 25,
  settings: settingsOf(SHOWN),
  prepare: fashionMnist,
  instance: (seed) => compare(SHOWN, seed),
  summary: (instances) => figure3Summary(SHOWN, instances),
};

/** Runs algorithms on one drawing of the images. An instance has a core to itself. */
async function compare<Id extends InvertedId>(ids: readonly Id[], seed: number): Promise<InvertedInstance<Id>> {
  setThreads(1);
  const data = await invertedFashion(seed);
  const runs = ids.map((id): [Id, InvertedCurves] => {
    const began = performance.now();
    const steps = [...invertedRun(id, data)];
    const curve = (value: "accuracy" | "crossEntropy" | "loss"): number[] => steps.map((step) => step[value]);
    const [accuracy, crossEntropy, loss] = [curve("accuracy"), curve("crossEntropy"), curve("loss")];
    const { passes } = steps[steps.length - 1];
    return [id, { accuracy, crossEntropy, loss, passes, seconds: (performance.now() - began) / 1000 }];
  });
  return Object.fromEntries(runs) as Record<Id, InvertedCurves>;
}
