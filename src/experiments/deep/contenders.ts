import { type Images, imagesAt } from "../../compute/image-pass.ts";
import { imageMixture } from "../../images/image-mixture.ts";
import { predictImages } from "../../images/image-prediction.ts";
import { random } from "../../math/random.ts";
import { batchSteps } from "../../routes/batch-steps.ts";
import { type RouteMixtureSpec, routeMixture, routesOf } from "../../routes/route-mixture.ts";
import { imagesBetween } from "../../routes/route-pass.ts";
import { predictRoutes } from "../../routes/route-prediction.ts";
import { trainRoutes } from "../../routes/route-training.ts";
import { type InvertedFashion, invertedRun } from "../images/inverted-fashion.ts";
import { type Mixing, mixOutputs } from "./output-mixing.ts";

/** Settings of the study, the same for all that are trained in mini-batches. */
export interface DeepSettings {
  readonly layers: number;
  readonly k: number;
  /** Hidden units of an expert, and of a layer of the plain network: with these they have the same number of parameters. */
  readonly hidden: number;
  readonly plainHidden: number;
  readonly batchRows: number;
  readonly stepSize: number;
  /** Routes of the beam. */
  readonly beam: number;
  /** Share of the training of routes that is balanced, and whose beams are drawn. */
  readonly balanced: number;
  /** Weight of the balancing loss where one or two outputs are mixed. */
  readonly switchLoss: number;
}

/** What became of a model, as JSON. */
export interface DeepEnd {
  readonly parameters: number;
  /** Passes over the training images; one without gradients counts half. */
  readonly passes: number;
  /** Share of the test images, and of the training images, whose label it names. */
  readonly accuracy: number;
  readonly trainAccuracy: number;
  /** −log p(y | x) of the test images, in nats per image. */
  readonly crossEntropy: number;
  /** Of the test images, when of each layer the expert with the largest gate alone is evaluated; nats only where they are known. */
  readonly oneRoute: { readonly accuracy: number; readonly crossEntropy: number | null };
  /** Shares of the test images that the experts of each layer have by the gates. */
  readonly loads: readonly (readonly number[])[];
  /** Accuracy on the test images after each pass; of linear experts after each iteration. */
  readonly curve: readonly number[];
  /** On one core: of all numbers the only ones that are not the same again. */
  readonly seconds: number;
}

/** Something that is trained, and how. */
export interface Contender {
  readonly name: string;
  readonly train: (data: InvertedFashion, passes: number, settings: DeepSettings) => Omit<DeepEnd, "seconds">;
}

/** The name of a row. */
export type DeepId =
  | "plain"
  | "mixed-dense"
  | "mixed-top-1"
  | "mixed-top-2"
  | "routes-dense"
  | "routes-beam"
  | "linear-experts";

/** All that are compared, by their names. */
export const CONTENDERS: Readonly<Record<DeepId, Contender>> = {
  plain: { name: "plain network", train: (...given) => ofRoutes(...given, { k: 1, hidden: given[2].plainHidden }) },
  "mixed-dense": { name: "output mixing, all experts", train: (...given) => ofMixed(...given, {}) },
  "mixed-top-1": {
    name: "output mixing, top 1, Switch loss",
    train: (...given) => ofMixed(...given, { top: 1, scaled: true, balance: given[2].switchLoss }),
  },
  "mixed-top-2": {
    name: "output mixing, top 2, Switch loss",
    train: (...given) => ofMixed(...given, { top: 2, balance: given[2].switchLoss }),
  },
  "routes-dense": { name: "route EM, all routes", train: (...given) => ofRoutes(...given, {}) },
  "routes-beam": {
    name: "route EM, beam",
    train: (...given) => ofRoutes(...given, { beam: given[2].beam }),
  },
  "linear-experts": { name: "two linear experts, EM from k-means", train: ofLinear },
};

export const DEEP_IDS: readonly DeepId[] = Object.keys(CONTENDERS) as DeepId[];

/** The specification of routes, or of a network with as many coefficients. */
function specOf({ train, names }: InvertedFashion, settings: DeepSettings): RouteMixtureSpec {
  const { layers, k, hidden } = settings;
  return { layers, k, hidden, labels: names, pixels: train.images.length / train.rows };
}

function ofRoutes(
  data: InvertedFashion,
  passes: number,
  settings: DeepSettings,
  own: Partial<RouteMixtureSpec>,
): Omit<DeepEnd, "seconds"> {
  const { train, test, seed } = data;
  const { batchRows, stepSize, balanced } = settings;
  const model = routeMixture({ ...specOf(data, settings), ...own });
  const options = { passes, batchRows, stepSize, balanced, explored: balanced, seed };
  const curve: number[] = [];
  let theta = model.start(random(seed, 2));
  for (const step of trainRoutes(model, theta, train, options)) {
    ({ theta } = step);
    curve.push(predictRoutes(model, theta, test).accuracy);
  }
  const { accuracy, crossEntropy, loads } = predictRoutes(model, theta, test);
  const oneRoute = predictRoutes(model, theta, test, { routes: 1 });
  return {
    ...{ parameters: theta.length, passes, accuracy, crossEntropy, curve },
    trainAccuracy: predictRoutes(model, theta, train).accuracy,
    oneRoute: { accuracy: oneRoute.accuracy, crossEntropy: oneRoute.crossEntropy },
    loads: byLayer(loads, model.spec.k),
  };
}

