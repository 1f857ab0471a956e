/** Rows, some of which belong to one unit, such as the visits of a patient: all rows of a unit are of one expert. */
interface Grouped {
  readonly rows: number;
  readonly weights?: Float64Array | undefined;
  /** Number of each row's unit, from 0 in the order of the first rows (n); absent: each row is a unit of its own. */
  readonly units?: Int32Array | undefined;
  /** What is known of rows that are not in memory. */
  readonly stretches?:
    | { readonly totalWeight: number; readonly parts?: readonly { readonly units: number }[] }
    | undefined;
}

/** Numbers of units for what each row's is called: the same for the same, from 0 in the order of the first rows. */
export function unitNumbers(names: ArrayLike<string | number>): Int32Array {
  const numbers = new Map<string | number, number>();
  return Int32Array.from(names, (name) => {
    const unit = numbers.get(name) ?? numbers.size;
    numbers.set(name, unit);
    return unit;
  });
}

/** Whether units may have several rows. */
export function areGrouped(data: Pick<Grouped, "units" | "stretches">): boolean {
  return data.stretches === undefined ? data.units !== undefined : data.stretches.parts !== undefined;
}

/** Number of units. */
export function unitCount(data: Pick<Grouped, "rows" | "units" | "stretches">): number {
  if (data.stretches !== undefined)
    return data.stretches.parts?.reduce((sum, { units }) => sum + units, 0) ?? data.rows;
  const { rows, units } = data;
  return units === undefined ? rows : units.reduce((most, unit) => Math.max(most, unit), -1) + 1;
}

/** The first row of each unit. */
export function firstRows(units: Int32Array): Int32Array {
  const first = new Int32Array(unitCount({ rows: units.length, units }));
  for (let i = units.length - 1; i >= 0; i--) first[units[i]] = i;
  return first;
}

/**
 * The rows' weights where each unit counts once: of a unit of m rows each has an m-th of its weight (n).
 *
 * @returns nothing where each row counts as 1
 */
export function unitWeights({ rows, weights, units }: Grouped): Float64Array | undefined {
  if (units === undefined) return weights;
  const sizes = new Float64Array(unitCount({ rows, units }));
  for (const unit of units) sizes[unit]++;
  return Float64Array.from(units, (unit, i) => (weights?.[i] ?? 1) / sizes[unit]);
}

/** Total weight of the units: their number, where they have no weights. */
export function totalWeight(data: Grouped): number {
  if (data.stretches !== undefined) return data.stretches.totalWeight;
  if (data.units === undefined) return data.weights?.reduce((sum, w) => sum + w, 0) ?? data.rows;
  return firstRows(data.units).reduce((sum, row) => sum + (data.weights?.[row] ?? 1), 0);
}

/** The rows of some units, in the units' order; a unit may come twice, and is then two. */
export function rowsOfUnits(units: Int32Array, index: ArrayLike<number>): { rows: Int32Array; units: Int32Array } {
  const first = firstRows(units);
  const next = new Int32Array(units.length).fill(-1);
  const last = first.slice();
  for (const [i, unit] of units.entries()) {
    if (i === first[unit]) continue;
    next[last[unit]] = i;
    last[unit] = i;
  }
  const found: [row: number, unit: number][] = [];
  for (let at = 0; at < index.length; at++) {
    for (let row = first[index[at]]; row >= 0; row = next[row]) found.push([row, at]);
  }
  return { rows: Int32Array.from(found, ([row]) => row), units: Int32Array.from(found, ([, unit]) => unit) };
}
