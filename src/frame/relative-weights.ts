import { quote } from "../errors.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { totalWeight } from "../rows/units.ts";

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
export function weightsInWords({ rows, weights }: Observations, name: string): readonly string[] {
  if (weights === undefined || weights.every(Number.isSafeInteger)) return [];
  // A row that weighs nothing is left out.
  const weighed = weights.filter((weight) => weight > 0).length;
  const total = totalWeight({ rows, weights });
  if (total <= FAR * weighed && FAR * total >= weighed) return [];
  const sum = Number(total.toPrecision(4));
  return [
    `The weights ${quote(name)} of ${weighed} rows sum to ${sum}, and BIC and standard errors are those of ${sum} rows: if they are only relative, divide them by their mean, ${Number((total / weighed).toPrecision(4))}.`,
  ];
}

/** Says what is made of weights that may be counts of rows where each row is taken for one draw, whatever it weighs. */
export function countsInWords(data: Observations): readonly string[] {
  if (!(data.stretches?.hasWeights ?? data.weights !== undefined)) return [];
  const [broken, several] = sumOver(data, 2, ({ rows, weights }, sums) => {
    for (let i = 0; i < rows; i++) {
      if (!Number.isSafeInteger(weights[i])) sums[0]++;
      if (weights[i] > 1) sums[1]++;
    }
  });
  if (broken > 0 || several === 0) return [];
  return [
    "A row is one draw, whatever its weight: where weights count rows, as in a table of frequencies, write the rows out.",
  ];
}
