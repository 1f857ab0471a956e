import type { Optional } from "../errors/options.ts";
import type { Observations } from "../rows/observations.ts";
import { ADAM, adam } from "./adam.ts";
import type { Algorithm } from "./algorithm.ts";
import { ANDERSON, anderson } from "./anderson.ts";
import { em } from "./em.ts";
import { GENERALISED_EM, generalisedEm } from "./generalised-em.ts";
import { GRADIENT_DESCENT, gradientDescent } from "./gradient-descent.ts";
import { GRADIENT_EM, gradientEm } from "./gradient-em.ts";
import { LINE_SEARCH, lineSearch } from "./line-search.ts";
import { MINI_BATCH_EM, miniBatchEm } from "./mini-batch-em.ts";
import { onePassEm } from "./one-pass-em.ts";
import { emWithWarmRestarts, WARM_RESTARTS } from "./warm-restarts.ts";

// biome-ignore lint/suspicious/noExplicitAny: a fit runs any algorithm and hands its state back to nobody else.
export type FitAlgorithm = Algorithm<Observations, any, any>;

/** An algorithm that a fit knows by name. */
export interface Named {
  make(options?: object): FitAlgorithm;
  /** The table of its options. */
  readonly options: object;
  /** The algorithm, in a line. */
  readonly help: string;
}

function named(make: Named["make"], options: object, help: string): Named {
  return { make, options, help };
}

/** The algorithms that a fit knows by name, one in a line: the command line and the documentation are made from these. */
class Algorithms {
  readonly em: Named = named(em, {}, "E-step and converged M-step");
  readonly "generalised-em": Named = named(generalisedEm, GENERALISED_EM, "M-steps cut short after some Newton steps");
  readonly "one-pass-em": Named = named(onePassEm, {}, "EM that reads the rows once in each step");
  readonly anderson: Named = named(anderson, ANDERSON, "EM with Anderson's acceleration");
  readonly "gradient-em": Named = named(gradientEm, GRADIENT_EM, "gradient steps in place of an M-step");
  readonly "gradient-descent": Named = named(gradientDescent, GRADIENT_DESCENT, "fixed steps along the gradient");
  readonly "line-search": Named = named(lineSearch, LINE_SEARCH, "gradient descent that searches for its step size");
  readonly adam: Named = named(adam, ADAM, "steps along a momentum, scaled by parameter");
  readonly "mini-batch-em": Named = named(miniBatchEm, MINI_BATCH_EM, "Adam's steps on batches of rows");
  readonly "warm-restarts": Named = named(emWithWarmRestarts, WARM_RESTARTS, "over-relaxed EM with restarts");
}

/** An option of some of the algorithms: those that take it, each with what it is there. */
export type AlgorithmOption = ReadonlyMap<AlgorithmName, Optional<unknown>>;

export type AlgorithmName = keyof Algorithms;

export const namedAlgorithms: Readonly<Record<AlgorithmName, Named>> = new Algorithms();
export const ALGORITHM_NAMES: readonly AlgorithmName[] = Object.keys(namedAlgorithms) as AlgorithmName[];

/** The options that some of them take, by name. */
export function algorithmOptions(): ReadonlyMap<string, AlgorithmOption> {
  const found = new Map<string, Map<AlgorithmName, Optional<unknown>>>();
  for (const algorithm of ALGORITHM_NAMES) {
    for (const [name, option] of Object.entries<Optional<unknown>>({ ...namedAlgorithms[algorithm].options })) {
      found.set(name, (found.get(name) ?? new Map()).set(algorithm, option));
    }
  }
  return found;
}
