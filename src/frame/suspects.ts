import { joined, quote } from "../errors.ts";
import { toNumber } from "../table/cell.ts";
import { numbersOf, tallyOf } from "../table/coded-text.ts";
import { holdsLargeWholes } from "../table/labels.ts";
import { column, type DataTable } from "../table/table.ts";
import type { Formula } from "./formula.ts";
import { isIdName } from "./row-ids.ts";
import { failuresAmong } from "./trials.ts";
import { columnsRead, variablesOfSides } from "./written.ts";

/** Fewer rows say nothing of what a column's numbers are. */
const FEWEST_ROWS = 10;
/** What surveys and instruments write where they have no value. */
const CODES: ReadonlySet<number> = new Set([-9, 99, -99, 999, -999, 9999, -9999, 99_999, -99_999, 999_999, -999_999]);
/** A code that stands once is further from the others, in their range, than one that comes again. */
const ALONE = 10;
/** Of a column of thousands with points: different numbers with three decimals, their share of those with any, and that of whole numbers. */
const THOUSANDS = { fewest: 3, share: 0.8, whole: 0.02 };

/**
 * Says of columns that they may be read as they were not meant: numbers that are codes of missing values, such as −999, or
 * thousands whose separator, a point, was read as that of decimals; labels and groups that differ in case or blanks alone; identifiers of units that have
 * several rows; failures; and whole numbers of more digits than a number has.
 *
 * @returns sentences; none where there is nothing to say
 */
export function suspectsInWords(table: DataTable, formula: Formula): readonly string[] {
  const { computed = [], codings = {}, response, labels } = formula;
  const read = [...(labels === undefined ? [response] : []), ...variablesOfSides(formula)].flatMap((name) =>
    columnsRead(name, computed),
  );
  const names = [...new Set(read)].filter((name) => !Object.hasOwn(codings, name));
  const numbers = names.map((name) => column(table, name)).filter(({ kind }) => kind === "numeric");
  const sentences = [codesAmong, groupsAmong].flatMap((search) => {
    const found = numbers.flatMap(({ name, values }) => search(name, values as Float64Array) ?? []);
    return found.length === 0 ? [] : [found[0].sentence(found.length > 1 ? `, as in ${others(found.length - 1)}` : "")];
  });
  return [
    ...sentences,
    ...alikeInWords(table, formula),
    ...repeatedIds(table, formula),
    ...failuresRead(table, formula),
    ...roundedInWords(table, names),
  ];
}

/** Labels, levels and groups that differ in their case, their blanks or how a number is written alone, and count as others. */
function alikeInWords(table: DataTable, { response, labels, codings = {}, group }: Formula): readonly string[] {
  const levels = Object.entries(codings).map(
    ([name, coding]) => [name, coding.type === "factor" ? coding.levels : []] as const,
  );
  const units = group === undefined ? undefined : column(table, group);
  const groups = units?.kind === "text" ? tallyOf(units).levels : [];
  return [[response, labels ?? []] as const, ...levels, [group ?? "", groups] as const].flatMap(([name, words]) => {
    const seen = new Map<string, string>();
    for (const word of words) {
      const key = plainly(word);
      const alike = seen.get(key);
      if (alike !== undefined) {
        const both = `${quote(alike)} and ${quote(word)}`;
        return [
          `${quote(name)} has ${both}, which differ in ${difference(alike, word)} alone: if they are one, write them alike.`,
        ];
      }
      seen.set(key, word);
    }
    return [];
  });
}

/** A word without its case and blanks, its accents and numbers in one notation. */
function plainly(word: string): string {
  const number = toNumber(word);
  return Number.isSafeInteger(number) ? String(number) : unspaced(word).toLowerCase();
}

function unspaced(word: string): string {
  return word
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/\s+/g, " ")
    .trim();
}

function difference(one: string, other: string): string {
  if (one.toLowerCase() === other.toLowerCase()) return "case";
  if (unspaced(one) === unspaced(other))
    return one.replace(/\s/g, "") === other.replace(/\s/g, "") ? "blanks" : "the codes of their letters";
  return unspaced(one).toLowerCase() === unspaced(other).toLowerCase() ? "case and blanks" : "how a number is written";
}

