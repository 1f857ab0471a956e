import { quote } from "../errors.ts";
import type { Observations } from "../rows/observations.ts";
import { totalWeight, unitCount } from "../rows/units.ts";

/** How many times as many, or as few, rows as there are the weights may stand for. */
const FAR = 2;

/**
 * Says of weights that are no counts of rows, and whose sum is far from the number of rows, what BIC and standard errors
 * make of them.
 *
 * Whole numbers are taken for counts, as a table of frequencies has them: a row of weight 2 is that row twice.
 *
 * @returns a sentence; none where there is nothing to say
 */
export function weightsInWords(data: Observations, name: string): readonly string[] {
  const { weights } = data;
  if (weights === undefined || weights.every(Number.isSafeInteger)) return [];
  // A row that weighs nothing is left out.
  const weighed = unitCount({ rows: data.rows, ...(data.units && { units: data.units }) }) - zeros(data);
  const total = totalWeight(data);
  if (total <= FAR * weighed && FAR * total >= weighed) return [];
  const kind = data.units === undefined ? "rows" : "groups";
  const sum = Number(total.toPrecision(4));
  return [
    `The weights ${quote(name)} of ${weighed} ${kind} sum to ${sum}, and BIC and standard errors are those of ${sum} ${kind}: if they are only relative, divide them by their mean, ${Number((total / weighed).toPrecision(4))}.`,
  ];
}

/** Number of the units without weight. */
function zeros({ weights = new Float64Array(), units }: Observations): number {
  const none = Array.from(weights.keys()).filter((row) => weights[row] === 0);
  return units === undefined ? none.length : new Set(none.map((row) => units[row])).size;
}
