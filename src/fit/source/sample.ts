import { STRETCH_ROWS } from "../../compute/blocks.ts";
import { someOf } from "../../math/draw.ts";
import { random } from "../../math/random.ts";
import { type Observations, type Stretches, unitsOf } from "../../rows/observations.ts";
import { unitCount } from "../../rows/units.ts";

/** Units of a sample, at the least where there are as many. */
const FEWEST = 20;

/**
 * Some units of rows in memory or of a source, in their order, drawn by chance and the same for the same seed, with all their
 * rows in memory: all where they are few.
 *
 * @param most rows that are wanted at the most; of units with several rows about so many, and those of 20 units in any case
 */
export function sampleOf(data: Observations, most: number, seed: number): Observations {
  const all = unitCount(data);
  const count = Math.min(all, Math.max(Math.ceil((most * all) / data.rows), FEWEST));
  const { stretches } = data;
  if (stretches === undefined && count === all) return data;
  const chosen = count === all ? Array.from({ length: all }, (_, unit) => unit) : someOf(count, all, random(seed));
  const numbers = chosen.sort((a, b) => a - b);
  return stretches === undefined ? unitsOf(data, numbers) : readUnits(stretches, numbers);
}

/** Units of a source, by their numbers in order. */
function readUnits(stretches: Stretches, numbers: readonly number[]): Observations {
  const parts: Observations[] = [];
  for (let at = 0, stretch = 0, first = 0; at < numbers.length; stretch++) {
    const after = first + (stretches.parts?.[stretch].units ?? STRETCH_ROWS);
    const from = at;
    while (at < numbers.length && numbers[at] < after) at++;
    const own = numbers.slice(from, at).map((unit) => unit - first);
    if (own.length > 0) parts.push(unitsOf(stretches.at(stretch), own));
    first = after;
  }
  return joined(parts);
}

/** Rows of parts of one shape, one below the other. */
function joined(parts: readonly Observations[]): Observations {
  const [{ expert, gate, offset, weights, trials, units }] = parts;
  const join = (of: (part: Observations) => Float64Array | undefined): Float64Array => {
    return Float64Array.from(parts.flatMap((part) => Array.from(of(part) as Float64Array)));
  };
  const designOf = (name: "expert" | "gate") => {
    const { columns } = parts[0][name];
    return { columns, values: columns.map((_, j) => join((part) => part[name].values[j])) };
  };
  const experts = designOf("expert");
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    expert: experts,
    gate: gate === expert ? experts : designOf("gate"),
    response: join(({ response }) => response),
    ...(units && { units: joinedUnits(parts) }),
    ...(offset && { offset: join((part) => part.offset) }),
    ...(weights && { weights: join((part) => part.weights) }),
    ...(trials && { trials: join((part) => part.trials) }),
  };
}

/** Numbers of units that go on from one part to the next. */
function joinedUnits(parts: readonly Observations[]): Int32Array {
  let before = 0;
  const numbers = parts.map((part) => {
    const from = before;
    before += unitCount(part);
    return Array.from(part.units ?? [], (unit) => from + unit);
  });
  return Int32Array.from(numbers.flat());
}
