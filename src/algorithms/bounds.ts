import type { Model } from "../models/model.ts";

/** The nearest parameters that a model allows: none below its least value. */
export function withinBounds({ least }: Pick<Model<never>, "least">, theta: Float64Array): Float64Array {
  return least === undefined ? theta : theta.map((value, j) => Math.max(value, least[j]));
}