/** Columns of whole numbers that are too large for all of their digits to be kept. */
function roundedInWords(table: DataTable, names: readonly string[]): readonly string[] {
  const found = names.filter((name) => {
    const own = column(table, name);
    const values = own.kind === "numeric" ? own.values : numbersOf(own, toNumber);
    return values !== undefined && holdsLargeWholes(values);
  });
  if (found.length === 0) return [];
  const hold = found.length === 1 ? "holds" : "hold";
  return [
    `${joined(found.map(quote), "and")} ${hold} whole numbers above 2^53, which are rounded to 16 digits: if they are names, leave them out of the features.`,
  ];
}

/** Features that with the trials are the response. */
function failuresRead(table: DataTable, formula: Formula): readonly string[] {
  const { response, trials } = formula;
  if (trials === undefined) return [];
  return failuresAmong(table, response, trials, [...new Set(variablesOfSides(formula))]).map((name) => {
    return `${quote(name)} is the rest of ${quote(trials)} in every row, and says what ${quote(response)} is: leave it out of the features.`;
  });
}

/** Identifiers that come again, such as those of patients, and are read like amounts or kinds: their rows may be of one unit. */
function repeatedIds(table: DataTable, formula: Formula): readonly string[] {
  if (formula.group !== undefined) return [];
  const ids = [...new Set(variablesOfSides(formula))].filter((name) => {
    return isIdName(name) && table.columns.some((each) => each.name === name) && distinct(table, name) < table.rows;
  });
  return ids.slice(0, 1).map((name) => {
    return `${quote(name)} is read as a feature: if rows with the same ${name} are of one expert, set group to ${quote(name)} (--group) and leave it out of the features.`;
  });
}

function distinct(table: DataTable, name: string): number {
  const found = column(table, name);
  return found.kind === "numeric" ? new Set(found.values).size : tallyOf(found).levels.length;
}

interface Suspect {
  readonly sentence: (also: string) => string;
}

const others = (count: number): string => (count === 1 ? "1 other column" : `${count} other columns`);

/** A code of missing values that stands far from all other numbers of a column, below or above them. */
function codesAmong(name: string, values: Float64Array): Suspect | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  for (const code of [least, most]) {
    if (!CODES.has(code) || values.length < FEWEST_ROWS) continue;
    let [count, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (value === code) count++;
      else [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
    const gap = code === least ? low - code : code - high;
    if (!(high > low && gap > (count === 1 ? ALONE : 1) * (high - low)) || 2 * count >= values.length) continue;
    const where = count === 1 ? "1 row" : `${count} rows`;
    return {
      sentence: (also) =>
        `${quote(name)} is ${code} in ${where}, far from its other numbers${also}: if that stands for a missing value, leave these cells blank.`,
    };
  }
  return undefined;
}

/** Whole numbers below a thousand beside numbers from 1 on with three decimals: 744 and 1.204, which may be 1,204. */
function groupsAmong(name: string, values: Float64Array): Suspect | undefined {
  const parts = new Set<number>();
  let whole = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size >= 1000 || (size < 1 && size > 0) || !isWhole(1000 * value)) return undefined;
    if (!Number.isInteger(value)) parts.add(value);
    else if (size >= 100) whole++;
  }
  const three = [...parts].filter((value) => !isWhole(100 * value));
  const isMostly = three.length >= Math.max(THOUSANDS.fewest, THOUSANDS.share * parts.size);
  if (!isMostly || whole < Math.max(1, THOUSANDS.whole * values.length)) return undefined;
  const [example] = three;
  return {
    sentence: (also) =>
      `${quote(name)} has whole numbers beside some with three decimals, such as ${example}${also}: if points separate thousands, write ${Math.round(1000 * example)}.`,
  };
}

/** Whether a decimal number times a power of ten is whole, but for rounding. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9 * Math.max(1, Math.abs(value));
}
