import { adam } from "../algorithms/adam.ts";
import { anderson } from "../algorithms/anderson.ts";
import { em } from "../algorithms/em.ts";
import type { FitOptions } from "../algorithms/fit-options.ts";
import { generalisedEm } from "../algorithms/generalised-em.ts";
import { gradientDescent } from "../algorithms/gradient-descent.ts";
import { gradientEm } from "../algorithms/gradient-em.ts";
import { lineSearch } from "../algorithms/line-search.ts";
import { miniBatchEm } from "../algorithms/mini-batch-em.ts";
import { emWithWarmRestarts } from "../algorithms/warm-restarts.ts";
import { InputError } from "../errors.ts";
import { either } from "./options.ts";

/** The algorithms of `mixlens fit`. */
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

/** Options that some algorithms take, and how they are written. */
const OPTIONS = [
  ["stepSize", "--step-size"],
  ["gateStepSize", "--gate-step-size"],
  ["innerSteps", "--inner-steps"],
  ["batchRows", "--batch-rows"],
] as const;
type Option = (typeof OPTIONS)[number][0];
type FitAlgorithm = NonNullable<FitOptions["algorithm"]>;

interface Entry {
  readonly takes: readonly Option[];
  readonly make: (options: { readonly [option in Option]?: number } & { readonly seed: number }) => FitAlgorithm;
}

const algorithms: Readonly<Record<AlgorithmName, Entry>> = {
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
  "mini-batch-em": { takes: ["batchRows", "stepSize", "gateStepSize", "innerSteps"], make: miniBatchEm },
  "warm-restarts": { takes: [], make: () => emWithWarmRestarts() },
};

/**
 * The algorithm of this name; nothing where there is none, for the default of a fit.
 *
 * @param seed of what it draws at random
 * @throws InputError for an option that it does not take
 */
export function algorithmOf(
  name: AlgorithmName | undefined,
  options: { readonly [option in Option]: number | undefined },
  seed: number,
): FitAlgorithm | undefined {
  const { takes, make } = algorithms[name ?? "em"];
  const given: { [option in Option]?: number } = {};
  for (const [option, written] of OPTIONS) {
    const value = options[option];
    if (value === undefined) continue;
    if (!takes.includes(option)) {
      const takers = ALGORITHM_NAMES.filter((other) => algorithms[other].takes.includes(option));
      throw new InputError(
        "fit",
        `${written} with --algorithm ${either(takers)} only`,
        `${value} with ${name ?? "em"}`,
      );
    }
    given[option] = value;
  }
  return name && make({ ...given, seed });
}
