import { type Command, Option } from "commander";
import {
  type AlgorithmName,
  type AlgorithmOption,
  algorithmOptions,
  type FitAlgorithm,
  namedAlgorithms,
} from "../algorithms/named.ts";
import { defaultOf } from "../errors/options.ts";
import { InputError, joined } from "../errors.ts";
import { FIT } from "../fit/fit-options.ts";
import { flagOf, reader } from "./options.ts";

/** Adds a flag for each option that some algorithm takes and a fit doesn't. */
export function addAlgorithmFlags(command: Command): void {
  for (const [name, takers] of flags()) {
    const [option] = takers.values();
    const defaults = Array.from(byDefault(takers), ([value, names]) => `${names.join(", ")}: ${value}`).join("; ");
    command.addOption(
      new Option(flagOf(name, option)!, `${option.help} (${defaults})`).argParser(reader(name, option)),
    );
  }
}

/** The algorithms that take an option, by what stands in for it there. */
function byDefault(takers: AlgorithmOption): ReadonlyMap<string, readonly AlgorithmName[]> {
  const found = new Map<string, AlgorithmName[]>();
  for (const [algorithm, option] of takers) {
    const value = defaultOf(option) ?? "none";
    found.set(value, [...(found.get(value) ?? []), algorithm]);
  }
  return found;
}

function flags(): readonly (readonly [string, AlgorithmOption])[] {
  return [...algorithmOptions()].filter(([name, takers]) => {
    const [option] = takers.values();
    return !(name in FIT) && flagOf(name, option) !== undefined;
  });
}

/** What the flags say of algorithms, by the name of the option. */
export type AlgorithmFlags = Readonly<Record<string, unknown>>;

/**
 * The algorithm of this name; nothing where there is none, for the default of a fit.
 *
 * @param given all flags: those of algorithms, and those of the fit that an algorithm takes as well, such as its seed
 * @throws InputError for an option that it does not take
 */
export function algorithmOf(name: AlgorithmName | undefined, given: AlgorithmFlags): FitAlgorithm | undefined {
  const { options, make } = namedAlgorithms[name ?? "em"];
  for (const [option, takers] of flags()) {
    if (given[option] === undefined || option in options) continue;
    const [written] = flagOf(option, [...takers.values()][0])!.split(" ");
    const expected = `${written} with --algorithm ${joined([...takers.keys()])} only`;
    throw new InputError("fit", expected, `${given[option]} with ${name ?? "em"}`);
  }
  return name && make(Object.fromEntries(Object.entries(given).filter(([option]) => option in options)));
}
