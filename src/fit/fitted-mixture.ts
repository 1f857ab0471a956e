import { InputError, quote } from "../errors.ts";
import type { Formula } from "../frame/formula.ts";
import { designColumns, sharedColumns } from "../frame/observe.ts";
import type { MakeTable } from "../models/make.ts";
import { type Mixture, mixture } from "../models/mixture.ts";
import type { MixtureSpec } from "../models/spec.ts";

/** Parts of a mixture that its formula does not give. */
export type Make = Pick<MixtureSpec, keyof MakeTable | "priors">;

/**
 * The mixture of this make that reads what the formula says.
 *
 * @throws InputError where a column or label has a name that makes two parameters share theirs, such as `(intercept)`,
 *   and for a fixed parameter that there is none of
 */
export function mixtureFor(formula: Formula, make: Make): Mixture {
  const made = mixture({
    ...make,
    ...(formula.gate && { gate: formula.gate }),
    gateColumns: designColumns(formula, "gate"),
    expertColumns: designColumns(formula, "expert"),
    shared: sharedColumns(formula),
    ...(formula.labels && { labels: formula.labels }),
  });
  const twice = made.names.find((name, j) => made.names.indexOf(name) !== j);
  if (twice === undefined) return made;
  throw new InputError("fit", "a name of its own for each parameter", `${quote(twice)} twice`, "rename the column");
}
