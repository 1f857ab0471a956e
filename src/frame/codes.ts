import { quote } from "../errors.ts";
import { column, type DataTable } from "../table/table.ts";
import type { Formula } from "./formula.ts";
import { written } from "./tokens.ts";
import { columnsRead, entryOf, variablesOfSides } from "./written.ts";

/** Fewer rows say nothing of what numbers mean, and nor do fewer levels: two are as well read as numbers. */
const FEWEST_ROWS = 20;
const LEVELS = { least: 3, most: 10 };
/** Each level has this part of its even share of the rows at the least: amounts, such as numbers of children, get rarer. */
const EVEN = 1 / 3;
const FEWEST_EACH = 3;
/** A formula that is longer is not written out. */
const LENGTH = 80;

/** Which sides of a formula somebody wrote. */
interface Said {
  /** Whether the gate has columns of its own. */
  readonly hasGate: boolean;
  /** Whether the offset is one of the formula's. */
  readonly hasOffset: boolean;
}

/**
 * Says of columns that are read as numbers that they may be codes of kinds, such as regions 1 to 4.
 *
 * They may be where they hold 3 to 10 whole numbers, from 0 or 1 on without a gap, each in many rows, and no arithmetic is
 * done with them.
 *
 * @returns a sentence; none where there is nothing to say
 */
export function codesInWords(table: DataTable, formula: Formula, said: Said): readonly string[] {
  const { computed = [], codings = {} } = formula;
  const computedOf = new Set(computed.flatMap((label) => columnsRead(label, computed)));
  const variables = new Set(variablesOfSides(formula));
  const plain = [...variables].filter((name) => {
    return !computed.includes(name) && !computedOf.has(name) && entryOf(codings, name) === undefined;
  });
  const found = plain.flatMap((name) => {
    const range = codeRange(table, name);
    return range === undefined ? [] : [{ name, range }];
  });
  if (found.length === 0) return [];
  const [{ name, range }] = found;
  const more =
    found.length > 1 ? `, as ${found.length === 2 ? "does 1 other column" : `do ${found.length - 1} others`}` : "";
  const text = asFactors(
    formula,
    found.map((each) => each.name),
    said,
  );
  const way =
    text === undefined ? `as factor(${written(name)}) in a formula` : `with the formula ${JSON.stringify(text)}`;
  return [`${quote(name)} holds only the whole numbers ${range}${more}: if they are codes of kinds, fit it ${way}.`];
}

/** The range of a column's numbers, such as `1 to 4`, where they look like codes. */
function codeRange(table: DataTable, name: string): string | undefined {
  const found = column(table, name);
  if (found.kind !== "numeric" || table.rows < FEWEST_ROWS) return undefined;
  const counts = new Map<number, number>();
  for (const value of found.values) {
    if (!Number.isSafeInteger(value)) return undefined;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > LEVELS.most) return undefined;
  }
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  const levels = counts.size;
  const isRow = (first === 0 || first === 1) && last - first + 1 === levels && levels >= LEVELS.least;
  const each = Math.max(FEWEST_EACH, (EVEN * table.rows) / levels);
  return isRow && [...counts.values()].every((count) => count >= each) ? `${first} to ${last}` : undefined;
}

/** The formula with some columns as factors; nothing where it is long. */
function asFactors(formula: Formula, names: readonly string[], { hasGate, hasOffset }: Said): string | undefined {
  const { response, features, gateFeatures, computed = [], products, offset } = formula;
  const { intercept, gateIntercept = intercept } = formula;
  const plain = (name: string): string => (computed.includes(name) ? name : written(name));
  const side = (terms: readonly string[], one: boolean): string => {
    const shown = terms.map((term) => {
      const own = entryOf(products ?? {}, term) ?? [term];
      return own.map((name) => (names.includes(name) ? `factor(${written(name)})` : plain(name))).join(":");
    });
    return [...(one && shown.length > 0 ? [] : [one ? "1" : "0"]), ...shown].join(" + ");
  };
  const known = hasOffset && offset !== undefined ? ` + offset(${plain(offset)})` : "";
  const gate = hasGate ? ` | ${side(gateFeatures, gateIntercept)}` : "";
  const text = `${plain(response)} ~ ${side(features, intercept)}${known}${gate}`;
  return text.length > LENGTH ? undefined : text;
}
