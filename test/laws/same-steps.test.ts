import { expect, test } from "vitest";
import { ALGORITHM_NAMES, type AlgorithmName } from "../../src/algorithms/named.ts";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";
import { casesOf } from "../fuzz/hostile.ts";
import { changes } from "../support/changes.ts";
import { type Change, CLOSE, LAWS, nameIn, off, optionsOf, problem } from "../support/metamorphic.ts";

// However a problem is written, every algorithm takes the same steps of it.

/** Steps in which an algorithm is followed. */
const STEPS = 25;
/** Changes after which every algorithm takes the same steps: parameters, columns, and sums over rows, are what they were. */
const isOnlyOrder = ({ theta, logLikelihood, copies, isRecoded, response, error, options }: Change): boolean =>
  [options?.scale, theta, logLikelihood, copies, isRecoded, response, error].every((each) => each === undefined);
/** Those whose steps depend on the units of parameters, and on how many rows there are. */
const BY_UNITS: readonly AlgorithmName[] = ["gradient-em", "gradient-descent", "line-search", "adam"];

test.each(ALGORITHM_NAMES)(
  `%s takes the same steps of ${casesOf(LAWS.length)} problems, however they are written`,
  { timeout: 36e6 },
  (algorithm) => {
    const faults: string[] = [];
    let compared = 0;
    for (let number = 0; number < casesOf(LAWS.length); number++) {
      const law = LAWS[number % LAWS.length];
      const rng = random(number, 100);
      const columns = problem(law, rng);
      const some = { algorithm, tolerance: 0, maxIterations: STEPS };
      const first = fit(columns, optionsOf(law, some));
      const named = new Map(first.mixture.names.map((name, j) => [name, first.theta[j]]));
      for (const change of changes) {
        if (change.laws !== undefined && !change.laws.includes(law)) continue;
        // Batches are drawn by the rows' numbers.
        const isFollowed =
          algorithm === "mini-batch-em"
            ? change.name === "columns in another order"
            : isOnlyOrder(change) || !BY_UNITS.includes(algorithm);
        if (!isFollowed) continue;
        compared++;
        const found = fit(change.of(columns, rng), optionsOf(law, { ...some, ...change.options }));
        const { copies = 1, logLikelihood = (value) => copies * value, theta = (value) => value } = change;
        const apart = [
          off(found.logLikelihood, logLikelihood(first.logLikelihood, columns.y.length)),
          ...(change.isRecoded
            ? []
            : found.mixture.names.map((name, j) =>
                off(found.theta[j], theta(named.get(nameIn(change, name))!, name, named)),
              )),
        ];
        if (!(Math.max(...apart) < CLOSE))
          faults.push(`problem ${number} of ${law}, ${change.name}: ${Math.max(...apart)}`);
      }
    }
    expect(faults).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(casesOf(LAWS.length));
  },
);
