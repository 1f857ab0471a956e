import { someOf } from "../../math/draw.ts";
import type { Random } from "../../math/random.ts";
import type { Mixture } from "../../models/mixture.ts";
import type { Observations } from "../../rows/observations.ts";
import { unitCount } from "../../rows/units.ts";

/** Units for each expert that are enough to begin with. */
const ENOUGH = 1000;

/**
 * Rows of up to 1000 units for each expert, in their order: all where there are no more, or else some drawn at random.
 *
 * @param among numbers of the units that are drawn from; default: all
 */
export function someUnits(
  rng: Random,
  { spec, rowsOf }: Mixture,
  data: Observations,
  among?: readonly number[],
): Observations {
  const of = among?.length ?? unitCount(data);
  const most = ENOUGH * spec.k;
  if (of <= most) return among === undefined ? data : rowsOf(data, among);
  const units = someOf(most, of, rng).map((at) => among?.[at] ?? at);
  return rowsOf(
    data,
    units.sort((a, b) => a - b),
  );
}
