import { checkArgument } from "../errors/arguments.ts";
import { type Kind, number, numberIn, numbers, objectOf, required, vector } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import type { Failure } from "../laws/failure.ts";
import { checkModelAt } from "../models/checks.ts";
import type { Evaluation, Model, RoundingError } from "../models/model.ts";
import { type Algorithm, anAlgorithm, type StepInfo } from "./algorithm.ts";
import { type Confirmation, confirming } from "./confirm.ts";
import { estimateDistance, hasConverged } from "./stop.ts";

/**
 * Rounding of the objective, relative to it and the weight of the rows, by which errors of their logarithms are multiplied:
 * a fall by no more isn't one, and a step that falls by more has failed.
 */
const ROUNDING = 1e-12;
const FAILED = 1e-9;
/** Steps that nobody waits for. */
const HOPELESS = 1e6;

/** When to stop. */
export interface Stop {
  /** Stop when the limit is estimated to be this near, in standard errors. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /**
   * Factor by which a step shrinks the distance near the limit, from 0 to below 1; default: estimated from the last steps.
   * The rate that `spectrum` finds at the limit is that of EM, and of mirror descent with a step size of 1: of no other
   * algorithm.
   */
  readonly rate?: number;
}

/** A factor by which steps shrink a distance. */
export const aRate: Kind<number> = numberIn("a number from 0 to below 1", (value) => value >= 0 && value < 1);

const aPosition: Kind = objectOf(
  {
    theta: required(vector),
    state: required(objectOf({ logLikelihood: required(number), objective: required(number) }, "a state")),
    gains: required(numbers),
  },
  "the outcome of a run",
);

const STOP = {
  tolerance: required(number),
  maxIterations: required(number),
  rate: aRate,
} satisfies Declared<Stop>;

/** One iterate; the first, of iteration 0, is the start and has gained nothing. */
export interface Iterate extends StepInfo {
  readonly iteration: number;
  readonly theta: Float64Array;
}

/** How a run ended. */
export type Result = "converged" | "max-iterations" | "non-finite" | "failed";

/** Where a run stands: all that its further steps depend on. */
export interface Position<State> {
  readonly theta: Float64Array;
  readonly state: State;
  /** First-order gains of its steps, those of varied length as if they had length 1, in nats. */
  readonly gains: readonly number[];
}

/** The end of a run, with advice where it fell short. */
export interface Outcome<State> extends Position<State> {
  readonly result: Result;
  readonly iterations: number;
  /** What happened and what to do about it; empty when the run converged. */
  readonly message: string;
  /** Why there was no further step, where it has failed. */
  readonly failure?: Failure;
}

/**
 * Runs an algorithm: the only loop. Every iterate is handed to whoever listens, and the outcome is returned.
 *
 * A run has converged when its gains say so and EM agrees: where a step is not EM's own, EM's gains from its end are asked
 * for, since steps can be short far from any limit. Where EM does not agree the run goes on.
 *
 * @param from where to start (p); not changed. Or the outcome of a run that ended early: this one then goes on as if it had
 * not ended, yields no start, and counts the steps of both.
 * @param data the rows; what is written to them during the run is not seen
 * @throws InputError for a rate that is not from 0 to below 1
 * @example
 * ```ts
 * import { em, fit, iterate } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5, 6, 7];
 * const { mixture, observations, start } = fit({ x, y: x.map(Math.sin) }, { response: "y", k: 2, starts: 3 });
 * const run = iterate(em(), mixture, start, observations, { tolerance: 1e-6, maxIterations: 5 });
 * let next = run.next();
 * while (!next.done) next = run.next();
 * let last = next.value.state.objective;
 * // It ended early, and goes on from there.
 * for (const { objective } of iterate(em(), mixture, next.value, observations, { tolerance: 1e-6, maxIterations: 9 })) {
 *   if (objective < last - 1e-9) throw new Error("EM never lowers the objective");
 *   last = objective;
 * }
 * ```
 */