function ofMixed(
  data: InvertedFashion,
  passes: number,
  settings: DeepSettings,
  mixing: Mixing,
): Omit<DeepEnd, "seconds"> {
  const { train, test, seed } = data;
  const spec = specOf(data, settings);
  const routes = routesOf(spec);
  const start = routeMixture(spec).start(random(seed, 2));
  const plan = { ...settings, passes, seed };
  const curve: number[] = [];
  let theta = start;
  const steps = batchSteps(start, train.rows, plan, function* ({ index }) {
    const images = imagesAt(train, index);
    yield (at) => {
      const gradient = new Float64Array(at.length);
      mixOutputs(routes, at, images, mixing, gradient);
      return gradient;
    };
  });
  const scored = (images: Images, how: Mixing): Scores => {
    return scoresOf(images, (some) => mixOutputs(routes, theta, some, how));
  };
  for (theta of steps) curve.push(scored(test, mixing).accuracy);
  const { accuracy, crossEntropy, loads } = scored(test, mixing);
  // One that was trained with one expert, scaled by its gate, is evaluated as it was trained.
  const oneRoute = scored(test, mixing.top === 1 ? mixing : { top: 1 });
  return {
    ...{ parameters: theta.length, passes, accuracy, crossEntropy, curve },
    trainAccuracy: scored(train, mixing).accuracy,
    oneRoute: { accuracy: oneRoute.accuracy, crossEntropy: oneRoute.crossEntropy },
    loads: byLayer(loads, spec.k),
  };
}

interface Scores {
  readonly accuracy: number;
  readonly crossEntropy: number;
  readonly loads: Float64Array;
}

/** Images that are evaluated together. */
const TOGETHER = 1000;

function scoresOf(
  data: Images,
  pass: (some: Images) => { readonly logLabels: Float64Array; readonly loads: Float64Array },
): Scores {
  let [right, nats] = [0, 0];
  let loads = new Float64Array();
  for (let from = 0; from < data.rows; from += TOGETHER) {
    const some = imagesBetween(data, from, Math.min(data.rows, from + TOGETHER));
    const found = pass(some);
    const classes = found.logLabels.length / some.rows;
    for (let i = 0; i < some.rows; i++) {
      const log = found.logLabels.subarray(i * classes, (i + 1) * classes);
      if (log.indexOf(Math.max(...log)) === some.labels[i]) right++;
      nats -= log[some.labels[i]];
    }
    const share = some.rows / data.rows;
    loads = found.loads.map((load, at) => (loads[at] ?? 0) + share * load);
  }
  return { accuracy: right / data.rows, crossEntropy: nats / data.rows, loads };
}

function byLayer(loads: Float64Array, k: number): number[][] {
  return Array.from({ length: loads.length / k }, (_, l) => Array.from(loads.subarray(l * k, (l + 1) * k)));
}

/** The strongest fit of two linear experts, which takes as many passes as it takes. */
function ofLinear(data: InvertedFashion): Omit<DeepEnd, "seconds"> {
  const { train, test, names } = data;
  const steps = [...invertedRun("em-from-k-means", data)];
  const { theta, accuracy, crossEntropy, passes } = steps[steps.length - 1];
  const pixels = train.images.length / train.rows;
  const model = imageMixture({ k: 2, labels: names, pixels });
  const { gate } = predictImages(model, theta, test);
  const alone = imageMixture({ k: 1, labels: names, pixels });
  const size = alone.names.length;
  const labels = [0, 1].map((z) => {
    const from = 1 + pixels + z * size;
    return predictImages(alone, theta.slice(from, from + size), test).labels;
  });
  const isSecond = (i: number): boolean => gate[2 * i + 1] > gate[2 * i];
  const right = test.labels.filter((label, i) => labels[Number(isSecond(i))][i] === label).length;
  const second = gate.reduce((sum, share, at) => sum + (at % 2) * share, 0) / test.rows;
  return {
    ...{ parameters: theta.length, passes, accuracy, crossEntropy },
    curve: steps.slice(1).map((step) => step.accuracy),
    trainAccuracy: predictImages(model, theta, train).accuracy,
    oneRoute: { accuracy: right / test.rows, crossEntropy: null },
    loads: [[1 - second, second]],
  };
}
