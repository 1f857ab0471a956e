import type { Algorithm } from "../../algorithms/algorithm.ts";
import { iterate } from "../../algorithms/iterate.ts";
import { alignPair } from "../../inference/recovery.ts";
import { random } from "../../math/random.ts";
import type { Evaluation } from "../../models/model.ts";
import type { Observations } from "../../rows/observations.ts";
import type { SymmetricModel } from "../../theory/symmetric.ts";
import { limitOf } from "../runner/limit.ts";
import { type DrawnPair, drawStart, type PairSettings, pairOf } from "./symmetric-data.ts";

/** What an ablation is about. */
export interface AblationSettings extends PairSettings {
  /** How far the start is off, as a share of the norms. */
  readonly off: number;
}

/** ‖θ − θ̂‖/‖θ̂‖ at which a run has arrived. */
export const ARRIVED = 0.01;

/** Rows, a start, and the limit of EM from there: the errors of runs are from it. */
export interface Race extends DrawnPair {
  readonly start: Float64Array;
  readonly limit: Float64Array;
}

/** Draws the rows and the start. */
export function drawRace(settings: AblationSettings, seed: number): Race {
  const rng = random(seed);
  const pair = pairOf(settings, rng);
  const start = drawStart(pair.truth, settings.off, rng);
  return { ...pair, start, limit: limitOf(pair.model, pair.data, start) };
}

/** ‖θ − θ̂‖/‖θ̂‖ from the limit of EM, modulo the pair's symmetries: from the truth it would have a floor, of sampling. */
export function errorOf({ model, limit }: Race, theta: Float64Array): number {
  return alignPair(model, theta, limit).distance / Math.hypot(...limit);
}

/** The iteration at which a run arrives; or that it doesn't, and whether it ends below its start, or nowhere. */
export type Arrival = number | "late" | "diverges";

/** Follows a run until it arrives, or for so many steps. */
export function arrival<State extends Evaluation>(
  algorithm: Algorithm<Observations, SymmetricModel, State>,
  race: Race,
  maxIterations: number,
): Arrival {
  const { model, data, start } = race;
  const loop = iterate(algorithm, model, start, data, { tolerance: 0, maxIterations });
  let [first, last] = [Number.NaN, Number.NaN];
  for (let next = loop.next(); ; next = loop.next()) {
    if (next.done) {
      const { result } = next.value;
      return result === "non-finite" || result === "failed" || last < first ? "diverges" : "late";
    }
    const { theta, iteration, objective } = next.value;
    if (errorOf(race, theta) < ARRIVED) return iteration;
    if (iteration === 0) first = objective;
    last = objective;
  }
}

/**
 * The step size, of some, with which a run arrives first; of several the first.
 *
 * Those in the middle of the list go first, as the likeliest: no other is followed further than the best so far.
 */
export function fewest<State extends Evaluation>(
  make: (stepSize: number) => Algorithm<Observations, SymmetricModel, State>,
  stepSizes: readonly number[],
  race: Race,
  maxIterations: number,
): { readonly iterations: number; readonly stepSize: number } | null {
  const off = (at: number): number => Math.abs(2 * at + 1 - stepSizes.length);
  const order = Array.from(stepSizes.keys()).sort((a, b) => off(a) - off(b));
  const best = order.reduce<{ iterations: number; at: number } | null>((best, at) => {
    const iterations = arrival(make(stepSizes[at]), race, best?.iterations ?? maxIterations);
    const isBetter = typeof iterations === "number" && (best === null || iterations < best.iterations || at < best.at);
    return isBetter ? { iterations, at } : best;
  }, null);
  return best && { iterations: best.iterations, stepSize: stepSizes[best.at] };
}
