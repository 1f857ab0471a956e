import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  type FitAlgorithm,
  type NamedOption,
  namedAlgorithms,
} from "../algorithms/named.ts";
import { InputError } from "../errors.ts";
import { either } from "./options.ts";

/** Options that some algorithms take, and how they are written. */
const OPTIONS = [
  ["stepSize", "--step-size"],
  ["gateStepSize", "--gate-step-size"],
  ["innerSteps", "--inner-steps"],
  ["batchRows", "--batch-rows"],
] as const;
type Option = (typeof OPTIONS)[number][0];

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
  const { takes, make } = namedAlgorithms[name ?? "em"];
  const given: { [option in NamedOption]?: number } = takes.includes("seed") ? { seed } : {};
  for (const [option, written] of OPTIONS) {
    const value = options[option];
    if (value === undefined) continue;
    if (!takes.includes(option)) {
      const takers = ALGORITHM_NAMES.filter((other) => namedAlgorithms[other].takes.includes(option));
      const got = `${value} with ${name ?? "em"}`;
      throw new InputError("fit", `${written} with --algorithm ${either(takers)} only`, got);
    }
    given[option] = value;
  }
  return name && make(given);
}
