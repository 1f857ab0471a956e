import { checkOptions, type Declared } from "../errors/arguments.ts";
import {
  byName,
  callable,
  either,
  listOf,
  number,
  numbers,
  oneOf,
  required,
  signal,
  text,
  truth,
} from "../errors/kinds.ts";
import { EXPERT_KINDS, GATE_KINDS } from "../laws/registry.ts";
import { anAlgorithm } from "./algorithm.ts";
import type { FitOptions, FitPlan } from "./fit-options.ts";
import { ALGORITHM_NAMES, namedAlgorithms } from "./named.ts";
import { START_SCHEMES } from "./starts.ts";

const column = { ...text, wanted: "the name of a column" };
const columns = either(listOf(text, "a list of column names"), column);

const DECLARED: Declared<FitOptions> = {
  response: required(column),
  features: columns,
  gateFeatures: columns,
  gate: oneOf(GATE_KINDS),
  experts: oneOf(EXPERT_KINDS),
  k: number,
  starts: number,
  startScheme: oneOf(START_SCHEMES),
  seed: number,
  startColumns: columns,
  start: numbers,
  algorithm: either(oneOf(ALGORITHM_NAMES), anAlgorithm),
  maxIterations: number,
  tolerance: number,
  ridge: number,
  sigmaFloor: number,
  weights: column,
  offset: column,
  group: column,
  intercept: truth,
  sharedVariance: truth,
  fixed: byName,
  onStep: callable,
  signal,
};

/**
 * The options of a fit as it reads them: names in lists, the start as numbers, an algorithm in place of its name.
 *
 * @throws InputError for an unknown option, and a value of the wrong kind
 */
export function planOf(options: FitOptions): FitPlan {
  checkOptions("fit", options, DECLARED);
  const { features, gateFeatures, startColumns, start, algorithm, ...rest } = options;
  const lists = Object.entries({ features, gateFeatures, startColumns }).flatMap(([name, given]) => {
    return given === undefined ? [] : [[name, [given].flat()] as const];
  });
  return {
    ...rest,
    ...Object.fromEntries(lists),
    ...(start && { start: Float64Array.from(start) }),
    ...(algorithm && { algorithm: typeof algorithm === "string" ? namedAlgorithms[algorithm].make({}) : algorithm }),
  };
}
