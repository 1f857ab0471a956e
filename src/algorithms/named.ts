import type { Observations } from "../models/observations.ts";
import { adam } from "./adam.ts";
import type { Algorithm } from "./algorithm.ts";
import { anderson } from "./anderson.ts";
import { em } from "./em.ts";
import { generalisedEm } from "./generalised-em.ts";
import { gradientDescent } from "./gradient-descent.ts";
import { gradientEm } from "./gradient-em.ts";
import { lineSearch } from "./line-search.ts";
import { miniBatchEm } from "./mini-batch-em.ts";
import { emWithWarmRestarts } from "./warm-restarts.ts";

// biome-ignore lint/suspicious/noExplicitAny: a fit runs any algorithm and hands its state back to nobody else.
export type FitAlgorithm = Algorithm<Observations, any, any>;

/** The algorithms that a fit knows by name. */
export const ALGORITHM_NAMES = [
  "em",
  "generalised-em",
  "anderson",
  "gradient-em",
  "gradient-descent",
  "line-search",
  "adam",
  "mini-batch-em",
  "warm-restarts",
] as const;
export type AlgorithmName = (typeof ALGORITHM_NAMES)[number];

/** Options that some of them take. */
export type NamedOption = "stepSize" | "gateStepSize" | "innerSteps" | "batchRows" | "seed";

interface Named {
  readonly takes: readonly NamedOption[];
  /** Makes the algorithm, with a step size of 0.1 where it has none of its own. */
  readonly make: (options: { readonly [option in NamedOption]?: number }) => FitAlgorithm;
}

/** What each takes, and how it is made. */
export const namedAlgorithms: Readonly<Record<AlgorithmName, Named>> = {
  em: { takes: [], make: () => em() },
  "generalised-em": { takes: ["innerSteps"], make: generalisedEm },
  anderson: { takes: [], make: () => anderson() },
  "gradient-em": {
    takes: ["stepSize", "gateStepSize", "innerSteps"],
    make: (given) => gradientEm({ stepSize: 0.1, ...given }),
  },
  "gradient-descent": {
    takes: ["stepSize", "gateStepSize"],
    make: (given) => gradientDescent({ stepSize: 0.1, ...given }),
  },
  "line-search": { takes: ["stepSize"], make: lineSearch },
  adam: { takes: ["stepSize", "gateStepSize"], make: adam },
  "mini-batch-em": { takes: ["batchRows", "stepSize", "gateStepSize", "innerSteps", "seed"], make: miniBatchEm },
  "warm-restarts": { takes: [], make: () => emWithWarmRestarts() },
};
