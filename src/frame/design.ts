import { product } from "../rows/observations.ts";
import type { DataTable } from "../table/table.ts";
import { type Coding, codedNumbers, levelsOf } from "./column-types.ts";
import { polynomials } from "./polynomial.ts";
import { scaledColumn } from "./scale.ts";
import { columnsRead, entryOf, variablesOf } from "./written.ts";

/** The name of the column of ones. */
export const INTERCEPT = "(intercept)";

/** What the terms of a design are made of. */
export interface Codings {
  /** Variables that are computed, such as `poly(x, 2)`. */
  readonly computed?: readonly string[];
  readonly codings?: Readonly<Record<string, Coding>>;
  /** Variables of the terms that are products, by their names. */
  readonly products?: Readonly<Record<string, readonly string[]>>;
}

/** A column of a design: the product of a column of each of its variables. */
export interface DesignColumn {
  /** As R has it, such as `regionnorth`. */
  readonly name: string;
  /** As documents have it, such as `region:north`: a level cannot be taken for a part of the column's name. */
  readonly key: string;
  readonly parts: readonly { readonly variable: string; readonly at: number }[];
}

/**
 * The columns that terms come to, named as R names them.
 *
 * A factor has a column for each level but the first where the term without it is in the design too, else one for each level:
 * so the design spans what the terms say, and no column is a combination of others for that reason alone. Chambers and
 * Hastie, Statistical Models in S, 1992, 2.4.1.
 *
 * @param terms names of columns, or of products
 */
export function columnsOfTerms(
  terms: readonly string[],
  intercept: boolean,
  { codings = {}, products }: Codings,
): readonly DesignColumn[] {
  const all = terms.map((term) => variablesOf([term], products));
  const there = new Set(all.map((variables) => [...variables].sort().join("\n")));
  // Without an intercept the levels of the first factor stand for it.
  const first = intercept
    ? undefined
    : all.find(([name, ...more]) => more.length === 0 && isFactor(entryOf(codings, name)));
  const columns = all.flatMap((variables) =>
    variables.reduce<readonly DesignColumn[]>(
      (sofar, variable) => {
        const without = variables.filter((other) => other !== variable).sort();
        const isAlone = without.length === 0;
        const isContrast = isAlone ? variables !== first : there.has(without.join("\n"));
        const own = columnsOf(variable, entryOf(codings, variable), isContrast);
        // The levels of the first variable change fastest.
        return own.flatMap(({ name, key, at }) =>
          sofar.map((column) => ({
            name: column.name === "" ? name : `${column.name}:${name}`,
            key: column.key === "" ? key : `${column.key}:${key}`,
            parts: [...column.parts, { variable, at }],
          })),
        );
      },
      [{ name: "", key: "", parts: [] }],
    ),
  );
  return intercept ? [{ name: INTERCEPT, key: INTERCEPT, parts: [] }, ...columns] : columns;
}

function isFactor(coding: Coding | undefined): boolean {
  return coding?.type === "factor";
}

/** The columns of one variable: names, and which of its numbers each is. */
function columnsOf(
  variable: string,
  coding: Coding | undefined,
  isContrast: boolean,
): readonly { readonly name: string; readonly key: string; readonly at: number }[] {
  if (coding?.type === "factor") {
    const levels = coding.levels.map((level, at) => {
      return { name: `${variable}${level}`, key: `${variable}:${level}`, at };
    });
    return isContrast ? levels.slice(1) : levels;
  }
  if (coding?.type === "polynomial" && coding.centres.length > 1) {
    return coding.centres.map((_, at) => ({ name: `${variable}${at + 1}`, key: `${variable}${at + 1}`, at }));
  }
  return [{ name: variable, key: variable, at: 0 }];
}

/** Reads the numbers of design columns in the rows of a table; what several designs read is one array. */
export function designReader(
  table: DataTable,
  { codings = {}, computed }: Codings,
): (columns: readonly DesignColumn[]) => readonly Float64Array[] {
  const known = new Map<string, (at: number) => Float64Array>();
  const read = (variable: string): ((at: number) => Float64Array) => {
    const found = known.get(variable) ?? variableOf(table, variable, entryOf(codings, variable), computed);
    known.set(variable, found);
    return found;
  };
  return (columns) =>
    columns.map(({ parts }) => {
      if (parts.length === 0) return new Float64Array(table.rows).fill(1);
      const [first, ...rest] = parts.map(({ variable, at }) => read(variable)(at));
      return rest.reduce(product, first);
    });
}

/** For each level a column that is 1 in its rows, and else 0. */
function dummiesOf(levels: Int32Array, count: number): readonly Float64Array[] {
  const columns = Array.from({ length: count }, () => new Float64Array(levels.length));
  for (let row = 0; row < levels.length; row++) columns[levels[row]][row] = 1;
  return columns;
}

/** A variable's numbers, column by column. */
function variableOf(
  table: DataTable,
  variable: string,
  coding: Coding | undefined,
  computed: readonly string[] | undefined,
): (at: number) => Float64Array {
  if (coding === undefined) {
    const values = scaledColumn(table, variable);
    return () => values;
  }
  if (coding.type === "factor") {
    const [column] = columnsRead(variable, computed);
    const dummies = dummiesOf(levelsOf(table, column, coding.levels), coding.levels.length);
    return (at) => dummies[at];
  }
  if (coding.type === "polynomial") {
    const [column] = columnsRead(variable, computed);
    const columns = polynomials(scaledColumn(table, column), coding.centres, coding.norms);
    return (at) => columns[at];
  }
  const values = codedNumbers(table, variable, coding.type);
  return () => values;
}
