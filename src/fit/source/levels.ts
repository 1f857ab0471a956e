import { InputError, quote } from "../../errors.ts";
import type { Formula } from "../../frame/formula.ts";

/** Levels of a factor of a source, at the most. With more the search on 20,000 rows alone takes hours. */
const MOST_LEVELS = 500;

/**
 * Refuses a factor of so many levels that nobody would wait for the fit: each is a column, and a step takes as many
 * multiplications for each row, expert and class of the gate as half the square of the columns.
 *
 * @param source the rows, in words
 * @throws InputError before any row is kept
 */
export function checkLevels(source: string, { codings = {} }: Formula): void {
  for (const [name, coding] of Object.entries(codings)) {
    const count = coding.type === "factor" ? coding.levels.length : 0;
    if (count <= MOST_LEVELS) continue;
    const mean = `avg(y) over (partition by ${name}) does`;
    throw new InputError(
      `fit ${source}`,
      `factors of at most ${MOST_LEVELS} levels`,
      `${quote(name)} of ${count}`,
      `merge rare levels, or put a number in their place, as ${mean}, in a query (--sql) of a Parquet file`,
    );
  }
}