export function* iterate<Data, M extends Model<Data>, State extends Evaluation>(
  algorithm: Algorithm<Data, M, State>,
  model: M,
  from: Float64Array | Position<State>,
  data: Data,
  stop: Stop,
): Generator<Iterate, Outcome<State>, void> {
  checkArgument("iterate", "algorithm", algorithm, anAlgorithm);
  const { tolerance, maxIterations, rate } = readOptions("iterate", stop, STOP);
  const before = isPosition(from) ? from : undefined;
  const theta = before?.theta ?? (from as Float64Array);
  checkModelAt("iterate", model, { theta }, data, []);
  const { rounding = ROUNDING } = model;
  const rows = model.own?.(data) ?? data;
  let at: Float64Array = theta.slice();
  let state = before?.state ?? algorithm.init(model, at, rows);
  const weight = model.totalWeight(rows);
  const sizeOf = (objective: number): number => 1 + Math.abs(objective) + weight;
  const confirmed = confirming(model, rows, stop);
  let refused: Confirmation | undefined;
  const gains = [...(before?.gains ?? [])];
  const end = (result: Result, message: string, failure?: Failure): Outcome<State> => {
    return { result, theta: at, state, gains, iterations: gains.length, message, ...(failure && { failure }) };
  };
  const failed = (failure: Failure): Outcome<State> =>
    end("failed", `Stopped in step ${gains.length + 1}: ${failure.reason}.`, failure);
  if (!Number.isFinite(state.objective)) return end("non-finite", "The objective is not finite at the start.");
  if (before === undefined) {
    const { logLikelihood, objective } = state;
    yield { iteration: 0, theta: at.slice(), logLikelihood, objective, gain: 0 };
  }

  while (gains.length < maxIterations) {
    const step = algorithm.step(model, at, state, rows);
    if ("failure" in step) return failed(step.failure);
    const { objective, gain } = step.info;
    if (!Number.isFinite(objective) || !Number.isFinite(gain)) {
      return end("non-finite", `The objective is not finite after step ${gains.length + 1}: try a shorter step.`);
    }
    const fall = state.objective - objective;
    const size = sizeOf(objective);
    if (algorithm.monotone && fall > Math.max(FAILED, rounding) * size) {
      return failed(fallen(fall, model.roundingError?.(step.theta, rows)));
    }
    ({ theta: at, state } = step);
    // Steps of varied length compare by what a step of length 1 would have gained.
    gains.push(gain / (step.info.relaxation ?? 1));
    yield { iteration: gains.length, theta: at.slice(), ...step.info };
    // A method that may overshoot is not at its limit in a step that does.
    const isClimbing = fall <= rounding * size;
    refused = undefined;
    // However far down a run is, a gain of a nat per row is none that rounding hides.
    const hiding = Math.min(size, weight / Number.EPSILON);
    if (!isClimbing || !hasConverged(gains, hiding, tolerance, rate)) continue;
    if (algorithm.isEm) return end("converged", "");
    const confirmation = confirmed(at, gains, hiding);
    if (confirmation.isAtLimit) return end("converged", "");
    refused = confirmation;
  }
  return end("max-iterations", unfinished(algorithm.name, gains, stop, refused));
}

function isPosition<State>(from: Float64Array | Position<State>): from is Position<State> {
  return aPosition.accepts(from);
}

/** Why a step of a method that never lowers the objective did. */
function fallen(fall: number, error?: RoundingError): Failure {
  if (error !== undefined && fall <= error.nats) return { kind: "rounding", reason: error.reason };
  return { kind: "no step", reason: `it lowered the objective by ${fall.toPrecision(3)} nats` };
}

function unfinished(
  name: string,
  gains: readonly number[],
  { tolerance, maxIterations, rate: known }: Stop,
  refused: Confirmation | undefined,
): string {
  const { distance, rate } = estimateDistance(gains, known);
  const stopped = `Stopped after ${maxIterations} steps`;
  if (refused !== undefined) {
    const left = Number.isFinite(refused.gain)
      ? `one of EM would gain ${refused.gain.toPrecision(2)} nats`
      : "there is no limit near";
    return `${stopped}, which had become short although ${left}: take the algorithm em, or other step sizes.`;
  }
  if (Number.isNaN(distance)) return `${stopped}, before the rate of convergence settled: raise maxIterations.`;
  const more = Math.ceil(Math.log(tolerance / distance) / Math.log(rate));
  const other = name === "em" ? "take the algorithm anderson" : "take the algorithm em, or other step sizes";
  const ahead = `${stopped}, about ${distance.toPrecision(2)} standard errors from the limit; at the ${known === undefined ? "observed" : "known"} rate of ${rate.toFixed(4)} it takes`;
  if (more > HOPELESS) return `${ahead} more than ${HOPELESS.toLocaleString("en")} more: ${other}.`;
  return `${ahead} about ${more} more: raise maxIterations${name === "em" ? `, or ${other}` : ""}.`;
}
