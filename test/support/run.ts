import type { Algorithm } from "../../src/algorithms/algorithm.ts";
import { type Iterate, iterate, type Outcome, type Position, type Stop } from "../../src/algorithms/iterate.ts";
import type { Evaluation, Model } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";

/** Runs an algorithm to its end and keeps every iterate. */
export function run<M extends Model<Observations>, State extends Evaluation>(
  algorithm: Algorithm<Observations, M, State>,
  { model, data }: { readonly model: NoInfer<M>; readonly data: Observations },
  start: Float64Array | Position<State>,
  stop: Partial<Stop> = {},
): { readonly steps: readonly Iterate[]; readonly outcome: Outcome<State> } {
  const steps: Iterate[] = [];
  const loop = iterate(algorithm, model, start, data, { tolerance: 1e-10, maxIterations: 10_000, ...stop });
  let next = loop.next();
  for (; !next.done; next = loop.next()) steps.push(next.value);
  return { steps, outcome: next.value };
}
