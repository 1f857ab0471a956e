import { nearest } from "../errors/nearest.ts";
import { InputError, quote } from "../errors.ts";
import type { Predictor } from "../rows/predictor.ts";
import { leastValues } from "../solve/bounds.ts";

/** Values of the fixed parameters, by position. */
export type Fixed = ReadonlyMap<number, number>;

/**
 * The positions of fixed parameters that are given by name.
 *
 * @param held others that are fixed whatever is given, which nobody else can fix
 * @throws InputError for a parameter that there is none of, or a value that is no finite number
 */
export function fixedAt(
  fixed: Readonly<Record<string, number>>,
  names: readonly string[],
  held: Readonly<Record<string, number>>,
): Fixed {
  const entries = Object.entries(fixed).map(([name, value]): [number, number] => {
    const at = Object.hasOwn(held, name) ? -1 : names.indexOf(name);
    if (at < 0) {
      const known = names.filter((each) => !Object.hasOwn(held, each));
      const some = nearest(name, known).map(quote).join(", ");
      throw new InputError("fix a parameter", `one of the ${known.length}, such as ${some}`, quote(name));
    }
    if (Number.isFinite(value)) return [at, value];
    throw new InputError("fix a parameter", `a finite number for ${quote(name)}`, String(value));
  });
  const others = Object.entries(held).map(([name, value]): [number, number] => [names.indexOf(name), value]);
  return new Map([...entries, ...others]);
}

/** A vector (p) with 0 in place of each fixed parameter. */
export function alongFree(vector: Float64Array, fixed: Fixed): Float64Array {
  return vector.map((value, j) => (fixed.has(j) ? 0 : value));
}

/** A matrix (p × p) with 0 in the rows and columns of fixed parameters. */
export function amongFree(matrix: Float64Array, fixed: Fixed, p: number): Float64Array {
  if (fixed.size === 0) return matrix.slice();
  return matrix.map((entry, at) => (fixed.has(at % p) || fixed.has(Math.floor(at / p)) ? 0 : entry));
}

/** The gradient along which θ may move: not by fixed parameters, nor below the least value of one that is there. */
export function feasible(
  gradient: Float64Array,
  theta: Float64Array,
  fixed: Fixed,
  predictors: readonly Predictor[],
): Float64Array {
  const out = alongFree(gradient, fixed);
  for (const { at, least = Number.NEGATIVE_INFINITY } of predictors) {
    for (const place of at) if (theta[place] <= least) out[place] = Math.max(0, out[place]);
  }
  return out;
}

/** The least values of p parameters, where any has one. */
export function leastOf(p: number, predictors: readonly Predictor[]): { readonly least?: readonly number[] } {
  const least = Array.from(leastValues(predictors, p));
  return least.every((bound) => bound === Number.NEGATIVE_INFINITY) ? {} : { least: Object.freeze(least) };
}
