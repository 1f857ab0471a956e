import { setThreads } from "../../compute/engine.ts";
import { imagesAt } from "../../compute/image-pass.ts";
import { fashionMnist } from "../../datasets/fashion-mnist.ts";
import { type InvertedFashion, invertedFashion } from "../images/inverted-fashion.ts";
import type { Sizes, Study } from "../runner/experiment.ts";
import { CONTENDERS, DEEP_IDS, type DeepSettings } from "./contenders.ts";
import { type DeepInstance, type DeepJson, deepSummary } from "./deep-summary.ts";

const SETTINGS: DeepSettings = {
  layers: 2,
  k: 4,
  hidden: 16,
  plainHidden: 63,
  batchRows: 250,
  stepSize: 0.004,
  beam: 2,
  balanced: 1 / 3,
  switchLoss: 0.01,
};

const SIZES: Sizes = { images: 60_000, passes: 10 };

/**
 * Routes through layers of experts on Random-Invert Fashion-MNIST, beside a plain network and networks that mix outputs, of
 * as many parameters and trained for as many passes, and beside two linear experts: an extension of ours.
 */
export const deep: Study<DeepInstance, DeepJson> = {
  id: "deep",
  title: "Routes through layers of experts on Random-Invert Fashion-MNIST",
  instances: 3,
  settings: { ...SETTINGS },
  sizes: SIZES,
  prepare: fashionMnist,
  instance: compare,
  summary: (instances) => deepSummary(SETTINGS, instances),
};

/** Trains all on one drawing of the images. An instance has a core to itself. */
async function compare(seed: number, { images, passes }: Sizes = SIZES): Promise<DeepInstance> {
  setThreads(1);
  const data = firstOf(await invertedFashion(seed), images);
  const ends = DEEP_IDS.map((id) => {
    const began = performance.now();
    const end = CONTENDERS[id].train(data, passes, SETTINGS);
    return [id, { ...end, seconds: (performance.now() - began) / 1000 }];
  });
  return { images: data.train.rows, ...Object.fromEntries(ends) };
}

/** The first training images. */
function firstOf(data: InvertedFashion, count: number): InvertedFashion {
  const { train } = data;
  if (count >= train.rows) return data;
  const index = Uint32Array.from({ length: count }, (_, i) => i);
  return { ...data, train: { ...imagesAt(train, index), inverted: train.inverted.slice(0, count) } };
}
